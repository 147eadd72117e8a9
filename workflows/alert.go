package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
)

// AlertResult counts the hooks that an alert was delivered to.
type AlertResult struct {
	Delivered int `json:"told"`
}

// Alert delivers one alert to all hooks of its tenant at once, and tries each for up to a day. It is a workflow of its
// own, so that a hook that doesn't answer neither delays nor fails a sync. It fails when one of them could not be
// reached.
func Alert(ctx workflow.Context, in activities.Announcement) (AlertResult, error) {
	var do *activities.Activities
	if err := upsert(ctx, tenantKey.ValueSet(in.Tenant)); err != nil {
		return AlertResult{}, err
	}
	var taken activities.TakeResult
	err := workflow.ExecuteActivity(deliver(ctx, in.Tenant, "Read the hooks of the alert"), do.Take,
		activities.TakeInput{Tenant: in.Tenant, Alert: in.Alert}).Get(ctx, &taken)
	if err != nil {
		return AlertResult{}, explained(err)
	}
	var sent []workflow.Future
	for _, hook := range taken.Hooks {
		sent = append(sent, workflow.ExecuteActivity(deliver(ctx, in.Tenant, "Deliver to "+hook), do.Tell,
			activities.TellInput{Tenant: in.Tenant, Alert: in.Alert, Hook: hook}))
	}
	var result AlertResult
	var failed error
	for _, each := range sent {
		if err := each.Get(ctx, nil); err != nil {
			failed = err
			continue
		}
		result.Delivered++
	}
	return result, explained(failed)
}

// announce starts an Alert for each announcement, and waits until the server has accepted it. If that fails, Watch
// delivers the alert.
func announce(ctx workflow.Context, alerts []activities.Announcement) {
	ctx, _ = workflow.NewDisconnectedContext(ctx) // even if the workflow is cancelled
	var starting []workflow.ChildWorkflowFuture
	for _, each := range alerts {
		starting = append(starting, workflow.ExecuteChildWorkflow(alert(ctx, each), AlertName, each))
	}
	for _, each := range starting {
		_ = each.GetChildWorkflowExecution().Get(ctx, nil) // see above
	}
}
