package workflows

import (
	"errors"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/run"
)

// joinAttempts is how often a tick tries to start a Sync and, if one is open, to signal it. The open Sync may end
// before the signal, and another may start.
const joinAttempts = 3

// ScheduledSync is one tick of a tenant's Schedule. It runs the tenant's Sync as its child and returns its result. If a
// Sync is open already, it signals that one and ends as joined. For a quarantined tenant, one tick a day syncs and all
// others end as quarantined.
func ScheduledSync(ctx workflow.Context, in Input) (run.Result, error) {
	t := newTick(in)
	if err := t.setup(ctx); err != nil {
		return run.Result{}, err
	}
	return t.run(ctx)
}

type tick struct {
	in     Input
	do     *activities.Activities // always nil, see round
	result run.Result
}

func newTick(in Input) *tick {
	in.Origin = run.Scheduled
	return &tick{in: in}
}

func (t *tick) setup(ctx workflow.Context) error {
	t.result = run.Result{Tenant: t.in.Tenant, Started: workflow.Now(ctx).UTC()}
	return upsert(ctx, openAttributes(t.in.Tenant)...)
}

func (t *tick) run(ctx workflow.Context) (run.Result, error) {
	if !t.admitted(ctx) {
		t.result.Outcome, t.result.Finished = run.Quarantined, workflow.Now(ctx).UTC()
		return t.result, upsert(ctx, closeAttributes(t.result)...)
	}
	err := t.share(ctx)
	if err != nil && t.result.Error == nil {
		t.result.Outcome, t.result.Error = run.Failed, explain(err)
	}
	if shown := upsert(ctx, closeAttributes(t.result)...); shown != nil {
		return t.result, shown
	}
	if err == nil || temporal.IsCanceledError(err) {
		return t.result, err
	}
	return t.result, failure(t.result)
}

// admitted reports whether this tick may sync. If the activity fails it may: its Sync then waits for the store.
func (t *tick) admitted(ctx workflow.Context) bool {
	var answer activities.AdmitResult
	err := workflow.ExecuteActivity(brief(ctx, t.in.Tenant, "Is the tenant quarantined?"), t.do.Admit,
		activities.AdmitInput{Tenant: t.in.Tenant}).Get(ctx, &answer)
	if err != nil || answer.Admitted {
		return true
	}
	workflow.SetCurrentDetails(ctx, quarantined(t.in.Tenant, answer))
	return false
}

// share runs a Sync, or joins the one that is open.
func (t *tick) share(ctx workflow.Context) error {
	var err error
	for range joinAttempts {
		sync := workflow.ExecuteChildWorkflow(child(ctx, t.in.Tenant), SyncName, t.in)
		if err = sync.GetChildWorkflowExecution().Get(ctx, nil); err == nil {
			return t.await(ctx, sync)
		}
		if !temporal.IsWorkflowExecutionAlreadyStartedError(err) {
			return err
		}
		tick := Resync{Origin: run.Scheduled}
		err = workflow.SignalExternalWorkflow(ctx, SyncID(t.in.Tenant), "", ResyncSignal, tick).Get(ctx, nil)
		if err == nil {
			t.result.Outcome, t.result.Finished = run.Joined, workflow.Now(ctx).UTC()
			return nil
		}
	}
	return err
}

// await takes over the Sync's result. A failed Sync has its result in the details of its error.
func (t *tick) await(ctx workflow.Context, sync workflow.Future) error {
	var result run.Result
	err := sync.Get(ctx, &result)
	if err == nil {
		t.result = result
		return nil
	}
	var application *temporal.ApplicationError
	if errors.As(err, &application) && application.HasDetails() && application.Details(&result) == nil {
		t.result = result
	}
	return err
}
