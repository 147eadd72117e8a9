package acceptance_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/simulator"
)

// terminal runs a command of the starter and returns its standard output and error. It requires an exit status.
func (w *world) terminal(t *testing.T, exit int, args ...string) string {
	t.Helper()
	command := exec.Command(filepath.Join(binaries, "starter"), args...)
	command.Env = w.environment()
	var shown bytes.Buffer
	command.Stdout, command.Stderr = &shown, &shown
	_ = command.Run() // the status is checked below
	require.Equal(t, exit, command.ProcessState.ExitCode(), "starter %v\n%s", args, &shown)
	return shown.String()
}

// For each failure the operator learns what failed, who is affected and what to do, during the sync and afterwards.
func TestTheOperatorLearnsWhatToDo(t *testing.T) {
	t.Parallel()
	const tenant = "guidance-acme"
	w := newQuietWorld(t, tenant, "")
	email := ""
	for _, member := range w.lines("members", tenant) {
		if member["external_id"] == "100006" {
			email = member["email"].(string)
		}
	}
	const release = "starter approve guidance-acme"
	for _, c := range []struct {
		name           string
		exit           int
		faults         []simulator.Fault
		waits, reports []string
	}{
		{
			"credentials refused", 1,
			[]simulator.Fault{{Kind: simulator.Status, Status: 401}},
			[]string{
				"the sync of guidance-acme failed: Workday refused the integration system user's name and password",
				"run `starter apply` with the new one",
			},
			[]string{
				"Outcome   failed\nError     credentials_refused: Workday refused", "To do     Check the integration",
				"Changes   none",
			},
		},
		{
			"a required column lost", 1,
			[]simulator.Fault{{Endpoint: simulator.Users, Kind: simulator.DropColumn, Column: "CF_Management_Level"}},
			[]string{
				"no row of the user report has a value for management_level (column_missing)",
				"add a column for it to the report", "Worker Data: Current Management Level Information",
				"Nothing was changed",
			},
			[]string{
				"Outcome   failed\nError     column_missing",
				"To do     Nothing was changed. For each of these fields, add a column",
			},
		},
		{
			"removals held", 3,
			[]simulator.Fault{{Endpoint: simulator.Users, Kind: simulator.RemovePeople, Percent: 60}},
			[]string{
				"guidance-acme: held", "not applied: they exceed the guard's limit",
				"Show the plan:    starter report guidance-acme", release,
			},
			[]string{
				"Outcome   held", release, "departed, held", email + "  (absent)  status: active → departed",
				"group Team ",
			},
		},
		{
			"rows rejected", 0,
			[]simulator.Fault{
				{
					Endpoint: simulator.Users, Kind: simulator.BadValue, Person: 5, Column: "Email_-_Work",
					Value: json.RawMessage(`"broken@@"`),
				},
				{Endpoint: simulator.Users, Kind: simulator.DropColumn, Column: "Country"},
			},
			[]string{"guidance-acme: unchanged", "1 rejected", "Rows to correct:  starter report guidance-acme"},
			[]string{
				"rejected  email  email_invalid  (1 row)", "row 6, 100006, broken@@", "To do: Put one plain address",
				"country  column_absent",
			},
		},
	} {
		for _, fault := range c.faults {
			fault.Tenant = tenant
			w.simulator.Inject(fault)
		}
		t.Run(c.name, func(t *testing.T) {
			waited := w.terminal(t, c.exit, "resync", tenant, "--wait", "--by", "jo")
			status := w.terminal(t, 0, "status", tenant)
			for _, want := range c.waits {
				require.Contains(t, waited, want)
			}
			require.Contains(t, status, c.waits[len(c.waits)-1], "status shows it afterwards")
			reported := w.terminal(t, 0, "report", tenant)
			for _, want := range c.reports {
				require.Contains(t, reported, want)
			}
			require.Contains(t, reported, "requested by jo")
		})
		w.simulator.Clear(tenant)
	}
}
