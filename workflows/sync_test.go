package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

func TestAnUnchangedRosterEndsAfterValidate(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.untilUnchanged(manual)
	h.ExecuteWorkflow(workflows.SyncName, manual)
	result := h.ended()
	h.result.Finished = finished
	require.Equal(t, h.result, result)
}

func TestAdditionsAreAppliedBeforeRemovals(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(manual, false)
	h.fetch()
	h.validate()
	h.diff()
	h.runGuard()
	whole := activities.ApplyInput{Part: plan.PartAdditions, Changes: 1205, Batches: 3}
	one, two, removals := whole, whole, whole
	one.To = 1
	two.From, two.To = 1, 2
	removals.Part, removals.To, removals.Number, removals.Offset = plan.PartRemovals, 1, 2, 1200
	first := h.apply(one, run.ChangeCounts{Added: 1000})
	second := h.apply(two, run.ChangeCounts{Added: 200})
	h.apply(removals, run.ChangeCounts{Departed: 5}).NotBefore(first, second)
	h.result.Outcome = run.Applied
	h.result.Changes = run.ChangeCounts{Added: 1200, Departed: 5}
	h.finish(h.result)
	h.ExecuteWorkflow(workflows.SyncName, manual)
	require.Equal(t, h.result.Changes, h.ended().Changes)
}

func TestAsManySpansAreAppliedAtOnceAsBeginSays(t *testing.T) {
	t.Parallel()
	for lanes, want := range map[int]int{2: 2, 3: 3, 0: 4} { // older histories have no number
		h := newEnv(t)
		h.lanes = lanes
		h.plan.Additions.Batches = 40
		h.begin(manual, false)
		h.fetch()
		h.validate()
		h.diff()
		h.runGuard()
		h.OnActivity(h.do.Apply, mock.Anything, mock.Anything).After(time.Minute).Return(activities.ApplyResult{}, nil)
		h.OnActivity(h.do.Finish, mock.Anything, mock.Anything).Return(activities.FinishResult{}, nil).Once()
		now, most := 0, 0
		h.starting(func(activity string) {
			if activity == workflows.ApplyName {
				now++
				most = max(most, now)
			}
		})
		h.SetOnActivityCompletedListener(func(info *activity.Info, _ converter.EncodedValue, _ error) {
			if info.ActivityType.Name == workflows.ApplyName {
				now--
			}
		})
		h.ExecuteWorkflow(workflows.SyncName, manual)
		h.ended()
		require.Equal(t, want, most, "with %d lanes", lanes)
	}
}

func TestBeyondTheLimitAdditionsAreAppliedAndRemovalsWithheld(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(manual, false)
	h.fetch()
	h.validate()
	h.diff()
	h.guard = activities.GuardResult{Held: &run.HeldPlan{Plan: "bb", Removals: 5}, Limit: 3}
	h.runGuard()
	one := activities.ApplyInput{Part: plan.PartAdditions, Changes: 1200, Batches: 2, To: 1}
	two := activities.ApplyInput{Part: plan.PartAdditions, Changes: 1200, Batches: 2, From: 1, To: 2}
	h.apply(one, run.ChangeCounts{Added: 1000})
	h.apply(two, run.ChangeCounts{Added: 200})
	h.result.Outcome = run.Held
	h.result.Held = h.guard.Held
	h.result.Changes = run.ChangeCounts{Added: 1200}
	h.finish(h.result)
	h.conclude(activities.ConcludeInput{Plan: "bb", Outcome: run.Expired})
	h.ExecuteWorkflow(workflows.SyncName, manual)
	result := h.ended()
	require.Equal(t, run.Expired, result.Outcome)
	require.Equal(t, &run.HeldPlan{Plan: "bb", Removals: 5}, result.Held)
}

