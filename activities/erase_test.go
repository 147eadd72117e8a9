package activities_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/store/storetest"
	"github.com/rollcall/rollcall/internal/wire"
	"github.com/rollcall/rollcall/workflows"
)

// forgetting returns a harness that keeps erased people out.
func forgetting(t *testing.T) *harness {
	t.Helper()
	o := open(t)
	s := o.kept
	o.do.Erasures, o.do.Retention = s, s
	return o
}

// marked is a person whose every value says so.
func marked() person {
	return person{
		"Employee_ID": "mark-id", "First_Name": "MarkFirst", "Last_Name": "MarkLast", "Work_Email": "Mark@mark.example",
		"Management_Level": "MarkLevel", "City": "MarkCity", "Manager_Email": email(0), "Groups": []string{"Sales"},
	}
}

// asked requests the erasure of the person with that email.
func (o *harness) asked(email string) uuid.UUID {
	o.t.Helper()
	m, known := o.members()[email]
	subject := erasure.Subject{Emails: []string{email}}
	if known {
		subject.Members = []uuid.UUID{m.ID}
		subject.Externals = []erasure.External{{Kind: m.ExternalKind, ID: m.ExternalID}}
	}
	id := uuid.Must(uuid.NewV7())
	require.NoError(o.t, o.kept.PutErasure(o.t.Context(), ledger.Erasure{
		Tenant: acme, ID: id, Subject: &subject,
		At: time.Now(),
	}))
	return id
}

// environment is for a workflow that isn't a round.
func (o *harness) environment(id string) *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetTestTimeout(5 * time.Minute) // on a loaded machine
	env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: id, TaskQueue: "test"})
	workflows.Register(env)
	workflows.RegisterActivities(env, o.do)
	return env
}

// erase plays an erasure.
func (o *harness) erase(request uuid.UUID) (result workflows.EraseResult) {
	o.t.Helper()
	env := o.environment(workflows.EraseID(acme, request))
	env.OnSignalExternalWorkflow(mock.Anything, workflows.SyncID(acme), "", workflows.ResyncSignal,
		workflows.Resync{Origin: run.Scheduled}).
		Return(nil).Once()
	env.ExecuteWorkflow(workflows.EraseName, workflows.EraseInput{Tenant: acme, Request: request})
	require.NoError(o.t, env.GetWorkflowError())
	require.NoError(o.t, env.GetWorkflowResult(&result))
	env.AssertExpectations(o.t)
	return result
}

// places are where the database has a text, chunks unpacked; the case of letters doesn't matter.
func (o *harness) places(text string) (found []string) {
	o.t.Helper()
	text = strings.ToLower(text)
	for table, rows := range o.content() {
		for _, row := range rows {
			if strings.Contains(strings.ToLower(row), text) {
				found = append(found, table)
			}
		}
	}
	chunks := 0
	for c, err := range o.kept.ChunksAfter(o.t.Context(), acme, ledger.ChunkKey{}) {
		require.NoError(o.t, err)
		plain, err := wire.Content(c.Data)
		require.NoError(o.t, err)
		if strings.Contains(strings.ToLower(string(plain)), text) {
			found = append(found, fmt.Sprintf("chunk %d of %s", c.Number, c.Stage))
		}
		chunks++
	}
	require.Positive(o.t, chunks)
	return found
}

// history gives a tenant the data of some days. The marked person was added and changed, was a manager, had issues,
// and is in a preview and in a held plan.
func (o *harness) history(page int) {
	o.t.Helper()
	o.source.page = page
	o.source.groups = namedGroups("Sales")
	all := append(people(15), marked())
	all = with(all, 3, "Manager_Email", "MARK@mark.example")
	all = with(all, 4, "Manager_Email", "mark@mark.example")
	o.source.users = with(all, 15, "People_Manager", "MarkPerhaps")
	o.sync(run.Applied)
	_, err := o.round(workflows.PreviewName)
	require.NoError(o.t, err)
	o.source.users = with(all, 15, "City", "MarkCity2")
	o.sync(run.Applied)
	o.source.users = with(o.source.users, 15, "Last_Name", "")
	o.sync(run.Unchanged)
	o.source.users = with(all[3:], 1, "City", "Paris")
	o.source.users = o.source.users[:3]
	held, err := o.round(workflows.SyncName)
	require.NoError(o.t, err)
	require.Equal(o.t, run.Held, held.Outcome)
	require.NotEmpty(o.t, o.places("mark"))
	o.source.users = with(all, 15, "City", "MarkCity3")
}

