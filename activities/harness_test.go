package activities_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	sdkworker "go.temporal.io/sdk/worker"
	sdkworkflow "go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workday"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/guard"
	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/workflows"
)

const acme = "acme"

// harness plays whole rounds: real workflows, real activities, a real store, and a directory made of lists.
type harness struct {
	t       *testing.T
	path    string
	kept    *store.Store
	do      *activities.Activities
	source  *source
	rules   run.Settings
	rounds  int
	tried   *run.Settings // what any request tries; nil: nothing
	opened  [][]string    // group columns with which the directory was opened
	opening sync.Mutex
	edited  bool // by hand

	during func(*testsuite.TestWorkflowEnvironment)

	origin run.Origin                               // of rounds that follow no held one; "": manual
	next   *workflows.Input                         // with which a held round goes on
	act    func(*testsuite.TestWorkflowEnvironment) // while a round holds; nil: a tick comes in
}

func open(t *testing.T) *harness {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rollcall.db")
	o := openOn(t, "sqlite://"+path)
	o.path = path
	return o
}

func openOn(t *testing.T, databaseURL string) *harness {
	t.Helper()
	kept, err := store.Open(t.Context(), databaseURL)
	require.NoError(t, err)
	var o *harness
	t.Cleanup(func() {
		if !o.edited {
			o.indexIsKept()
		}
		require.NoError(t, kept.Close())
	})
	o = &harness{t: t, kept: kept, source: &source{from: workday.Source(), page: 3}, rules: run.Settings{
		Limits: guard.DefaultLimits, Grace: 720 * time.Hour, Stall: 30 * time.Minute, Compare: 168 * time.Hour,
	}}
	_, err = kept.PutTenant(t.Context(), store.Tenant{ID: acme, Name: "Acme", Settings: []byte("{}")})
	require.NoError(t, err)
	s := kept
	o.do = &activities.Activities{
		Tenants: o, Directories: o, Runs: s, Stages: s, Members: s, Ledger: s, Decisions: s,
		Audit: s, Conditions: s, Hooks: noHooks{}, Rows: 2,
	}
	return o
}

// noHooks is the port Hooks without any hook.
type noHooks struct{}

func (noHooks) Names(context.Context, string, health.Condition) ([]string, error) { return nil, nil }

func (noHooks) Send(context.Context, string, health.Alert, string) error {
	return errors.New("there is nobody to tell")
}

// Settings implements the port Tenants.
func (o *harness) Settings(_ context.Context, _, request string) (run.Settings, error) {
	if o.tried != nil && request != "" {
		return *o.tried, nil
	}
	return o.rules, nil
}

// Retained implements the port Tenants.
func (o *harness) Retained(ctx context.Context, after string, limit int) (all []activities.Retained, err error) {
	tenants, err := o.kept.TenantsAfter(ctx, after, limit)
	for _, t := range tenants {
		retention, err := tenant.RetentionOf(t.Settings)
		require.NoError(o.t, err)
		all = append(all, activities.Retained{Tenant: t.ID, Retention: retention})
	}
	return all, err
}

// Open implements the port Directories.
func (o *harness) Open(_ context.Context, _ string, groupColumns []string) (directory.Directory, error) {
	o.opening.Lock()
	defer o.opening.Unlock()
	o.opened = append(o.opened, groupColumns)
	return o.source, nil
}

// round plays a round of the workflow.
func (o *harness) round(workflow string) (run.Result, error) {
	o.t.Helper()
	o.rounds++
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetTestTimeout(5 * time.Minute) // on a loaded machine
	env.SetWorkerOptions(sdkworker.Options{DeadlockDetectionTimeout: time.Minute})
	env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: "round-" + strconv.Itoa(o.rounds), TaskQueue: "test"})
	workflows.Register(env)
	workflows.RegisterActivities(env, o.do)
	if o.during != nil {
		o.during(env)
	}
	in := workflows.Input{Tenant: acme, Origin: run.Manual}
	if o.tried != nil {
		in.Request = "request"
	}
	if workflow == workflows.SyncName {
		if o.origin != "" {
			in.Origin = o.origin
		}
		if o.next != nil {
			in, o.next = *o.next, nil
		}
		o.watch(env)
	}
	if workflow == workflows.UndoName {
		in, o.next = *o.next, nil
		o.watch(env)
	}
	env.ExecuteWorkflow(workflow, in)
	require.True(o.t, env.IsWorkflowCompleted())
	var result run.Result
	if err := env.GetWorkflowError(); err != nil {
		var again *sdkworkflow.ContinueAsNewError
		if errors.As(err, &again) {
			o.next = new(workflows.Input)
			require.NoError(o.t, converter.GetDefaultDataConverter().FromPayloads(again.Input, o.next))
			return o.status(env).Result, nil
		}
		var failure *temporal.ApplicationError
		require.ErrorAs(o.t, err, &failure)
		require.NoError(o.t, failure.Details(&result))
		return result, err
	}
	require.NoError(o.t, env.GetWorkflowResult(&result))
	return result, nil
}

