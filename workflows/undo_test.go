package workflows_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

var badRun = uuid.MustParse("01a20927-0000-74e5-8a9c-4baad448e3cd")

func undoing() workflows.Input {
	return workflows.Input{Tenant: "acme", Origin: run.Undo, Request: "u1", Undoes: badRun}
}

// approvedUndo is the undo as it goes on once somebody has approved it.
func approvedUndo() workflows.Input {
	in := undoing()
	in.Request = "a1"
	in.Hold = &workflows.Hold{
		Plan: "uu", Removals: 5, Changes: 1205, Undoes: badRun, Run: carried().Run, Since: carried().Since,
		Until:    carried().Until,
		Approved: true, Request: "a1",
	}
	return in
}

// reverses expects a round that takes badRun back, up to its plan.
func (h *env) reverses(in workflows.Input, answer activities.ReverseResult) {
	h.round.Undoes = badRun
	begin := activities.BeginInput{Tenant: "acme", Origin: run.Undo, Request: in.Request, Undoes: badRun}
	if in.Hold != nil {
		begin.Approved = &run.Approved{Plan: in.Hold.Plan, Run: in.Hold.Run}
		h.round.Approved = begin.Approved
	}
	h.OnActivity(h.do.Begin, mock.Anything, begin).Return(activities.BeginResult{Round: h.round}, nil).Once()
	h.OnActivity(h.do.Reverse, mock.Anything, activities.ReverseInput{Round: h.round}).Return(answer, nil).Once()
	h.result.Snapshot, h.result.Rows = run.SnapshotCounts{}, run.RowCounts{}
	h.result.Undoes = &run.Undoing{Run: badRun.String(), Skipped: answer.Skipped}
}

// holdsUndo expects an undo that is held.
func (h *env) holdsUndo() {
	h.plan.HeldWhole = "uu"
	held := &run.HeldPlan{Plan: "uu", Removals: 5, Changes: 1205, Undo: true}
	h.reverses(undoing(), activities.ReverseResult{Plan: h.plan, Held: held, Skipped: 3})
	h.result.Outcome, h.result.Held = run.Held, held
	h.finish(h.result)
}

func TestAnUndoAppliesNothingBeforeItsApproval(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.holdsUndo()
	var got *answer
	h.after(time.Hour, func() {
		status := h.status()
		require.Equal(t, workflows.Holding, status.Step)
		require.Equal(t, badRun, status.Hold.Undoes)
		require.Equal(t, 1205, status.Hold.Changes)
		require.WithinDuration(t, started.Add(holdTime), status.Hold.Until, time.Minute)
		got = h.decide(workflows.ApproveUpdate, workflows.Decision{Plan: "uu", Request: "a1"})
	})
	h.ExecuteWorkflow(workflows.UndoName, undoing())
	in := h.continuesAs(workflows.UndoName)
	require.Equal(t, run.HeldPlan{Plan: "uu", Removals: 5, Changes: 1205, Undo: true}, got.plan)
	require.Equal(t, badRun, in.Undoes)
	require.Equal(t, run.Undo, in.Origin)
	require.Equal(t, "a1", in.Request)
	require.True(t, in.Hold.Approved)
	require.Equal(t, runID, in.Hold.Run)
}

func TestAnApprovedUndoIsAppliedCompletely(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	in := approvedUndo()
	h.plan.Approved, h.plan.LeftOut = 1204, 1
	h.reverses(in, activities.ReverseResult{Plan: h.plan, Skipped: 4})
	whole := activities.ApplyInput{Part: plan.PartAdditions, Changes: 1205, Batches: 3}
	one, two, removals := whole, whole, whole
	one.To = 1
	two.From, two.To = 1, 2
	removals.Part, removals.To, removals.Number, removals.Offset = plan.PartRemovals, 1, 2, 1200
	h.apply(one, run.ChangeCounts{Updated: 1000})
	h.apply(two, run.ChangeCounts{Returned: 200})
	h.apply(removals, run.ChangeCounts{Departed: 5})
	h.result.Outcome, h.result.Changes = run.Applied, run.ChangeCounts{Updated: 1000, Returned: 200, Departed: 5}
	h.result.Approved = &run.ApprovedPlan{Plan: "uu", Removals: 1204, LeftOut: 1}
	h.finish(h.result)
	h.ExecuteWorkflow(workflows.UndoName, in)
	require.Equal(t, run.Applied, h.ended().Outcome)
	require.Nil(t, h.status().Hold)
}

