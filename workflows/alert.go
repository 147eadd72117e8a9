package workflows

import (
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
)

// AlertResult says to how many an alert went.
type AlertResult struct {
	Told int `json:"told"`
}

// Alert tells one alert to all who are to hear of it, side by side, each for up to a day. It is a workflow of its own so that
// somebody who doesn't answer neither delays a sync nor fails it. It fails when one of them could not be told.
func Alert(ctx workflow.Context, in activities.Told) (AlertResult, error) {
	var do *activities.Activities
	if err := upsert(ctx, tenantKey.ValueSet(in.Tenant)); err != nil {
		return AlertResult{}, err
	}
	var taken activities.TakeResult
	err := workflow.ExecuteActivity(deliver(ctx, in.Tenant, "See where the alert goes"), do.Take,
		activities.TakeInput{Tenant: in.Tenant, Alert: in.Alert}).Get(ctx, &taken)
	if err != nil {
		return AlertResult{}, explained(err)
	}
	var sent []workflow.Future
	for _, hook := range taken.Hooks {
		sent = append(sent, workflow.ExecuteActivity(deliver(ctx, in.Tenant, "Tell "+hook), do.Tell,
			activities.TellInput{Tenant: in.Tenant, Alert: in.Alert, Hook: hook}))
	}
	var result AlertResult
	var failed error
	for _, each := range sent {
		if err := each.Get(ctx, nil); err != nil {
			failed = err
			continue
		}
		result.Told++
	}
	return result, explained(failed)
}

// announce starts an Alert for each, and waits only until the server knows of it. Where that fails, Watch starts them.
func announce(ctx workflow.Context, alerts []activities.Told) {
	ctx, _ = workflow.NewDisconnectedContext(ctx) // also where the workflow is cancelled
	var starting []workflow.ChildWorkflowFuture
	for _, each := range alerts {
		starting = append(starting, workflow.ExecuteChildWorkflow(alert(ctx, each), AlertName, each))
	}
	for _, each := range starting {
		_ = each.GetChildWorkflowExecution().Get(ctx, nil) // see above
	}
}

// explained is the error that a workflow without a result ends with: its type is the fault's kind.
func explained(err error) error {
	if err == nil || temporal.IsCanceledError(err) {
		return err
	}
	said := explain(err)
	return temporal.NewNonRetryableApplicationError(said.Detail, said.Kind, nil, said.Hint)
}
