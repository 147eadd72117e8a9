// Package docs_test holds the documents to what they say.
package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/rollcall/rollcall/internal/config"
	"github.com/rollcall/rollcall/internal/roster"
)

const root = ".."

func TestEveryRowOfTheRulesHasATestOfItsName(t *testing.T) {
	t.Parallel()
	tests := testSources(t)
	for _, row := range rows(t) {
		if !strings.Contains(tests, `"`+strings.ReplaceAll(row, `"`, `\"`)+`"`) && !strings.Contains(tests, "`"+row+"`") {
			t.Errorf("no test is named %q", row)
		}
	}
}

func TestEveryFieldHasItsLineInTheRules(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("rules.md")
	require.NoError(t, err)
	line := regexp.MustCompile(`(?m)^\| ([a-z_, ]+) \| ([^|]+) \|`)
	wanted := map[string]string{}
	for _, found := range line.FindAllStringSubmatch(string(text), -1) {
		for _, name := range strings.Split(found[1], ", ") {
			if _, twice := wanted[name]; !twice {
				wanted[name] = found[2]
			}
		}
	}
	for f := range roster.Fields() {
		if f.Derived() {
			continue
		}
		require.Contains(t, wanted, f.String())
		if f.Demand() != roster.Additional {
			require.Equal(t, string(f.Demand()), wanted[f.String()], "docs/rules.md says how much %s is wanted", f)
		}
	}
}

func rows(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("rules.md")
	require.NoError(t, err)
	var rows []string
	head := true
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case !strings.HasPrefix(line, "|"):
			head = true
		case head:
			head = false // the table's own head
		case strings.HasPrefix(line, "|---"):
		default:
			rows = append(rows, strings.TrimSpace(strings.Split(line, "|")[1]))
		}
	}
	require.Greater(t, len(rows), 30)
	return rows
}

func testSources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		suite := filepath.Base(filepath.Dir(path)) == "storetest"
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") && !suite {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	}))
	return all.String()
}

func TestEveryVariableOfTheDeploymentExists(t *testing.T) {
	t.Parallel()
	known := config.Document()
	variable := regexp.MustCompile(`\b(ROLLCALL_[A-Z_]+|WORKOS_BASE_URL)\b`)
	for _, file := range []string{"docker-compose.yml", "Dockerfile"} {
		text, err := os.ReadFile(filepath.Join(root, file))
		require.NoError(t, err)
		for _, name := range variable.FindAllString(string(text), -1) {
			require.Contains(t, known, name, "%s names a variable that config doesn't know", file)
		}
	}
}

func TestEveryImageOfTheDeploymentIsPinned(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "docker-compose.yml"))
	require.NoError(t, err)
	var compose struct {
		Services map[string]struct {
			Image string
			Build string
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &compose))
	require.Contains(t, compose.Services, "worker")
	pinned := regexp.MustCompile(`^[^:]+:(v?\d+\.\d+[\w.-]*)$`)
	for name, service := range compose.Services {
		if service.Build == "" {
			require.Regexp(t, pinned, service.Image, name)
		}
	}
	text, err = os.ReadFile(filepath.Join(root, "Dockerfile"))
	require.NoError(t, err)
	from := regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(string(text), -1)
	require.NotEmpty(t, from)
	for _, image := range from {
		require.Regexp(t, regexp.MustCompile(`:[\w.-]*(\d|nonroot)[\w.-]*$`), image[1])
		require.NotContains(t, image[1], "latest")
	}
	toolchain, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	require.Regexp(t, `(?m)^go 1\.26`, string(toolchain))
	require.Contains(t, string(text), "golang:1.26", "the image builds with the Go version of go.mod")
}