func TestNothingIsLeftOfAnErasedPersonAndTheyStayOut(t *testing.T) {
	t.Parallel()
	o := forgetting(t)
	o.history(3)
	o.next = nil
	boss := o.members()["mark@mark.example"]
	require.NotEqual(t, uuid.Nil, boss.ID)
	before := o.audit()
	request := o.asked("mark@mark.example")
	result := o.erase(request)
	require.Equal(t, ledger.Erased{Members: 1, Memberships: 1, Managers: 2}, result.Erased)
	require.Positive(t, result.Chunks)
	require.Empty(t, o.places("mark"))

	changes := o.audit()
	require.Greater(t, len(changes), len(before), "who follows the audit learns of it")
	require.Greater(t, changes[len(before)].Seq, before[len(before)-1].Seq)
	require.Len(t, o.members(), 15)

	next := o.sync(run.Applied)
	require.Zero(t, next.Changes.Departed, "%+v", next.Changes)
	require.Zero(t, next.Changes.Added)
	require.Equal(t, 16, next.Snapshot.Users)
	require.Equal(t, run.RowCounts{Accepted: 15, Rejected: 1, Warnings: 2}, next.Rows)
	var codes []string
	for _, issue := range o.issues(next) {
		if issue.Code == roster.CodeErased {
			require.Equal(t, roster.CodeErased.Issue(roster.Identity{Row: 16}, roster.NoField), issue)
		}
		codes = append(codes, string(issue.Code)+" "+issue.Field)
	}
	require.Contains(t, codes, "erased ")
	require.Contains(t, codes, "manager_erased manager_email")
	require.Empty(t, o.places("mark"))
	again := o.sync(run.Unchanged)
	require.Equal(t, next.Rows, again.Rows, "known rows keep their warning")
	require.Len(t, o.issues(again), len(o.issues(next)))
	require.Empty(t, o.places("mark"))

	full := *o.do
	full.Now = func() time.Time { return time.Now().Add(200 * time.Hour) } // every row is compared
	o.do = &full
	require.Equal(t, next.Rows, o.sync(run.Unchanged).Rows)
	require.Empty(t, o.places("mark"))

	lifted, err := o.kept.LiftErasures(t.Context(), acme, []uuid.UUID{request})
	require.NoError(t, err)
	require.Equal(t, 1, lifted)
	back := o.sync(run.Applied)
	require.Equal(t, 1, back.Changes.Added)
	require.Equal(t, 2, back.Changes.Updated, "their manager is back too")
	require.NotEqual(t, boss.ID, o.members()["mark@mark.example"].ID, "somebody new")
	require.Equal(t, "mark@mark.example", o.members()[email(3)].Values[roster.ManagerEmail])
}

func TestAnErasureTwiceOrAfterItsEndDoesNothingMore(t *testing.T) {
	t.Parallel()
	o := forgetting(t)
	o.history(3)
	o.next = nil
	request := o.asked("mark@mark.example")
	first := o.erase(request)
	content := o.content()
	again := o.erase(request)
	require.Equal(t, first.Erased, again.Erased)
	require.Zero(t, again.Chunks)
	require.Equal(t, content, o.content())
}

func TestAnErasureKilledAtAnyStepIsCompleted(t *testing.T) {
	t.Parallel()
	for _, last := range []string{workflows.EraseMemberName, workflows.EraseValuesName, workflows.EraseChunksName} {
		t.Run("after "+last, func(t *testing.T) {
			t.Parallel()
			o := forgetting(t)
			o.history(3)
			o.next = nil
			request := o.asked("mark@mark.example")
			env := o.environment("killed")
			env.OnSignalExternalWorkflow(mock.Anything, mock.Anything, mock.Anything, mock.Anything,
				mock.Anything).Return(nil)
			env.SetOnActivityCompletedListener(func(info *activity.Info, _ converter.EncodedValue, _ error) {
				if info.ActivityType.Name == last {
					env.CancelWorkflow()
				}
			})
			env.ExecuteWorkflow(workflows.EraseName, workflows.EraseInput{Tenant: acme, Request: request})
			require.Error(t, env.GetWorkflowError())
			o.erase(request)
			require.Empty(t, o.places("mark"))
			require.Len(t, o.members(), 15)
		})
	}
}