// watch acts when the round holds.
func (o *harness) watch(env *testsuite.TestWorkflowEnvironment) {
	env.RegisterDelayedCallback(func() {
		switch {
		case o.status(env).Step != workflows.Holding:
			o.watch(env)
		case o.act != nil:
			o.act(env)
		default:
			env.SignalWorkflow(workflows.ResyncSignal, workflows.Resync{Origin: run.Scheduled})
		}
	}, 15*time.Minute)
}

func (o *harness) status(env *testsuite.TestWorkflowEnvironment) (status workflows.Status) {
	o.t.Helper()
	answer, err := env.QueryWorkflow(workflows.StatusQuery)
	require.NoError(o.t, err)
	require.NoError(o.t, answer.Get(&status))
	return status
}

// sync plays a Sync that must end with an outcome.
func (o *harness) sync(want run.Outcome) run.Result {
	o.t.Helper()
	result, err := o.round(workflows.SyncName)
	require.NoError(o.t, err)
	require.Equal(o.t, want, result.Outcome, "%+v", result)
	kept, err := o.kept.Run(o.t.Context(), acme, mustID(o.t, result.Run))
	require.NoError(o.t, err)
	require.Equal(o.t, want, kept.Result.Outcome)
	return result
}

// fails plays a Sync that must fail with a kind and be recorded as failed.
func (o *harness) fails(kind fault.Kind) run.Result {
	o.t.Helper()
	result, err := o.round(workflows.SyncName)
	require.Error(o.t, err)
	require.Equal(o.t, string(kind), result.Error.Kind, "%+v", result.Error)
	kept, err := o.kept.Run(o.t.Context(), acme, mustID(o.t, result.Run))
	require.NoError(o.t, err)
	require.Equal(o.t, result.Error, kept.Result.Error)
	require.Equal(o.t, run.Failed, kept.Result.Outcome)
	return result
}

// members returns the stored members, by email.
func (o *harness) members() map[string]roster.Member {
	o.t.Helper()
	found := map[string]roster.Member{}
	for member, err := range o.kept.Members(o.t.Context(), acme) {
		require.NoError(o.t, err)
		found[member.Values[roster.Email]] = member
	}
	return found
}

// audit returns the feed of changes.
func (o *harness) audit() []ledger.AuditRow {
	o.t.Helper()
	var changes []ledger.AuditRow
	for change, err := range o.kept.Changes(o.t.Context(), acme, 0, 0) {
		require.NoError(o.t, err)
		changes = append(changes, change)
	}
	return changes
}

// issues returns the issues of a run, as a report lists them.
func (o *harness) issues(result run.Result) []roster.Issue {
	o.t.Helper()
	kept, err := o.kept.Run(o.t.Context(), acme, mustID(o.t, result.Run))
	require.NoError(o.t, err)
	var issues []roster.Issue
	for issue, err := range stage.NewRun(o.kept, kept).Issues(o.t.Context()) {
		require.NoError(o.t, err)
		issues = append(issues, issue)
	}
	return issues
}

// person is a row of the directory.
type person map[string]any

// people returns n persons with all required fields.
func people(n int) []person {
	var all []person
	for i := range n {
		all = append(all, worker(i))
	}
	return all
}

func worker(i int) person {
	return person{
		"Employee_ID": fmt.Sprint(1000 + i), "First_Name": fmt.Sprintf("First%d", i), "Last_Name": fmt.Sprintf("Last%d",
			i),
		"Work_Email": email(i), "Management_Level": "Manager", "City": "Toronto",
	}
}

func email(i int) string { return fmt.Sprintf("person%d@acme.example", i) }

// source is a directory made of lists. It can resume from a cursor if it is like WorkOS's.
type source struct {
	from        roster.Source
	page        int // rows a page
	users       []person
	groups      []directory.Group
	memberships []directory.Membership

	refuse func(page int) error // before a page is handed over
	short  bool                 // ends without having reached the end
	froms  []directory.Cursor   // where reads of users began
}

func (s *source) resumes() bool { return s.from.ListsMembers() }

// cut makes the page of that number fail so many times. It counts the failures.
func (s *source) cut(number, times int) (refused *int) {
	refused = new(int)
	s.refuse = func(page int) error {
		if page != number || *refused == times {
			return nil
		}
		*refused++
		return errCut
	}
	return refused
}

