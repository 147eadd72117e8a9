package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/ledger"
)

// RetentionInput starts a Retention. It is empty unless the Retention continues another.
type RetentionInput struct {
	After   string         `json:"after,omitempty"` // the last tenant that is done
	Dropped ledger.Dropped `json:"dropped,omitzero"`
}

// dropsPerRun is how many steps a Retention takes before it continues as new, so that its history stays small.
const dropsPerRun = 200

// Retention deletes data of tenants that is past their `retention`: rows, issues and plans of runs, values of the
// audit, and the people and reasons of requests. A Schedule of its own starts it, for all tenants.
func Retention(ctx workflow.Context, in RetentionInput) (ledger.Dropped, error) {
	var do *activities.Activities
	dropped := in.Dropped
	for range dropsPerRun {
		var done activities.DropOldResult
		err := workflow.ExecuteActivity(compute(ctx, RetentionName, "Drop what is past its retention"), do.DropOld,
			activities.DropOldInput{After: in.After}).Get(ctx, &done)
		if err != nil {
			return dropped, explained(err)
		}
		dropped, in.After = dropped.Plus(done.Dropped), done.After
		if done.Done {
			return dropped, nil
		}
	}
	return dropped, workflow.NewContinueAsNewError(ctx, RetentionName, RetentionInput{
		After:   in.After,
		Dropped: dropped,
	})
}
