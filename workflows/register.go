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
	registry.RegisterWorkflowWithOptions(Undo, workflow.RegisterOptions{Name: UndoName})
	registry.RegisterWorkflowWithOptions(Alert, workflow.RegisterOptions{Name: AlertName})
	registry.RegisterWorkflowWithOptions(Watch, workflow.RegisterOptions{Name: WatchName})
}

// RegisterActivities registers the activities.
func RegisterActivities(registry worker.ActivityRegistry, a *activities.Activities) {
	for name, step := range map[string]any{
		BeginName:       a.Begin,
		FetchUsersName:  a.FetchUsers,
		FetchGroupsName: a.FetchGroups,
		ValidateName:    a.Validate,
		DiffName:        a.Diff,
		ReverseName:     a.Reverse,
		GuardName:       a.Guard,
		ApplyName:       a.Apply,
		FinishName:      a.Finish,
		ConcludeName:    a.Conclude,
		AdmitName:       a.Admit,
		RemindName:      a.Remind,
		TakeName:        a.Take,
		TellName:        a.Tell,
		WatchingName:    a.Watch,
	} {
		registry.RegisterActivityWithOptions(step, activity.RegisterOptions{Name: name})
	}
}