func TestASyncUnderWayDoesNotRestoreAnErasedPerson(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"FetchUsers", "Validate", "Diff", "Guard", "Apply", "Finish"} {
		t.Run("erased as "+step+" begins", func(t *testing.T) {
			t.Parallel()
			o := forgetting(t)
			o.source.groups = namedGroups("Sales")
			o.source.users = append(people(6), marked())
			o.sync(run.Applied)
			o.source.users = with(o.source.users, 6, "City", "MarkOther")
			o.source.users = append(with(o.source.users, 2, "City", "Paris"), worker(20))
			request := o.asked("mark@mark.example")
			done := false
			o.during = func(env *testsuite.TestWorkflowEnvironment) {
				env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context,
					_ converter.EncodedValues,
				) {
					if info.ActivityType.Name != step || done {
						return
					}
					done = true
					s := o.kept
					asked, err := s.Erasure(t.Context(), acme, request)
					require.NoError(t, err)
					require.NoError(t, s.KeepOut(t.Context(), asked))
					_, err = s.Erase(t.Context(), acme, request, time.Now())
					require.NoError(t, err)
				})
			}
			_, err := o.round(workflows.SyncName)
			require.True(t, done)
			if step != "Finish" {
				require.Error(t, err)
			}
			state, err := o.kept.State(t.Context(), acme)
			require.NoError(t, err)
			require.Empty(t, state.Digest, "a run that began before doesn't settle the tenant")
			o.during = nil
			o.erase(request)
			require.Empty(t, o.places("mark"))
			result, err := o.round(workflows.SyncName)
			require.NoError(t, err)
			require.Contains(t, []run.Outcome{run.Applied, run.Unchanged}, result.Outcome)
			require.Empty(t, o.places("mark"))
			require.Len(t, o.members(), 7)
			require.Equal(t, "Paris", o.members()[email(2)].Values[roster.City])
		})
	}
}

func TestErasedPeopleInWorkOSGroupsStayOut(t *testing.T) {
	t.Parallel()
	o := forgetting(t)
	o.source.from = workos.Source()
	user := func(i int, id, mail string) person {
		return person{
			"idp_id": id, "first_name": fmt.Sprint("F", i), "last_name": "L", "email": mail,
			"management_level": "Manager",
		}
	}
	o.source.users = []person{
		user(1, "a", "a@acme.example"), user(2, "mark-id", "mark@mark.example"),
		user(3, "c", "c@acme.example"),
	}
	o.source.groups = []directory.Group{{Row: 1, Key: "g", Name: "Sales"}}
	o.source.memberships = []directory.Membership{
		{Group: "g", User: "a"},
		{Group: "g", User: "mark-id"},
		{Group: "g", User: "c"},
	}
	o.sync(run.Applied)
	require.NotEmpty(t, o.places("mark"))
	o.erase(o.asked("mark@mark.example"))
	require.Empty(t, o.places("mark"))
	next := o.sync(run.Unchanged)
	require.Equal(t, 3, next.Snapshot.Memberships)
	require.Equal(t, 1, next.Rows.Rejected)
	for _, issue := range o.issues(next) {
		require.NotEqual(t, roster.CodeUnknownMember, issue.Code)
	}
	require.Empty(t, o.places("mark"))
	require.Equal(t, run.Unchanged, o.sync(run.Unchanged).Outcome)
}

func TestAnotherExternalIDIsAnotherPerson(t *testing.T) {
	t.Parallel()
	o := forgetting(t)
	o.source.users = append(people(3), marked())
	o.sync(run.Applied)
	o.erase(o.asked("mark@mark.example"))
	o.source.users = append(people(3), worker(9))
	o.source.users[3]["Work_Email"] = "mark@mark.example" // the address was given to somebody new
	result := o.sync(run.Applied)
	require.Equal(t, 1, result.Changes.Added)
	require.Zero(t, result.Rows.Rejected)
}

