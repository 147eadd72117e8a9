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

// told runs a command of the starter, which must exit with the status wanted, and returns all that a terminal shows of it.
func (w *world) told(t *testing.T, exit int, args ...string) string {
	t.Helper()
	command := exec.Command(filepath.Join(binaries, "starter"), args...)
	command.Env = w.environment()
	var shown bytes.Buffer
	command.Stdout, command.Stderr = &shown, &shown
	_ = command.Run() // the status below says it
	require.Equal(t, exit, command.ProcessState.ExitCode(), "starter %v\n%s", args, &shown)
	return shown.String()
}

// Whatever goes wrong, the operator hears what, who is concerned and what to do: where he waits, and afterwards.
func TestTheOperatorIsToldWhatToDo(t *testing.T) {
	t.Parallel()
	const tenant = "told-acme"
	w := quiet(t, tenant, "")
	email := ""
	for _, member := range w.lines("members", tenant) {
		if member["external_id"] == "100006" {
			email = member["email"].(string)
		}
	}
	const release = "starter approve told-acme"
	for _, c := range []struct {
		name           string
		exit           int
		faults         []simulator.Fault
		waits, reports []string
	}{
		{
			"credentials refused", 1,
			[]simulator.Fault{{Kind: simulator.Status, Status: 401}},
			[]string{"the sync of told-acme failed: Workday refused the integration system user's name and password", "run `starter apply` with the new one"},
			[]string{"Outcome   failed\nError     credentials_refused: Workday refused", "To do     Check the integration", "Changes   none"},
		},
		{
			"a required column lost", 1,
			[]simulator.Fault{{Endpoint: simulator.Users, Kind: simulator.DropColumn, Column: "CF_Management_Level"}},
			[]string{
				"no row of the user report has a value for management_level (column_missing)",
				"add a column for it to the report", "Worker Data: Current Management Level Information", "Nothing was changed",
			},
			[]string{"Outcome   failed\nError     column_missing", "To do     Nothing was changed. For each of these fields, add a column"},
		},
		{
			"removals held", 3,
			[]simulator.Fault{{Endpoint: simulator.Users, Kind: simulator.RemovePeople, Percent: 60}},
			[]string{"told-acme: held", "not applied: they exceed the guard's limit", "Show the plan:    starter report told-acme", release},
			[]string{"Outcome   held", release, "departed, held", email + "  (absent)  status: active → departed", "group Team "},
		},
		{
			"rows rejected", 0,
			[]simulator.Fault{
				{Endpoint: simulator.Users, Kind: simulator.BadValue, Person: 5, Column: "Email_-_Work", Value: json.RawMessage(`"broken@@"`)},
				{Endpoint: simulator.Users, Kind: simulator.DropColumn, Column: "Country"},
			},
			[]string{"told-acme: unchanged", "1 rejected", "Rows to correct:  starter report told-acme"},
			[]string{"rejected  email  email_invalid  (1 row)", "row 6, 100006, broken@@", "To do: Put one plain address", "country  column_absent"},
		},
	} {
		for _, fault := range c.faults {
			fault.Tenant = tenant
			w.simulator.Inject(fault)
		}
		t.Run(c.name, func(t *testing.T) {
			waited, status := w.told(t, c.exit, "resync", tenant, "--wait", "--by", "jo"), w.told(t, 0, "status", tenant)
			for _, want := range c.waits {
				require.Contains(t, waited, want)
			}
			require.Contains(t, status, c.waits[len(c.waits)-1], "afterwards too")
			reported := w.told(t, 0, "report", tenant)
			for _, want := range c.reports {
				require.Contains(t, reported, want)
			}
			require.Contains(t, reported, "requested by jo")
		})
		w.simulator.Clear(tenant)
	}
}
