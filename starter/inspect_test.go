package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/store/storetest"
	"github.com/rollcall/rollcall/internal/wire"
)

var noon = time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)

// numbered returns an id that ends in n.
func numbered(n int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("0195a000-0000-7000-8000-%012d", n))
}

// people returns two members of one group: one with all fields, and one with only the required fields.
func people() (ada, bo roster.Member, tea roster.Group) {
	ada = roster.Member{ID: numbered(1), Version: 1, ExternalID: "E1", ExternalKind: "workday:Employee_ID"}
	ada.Values = roster.Values{
		roster.FirstName: "Ada", roster.LastName: "Lovelace", roster.Email: "ada@example.com",
		roster.ManagementLevel: "M4", roster.Role: "Sr. Manager", roster.JobTitle: "Analyst",
		roster.BusinessUnit: "Engines",
		roster.JobFunction:  "Counting", roster.PeopleManager: "yes", roster.ManagerEmail: "bo@example.com",
		roster.City: "Lyon", roster.Country: "France", roster.Office: "L1", roster.Locale: "fr-CA",
		roster.Status: roster.Active,
	}
	bo = roster.Member{ID: numbered(2), Version: 1}
	bo.Values[roster.FirstName], bo.Values[roster.LastName], bo.Values[roster.Email] = "Bo", "Bo\x1b[31m",
		"bo@example.com"
	bo.Values[roster.Locale], bo.Values[roster.Status] = "en-US", roster.Inactive
	return ada, bo, roster.Group{ID: numbered(9), Key: "group_tea", Name: "Tea"}
}

// populate adds a run that added two members and a group, rejected a row and holds two removals.
func populate(t *testing.T, db *store.Store, id string) round.Run {
	t.Helper()
	ctx := t.Context()
	ada, bo, tea := people()
	require.NoError(t, db.PutRequest(ctx, store.Request{
		ID: "request-" + id, Tenant: id, Verb: "resync", By: "Jo", Reason: "report fixed", At: noon,
	}))
	r, err := storetest.BeginRun(ctx, db, round.Run{
		ID: uuid.NewSHA1(numbered(0), []byte(id)), Tenant: id, Origin: round.Manual, Request: "request-" + id,
		Workflow: "sync-" + id, Execution: "e1", Started: noon,
	})
	require.NoError(t, err)
	changes := []plan.Change{
		{Verb: plan.Add, Member: ada.ID, After: &ada, Why: plan.Appeared},
		{Verb: plan.Add, Member: bo.ID, After: &bo, Why: plan.Appeared},
		{Verb: plan.AddGroup, Group: tea.ID, AfterGroup: &tea, Why: plan.GroupAppeared},
		{Verb: plan.AddMembership, Group: tea.ID, Member: ada.ID, Why: plan.Listed},
	}
	base, err := db.Claim(ctx, ledger.Claim{Tenant: id, Run: r.ID, Plan: "p", Changes: len(changes), Batches: 1})
	require.NoError(t, err)
	applied, err := db.ApplyBatch(ctx, ledger.Batch{Tenant: id, Run: r.ID, Base: base, At: noon, Changes: changes})
	require.NoError(t, err)
	require.Empty(t, applied.Failed)
	putStage(t, db, r.ID, "issues", []roster.Issue{
		{
			Row: 7, ExternalID: "E7", Email: "cy@example", Field: "email", Code: roster.CodeEmailInvalid,
			Severity: roster.Rejected, Detail: "not an address", Hint: "write one",
		},
	})
	departed := bo
	departed.Values[roster.Status] = roster.Departed
	putStage(t, db, r.ID, "removals", plan.Batch{Part: plan.PartRemovals, Changes: []plan.Change{
		{Verb: plan.Depart, Member: bo.ID, Before: &bo, After: &departed, Why: plan.Absent},
	}})
	result := round.Result{
		Tenant: id, Run: r.ID.String(), Outcome: round.Held,
		Snapshot: round.SnapshotCounts{Users: 3, Groups: 1, Memberships: 1},
		Rows:     round.RowCounts{Accepted: 2, Rejected: 1}, Changes: applied.Counts,
		Held:    &round.HeldPlan{Plan: "abc", Removals: 1},
		Started: noon, Finished: noon.Add(90 * time.Second),
	}
	require.NoError(t, storetest.FinishRun(ctx, db, r.ID, result, nil))
	r, err = db.Run(ctx, id, r.ID)
	require.NoError(t, err)
	return r
}

