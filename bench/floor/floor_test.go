package floor_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/rollcall/rollcall/bench/floor"
	"github.com/rollcall/rollcall/bench/people"
	"github.com/rollcall/rollcall/internal/postgrestest"
	"github.com/rollcall/rollcall/internal/simulator"
	"github.com/rollcall/rollcall/internal/store"
)

var server *postgrestest.Server

func TestMain(m *testing.M) {
	var err error
	if server, err = postgrestest.Launch(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	server.Stop()
	os.Exit(code)
}

// databases are one of each kind, with Rollcall's tables.
func databases(t *testing.T) map[string]string {
	t.Helper()
	urls := map[string]string{
		"PostgreSQL": server.Database(t), "SQLite": "sqlite://" + filepath.Join(t.TempDir(), "x.db"),
	}
	for _, url := range urls {
		kept, err := store.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		if err := kept.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return urls
}

func query(t *testing.T, url, text string) (lines []string) {
	t.Helper()
	driver, source := "pgx", url
	if path, ok := strings.CutPrefix(url, "sqlite://"); ok {
		driver, source = "sqlite", path
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

func TestEachScenarioLeavesTheMembersAsTheReportSays(t *testing.T) {
	t.Parallel()
	const n = 20_000
	reports, err := people.Serve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reports.Close() })
	churned := people.Report{People: n, Churned: true}
	change := churned.Changes()
	steps := []struct {
		name   string
		report people.Report
		want   floor.Result
	}{
		{"first load", people.Report{People: n}, floor.Result{Users: n, Decoded: n, Added: n}},
		{"unchanged", people.Report{People: n}, floor.Result{Users: n}},
		{"other order", people.Report{People: n, Shuffled: true}, floor.Result{Users: n}},
		{"churn", churned, floor.Result{
			Users: churned.Present(), Decoded: change.Joined + change.Updated,
			Added: change.Joined, Updated: change.Updated, Departed: change.Left,
		}},
		{"all updated", people.Report{People: n, Churned: true, Retitled: 1}, floor.Result{
			Users: churned.Present(), Decoded: churned.Present(), Updated: churned.Present(),
		}},
	}
	contents := map[string][]string{}
	for kind, database := range databases(t) {
		for _, step := range steps {
			if err := reports.Show(step.report); err != nil {
				t.Fatal(err)
			}
			got, err := floor.Run(t.Context(), floor.Job{Users: reports.URL + "/users", Database: database, Tenant: "acme", Lanes: 2})
			if err != nil {
				t.Fatalf("%s, %s: %v", kind, step.name, err)
			}
			if got != step.want {
				t.Errorf("%s, %s: %+v, want %+v", kind, step.name, got, step.want)
			}
			content := query(t, database, `SELECT external_id || '|' || email || '|' || first_name || '|' || job_title || '|' || role || '|' ||
				people_manager || '|' || locale || '|' || manager_email || '|' || city || '|' || status || '|' || version FROM members`)
			if other, there := contents[step.name]; there && !slices.Equal(content, other) {
				t.Errorf("after %s the databases differ", step.name)
			}
			contents[step.name] = content
		}
		audit := query(t, database, `SELECT op || ' ' || fields || ' ' || (vals IS NULL) || ' ' || count(*) FROM changes GROUP BY op, fields, vals IS NULL`)
		t.Log(kind, audit)
		if numbers := query(t, database, `SELECT count(*) || ' ' || min(seq) || ' ' || max(seq) FROM changes`); numbers[0] !=
			fmt.Sprintf("%d 1 %[1]d", 2*n+2*change.Joined+change.Updated) {
			t.Errorf("%s: audit numbers %s", kind, numbers)
		}
	}
}

func TestMembershipsComeWithTheirMembers(t *testing.T) {
	t.Parallel()
	const n = 3000
	reports, err := people.Serve()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reports.Close() })
	if err := reports.Show(people.Report{People: n, Grouped: true}); err != nil {
		t.Fatal(err)
	}
	for kind, database := range databases(t) {
		job := floor.Job{Users: reports.URL + "/users", Groups: reports.URL + "/groups", Database: database, Tenant: "acme", Lanes: 2}
		got, err := floor.Run(t.Context(), job)
		if err != nil || got != (floor.Result{Users: n, Decoded: n, Added: n, Joined: 2 * n}) {
			t.Fatalf("%s: %+v, %v", kind, got, err)
		}
		groups := query(t, database, `SELECT count(DISTINCT group_id) || ' ' || count(DISTINCT member_id) || ' ' || count(*) FROM memberships`)
		if want := fmt.Sprintf("60 %d %d", n, 2*n); groups[0] != want {
			t.Errorf("%s: %s, want %s", kind, groups[0], want)
		}
		if again, err := floor.Run(t.Context(), job); err != nil || again != (floor.Result{Users: n}) {
			t.Errorf("%s, again: %+v, %v", kind, again, err)
		}
	}
}

func TestPagesAreReadWithTheirMemberships(t *testing.T) {
	t.Parallel()
	const n = 250
	source := simulator.Start(t, simulator.Tenant{ID: "acme", Kind: simulator.WorkOS, People: n, Seed: 1, Rate: -1, Churn: -1})
	access := source.Access("acme")
	want := floor.Result{Users: n, Decoded: n, Added: n}
	for person := range source.Expected("acme") {
		want.Joined += len(person.Groups)
	}
	for kind, database := range databases(t) {
		job := floor.Job{
			Pages:    &floor.Pages{URL: access.BaseURL, Directory: access.Directory, Key: access.APIKey},
			Database: database, Tenant: "acme", Lanes: 2,
		}
		if got, err := floor.Run(t.Context(), job); err != nil || got != want {
			t.Fatalf("%s: %+v, %v, want %+v", kind, got, err, want)
		}
		if again, err := floor.Run(t.Context(), job); err != nil || again != (floor.Result{Users: n}) {
			t.Errorf("%s, again: %+v, %v", kind, again, err)
		}
	}
}
