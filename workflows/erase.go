package workflows

import (
	"errors"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/run"
)

// EraseInput starts an Erase. The person's data are in the store, under the request's id.
type EraseInput struct {
	Tenant  string    `json:"tenant"`
	Request uuid.UUID `json:"request"`
}

// EraseResult counts what was erased.
type EraseResult struct {
	Tenant  string        `json:"tenant"`
	Request uuid.UUID     `json:"request"`
	Erased  ledger.Erased `json:"erased"`
	Chunks  int           `json:"chunks"` // rewritten
}

// erasePatience is how long an erasure waits for a round under way. After that the round fails.
const (
	eraseWait = 10 * time.Minute
	erasePoll = 10 * time.Second
)

// Erase erases a person's data from a tenant. First it deletes the person's members, and stores what keeps the person
// out. Then it clears the audit's values and the stored chunks of runs. Last it deletes the subject itself. A Sync that
// holds a plan plans again.
func Erase(ctx workflow.Context, in EraseInput) (EraseResult, error) {
	e := &erasing{in: in, result: EraseResult{Tenant: in.Tenant, Request: in.Request}}
	if err := upsert(ctx, tenantKey.ValueSet(in.Tenant)); err != nil {
		return e.result, err
	}
	return e.result, explained(e.run(ctx))
}

type erasing struct {
	in     EraseInput
	result EraseResult
	do     *activities.Activities // always nil: activities are called by name, which method values give
}

func (e *erasing) run(ctx workflow.Context) error {
	if err := e.members(ctx); err != nil {
		return err
	}
	if err := e.replan(ctx); err != nil {
		return err
	}
	if err := e.eraseKept(ctx, "Erase the person's emails from the audit", e.do.EraseValues); err != nil {
		return err
	}
	if err := e.eraseKept(ctx, "Erase the person from stored chunks", e.do.EraseChunks); err != nil {
		return err
	}
	return workflow.ExecuteActivity(record(ctx, e.in.Tenant, "Delete the person's data from the erasure"), e.do.FinishErasure,
		activities.EraseInput{Tenant: e.in.Tenant, Request: e.in.Request}).Get(ctx, nil)
}

// members deletes the person's members. If a round under way ends in time, it waits for the end.
func (e *erasing) members(ctx workflow.Context) error {
	until := workflow.Now(ctx).Add(eraseWait)
	for {
		in := activities.EraseInput{
			Tenant: e.in.Tenant, Request: e.in.Request, Force: !workflow.Now(ctx).Before(until),
		}
		erasing := conclude(ctx, e.in.Tenant, "Keep the person out, and delete their members")
		var done activities.EraseResult
		if err := workflow.ExecuteActivity(erasing, e.do.EraseMember, in).Get(ctx, &done); err != nil {
			return err
		}
		if !done.Busy {
			e.result.Erased = done.Erased
			return nil
		}
		pause := workflow.TimerOptions{Summary: "Wait for the round under way"}
		if err := workflow.NewTimerWithOptions(ctx, erasePoll, pause).Get(ctx, nil); err != nil {
			return err
		}
	}
}

// replan makes a Sync that holds a plan plan again, without the person. Any other Sync ignores the signal.
func (e *erasing) replan(ctx workflow.Context) error {
	tick := Resync{Origin: run.Scheduled}
	err := workflow.SignalExternalWorkflow(ctx, SyncID(e.in.Tenant), "", ResyncSignal, tick).Get(ctx, nil)
	var missing *temporal.UnknownExternalWorkflowExecutionError
	if errors.As(err, &missing) {
		return nil // none is open
	}
	return err
}

// kept repeats a step until it is done.
func (e *erasing) eraseKept(ctx workflow.Context, summary string, step any) error {
	in := activities.EraseKeptInput{Tenant: e.in.Tenant, Request: e.in.Request}
	for {
		var done activities.EraseKeptResult
		if err := workflow.ExecuteActivity(conclude(ctx, e.in.Tenant, summary), step, in).Get(ctx, &done); err != nil {
			return err
		}
		e.result.Chunks += done.Rewritten
		if done.Done {
			return nil
		}
		in.Values, in.Chunks = done.Values, done.Chunks
	}
}