func TestAnErasedPersonIsRecognisedByANewEmail(t *testing.T) {
	t.Parallel()
	o := forgetting(t)
	o.source.users = append(people(3), marked())
	o.sync(run.Applied)
	o.erase(o.asked("mark@mark.example"))
	o.source.users = append(people(3), marked())
	o.source.users[3]["Work_Email"] = "mark2@mark.example"
	require.Equal(t, 1, o.sync(run.Unchanged).Rows.Rejected)
	for i := range o.source.users { // the report has no ids any more, and names them as a manager
		delete(o.source.users[i], "Employee_ID")
	}
	o.source.users[1]["Manager_Email"] = "mark2@mark.example"
	result := o.sync(run.Unchanged)
	require.Equal(t, run.RowCounts{Accepted: 3, Rejected: 1, Warnings: 1}, result.Rows)
	require.Empty(t, o.places("mark2"))
	require.Empty(t, o.places("MarkFirst"))
}

func TestAnErasureWaitsForARoundForALimitedTime(t *testing.T) {
	t.Parallel()
	o := forgetting(t)
	o.source.users = append(people(3), marked())
	o.sync(run.Applied)
	request := o.asked("mark@mark.example")
	_, err := storetest.BeginRun(t.Context(), o.kept, run.Run{
		ID: uuid.Must(uuid.NewV7()), Tenant: acme, Workflow: "w",
		Execution: "e", Started: time.Now(),
	})
	require.NoError(t, err)
	env := o.environment("waits")
	env.OnSignalExternalWorkflow(mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything).Return(nil)
	asked, began := 0, env.Now()
	env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		if info.ActivityType.Name == workflows.EraseMemberName {
			asked++
		}
	})
	env.ExecuteWorkflow(workflows.EraseName, workflows.EraseInput{Tenant: acme, Request: request})
	require.NoError(t, env.GetWorkflowError())
	require.Equal(t, 61, asked)
	require.GreaterOrEqual(t, env.Now().Sub(began), 10*time.Minute)
	require.Empty(t, o.places("mark"))
}

func TestRetentionDropsOldDataOfEveryTenant(t *testing.T) {
	t.Parallel()
	o := forgetting(t)
	o.source.users = with(people(4), 0, "People_Manager", "perhaps")
	first := o.sync(run.Applied)
	require.NotEmpty(t, o.issues(first))
	for _, id := range []string{"aaa", "gone", "zzz"} {
		_, err := o.kept.PutTenant(t.Context(), store.Tenant{ID: id, Settings: []byte(`{"retention":"24h"}`)})
		require.NoError(t, err)
	}
	require.NoError(t, o.kept.DropTenant(t.Context(), "gone"))
	drop := func(after time.Duration) (dropped ledger.Dropped) {
		o.do.Now = func() time.Time { return time.Now().Add(after) }
		env := o.environment(workflows.RetentionID("test"))
		env.ExecuteWorkflow(workflows.RetentionName, workflows.RetentionInput{})
		require.NoError(t, env.GetWorkflowError())
		require.NoError(t, env.GetWorkflowResult(&dropped))
		return dropped
	}
	members := o.members()
	require.Equal(t, ledger.Dropped{Tenants: 4}, drop(719*time.Hour))
	dropped := drop(721 * time.Hour)
	require.Positive(t, dropped.Chunks)
	dropped.Chunks = 0
	require.Equal(t, ledger.Dropped{Tenants: 4, Runs: 1, Values: 4}, dropped)
	require.Equal(t, ledger.Dropped{Tenants: 4}, drop(721*time.Hour))
	require.Equal(t, members, o.members())
	for _, err := range o.kept.Chunks(t.Context(), mustID(t, first.Run), "issues", 0, 1) {
		require.ErrorIs(t, err, ledger.ErrNotFound)
	}
	o.do.Now = nil
	o.sync(run.Unchanged)
}