// putStage adds a stage with one chunk.
func putStage(t *testing.T, db *store.Store, run uuid.UUID, name string, content any) {
	t.Helper()
	_, err := db.ClaimStage(t.Context(), run, name, 1, false, time.Time{})
	require.NoError(t, err)
	data, err := wire.Encode(content)
	require.NoError(t, err)
	require.NoError(t, db.PutChunk(t.Context(), ledger.Chunk{Run: run, Stage: name, Attempt: 1, Data: data},
		ledger.Progress{Rows: 1}))
	require.NoError(t, db.SealStage(t.Context(), run, name, 1, []byte(`{}`)))
}

// looked returns a bench without Temporal, and the run of its tenant.
func newSynced(t *testing.T, id string) (*bench, round.Run) {
	t.Helper()
	b := newBench(t, nil)
	db := b.store()
	_, err := db.PutTenant(t.Context(),
		store.Tenant{ID: id, Name: "Acme Corporation", Settings: []byte(`{"id":"` + id + `"}`)})
	require.NoError(t, err)
	return b, populate(t, db, id)
}

func TestGoldenFilesOfMembers(t *testing.T) {
	t.Parallel()
	b, _ := newSynced(t, "acme")
	golden(t, "members.json", b.must("members", "acme", "-o", "json"))
	table := b.must("members", "acme")
	golden(t, "members.txt", table)
	assert.NotContains(t, table, "\x1b", "nothing in a name steers the terminal")
}

func TestAllOfManyMembersAreShown(t *testing.T) {
	t.Parallel()
	b := newBench(t, nil)
	db := b.store()
	_, err := db.PutTenant(t.Context(), store.Tenant{ID: "acme", Name: "Acme", Settings: []byte(`{"id":"acme"}`)})
	require.NoError(t, err)
	r, err := storetest.BeginRun(t.Context(), db,
		round.Run{ID: numbered(0), Tenant: "acme", Workflow: "w", Execution: "e", Started: noon})
	require.NoError(t, err)
	const many = 2*memberBatch + 1
	changes := make([]plan.Change, many)
	for i := range changes {
		m := roster.Member{ID: numbered(i + 1), Version: 1}
		m.Values[roster.Email], m.Values[roster.Status] = fmt.Sprintf("m%d@example.com", i), roster.Active
		changes[i] = plan.Change{Verb: plan.Add, Member: m.ID, After: &m, Why: plan.Appeared}
	}
	base, err := db.Claim(t.Context(), ledger.Claim{Tenant: "acme", Run: r.ID, Plan: "p", Changes: many, Batches: 1})
	require.NoError(t, err)
	_, err = db.ApplyBatch(t.Context(),
		ledger.Batch{Tenant: "acme", Run: r.ID, Base: base, At: noon, Changes: changes})
	require.NoError(t, err)
	assert.Equal(t, many, strings.Count(b.must("members", "acme", "-o", "json"), "\n"))
	assert.Equal(t, many+1, strings.Count(b.must("members", "acme"), "\n"))
}

func TestGroupsAreShown(t *testing.T) {
	t.Parallel()
	b, _ := newSynced(t, "acme")
	golden(t, "groups.json", b.must("groups", "acme", "-o", "json"))
	golden(t, "groups.txt", b.must("groups", "acme"))
}

func TestChangesAreInOrderWithValuesBeforeAndAfter(t *testing.T) {
	t.Parallel()
	b, _ := newSynced(t, "acme")
	all := b.must("changes", "acme", "-o", "json")
	golden(t, "changes.json", all)
	golden(t, "changes.txt", b.must("changes", "acme"))
	lines := strings.SplitAfter(all, "\n")
	assert.Equal(t, lines[1]+lines[2], b.must("changes", "acme", "--after", "1", "--limit", "2", "-o", "json"))
	assert.Empty(t, b.must("changes", "acme", "--after", "4", "-o", "json"))
}

func TestRunsAreListedLatestFirst(t *testing.T) {
	t.Parallel()
	b, _ := newSynced(t, "acme")
	_, err := storetest.BeginRun(t.Context(), b.store(), round.Run{
		ID: numbered(5), Tenant: "acme", Origin: round.Scheduled, Workflow: "sync-acme", Execution: "e2",
		Started: noon.Add(time.Hour),
	})
	require.NoError(t, err)
	golden(t, "runs.txt", b.must("runs", "acme"))
	golden(t, "runs.json", b.must("runs", "acme", "-o", "json"))
	assert.Equal(t, 2, strings.Count(b.must("runs", "acme", "--limit", "1"), "\n"))
}

