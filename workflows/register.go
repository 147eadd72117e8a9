package workflows

import (
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
)

// Registry is where workflows are registered: a worker, a replayer, a test's environment.
type Registry interface {
	RegisterWorkflowWithOptions(workflow any, options workflow.RegisterOptions)
}

// Register registers the workflows.
func Register(registry Registry) {
	registry.RegisterWorkflowWithOptions(Sync, workflow.RegisterOptions{Name: SyncName})
	registry.RegisterWorkflowWithOptions(ScheduledSync, workflow.RegisterOptions{Name: ScheduledSyncName})
	registry.RegisterWorkflowWithOptions(Preview, workflow.RegisterOptions{Name: PreviewName})
	registry.RegisterWorkflowWithOptions(Erase, workflow.RegisterOptions{Name: EraseName})
	registry.RegisterWorkflowWithOptions(Retention, workflow.RegisterOptions{Name: RetentionName})
}

// RegisterActivities registers the activities.
func RegisterActivities(registry worker.ActivityRegistry, a *activities.Activities) {
	for name, step := range map[string]any{
		BeginName:       a.Begin,
		FetchUsersName:  a.FetchUsers,
		FetchGroupsName: a.FetchGroups,
		ValidateName:    a.Validate,
		DiffName:        a.Diff,
		GuardName:       a.Guard,
		ApplyName:       a.Apply,
		FinishName:      a.Finish,
		ConcludeName:    a.Conclude,

		EraseMemberName:   a.EraseMember,
		EraseValuesName:   a.EraseValues,
		EraseChunksName:   a.EraseChunks,
		FinishErasureName: a.FinishErasure,
		DropOldName:       a.DropOld,
	} {
		registry.RegisterActivityWithOptions(step, activity.RegisterOptions{Name: name})
	}
}
