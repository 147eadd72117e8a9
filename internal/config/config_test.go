package config_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/config"
)

// unset removes our variables from the environment for one test, which therefore isn't parallel.
func unset(t *testing.T) {
	t.Helper()
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, config.Prefix+"_") || strings.HasPrefix(name, "WORKOS_") {
			t.Setenv(name, "")
			require.NoError(t, os.Unsetenv(name))
		}
	}
	t.Setenv("HOME", "/home/jo")
	t.Setenv("DATABASE_URL", "mysql://somebody-elses")
}

func TestAnEmptyEnvironmentGivesTheDefaults(t *testing.T) {
	unset(t)
	got, err := config.Load()
	require.NoError(t, err)
	assert.Equal(t, config.Config{
		Home:          "/home/jo/.local/share/rollcall",
		DatabaseURL:   "sqlite:///home/jo/.local/share/rollcall/rollcall.db",
		TaskQueue:     "rollcall",
		WorkdayHosts:  got.WorkdayHosts,
		MetricsAddr:   "127.0.0.1:9464",
		LogLevel:      slog.LevelInfo,
		LogFormat:     config.Text,
		WorkosRate:    4,
		WorkOSBaseURL: "https://api.workos.com",
	}, got)
	assert.EqualValues(t, []string{"*.workday.com", "*.myworkday.com"}, got.WorkdayHosts)
}

func TestEveryVariableIsRead(t *testing.T) {
	unset(t)
	for name, value := range map[string]string{
		"ROLLCALL_HOME": "~/rc", "ROLLCALL_DATABASE_URL": "postgres://u:p@h/d",
		"ROLLCALL_SECRETS_URL": "awskms://alias/a",
		"ROLLCALL_TASK_QUEUE":  "q", "ROLLCALL_WORKDAY_HOSTS": " Localhost:8099, ,*.x.org",
		"ROLLCALL_METRICS_ADDR": ":1",
		"ROLLCALL_LOG_LEVEL":    "debug", "ROLLCALL_LOG_FORMAT": "JSON", "ROLLCALL_WORKOS_RATE": "0.5",
		"WORKOS_BASE_URL": "http://127.0.0.1:8099",
	} {
		t.Setenv(name, value)
		assert.Contains(t, config.Document(), "| `"+name+"` |", "every variable is documented by its name")
	}
	got, err := config.Load()
	require.NoError(t, err)
	assert.Equal(t, config.Config{
		Home: "/home/jo/rc", DatabaseURL: "postgres://u:p@h/d", SecretsURL: "awskms://alias/a", TaskQueue: "q",
		WorkdayHosts: got.WorkdayHosts, MetricsAddr: ":1", LogLevel: slog.LevelDebug, LogFormat: config.JSON,
		WorkosRate:    0.5,
		WorkOSBaseURL: "http://127.0.0.1:8099",
	}, got)
	assert.EqualValues(t, []string{"localhost:8099", "*.x.org"}, got.WorkdayHosts)
}

func TestAnEmptyValueMeansTheDefaultOrNone(t *testing.T) {
	unset(t)
	for _, name := range []string{
		"HOME", "DATABASE_URL", "SECRETS_URL", "TASK_QUEUE", "WORKDAY_HOSTS", "METRICS_ADDR",
	} {
		t.Setenv("ROLLCALL_"+name, "")
	}
	t.Setenv("WORKOS_BASE_URL", "")
	got, err := config.Load()
	require.NoError(t, err)
	assert.Equal(t, "/home/jo/.local/share/rollcall", got.Home)
	assert.Equal(t, "sqlite:///home/jo/.local/share/rollcall/rollcall.db", got.DatabaseURL)
	assert.Equal(t, "rollcall", got.TaskQueue)
	assert.Equal(t, "https://api.workos.com", got.WorkOSBaseURL)
	assert.Empty(t, got.WorkdayHosts)
	assert.Empty(t, got.MetricsAddr)
}

func TestAnInvalidValueIsRefusedWithoutRepeatingIt(t *testing.T) {
	for name, values := range map[string][]string{
		"ROLLCALL_DATABASE_URL":  {"canary", "mysql://canary@h/d", "sqlite://canary.db", "postgres://u:canary\n@h"},
		"ROLLCALL_SECRETS_URL":   {"canary", "file://canary"},
		"ROLLCALL_METRICS_ADDR":  {"canary", "h:canary", "h:70000"},
		"ROLLCALL_LOG_LEVEL":     {"canary"},
		"ROLLCALL_LOG_FORMAT":    {"canary", ""},
		"ROLLCALL_WORKDAY_HOSTS": {"https://x.org", "a b"},
		"ROLLCALL_WEB_URL":       {"canary", "ftp://canary", "https://u:canary@h", "https://h/?canary"},
		"WORKOS_BASE_URL":        {"canary", "ftp://canary", "https://u:canary@h"},
	} {
		for _, value := range values {
			t.Run(name+"="+value, func(t *testing.T) {
				unset(t)
				t.Setenv(name, value)
				_, err := config.Load()
				require.ErrorContains(t, err, name+" doesn't parse: ")
				assert.NotContains(t, err.Error(), "canary")
			})
		}
	}
}

func TestInvalidValuesAreReportedTogether(t *testing.T) {
	unset(t)
	t.Setenv("ROLLCALL_DATABASE_URL", "x")
	t.Setenv("ROLLCALL_METRICS_ADDR", "y")
	_, err := config.Load()
	require.ErrorContains(t, err, "ROLLCALL_DATABASE_URL")
	require.ErrorContains(t, err, "ROLLCALL_METRICS_ADDR")
}

func TestWithoutAHomeDirectoryROLLCALLHOMEMustBeSet(t *testing.T) {
	unset(t)
	t.Setenv("HOME", "")
	_, err := config.Load()
	require.ErrorContains(t, err, "ROLLCALL_HOME begins with ~")
	t.Setenv("ROLLCALL_HOME", "/srv/rollcall")
	got, err := config.Load()
	require.NoError(t, err)
	assert.Equal(t, "/srv/rollcall", got.Home)
}

func TestTheDocumentInDocsIsUpToDate(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	require.NoError(t, err)
	assert.Equal(t, config.Document(), string(page), "run `go generate ./internal/config`")
}
