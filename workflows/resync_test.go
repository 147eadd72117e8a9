package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

// nextInput is what the workflow goes round again with.
func (h *env) nextInput() workflows.Input {
	h.t.Helper()
	return h.continuesAs(workflows.SyncName)
}

func (h *env) continuesAs(name string) workflows.Input {
	h.t.Helper()
	require.True(h.t, h.IsWorkflowCompleted())
	var again *workflow.ContinueAsNewError
	require.ErrorAs(h.t, h.GetWorkflowError(), &again)
	require.Equal(h.t, name, again.WorkflowType.Name)
	var in workflows.Input
	require.NoError(h.t, converter.GetDefaultDataConverter().FromPayloads(again.Input, &in))
	h.AssertExpectations(h.t)
	return in
}

// signalled runs an unchanged Sync to which the payloads are sent while it works.
func signalled(t *testing.T, payloads ...any) *env {
	t.Helper()
	h := newEnv(t)
	h.untilUnchanged(manual)
	h.RegisterDelayedCallback(func() {
		for _, payload := range payloads {
			h.SignalWorkflow(workflows.ResyncSignal, payload)
		}
	}, 0)
	h.ExecuteWorkflow(workflows.SyncName, manual)
	return h
}

func TestAResyncMakesAnotherRound(t *testing.T) {
	t.Parallel()
	h := signalled(t, workflows.Resync{Origin: run.Manual, Request: "r2"})
	require.Equal(t, workflows.Input{Tenant: "acme", Origin: run.Manual, Request: "r2"}, h.nextInput())
}

func TestManyResyncsMakeOneMoreRound(t *testing.T) {
	t.Parallel()
	h := signalled(t, workflows.Resync{Origin: run.Manual, Request: "r2"}, workflows.Resync{
		Origin:  run.Manual,
		Request: "r3",
	})
	require.Equal(t, workflows.Input{Tenant: "acme", Origin: run.Manual, Request: "r3"}, h.nextInput())
}

func TestTheSignalThatCameWithTheStartMakesNoOtherRound(t *testing.T) {
	t.Parallel()
	h := signalled(t, workflows.Resync{Origin: run.Manual, Request: manual.Request})
	require.Equal(t, run.Unchanged, h.ended().Outcome)
}

func TestATickOfTheScheduleIsIgnoredByAWorkingSync(t *testing.T) {
	t.Parallel()
	h := signalled(t, workflows.Resync{Origin: run.Scheduled})
	require.Equal(t, run.Unchanged, h.ended().Outcome)
}

func TestASignalSentByHandIsAManualResync(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string]any{
		"without a payload":  nil,
		"an empty object":    map[string]any{},
		"an unknown origin":  map[string]any{"origin": "boredom"},
		"text":               "please",
		"a number":           7,
		"a list":             []string{"manual"},
		"fields of our own":  map[string]any{"origin": map[string]any{}},
		"bytes of any kind":  []byte{0xff, 0x00},
		"more than we asked": map[string]any{"origin": "manual", "reason": "new hire"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := signalled(t, payload)
			require.Equal(t, workflows.Input{Tenant: "acme", Origin: run.Manual}, h.nextInput())
		})
	}
}

func TestAResyncAtTheVeryEndIsNotLost(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(manual, false)
	h.fetch()
	h.valid.Unchanged = true
	h.validate()
	h.OnActivity(h.do.Finish, mock.Anything, mock.Anything).Return(func(_ context.Context,
		in activities.FinishInput,
	) (activities.FinishResult, error) {
		h.SignalWorkflow(workflows.ResyncSignal, workflows.Resync{Origin: run.Manual, Request: "late"})
		return activities.FinishResult{Result: in.Result}, nil
	}).Once()
	h.ExecuteWorkflow(workflows.SyncName, manual)
	require.Equal(t, "late", h.nextInput().Request)
}

func TestAFailedRoundIsFollowedByTheWaitingResync(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(manual, false)
	h.fetch()
	h.OnActivity(h.do.Validate, mock.Anything, mock.Anything).Return(activities.ValidateResult{},
		refused("column_missing", "no email", "map it")).Once()
	h.OnActivity(h.do.Finish, mock.Anything, mock.Anything).Return(activities.FinishResult{}, nil).Once()
	h.RegisterDelayedCallback(func() {
		h.SignalWorkflow(workflows.ResyncSignal, workflows.Resync{Origin: run.Manual, Request: "r2"})
	}, 0)
	h.ExecuteWorkflow(workflows.SyncName, manual)
	require.Equal(t, "r2", h.nextInput().Request)
}

func TestStatusReportsAWaitingResync(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.begin(manual, false)
	h.fetch()
	waiting := []bool{}
	h.OnActivity(h.do.Validate, mock.Anything, mock.Anything).After(time.Second).Return(h.valid, nil).Once()
	h.RegisterDelayedCallback(func() {
		waiting = append(waiting, h.status().Waiting)
		h.SignalWorkflow(workflows.ResyncSignal, workflows.Resync{Origin: run.Manual, Request: "r2"})
	}, 300*time.Millisecond)
	h.RegisterDelayedCallback(func() { waiting = append(waiting, h.status().Waiting) }, 600*time.Millisecond)
	h.OnActivity(h.do.Diff, mock.Anything, mock.Anything).Return(activities.DiffResult{}, nil).Once()
	h.OnActivity(h.do.Guard, mock.Anything, mock.Anything).Return(activities.GuardResult{Release: true}, nil).Once()
	h.OnActivity(h.do.Finish, mock.Anything, mock.Anything).Return(activities.FinishResult{}, nil).Once()
	h.ExecuteWorkflow(workflows.SyncName, manual)
	h.nextInput()
	require.Equal(t, []bool{false, true}, waiting)
}

func TestASyncStartedByHandIsManual(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.untilUnchanged(workflows.Input{Tenant: "acme", Origin: run.Manual})
	h.ExecuteWorkflow(workflows.SyncName, workflows.Input{Tenant: "acme"})
	h.ended()
}