func TestARejectedOrExpiredUndoAppliesNothing(t *testing.T) {
	t.Parallel()
	t.Run("rejected", func(t *testing.T) {
		t.Parallel()
		h := newEnv(t)
		h.holdsUndo()
		h.conclude(activities.ConcludeInput{Plan: "uu", Outcome: run.Rejected, Request: "x1", Undoes: badRun})
		h.after(time.Hour, func() { h.decide(workflows.RejectUpdate, workflows.Decision{Plan: "uu", Request: "x1"}) })
		h.ExecuteWorkflow(workflows.UndoName, undoing())
		require.Equal(t, run.Rejected, h.ended().Outcome)
	})
	t.Run("expired", func(t *testing.T) {
		t.Parallel()
		h := newEnv(t)
		h.round.Hold = 2 * time.Hour
		h.holdsUndo()
		h.conclude(activities.ConcludeInput{Plan: "uu", Outcome: run.Expired, Undoes: badRun})
		h.after(65*time.Minute, func() { require.True(t, h.status().Hold.Reminded) })
		h.ExecuteWorkflow(workflows.UndoName, undoing())
		require.Equal(t, run.Expired, h.ended().Outcome)
		require.WithinDuration(t, started.Add(2*time.Hour), h.Now(), time.Minute)
	})
}

func TestAResyncDropsAHeldUndoAndSyncsAtOnce(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.holdsUndo()
	h.conclude(activities.ConcludeInput{
		Plan: "uu", Outcome: run.Rejected, Request: "r2", Undoes: badRun,
		Replaced: true,
	})
	h.after(time.Hour, func() {
		h.SignalWorkflow(workflows.ResyncSignal, workflows.Resync{Origin: run.Manual, Request: "r2"})
	})
	h.ExecuteWorkflow(workflows.UndoName, undoing())
	require.Equal(t, workflows.Input{Tenant: "acme", Origin: run.Manual, Request: "r2"}, h.nextInput())
	require.WithinDuration(t, started.Add(time.Hour), h.Now(), time.Minute)
}

func TestATickIgnoresAHeldUndo(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.holdsUndo()
	h.conclude(activities.ConcludeInput{Plan: "uu", Outcome: run.Expired, Undoes: badRun})
	h.after(15*time.Minute, func() {
		h.SignalWorkflow(workflows.ResyncSignal,
			workflows.Resync{Origin: run.Scheduled})
	})
	h.after(30*time.Minute, func() { require.Equal(t, "uu", h.status().Hold.Plan) })
	h.ExecuteWorkflow(workflows.UndoName, undoing())
	require.Equal(t, run.Expired, h.ended().Outcome)
	require.WithinDuration(t, started.Add(holdTime), h.Now(), time.Minute)
}

func TestAResyncDuringAnApprovedUndoHasItsSyncAfterwards(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	in := approvedUndo()
	in.Next = &workflows.Resync{Origin: run.Manual, Request: "r2"}
	h.reverses(in, activities.ReverseResult{Skipped: 1})
	h.result.Outcome, h.result.Approved = run.Unchanged, &run.ApprovedPlan{Plan: "uu"}
	h.finish(h.result)
	h.ExecuteWorkflow(workflows.UndoName, in)
	require.Equal(t, workflows.Input{Tenant: "acme", Origin: run.Manual, Request: "r2"}, h.nextInput())
}

func TestAnUndoThatFindsNothingToDoEndsAtOnce(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.reverses(undoing(), activities.ReverseResult{Skipped: 7})
	h.result.Outcome = run.Unchanged
	h.finish(h.result)
	h.ExecuteWorkflow(workflows.UndoName, undoing())
	require.Equal(t, 7, h.ended().Undoes.Skipped)
}

func TestAnApprovedUndoThatFailsHoldsNothing(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.OnActivity(h.do.Begin, mock.Anything, mock.Anything).Return(activities.BeginResult{},
		refused("superseded", "taken over", "wait")).Once()
	h.ExecuteWorkflow(workflows.UndoName, approvedUndo())
	failure, result := h.failed()
	require.Equal(t, "superseded", failure.Type())
	require.Nil(t, result.Held)
	require.Nil(t, h.status().Hold)
}

func TestCancellingAnUndoThatIsHeldRecordsIt(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.holdsUndo()
	h.OnActivity(h.do.Conclude, mock.Anything, mock.MatchedBy(func(in activities.ConcludeInput) bool {
		return in.Outcome == run.Failed && in.Error.Kind == "canceled" && in.Undoes == badRun
	})).Return(activities.ConcludeResult{Result: run.Result{Outcome: run.Failed}}, nil).Once()
	h.after(time.Hour, h.CancelWorkflow)
	h.ExecuteWorkflow(workflows.UndoName, undoing())
	var err *temporal.CanceledError
	require.ErrorAs(t, h.GetWorkflowError(), &err)
	h.AssertExpectations(t)
}

func TestAnUndoOfNoRunIsRefused(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.ExecuteWorkflow(workflows.UndoName, workflows.Input{Tenant: "acme"})
	failure, result := h.failed()
	require.Equal(t, "not_undoable", failure.Type())
	require.Equal(t, run.Failed, result.Outcome)
}
