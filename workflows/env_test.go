package workflows_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

var (
	started  = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	finished = started.Add(time.Minute)
	runID    = uuid.MustParse("01a20928-b9b0-74e5-8a9c-4baad448e3cd")
	round    = run.Round{Tenant: "acme", Run: runID, Started: started, Generation: 7, Stall: 30 * time.Minute}
	manual   = workflows.Input{Tenant: "acme", Origin: run.Manual, Request: "r1"}
)

// stepDeadline is how long something may take that takes a moment on an idle machine.
const stepDeadline = 5 * time.Minute

// env is a workflow test with the activities mocked.
type env struct {
	*testsuite.TestWorkflowEnvironment
	t  *testing.T
	do *activities.Activities

	round  run.Round
	read   activities.Read // what was fetched
	shared bool
	lanes  int
	plan   activities.Plan
	guard  activities.GuardResult
	valid  activities.ValidateResult
	result run.Result // as Finish is to get it; Outcome and counts are filled in by the test
}

func newEnv(t *testing.T) *env {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	h := &env{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), t: t, round: round}
	h.SetStartTime(started)
	h.SetTestTimeout(stepDeadline)
	workflows.Register(h.TestWorkflowEnvironment)
	workflows.RegisterActivities(h.TestWorkflowEnvironment, h.do)
	h.valid = activities.ValidateResult{
		Snapshot: run.SnapshotCounts{Users: 500, Groups: 9, Memberships: 700}, Rows: run.RowCounts{
			Accepted: 498,
			Rejected: 2, Warnings: 3,
		}, Issues: 5,
	}
	h.plan = activities.Plan{
		Additions: activities.Part{Batches: 2, Changes: 1200, Counts: run.ChangeCounts{Added: 1200}, ID: "aa"},
		Removals:  activities.Part{Batches: 1, Changes: 5, Counts: run.ChangeCounts{Departed: 5}, ID: "bb"},
		Leaving:   5,
	}
	h.guard = activities.GuardResult{Release: true, Limit: 25}
	h.result = run.Result{
		Tenant: "acme", Run: runID.String(), Started: started, Snapshot: h.valid.Snapshot, Rows: h.valid.Rows,
	}
	return h
}

func (h *env) begin(in workflows.Input, preview bool) *testsuite.MockCallWrapper {
	h.round.Preview = preview
	begin := activities.BeginInput{
		Tenant: in.Tenant, Origin: in.Origin, Request: in.Request, Preview: preview,
		IgnoreWithheld: in.Origin == run.Manual && in.Hold == nil && !preview,
	}
	if in.Hold != nil && in.Hold.Approved {
		begin.Approved = &run.Approved{Plan: in.Hold.Plan, Run: in.Hold.Run}
	}
	return h.OnActivity(h.do.Begin, mock.Anything, begin).Return(activities.BeginResult{
		Round:  h.round,
		Shared: h.shared,
		Lanes:  h.lanes,
	}, nil).Once()
}

// admit expects a tick to ask whether it may sync.
func (h *env) admit(may bool) *testsuite.MockCallWrapper {
	answer := activities.AdmitResult{Admitted: may}
	if !may {
		answer.Since, answer.Next = started, started.Add(24*time.Hour)
	}
	return h.OnActivity(h.do.Admit, mock.Anything, activities.AdmitInput{Tenant: "acme"}).Return(answer, nil).Once()
}

func (h *env) users() activities.FetchUsersResult {
	return activities.FetchUsersResult{Stage: "users", Users: 500, Staged: 500, Digest: "d1"}
}

func (h *env) groups() activities.FetchGroupsResult {
	return activities.FetchGroupsResult{Groups: 9, Memberships: 700, Digest: "d2"}
}

func (h *env) fetch() {
	h.read = activities.Read{Users: h.users(), Groups: h.groups()}
	h.OnActivity(h.do.FetchUsers, mock.Anything, activities.FetchInput{Round: h.round}).Return(h.users(), nil).Once()
	h.OnActivity(h.do.FetchGroups, mock.Anything, activities.FetchInput{Round: h.round}).Return(h.groups(), nil).Once()
}

func (h *env) validate() *testsuite.MockCallWrapper {
	return h.OnActivity(h.do.Validate, mock.Anything, activities.ValidateInput{
		Round: h.round,
		Read:  h.read,
	}).Return(h.valid, nil).Once()
}

func (h *env) diff() *testsuite.MockCallWrapper {
	return h.OnActivity(h.do.Diff, mock.Anything, activities.DiffInput{Round: h.round, Split: true}).Return(activities.DiffResult{Plan: h.plan}, nil).Once()
}

func (h *env) runGuard() *testsuite.MockCallWrapper {
	return h.OnActivity(h.do.Guard, mock.Anything, activities.GuardInput{Round: h.round, Plan: h.plan}).Return(h.guard,
		nil).Once()
}

// apply expects one batch of a part to be applied.
func (h *env) apply(in activities.ApplyInput, counts run.ChangeCounts) *testsuite.MockCallWrapper {
	in.Round = h.round
	return h.OnActivity(h.do.Apply, mock.Anything, in).Return(activities.ApplyResult{Counts: counts}, nil).Once()
}

// finish expects result to be recorded, and answers with it finished.
func (h *env) finish(result run.Result) *testsuite.MockCallWrapper {
	recorded := result
	recorded.Finished = finished
	return h.OnActivity(h.do.Finish, mock.Anything, activities.FinishInput{
		Round: h.round, Result: result, Read: h.read,
		SameAs: h.valid.Same,
	}).
		Return(activities.FinishResult{Result: recorded}, nil).Once()
}

// untilUnchanged expects a round that ends after Validate.
func (h *env) untilUnchanged(in workflows.Input) {
	h.begin(in, false)
	h.fetch()
	h.valid.Unchanged, h.valid.Same = true, uuid.MustParse("01a20928-b9b0-74e5-8a9c-4baad448e3aa")
	h.validate()
	h.result.Outcome = run.Unchanged
	h.finish(h.result)
}

func (h *env) ended() run.Result {
	h.t.Helper()
	require.True(h.t, h.IsWorkflowCompleted())
	require.NoError(h.t, h.GetWorkflowError())
	var result run.Result
	require.NoError(h.t, h.GetWorkflowResult(&result))
	h.AssertExpectations(h.t)
	return result
}

// failed is the failure that the workflow ended with, and the result in it.
func (h *env) failed() (*temporal.ApplicationError, run.Result) {
	h.t.Helper()
	require.True(h.t, h.IsWorkflowCompleted())
	var failure *temporal.ApplicationError
	require.ErrorAs(h.t, h.GetWorkflowError(), &failure)
	var result run.Result
	require.NoError(h.t, failure.Details(&result))
	h.AssertExpectations(h.t)
	return failure, result
}

// refused is what an activity answers with a fault that no other try can help.
func refused(kind, detail, hint string) error {
	return temporal.NewApplicationErrorWithOptions(detail, kind, temporal.ApplicationErrorOptions{
		NonRetryable: true, Details: []any{hint},
	})
}

func (h *env) status() workflows.Status {
	h.t.Helper()
	value, err := h.QueryWorkflow(workflows.StatusQuery)
	require.NoError(h.t, err)
	var status workflows.Status
	require.NoError(h.t, value.Get(&status))
	return status
}

// starting calls look as each activity starts, where the workflow stands still: an activity runs beside it, and other
// ones, and would look while it moves.
func (h *env) starting(look func(activity string)) {
	h.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
		look(info.ActivityType.Name)
	})
}
