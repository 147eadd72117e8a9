package environ_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/environ"
)

func TestABareEnvironmentInheritsOnlyHarmlessVariables(t *testing.T) {
	for _, name := range []string{
		"TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE", "XDG_CONFIG_HOME", "ROLLCALL_DATABASE_URL",
		"ROLLCALL_SECRETS_URL",
		"WORKOS_BASE_URL", "PGHOST", "OTEL_EXPORTER_OTLP_ENDPOINT", "HTTPS_PROXY",
	} {
		t.Setenv(name, "canary")
	}
	t.Setenv("HOME", "/home/canary")
	bare := environ.Bare("/nowhere", "ROLLCALL_HOME=/nowhere/rollcall")
	require.NotContains(t, strings.Join(bare, "\n"), "canary")
	require.Contains(t, bare, "HOME=/nowhere")
	require.Contains(t, bare, "PATH="+os.Getenv("PATH"))
	require.Equal(t, "ROLLCALL_HOME=/nowhere/rollcall", bare[len(bare)-1])
}

// No test, and nothing that starts processes, takes the machine's environment or Temporal's default address: whatever
// listens on localhost:7233, or is named by a developer's variables and configuration files, is somebody else's.
func TestNoTestReachesAServiceThatItDidNotStart(t *testing.T) {
	t.Parallel()
	const root = "../.."
	allowed := map[string][]string{
		// the process itself; which it clears
		"os.Environ":            {"starter/main.go", "internal/config/config_test.go"},
		"envconfig.EnvLookupOS": {"worker/main.go"},
	}
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && (entry.Name() == "build" || entry.Name() == "tools") {
			return skip(err)
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		name := filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if where, listed := allowed[selected(n)]; listed && !slices.Contains(where, name) {
					t.Errorf(
						"%s: %s: take environ.Bare, or a map of the test's own", files.Position(n.Pos()), selected(n),
					)
				}
			case *ast.FuncDecl:
				if starts, given := processes(n); starts && !given {
					t.Errorf(
						"%s: %s starts a process without an Env of its own: take environ.Bare", files.Position(n.Pos()),
						n.Name.Name,
					)
				}
			case *ast.CompositeLit:
				if strings.HasSuffix(path, "_test.go") && temporalOptions(file, n) && !sets(n, "HostPort") {
					t.Errorf("%s: without HostPort a client dials Temporal's default address", files.Position(n.Pos()))
				}
			}
			return true
		})
		return nil
	}))
}

func skip(err error) error {
	if err != nil {
		return err
	}
	return filepath.SkipDir
}

// selected is package.name of what is selected from a package.
func selected(n ast.Node) string {
	if selector, ok := n.(*ast.SelectorExpr); ok {
		if from, ok := selector.X.(*ast.Ident); ok {
			return from.Name + "." + selector.Sel.Name
		}
	}
	return ""
}

// processes tells whether a function starts a process, and whether it gives one an environment. Building our own
// binaries, and asking git for the revision, takes the machine's.
func processes(function *ast.FuncDecl) (starts, given bool) {
	ast.Inspect(function, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if called := selected(n.Fun); called == "exec.Command" || called == "exec.CommandContext" {
				starts = starts || !slices.ContainsFunc(n.Args, func(arg ast.Expr) bool {
					literal, ok := arg.(*ast.BasicLit)
					return ok && (literal.Value == `"go"` || literal.Value == `"git"`)
				})
			}
		case *ast.AssignStmt:
			given = given || slices.ContainsFunc(n.Lhs, func(to ast.Expr) bool {
				selector, ok := to.(*ast.SelectorExpr)
				return ok && selector.Sel.Name == "Env"
			})
		}
		return true
	})
	return starts, given
}

// temporalOptions tells whether n are the options of a Temporal client.
func temporalOptions(file *ast.File, n *ast.CompositeLit) bool {
	return selected(n.Type) == "client.Options" && slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool {
		path, err := strconv.Unquote(i.Path.Value)
		return err == nil && path == "go.temporal.io/sdk/client"
	})
}

func sets(n *ast.CompositeLit, field string) bool {
	return slices.ContainsFunc(n.Elts, func(e ast.Expr) bool {
		pair, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		key, ok := pair.Key.(*ast.Ident)
		return ok && key.Name == field
	})
}
