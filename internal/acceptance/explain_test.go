package acceptance_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/simulator"
)

func TestCheckReadsTheDirectoryBeforeTheFirstSync(t *testing.T) {
	t.Parallel()
	const tenant = "checked-acme"
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 120, Seed: 21})
	w.apply(tenant, "") // a check needs no worker
	printed := w.starter(0, "check", tenant)
	require.Contains(t, printed, "Verdict: ready")
	var checked struct {
		Verdict string
		Users   struct{ Rows int }
		Columns []struct {
			Column  string
			Fields  []string
			Example *string
		}
		Missing []struct{ Field, Likely, Policy string }
	}
	read := func(exit int) {
		checked.Missing = nil
		require.NoError(t, json.Unmarshal([]byte(w.starter(exit, "check", tenant, "-o", "json")), &checked))
	}
	read(0)
	for person := range w.simulator.Expected(tenant) {
		require.NotContains(t, printed, person.Email)
		require.NotContains(t, printed, person.ExternalID)
	}
	require.Empty(t, w.starter(0, "members", tenant, "-o", "json"), "nothing is written")
	require.Empty(t, w.starter(0, "runs", tenant, "-o", "json"))

	w.simulator.Inject(simulator.Fault{Tenant: tenant, Kind: simulator.BlankColumn, Column: "Email_-_Work"})
	read(1)
	require.Equal(t, "not_ready", checked.Verdict)
	require.Equal(t, "email", checked.Missing[0].Field)
	require.Equal(t, "Email_-_Work", checked.Missing[0].Likely)
	require.Equal(t, "Person Data: Work Contact Information", checked.Missing[0].Policy)

	w.simulator.Clear(tenant)
	w.simulator.Inject(simulator.Fault{Tenant: tenant, Kind: simulator.Status, Status: 401})
	before := w.simulator.Served(tenant, "").Requests
	require.Contains(t, w.starter(1, "check", tenant), "credentials_refused")
	require.Equal(t, before+1, w.simulator.Served(tenant, "").Requests, "an account can be locked by retries")
}

func TestWhyShowsOnePersonAcrossRuns(t *testing.T) {
	t.Parallel()
	const tenant, number = "explained-acme", 7
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 120, Seed: 22, Churn: -1})
	w.start()
	w.apply(tenant, "    guard: {removals: 0, percent: 0}\n")
	var person simulator.Person
	for p := range w.simulator.Expected(tenant) {
		if p.Number == number {
			person = p
		}
	}
	w.resync(0, tenant)
	w.resync(0, tenant)
	bad := func(column, value string) int {
		return w.simulator.Inject(simulator.Fault{
			Tenant: tenant, Endpoint: "users", Kind: simulator.BadValue, Person: number, Column: column,
			Value: json.RawMessage(value),
		})
	}
	renamed := bad("Email_-_Work", `"renamed@example.com"`)
	w.resync(0, tenant)
	w.simulator.Lift(renamed)
	broken := bad("Email_-_Work", `"no address"`)
	w.resync(0, tenant)
	w.simulator.Lift(broken)
	away := bad("Status", `"inactive"`)
	w.resync(3, tenant)
	w.simulator.Lift(away)
	w.resync(0, tenant)

	type storyOutput struct {
		Members []struct {
			ID     string
			Fields map[string]string
		}
		Runs []struct {
			State string
			Rows  []struct {
				Verdict string
				Match   *struct{ By, Key string }
				Cells   []struct{ Column, Value string }
				Issues  []struct{ Code string }
			}
			Decisions []struct{ State, Op, Why string }
		}
	}
	ask := func(args ...string) (s storyOutput) {
		text := w.starter(0, append([]string{"why", tenant, "-o", "json"}, args...)...)
		require.NoError(t, json.Unmarshal([]byte(text), &s), text)
		return s
	}
	s := ask("Renamed@Example.com", "--reveal") // an email of one run only
	require.Len(t, s.Members, 1)
	require.Equal(t, person.ExternalID, s.Members[0].Fields["external_id"])
	var states []string
	for _, r := range s.Runs {
		state := r.State
		for _, d := range r.Decisions {
			if d.Op == "updated" || d.Op == "added" || d.Op == "deactivated" {
				state += ", " + d.Op + " " + d.State
			}
		}
		states = append(states, state)
	}
	require.Equal(t, []string{
		"row, added applied", "same_row", "row, updated applied", "kept", "row, deactivated held",
		"row, updated applied",
	}, states)
	require.Equal(t, "new", s.Runs[0].Rows[0].Match.By)
	require.Equal(t, "external_id", s.Runs[2].Rows[0].Match.By)
	require.Equal(t, person.ExternalID, s.Runs[2].Rows[0].Match.Key)
	require.Equal(t, "rejected", s.Runs[3].Rows[0].Verdict)
	require.Equal(t, "email_invalid", s.Runs[3].Rows[0].Issues[0].Code)
	require.Equal(t, "row_inactive", s.Runs[4].Decisions[len(s.Runs[4].Decisions)-1].Why)

	masked := w.starter(0, "why", tenant, person.Email)
	t.Log("\n" + masked)
	for _, secret := range []string{person.Email, person.ExternalID, person.LastName, "renamed@example.com"} {
		require.NotContains(t, masked, secret)
	}
	require.Contains(t, w.starter(0, "why", tenant, person.Email, "--reveal"), person.Email)
	require.Equal(t, s.Members[0].ID, ask(person.ExternalID).Members[0].ID)
	require.Equal(t, s.Members[0].ID, ask(s.Members[0].ID).Members[0].ID)
	w.starter(1, "why", tenant, "nobody@example.com")
}

// ROLLCALL_PAGES is an optional folder for the page, to view it in a browser.
func TestAReportIsASelfContainedPage(t *testing.T) {
	t.Parallel()
	const tenant = "paged-acme"
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 300, Seed: 23})
	w.start()
	w.apply(tenant, "    guard: {removals: 30, percent: 0}\n")
	for _, column := range []string{"Last_Name", "Last_Name", "Locale", "People_Manager"} {
		for range 3 {
			w.simulator.Inject(simulator.Fault{
				Tenant: tenant, Endpoint: "users", Kind: simulator.BadValue, Person: 10 * len(column), Column: column,
				Value: json.RawMessage(`["a","b"]`),
			})
		}
	}
	w.resync(0, tenant)
	for range 6 {
		w.simulator.Advance(tenant, 1)
		w.starter(0, "resync", tenant, "--by", "acceptance", "--wait")
	}
	failure := w.simulator.Inject(simulator.Fault{Tenant: tenant, Kind: simulator.Status, Status: 403})
	w.resync(1, tenant)
	w.simulator.Lift(failure)
	w.simulator.Inject(simulator.Fault{Tenant: tenant, Endpoint: "users", Kind: simulator.RemovePeople, Percent: 25})
	w.simulator.Advance(tenant, 1)
	held := w.resync(3, tenant)

	page := w.starter(0, "report", tenant, "-o", "html")
	if folder := os.Getenv("ROLLCALL_PAGES"); folder != "" {
		require.NoError(t, os.WriteFile(filepath.Join(folder, "real.html"), []byte(page), 0o600))
	}
	require.Contains(t, page, held.Run)
	require.Contains(t, page, "plan "+held.Held.Plan)
	require.Contains(t, page, "last_name: more than one value where one is expected")
	require.Contains(t, page, "The last 9 runs")
	require.Contains(t, page, "F failed")
	require.Contains(t, page, `<span class="badge held">held</span>`)
	require.NotContains(t, page, "://")
}
