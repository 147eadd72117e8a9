package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
)

// Watch looks once for syncs that should have run and did not, and for alerts that nobody delivers. A Schedule of its
// own starts it every few minutes, for all tenants.
func Watch(ctx workflow.Context) (activities.WatchResult, error) {
	var do *activities.Activities
	var seen activities.WatchResult
	if err := workflow.ExecuteActivity(survey(ctx), do.Watch, activities.WatchInput{}).Get(ctx, &seen); err != nil {
		return seen, explained(err)
	}
	announce(ctx, seen.Alerts)
	return seen, nil
}
