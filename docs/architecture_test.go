package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheArchitectureNamesEveryPackageAndNoOther(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("architecture.md")
	require.NoError(t, err)
	var named []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z/]+)` \\| [^|]+ \\|$").FindAllStringSubmatch(string(page), -1) {
		named = append(named, row[1])
	}
	require.Equal(t, slices.Sorted(slices.Values(packages(t))), named, "the table lists the packages by path")
}

func TestWhatTheArchitectureNamesIsDeclared(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("architecture.md")
	require.NoError(t, err)
	declared := map[string]bool{}
	for _, folder := range packages(t) {
		declare(t, folder, declared)
	}
	names := regexp.MustCompile("`([a-z]+\\.[A-Z]\\w*(?:\\.[A-Z]\\w*)?)`").FindAllStringSubmatch(string(page), -1)
	require.NotEmpty(t, names)
	for _, name := range names {
		require.True(t, declared[name[1]], "%s isn't declared", name[1])
	}
	for _, path := range regexp.MustCompile("`((?:internal|docs)/[a-z_/]+\\.(?:go|md))`").FindAllStringSubmatch(string(page), -1) {
		require.FileExists(t, filepath.Join(root, path[1]))
	}
}

// packages are the folders below root with Go files, but for those of tools.
func packages(t *testing.T) (folders []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && slices.Contains([]string{"testdata", "tools", "build", ".git"}, entry.Name()) {
			return filepath.SkipDir
		}
		folder := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), root+"/")
		if filepath.Ext(path) == ".go" && !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
		return nil
	}))
	return folders
}

// declare adds what a package declares, as "package.Name" and "package.Type.Method".
func declare(t *testing.T, folder string, declared map[string]bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	require.NoError(t, err)
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			for _, name := range declaredBy(d) {
				declared[file.Name.Name+"."+name] = true
			}
		}
	}
}

func declaredBy(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return []string{d.Name.Name}
		}
		receiver := d.Recv.List[0].Type
		if pointer, ok := receiver.(*ast.StarExpr); ok {
			receiver = pointer.X
		}
		if name, ok := receiver.(*ast.Ident); ok {
			return []string{name.Name + "." + d.Name.Name}
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name.Name)
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					names = append(names, name.Name)
				}
			}
		}
	}
	return names
}