func TestMembershipsBeyondAGroupsLimitAreHeldWhileOtherRemovalsAreApplied(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(manual, false)
	h.fetch()
	h.validate()
	h.plan.Additions = activities.Part{}
	h.plan.Withheld = activities.Part{Batches: 1, Changes: 40, ID: "cc"}
	h.diff()
	h.guard.Held = &run.HeldPlan{Plan: "cc", Removals: 40}
	h.runGuard()
	h.apply(activities.ApplyInput{Part: plan.PartRemovals, To: 1, Changes: 5, Batches: 1},
		run.ChangeCounts{Departed: 5})
	h.result.Outcome, h.result.Held, h.result.Changes = run.Held, h.guard.Held, run.ChangeCounts{Departed: 5}
	h.finish(h.result)
	h.conclude(activities.ConcludeInput{Plan: "cc", Outcome: run.Expired})
	h.ExecuteWorkflow(workflows.SyncName, manual)
	require.Equal(t, run.Expired, h.ended().Outcome)
}

func TestAPlanWithoutChangesIsUnchanged(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(manual, false)
	h.fetch()
	h.validate()
	h.plan = activities.Plan{}
	h.diff()
	h.runGuard()
	h.result.Outcome = run.Unchanged
	h.finish(h.result)
	h.ExecuteWorkflow(workflows.SyncName, manual)
	require.Equal(t, run.Unchanged, h.ended().Outcome)
}

func TestARecordThatCouldNotBeAppliedIsCounted(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(manual, false)
	h.fetch()
	h.validate()
	h.plan = activities.Plan{Additions: activities.Part{Batches: 1, Changes: 10}}
	h.diff()
	h.runGuard()
	in := activities.ApplyInput{Round: h.round, Part: plan.PartAdditions, To: 1, Changes: 10, Batches: 1}
	h.OnActivity(h.do.Apply, mock.Anything, in).Return(activities.ApplyResult{
		Counts: run.ChangeCounts{Added: 9},
		Failed: 1,
	}, nil).Once()
	h.result.Outcome, h.result.Changes, h.result.Failed = run.Applied, run.ChangeCounts{Added: 9}, 1
	h.finish(h.result)
	h.ExecuteWorkflow(workflows.SyncName, manual)
	require.Equal(t, 1, h.ended().Failed)
}

func TestPreviewAppliesNothingAndCountsWhatWouldChange(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(manual, true)
	h.fetch()
	h.validate()
	h.diff()
	h.guard = activities.GuardResult{Held: &run.HeldPlan{Plan: "bb", Removals: 5}, Limit: 3}
	h.runGuard()
	h.result.Outcome, h.result.Held = run.Previewed, h.guard.Held
	h.result.Changes = run.ChangeCounts{Added: 1200, Departed: 5}
	h.finish(h.result)
	h.ExecuteWorkflow(workflows.PreviewName, manual)
	require.Equal(t, run.Previewed, h.ended().Outcome)
	require.Equal(t, workflows.Done, h.status().Step)
}

func TestUsersAndGroupsAreReadInTurnUnderASharedRateLimit(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.shared = true
	h.begin(manual, false)
	h.read = activities.Read{Users: h.users(), Groups: h.groups()}
	users := h.OnActivity(h.do.FetchUsers, mock.Anything, activities.FetchInput{Round: h.round}).Return(h.users(),
		nil).Once()
	h.OnActivity(h.do.FetchGroups, mock.Anything, activities.FetchInput{Round: h.round}).Return(h.groups(),
		nil).NotBefore(users).Once()
	h.valid.Unchanged = true
	h.validate()
	h.result.Outcome = run.Unchanged
	h.finish(h.result)
	h.ExecuteWorkflow(workflows.SyncName, manual)
	h.ended()
}