// Source implements directory.Directory.
func (s *source) Source() roster.Source { return s.from }

// Users implements directory.Directory.
func (s *source) Users(
	ctx context.Context, from directory.Cursor, first int, keep func(directory.Page) error,
) (directory.Sealed, error) {
	s.froms = append(s.froms, from)
	next := 0
	if s.resumes() && from != "" {
		next, _ = strconv.Atoi(string(from))
		if first != next+1 {
			return directory.Sealed{}, errors.New("the first row's number doesn't follow")
		}
	}
	for number := 0; next < len(s.users); number++ {
		if err := ctx.Err(); err != nil {
			return directory.Sealed{}, err
		}
		if s.refuse != nil {
			if err := s.refuse(next / s.page); err != nil {
				return directory.Sealed{}, err
			}
		}
		page := directory.Page{First: next + 1}
		for _, row := range s.users[next:min(next+s.page, len(s.users))] {
			raw, err := json.Marshal(row)
			if err != nil {
				return directory.Sealed{}, err
			}
			page.Rows = append(page.Rows, raw)
		}
		next += len(page.Rows)
		if s.resumes() && next < len(s.users) {
			page.Next = directory.Cursor(strconv.Itoa(next))
		}
		if err := keep(page); err != nil {
			return directory.Sealed{}, fmt.Errorf("keep: %w", err)
		}
		for i := range page.Rows {
			page.Rows[i] = nil
		}
	}
	if s.short {
		return directory.Sealed{}, nil
	}
	return directory.Seal(len(s.users)), nil
}

// Groups implements directory.Directory. It reads the memberships of each group with the group.
func (s *source) Groups(
	_ context.Context, from directory.Cursor, _ int, keep func(directory.Page) error,
) (directory.Sealed, error) {
	next := 0
	if s.resumes() && from != "" {
		next, _ = strconv.Atoi(string(from))
	}
	for ; next < len(s.groups); next++ {
		page := directory.Page{First: next + 1, Groups: s.groups[next : next+1]}
		for _, m := range s.memberships {
			if m.Group == s.groups[next].Key {
				page.Memberships = append(page.Memberships, m)
			}
		}
		if s.resumes() && next+1 < len(s.groups) {
			page.Next = directory.Cursor(strconv.Itoa(next + 1))
		}
		if err := keep(page); err != nil {
			return directory.Sealed{}, fmt.Errorf("keep: %w", err)
		}
	}
	return directory.Seal(len(s.groups)), nil
}

// namedGroups returns groups with these names, as in a Workday report.
func namedGroups(names ...string) []directory.Group {
	var groups []directory.Group
	for i, name := range names {
		groups = append(groups, directory.Group{Row: i + 1, Name: name})
	}
	return groups
}

// without drops one person.
func without(all []person, i int) []person { return slices.Delete(slices.Clone(all), i, i+1) }

// with changes one field of one person.
func with(all []person, i int, field string, value any) []person {
	changed := slices.Clone(all)
	row := person{}
	for name, old := range all[i] {
		row[name] = old
	}
	row[field] = value
	changed[i] = row
	return changed
}

// indexIsKept requires that the stored index agrees with the members.
func (o *harness) indexIsKept() {
	o.t.Helper()
	ctx := context.WithoutCancel(o.t.Context())
	read := func(fromMembers bool) (entries map[uuid.UUID]roster.Entry, known map[uuid.UUID]roster.KnownRow) {
		entries, known = map[uuid.UUID]roster.Entry{}, map[uuid.UUID]roster.KnownRow{}
		for entry, err := range o.kept.Index(ctx, acme, time.Now(), fromMembers) {
			require.NoError(o.t, err)
			entries[entry.Member] = entry
		}
		for row, err := range o.kept.KnownRows(ctx, acme, fromMembers) {
			require.NoError(o.t, err)
			known[row.Member] = row
		}
		return entries, known
	}
	keptEntries, keptRows := read(false)
	entries, rows := read(true)
	require.Equal(o.t, entries, keptEntries)
	require.Equal(o.t, rows, keptRows)
}

// edit changes the database without the store.
func (o *harness) edit(statement string) {
	o.t.Helper()
	db, err := sql.Open("sqlite", o.path)
	require.NoError(o.t, err)
	defer db.Close()
	o.edited = true
	done, err := db.ExecContext(o.t.Context(), statement)
	require.NoError(o.t, err)
	rows, err := done.RowsAffected()
	require.NoError(o.t, err)
	require.Positive(o.t, rows)
}