func TestAReportShowsIssuesAppliedAndHeldChanges(t *testing.T) {
	t.Parallel()
	b, r := newSynced(t, "acme")
	var got struct {
		Tenant, By, Reason string
		Issues             []map[string]any
		Changes            []map[string]any
	}
	text := b.must("report", "acme", "-o", "json")
	require.NoError(t, json.Unmarshal([]byte(text), &got), text)
	assert.Equal(t, "acme", got.Tenant)
	assert.Equal(t, "Jo", got.By)
	assert.Equal(t, "report fixed", got.Reason)
	require.Len(t, got.Issues, 1)
	assert.Equal(t, map[string]any{
		"row": 7.0, "external_id": "E7", "email": "cy@example", "field": "email",
		"code":     string(roster.CodeEmailInvalid),
		"severity": "rejected", "detail": "not an address", "hint": "write one", "values": []any{},
	}, got.Issues[0])
	require.Len(t, got.Changes, 5)
	assert.Equal(t, "departed", got.Changes[4]["op"])
	assert.Equal(t, "removals", got.Changes[4]["part"], "held, not applied")
	assert.Nil(t, got.Changes[4]["seq"])

	assert.Equal(t, text, b.must("report", "acme", r.ID.String(), "-o", "json"), "named by its id")
	assert.Contains(t, b.must("report", "acme"), "Acme Corporation")
	assert.Contains(t, b.must("report", "acme", "-o", "csv"), "cy@example")

	status, _, errOut := b.run("report", "acme", numbered(77).String())
	assert.Equal(t, exitUsage, status)
	assert.Contains(t, errOut, "acme has no run")
	status, _, errOut = b.run("report", "acme", "latest")
	assert.Equal(t, exitUsage, status)
	assert.Contains(t, errOut, "`starter runs acme` lists the runs")
}

func TestAReportSaysWhenItsRowsWereDropped(t *testing.T) {
	t.Parallel()
	b, _ := newSynced(t, "acme")
	_, err := b.store().DropChunks(t.Context(), "acme", noon.Add(time.Hour))
	require.NoError(t, err)
	status, out, errOut := b.run("report", "acme")
	assert.Equal(t, exitDone, status)
	assert.Contains(t, out, "Acme Corporation")
	assert.Contains(t, out, "were dropped on "+time.Now().UTC().Format("2006-01-02")+" after the retention time.\n")
	assert.Contains(t, errOut, "has dropped rows and plan of this run")
}

func TestATenantWithoutASyncHasNoReport(t *testing.T) {
	t.Parallel()
	b, _ := newSynced(t, "acme")
	_, err := b.store().PutTenant(t.Context(), store.Tenant{ID: "new", Name: "New", Settings: []byte(`{"id":"new"}`)})
	require.NoError(t, err)
	status, _, errOut := b.run("report", "new")
	assert.Equal(t, exitFailed, status)
	assert.Contains(t, errOut, "no sync of new has ended yet")
}

func TestTheShellCompletesTenantsRunsAndFormats(t *testing.T) {
	t.Parallel()
	b, r := newSynced(t, "acme")
	for _, command := range []string{
		"resync", "status", "preview", "pause", "unpause", "runs", "report", "members",
		"groups", "changes",
	} {
		assert.Contains(t, b.must("__complete", command, ""), "acme\tAcme Corporation\n", command)
	}
	assert.Equal(t, ":4\n", b.must("__complete", "members", "acme", ""))
	assert.Contains(t, b.must("__complete", "report", "acme", ""), r.ID.String()+"\t2026-03-04 12:00:00 held\n")
	assert.Contains(t, b.must("__complete", "report", "acme", "-o", ""), "text\njson\ncsv\nhtml\n")
	assert.Contains(t, b.must("__complete", "runs", "acme", "-o", ""), "text\njson\n")
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		assert.Contains(t, b.must("completion", shell), "starter")
	}
}

func TestAnHTMLReportNamesPeopleAndGroups(t *testing.T) {
	t.Parallel()
	b, r := newSynced(t, "acme")
	addRun(t, b.store(), 1, round.Failed, nil)
	page := b.must("report", "acme", r.ID.String(), "-o", "html")
	assert.Contains(t, page, "<title>Acme Corporation: Held")
	assert.Contains(t, page, "ada@example.com<br>Tea")
	assert.Contains(t, page, "bo@example.com")
	assert.NotContains(t, page, "<svg", "a run before all others has no history")
	page = b.must("report", "acme", "-o", "html")
	assert.Contains(t, page, "The last 2 runs")
	assert.Contains(t, page, "not_found")
	assert.NotContains(t, page, "Rows rejected</span>", "nothing was read")
}