func TestAFailedRoundIsRecordedAndFailsTheWorkflowWithItsKind(t *testing.T) {
	t.Parallel()
	fault := refused("credentials_refused", "Workday refused the name", "check it")
	want := &run.ResultError{Kind: "credentials_refused", Detail: "Workday refused the name", Hint: "check it"}
	read := run.SnapshotCounts{Users: 500, Groups: 9, Memberships: 700}

	for name, test := range map[string]struct {
		until    func(*env)
		snapshot run.SnapshotCounts
		rows     run.RowCounts
	}{
		"reading users": {func(h *env) {
			h.shared = true
			h.begin(manual, false)
			h.OnActivity(h.do.FetchUsers, mock.Anything,
				activities.FetchInput{Round: h.round}).Return(activities.FetchUsersResult{}, fault).Once()
		}, run.SnapshotCounts{}, run.RowCounts{}},
		"reading groups": {func(h *env) {
			h.shared = true
			h.begin(manual, false)
			h.OnActivity(h.do.FetchUsers, mock.Anything, activities.FetchInput{Round: h.round}).Return(h.users(),
				nil).Once()
			h.OnActivity(h.do.FetchGroups, mock.Anything,
				activities.FetchInput{Round: h.round}).Return(activities.FetchGroupsResult{}, fault).Once()
		}, run.SnapshotCounts{Users: 500}, run.RowCounts{}},
		"validating": {func(h *env) {
			h.begin(manual, false)
			h.fetch()
			h.OnActivity(h.do.Validate, mock.Anything, mock.Anything).Return(activities.ValidateResult{}, fault).Once()
		}, read, run.RowCounts{}},
		"diffing": {func(h *env) {
			h.begin(manual, false)
			h.fetch()
			h.validate()
			h.OnActivity(h.do.Diff, mock.Anything, mock.Anything).Return(activities.DiffResult{}, fault).Once()
		}, read, run.RowCounts{Accepted: 498, Rejected: 2, Warnings: 3}},
		"guarding": {func(h *env) {
			h.begin(manual, false)
			h.fetch()
			h.validate()
			h.diff()
			h.OnActivity(h.do.Guard, mock.Anything, mock.Anything).Return(activities.GuardResult{}, fault).Once()
		}, read, run.RowCounts{Accepted: 498, Rejected: 2, Warnings: 3}},
		"applying": {func(h *env) {
			h.begin(manual, false)
			h.fetch()
			h.validate()
			h.plan.Additions.Batches = 1
			h.diff()
			h.runGuard()
			h.OnActivity(h.do.Apply, mock.Anything, mock.Anything).Return(activities.ApplyResult{}, fault).Once()
		}, read, run.RowCounts{Accepted: 498, Rejected: 2, Warnings: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newEnv(t)
			test.until(h)
			h.result.Outcome, h.result.Error = run.Failed, want
			h.result.Snapshot, h.result.Rows = test.snapshot, test.rows
			h.finish(h.result)
			h.ExecuteWorkflow(workflows.SyncName, manual)
			failure, result := h.failed()
			require.Equal(t, "credentials_refused", failure.Type())
			require.Equal(t, "Workday refused the name", failure.Message())
			require.True(t, failure.NonRetryable())
			require.Equal(t, run.Failed, result.Outcome)
			require.Equal(t, want, result.Error)
			require.Equal(t, finished, result.Finished)
		})
	}
}

func TestAFailedReadCancelsTheOther(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(manual, false)
	reading := make(chan struct{})
	h.OnActivity(h.do.FetchUsers, mock.Anything, mock.Anything).Return(func(ctx context.Context,
		_ activities.FetchInput,
	) (activities.FetchUsersResult, error) {
		close(reading)
		<-ctx.Done()
		return activities.FetchUsersResult{}, ctx.Err()
	}).Once()
	h.OnActivity(h.do.FetchGroups, mock.Anything, mock.Anything).Return(func(context.Context,
		activities.FetchInput,
	) (activities.FetchGroupsResult, error) {
		<-reading
		return activities.FetchGroupsResult{}, refused("not_found", "no such report", "check")
	}).Once()
	h.result.Outcome, h.result.Error = run.Failed, &run.ResultError{
		Kind: "not_found", Detail: "no such report",
		Hint: "check",
	}
	h.result.Snapshot, h.result.Rows = run.SnapshotCounts{}, run.RowCounts{}
	h.finish(h.result)
	h.ExecuteWorkflow(workflows.SyncName, manual)
	failure, _ := h.failed()
	require.Equal(t, "not_found", failure.Type())
}

