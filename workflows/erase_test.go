package workflows_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	sdkworkflow "go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

var (
	requestID = uuid.MustParse("01a20928-0000-74e5-8a9c-4baad448e3cd")
	erasing   = workflows.EraseInput{Tenant: "acme", Request: requestID}
	somewhere = ledger.ChunkKey{Run: runID, Stage: "issues", Number: 4}
)

// erases expects an erasure that finds a round under way so often.
func (h *env) erases(busy int) {
	in := activities.EraseInput{Tenant: "acme", Request: requestID}
	if busy > 0 {
		h.OnActivity(h.do.EraseMember, mock.Anything, in).Return(activities.EraseResult{Busy: true}, nil).Times(busy)
	}
	if busy < 60 {
		h.OnActivity(h.do.EraseMember, mock.Anything,
			in).Return(activities.EraseResult{Erased: ledger.Erased{Members: 1, Managers: 3}}, nil).Once()
		return
	}
	in.Force = true
	h.OnActivity(h.do.EraseMember, mock.Anything, in).Return(activities.EraseResult{Erased: ledger.Erased{Members: 1}},
		nil).Once()
}

// clears expects the rest of an erasure.
func (h *env) clears() {
	in := activities.EraseKeptInput{Tenant: "acme", Request: requestID}
	h.OnActivity(h.do.EraseValues, mock.Anything, in).Return(activities.EraseKeptResult{Done: true}, nil).Once()
	h.OnActivity(h.do.EraseChunks, mock.Anything, in).Return(activities.EraseKeptResult{
		Chunks:    somewhere,
		Rewritten: 5,
	}, nil).Once()
	in.Chunks = somewhere
	h.OnActivity(h.do.EraseChunks, mock.Anything, in).Return(activities.EraseKeptResult{Done: true, Rewritten: 2},
		nil).Once()
	h.OnActivity(h.do.FinishErasure, mock.Anything, activities.EraseInput{
		Tenant:  "acme",
		Request: requestID,
	}).Return(nil).Once()
}

func (h *env) signalsSync(err error) {
	h.OnSignalExternalWorkflow(mock.Anything, "sync-acme", "", workflows.ResyncSignal,
		workflows.Resync{Origin: run.Scheduled}).Return(err).Once()
}

func TestAnErasureRunsItsStepsAndPlansAHeldPlanAgain(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.erases(2)
	h.signalsSync(nil)
	h.clears()
	h.ExecuteWorkflow(workflows.EraseName, erasing)
	require.NoError(t, h.GetWorkflowError())
	var result workflows.EraseResult
	require.NoError(t, h.GetWorkflowResult(&result))
	require.Equal(t, workflows.EraseResult{Tenant: "acme", Request: requestID, Erased: ledger.Erased{
		Members:  1,
		Managers: 3,
	}, Chunks: 7}, result)
	require.Equal(t, 20*time.Second, h.Now().Sub(started).Truncate(time.Second))
	h.AssertExpectations(t)
}

func TestAnErasureWaitsTenMinutesForARoundAndNoLonger(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.erases(60)
	h.signalsSync(nil)
	h.clears()
	h.ExecuteWorkflow(workflows.EraseName, erasing)
	require.NoError(t, h.GetWorkflowError())
	h.AssertExpectations(t)
}

func TestAnErasureFailsWithItsFaultsKind(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	h.OnActivity(h.do.EraseMember, mock.Anything, mock.Anything).Return(activities.EraseResult{},
		refused("internal", "a fault of ours", "report it")).Once()
	h.ExecuteWorkflow(workflows.EraseName, erasing)
	var failed *temporal.ApplicationError
	require.ErrorAs(t, h.GetWorkflowError(), &failed)
	require.Equal(t, []string{"internal", "a fault of ours"}, []string{failed.Type(), failed.Message()})
	h.AssertExpectations(t)
}

func TestRetentionGoesFromTenantToTenantAndContinuesAsNew(t *testing.T) {
	t.Parallel()
	h := newEnv(t)
	piece := ledger.Dropped{Tenants: 50, Runs: 1, Chunks: 9, Values: 100, Requests: 2}
	h.OnActivity(h.do.DropOld, mock.Anything, activities.DropOldInput{After: "b"}).Return(activities.DropOldResult{After: "c", Dropped: piece}, nil).Once()
	h.OnActivity(h.do.DropOld, mock.Anything, activities.DropOldInput{After: "c"}).Return(activities.DropOldResult{After: "d", Done: true, Dropped: piece}, nil).Once()
	h.ExecuteWorkflow(workflows.RetentionName, workflows.RetentionInput{After: "b", Dropped: piece})
	require.NoError(t, h.GetWorkflowError())
	var dropped ledger.Dropped
	require.NoError(t, h.GetWorkflowResult(&dropped))
	require.Equal(t, piece.Plus(piece).Plus(piece), dropped)
	h.AssertExpectations(t)

	h = newEnv(t)
	h.OnActivity(h.do.DropOld, mock.Anything, mock.Anything).Return(activities.DropOldResult{
		After:   "m",
		Dropped: piece,
	}, nil).Times(200)
	h.ExecuteWorkflow(workflows.RetentionName, workflows.RetentionInput{})
	var again *sdkworkflow.ContinueAsNewError
	require.ErrorAs(t, h.GetWorkflowError(), &again)
	var next workflows.RetentionInput
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(again.Input, &next))
	require.Equal(t, "m", next.After)
	require.Equal(t, 200*50, next.Dropped.Tenants)
}

// forgettingScenes are the kinds of runs that take something out of the store.
func forgettingScenes() []scene {
	return []scene{
		{name: "erase", workflow: workflows.EraseName, input: erasing},
		{name: "retention", workflow: workflows.RetentionName, input: workflows.RetentionInput{}},
	}
}

// registerForgetting registers activities that answer at once: an erasure finds a round under way at first.
func registerForgetting(w worker.Worker) {
	var asked, chunks, dropped atomic.Int32
	for name, step := range map[string]any{
		workflows.EraseMemberName: func(context.Context, activities.EraseInput) (activities.EraseResult, error) {
			if asked.Add(1) == 1 {
				return activities.EraseResult{Busy: true}, nil
			}
			return activities.EraseResult{Erased: ledger.Erased{Members: 1, Memberships: 2, Managers: 3}}, nil
		},
		workflows.EraseValuesName: func(context.Context,
			activities.EraseKeptInput,
		) (activities.EraseKeptResult, error) {
			return activities.EraseKeptResult{Done: true, Values: 40}, nil
		},
		workflows.EraseChunksName: func(context.Context,
			activities.EraseKeptInput,
		) (activities.EraseKeptResult, error) {
			return activities.EraseKeptResult{Done: chunks.Add(1) == 2, Chunks: somewhere, Rewritten: 5}, nil
		},
		workflows.FinishErasureName: func(context.Context, activities.EraseInput) error { return nil },
		workflows.DropOldName: func(context.Context, activities.DropOldInput) (activities.DropOldResult, error) {
			return activities.DropOldResult{
				After: "acme", Done: dropped.Add(1) == 2,
				Dropped: ledger.Dropped{Tenants: 1, Runs: 3},
			}, nil
		},
	} {
		w.RegisterActivityWithOptions(step, activity.RegisterOptions{Name: name})
	}
}
