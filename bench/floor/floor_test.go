package main

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

// served starts a server of reports, and a job that reads them.
func served(t *testing.T) (*people.Server, job) {
	t.Helper()
	reports, err := people.Serve(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(reports.Close)
	return reports, job{users: reports.URL + "/users", groups: reports.URL + "/groups", tenant: "acme"}
}

// run runs a job on a database of a kind and compares what it did.
func run(t *testing.T, j job, kind, database string, want result) {
	t.Helper()
	j.database = database
	if got, err := j.sync(t.Context()); err != nil || got != want {
		t.Fatalf("%s: %+v, %v, want %+v", kind, got, err, want)
	}
}

func TestEachScenarioLeavesTheMembersAsTheReportSays(t *testing.T) {
	t.Parallel()
	const n = 20_000
	reports, j := served(t)
	churned := people.Report{People: n, Churned: true}
	change, present := churned.Changes(), churned.Present()
	steps := []struct {
		name   string
		report people.Report
		want   result
	}{
		{"first load", people.Report{People: n}, result{users: n, decoded: n, added: n}},
		{"unchanged", people.Report{People: n}, result{users: n}},
		{"other order", people.Report{People: n, Shuffled: true}, result{users: n}},
		{"churn", churned, result{
			users: present, decoded: change.Joined + change.Updated,
			added: change.Joined, updated: change.Updated, departed: change.Left,
		}},
		{
			"all updated",
			people.Report{People: n, Churned: true, Retitled: 1},
			result{users: present, decoded: present, updated: present},
		},
	}
	contents := map[string][]string{}
	for kind, database := range databases(t) {
		for _, step := range steps {
			if err := reports.Show(step.report); err != nil {
				t.Fatal(err)
			}
			run(t, j, kind+", "+step.name, database, step.want)
			content := query(t, database, `SELECT external_id || '|' || email || '|' || first_name || '|' || job_title || '|' ||
				role || '|' || people_manager || '|' || locale || '|' || manager_email || '|' || city || '|' || status || '|' ||
				version FROM members`)
			if other, there := contents[step.name]; there && !slices.Equal(content, other) {
				t.Errorf("after %s the databases differ", step.name)
			}
			contents[step.name] = content
		}
		numbers := query(t, database, `SELECT count(*) || ' ' || min(seq) || ' ' || max(seq) FROM changes`)
		if want := fmt.Sprintf("%d 1 %[1]d", 2*n+2*change.Joined+change.Updated); numbers[0] != want {
			t.Errorf("%s: audit numbers %s, want %s", kind, numbers, want)
		}
	}
}

func TestMembershipsComeWithTheirMembers(t *testing.T) {
	t.Parallel()
	const n = 3000
	reports, j := served(t)
	if err := reports.Show(people.Report{People: n, Grouped: true}); err != nil {
		t.Fatal(err)
	}
	for kind, database := range databases(t) {
		run(t, j, kind, database, result{users: n, decoded: n, added: n, joined: 2 * n})
		groups := query(t, database, `SELECT count(DISTINCT group_id) || ' ' || count(DISTINCT member_id) || ' ' || count(*)
			FROM memberships`)
		if want := fmt.Sprintf("60 %d %d", n, 2*n); groups[0] != want {
			t.Errorf("%s: %s, want %s", kind, groups[0], want)
		}
		run(t, j, kind+", again", database, result{users: n})
	}
}

func TestPagesAreReadWithTheirMemberships(t *testing.T) {
	t.Parallel()
	const n = 250
	source := simulator.Start(t, simulator.Tenant{
		ID: "acme", Kind: simulator.WorkOS, People: n, Seed: 1, Rate: -1, Churn: -1,
	})
	access := source.Access("acme")
	want := result{users: n, decoded: n, added: n}
	for person := range source.Expected("acme") {
		want.joined += len(person.Groups)
	}
	j := job{pages: pages{url: access.BaseURL, directory: access.Directory, key: access.APIKey}, tenant: "acme"}
	for kind, database := range databases(t) {
		run(t, j, kind, database, want)
		run(t, j, kind+", again", database, result{users: n})
	}
}
