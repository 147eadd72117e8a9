package main

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/config"
)

var update = flag.Bool("update", false, "update the golden files")

// golden compares text with a file under testdata.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), text, "%s: `go test ./starter -update` rewrites it", path)
}

func TestHelpOfEachCommand(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	golden(t, "help/starter.txt", b.must("--help"))
	assert.Equal(t, b.must("--help"), b.must(), "without a command there is help")
	for _, command := range []string{
		"apply", "tenants", "resync", "status", "preview", "approve", "reject", "pause", "unpause", "runs", "report",
		"members", "groups", "changes", "check", "why", "undo", "alerts", "erase", "link", "unlink",
	} {
		help := b.must(command, "--help")
		assert.Contains(t, help, "Examples:\n  starter "+command)
		assert.Contains(t, help, "-o, --output format")
		golden(t, "help/"+command+".txt", help)
	}
}

func TestABlankNameDecidesAndRequestsNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	b.apply("acme")
	for _, args := range [][]string{
		{"approve", "acme", "abc"},
		{"reject", "acme", "abc"},
		{"link", "acme", uuid.Max.String(), "E1"},
		{"unlink", "acme", uuid.Max.String()},
		{"undo", "acme", uuid.Max.String()},
		{"resync", "acme"},
		{"erase", "acme", "ada@example.com", "--yes"},
	} {
		status, _, errOut := b.run(append(args, "--by", " \u00a0")...)
		assert.Equal(t, exitUsage, status, "%v", args)
		assert.Contains(t, errOut, "missing --by: name who ", "%v", args)
	}
}

func TestWrongUsageEndsWith2(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"nonsense":                 "unknown command \"nonsense\"",
		"apply":                    "missing -f",
		"apply -f x y":             "unknown command \"y\"",
		"resync":                   "accepts 1 arg(s), received 0",
		"resync a b":               "accepts 1 arg(s), received 2",
		"resync acme --waiting":    "unknown flag: --waiting",
		"approve acme":             "accepts 2 arg(s), received 1",
		"approve acme abc":         "missing --by: name who decides",
		"reject acme abc --note n": "missing --by: name who decides",
		"reject acme abc --by jo":  "there is no tenant \"acme\"",
		"status acme -o yaml":      "must be one of text, json",
		"report acme -o pdf":       "must be one of text, json, csv, html",
		"report acme 1 2":          "accepts between 1 and 2 arg(s), received 3",
		"check acme --rows 0":      "--rows must be 1 to 100000",
		"alerts":                   "accepts 1 arg(s), received 0",
		"alerts acme --limit 0":    "--limit must be at least 1",
		"erase acme":               "name one person, or use --list",
		"erase acme ada --list":    "name one person, or use --list",
		"erase acme ada":           "there is no tenant \"acme\"",
		"link acme m":              "accepts 3 arg(s), received 2",
		"link acme m E1":           "missing --by: name who decides",
		"link acme m E1 --by jo":   "m is no member id",
		"unlink acme m --by jo":    "m is no member id",
		"unlink acme":              "accepts between 2 and 3 arg(s), received 1",
		"why acme":                 "accepts 2 arg(s), received 1",
		"why acme ada --runs 0":    "--runs must be at least 1",
		"check acme":               "there is no tenant \"acme\"",
		"runs acme --limit 0":      "--limit must be at least 1",
		"runs acme --limit many":   "invalid argument \"many\"",
		"changes acme --after -1":  "must not be negative",
		"members acme":             "there is no tenant \"acme\": there are no tenants yet",
		"pause acme":               "there is no tenant \"acme\"",
		"resync ac-me --by j":      "there is no tenant \"ac-me\"",
		"report acme not-a-run":    "there is no tenant",
		"tenants and more":         "unknown command \"and\"",
		"preview acme --wait=true": "unknown flag: --wait",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			status, out, errOut := newBench(t, nil).run(strings.Fields(args)...)
			assert.Equal(t, exitUsage, status, errOut)
			assert.Empty(t, out)
			assert.Contains(t, errOut, "Error: ")
			assert.Contains(t, errOut, want)
		})
	}
}

func TestFailuresEndWith1(t *testing.T) {
	t.Parallel()
	t.Run("a variable that doesn't parse", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, nil)
		env := b.environment()
		env.config = func() (config.Config, error) {
			return config.Config{},
				errors.New("ROLLCALL_LOG_LEVEL doesn't parse")
		}
		var out, errOut syncBuffer
		assert.Equal(t, exitFailed, run(t.Context(), env, []string{"tenants"}, &out, &errOut))
		assert.Equal(t, "Error: ROLLCALL_LOG_LEVEL doesn't parse\n", errOut.String())
	})
	t.Run("a file that isn't there", func(t *testing.T) {
		t.Parallel()
		status, out, errOut := newBench(t, nil).run("apply", "-f", "nowhere.yaml")
		assert.Equal(t, exitFailed, status)
		assert.Empty(t, out)
		assert.Equal(t, "Error: open nowhere.yaml: no such file or directory\n", errOut)
	})
	t.Run("a file with problems", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, nil)
		path := b.file("tenants:\n  - id: acme\n    schedule: {cron: \"0 3 * * *\"}\n    workos: {directory: d, " +
			"api_key: \"${NOWHERE}\"}\n    grace: never\n")
		status, out, errOut := b.run("apply", "-f", path)
		assert.Equal(t, exitFailed, status)
		assert.Empty(t, out)
		assert.Contains(t, errOut, path+": 2 problems, nothing was changed:\nline 4: tenants[acme].workos.api_key: "+
			"environment variable NOWHERE is not set")
		assert.NoFileExists(t, filepath.Join(b.home, "rollcall.db"))
	})
	t.Run("a host to which no password may be sent", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, nil)
		path := b.file("tenants:\n  - id: acme\n    schedule: {cron: \"0 3 * * *\"}\n    workday: {users: " +
			"\"https://evil.example/u\", groups: \"https://wd5.myworkday.com/g\", username: u, password: " +
			"\"${ACME_PASSWORD}\"}\n")
		status, _, errOut := b.run("apply", "-f", path)
		assert.Equal(t, exitFailed, status)
		assert.Contains(t, errOut, "tenants[acme].workday.users: ")
		assert.Contains(t, errOut, "ROLLCALL_WORKDAY_HOSTS")
		assert.NotContains(t, errOut, "canary")
	})
	t.Run("no Temporal", func(t *testing.T) {
		t.Parallel()
		b := newBench(t, nil)
		path := b.file("tenants:\n" + tenantOnWorkOS("acme", "0 3 * * *"))
		status, _, errOut := b.run("apply", "-f", path)
		assert.Equal(t, exitFailed, status)
		assert.Contains(t, errOut, "connect to Temporal at 127.0.0.1:1 (TEMPORAL_ADDRESS)")
		tenants, err := b.store().Tenants(t.Context())
		require.NoError(t, err)
		assert.Empty(t, tenants, "nothing is written before the server answers")
	})
}

func TestTheTenantsFileMayComeFromTheStandardInput(t *testing.T) {
	t.Parallel()
	b := newBench(t, shared)
	env := b.environment()
	env.stdin = strings.NewReader("tenants:\n" + tenantOnWorkOS("piped", "0 3 * * *"))
	var out, errOut syncBuffer
	require.Equal(t, exitDone, run(t.Context(), env, []string{"apply", "-f", "-"}, &out, &errOut), errOut.String())
	assert.Contains(t, out.String(), "piped: created\n")
}