func TestARoundThatCannotBeginFailsWithoutARun(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.OnActivity(h.do.Begin, mock.Anything, mock.Anything).Return(activities.BeginResult{},
		refused("tenant_unknown", "there is no tenant", "see")).Once()
	h.ExecuteWorkflow(workflows.SyncName, manual)
	failure, result := h.failed()
	require.Equal(t, "tenant_unknown", failure.Type())
	require.Empty(t, result.Run)
	require.Equal(t, run.Failed, result.Outcome)
	require.NotZero(t, result.Finished)
}

func TestTemporaryErrorsAreRetried(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(manual, false)
	passing := temporal.NewApplicationErrorWithOptions("busy", "server_error",
		temporal.ApplicationErrorOptions{Details: []any{""}})
	h.OnActivity(h.do.FetchUsers, mock.Anything, mock.Anything).Return(activities.FetchUsersResult{}, passing).Times(5)
	h.fetch()
	h.valid.Unchanged = true
	h.validate()
	h.result.Outcome = run.Unchanged
	h.finish(h.result)
	h.ExecuteWorkflow(workflows.SyncName, manual)
	h.ended()
}

func TestACancelledRoundIsRecordedAsFailed(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(manual, false)
	h.fetch()
	h.OnActivity(h.do.Validate, mock.Anything, mock.Anything).Return(func(ctx context.Context,
		_ activities.ValidateInput,
	) (activities.ValidateResult, error) {
		h.RegisterDelayedCallback(h.CancelWorkflow, 0)
		<-ctx.Done()
		return activities.ValidateResult{}, ctx.Err()
	}).Once()
	var recorded run.Result
	h.OnActivity(h.do.Finish, mock.Anything, mock.Anything).Return(func(_ context.Context,
		in activities.FinishInput,
	) (activities.FinishResult, error) {
		recorded = in.Result
		return activities.FinishResult{Result: in.Result}, nil
	}).Once()
	h.RegisterDelayedCallback(func() {
		h.SignalWorkflow(workflows.ResyncSignal, workflows.Resync{
			Origin:  run.Manual,
			Request: "r2",
		})
	}, 0)
	h.ExecuteWorkflow(workflows.SyncName, manual)
	require.True(t, h.IsWorkflowCompleted())
	var canceled *temporal.CanceledError
	require.ErrorAs(t, h.GetWorkflowError(), &canceled, "a cancelled sync doesn't go round again")
	require.Equal(t, run.Failed, recorded.Outcome)
	require.Equal(t, "canceled", recorded.Error.Kind)
	h.AssertExpectations(t)
}

func TestStatusReportsProgress(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(manual, false)
	h.fetch()
	h.validate()
	h.diff()
	h.runGuard()
	h.OnActivity(h.do.Apply, mock.Anything, mock.Anything).Return(activities.ApplyResult{}, nil).Times(3)
	h.OnActivity(h.do.Finish, mock.Anything, mock.Anything).Return(func(_ context.Context,
		in activities.FinishInput,
	) (activities.FinishResult, error) {
		return activities.FinishResult{Result: in.Result}, nil
	}).Once()
	var seen []workflows.Status
	h.starting(func(string) { seen = append(seen, h.status()) })
	h.ExecuteWorkflow(workflows.SyncName, manual)
	h.ended()
	seen = append(seen, h.status())
	var steps []workflows.Step
	for _, status := range seen {
		steps = append(steps, status.Step)
		require.Equal(t, "acme", status.Result.Tenant)
	}
	require.Equal(t, []workflows.Step{
		workflows.Beginning, workflows.Fetching, workflows.Fetching, workflows.Validating, workflows.Diffing,
		workflows.Guarding,
		workflows.Adding, workflows.Adding, workflows.Removing, workflows.Finishing, workflows.Done,
	}, steps)
	last := seen[len(seen)-1]
	require.Equal(t, 3, last.Planned.Batches)
	require.Equal(t, 3, last.Planned.Applied)
	require.Equal(t, 25, last.Planned.Limit)
	require.Equal(t, run.ChangeCounts{Added: 1200, Departed: 5}, last.Planned.Changes)
}
