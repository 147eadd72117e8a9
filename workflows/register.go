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
	registry.RegisterWorkflowWithOptions(Erase, workflow.RegisterOptions{Name: EraseName})
	registry.RegisterWorkflowWithOptions(Retention, workflow.RegisterOptions{Name: RetentionName})
}

// RegisterReads registers the activities that read directories, for the workers of ReadQueue and
// DecidedQueue.
func RegisterReads(registry worker.ActivityRegistry, a *activities.Activities) {
	registry.RegisterActivityWithOptions(a.FetchUsers, activity.RegisterOptions{Name: FetchUsersName})
	registry.RegisterActivityWithOptions(a.FetchGroups, activity.RegisterOptions{Name: FetchGroupsName})
}

// RegisterActivities registers all activities. Earlier releases scheduled reads on the task queue of the other steps, so
// they are among them.
func RegisterActivities(registry worker.ActivityRegistry, a *activities.Activities) {
	RegisterReads(registry, a)
	for name, step := range map[string]any{
		BeginName:    a.Begin,
		ValidateName: a.Validate,
		DiffName:     a.Diff,
		ReverseName:  a.Reverse,
		GuardName:    a.Guard,
		ApplyName:    a.Apply,
		FinishName:   a.Finish,
		ConcludeName: a.Conclude,
		AdmitName:    a.Admit,
		RemindName:   a.Remind,
		TakeName:     a.Take,
		TellName:     a.Tell,
		WatchingName: a.Watch,

		EraseMemberName:   a.EraseMember,
		EraseValuesName:   a.EraseValues,
		EraseChunksName:   a.EraseChunks,
		FinishErasureName: a.FinishErasure,
		DropOldName:       a.DropOld,
	} {
		registry.RegisterActivityWithOptions(step, activity.RegisterOptions{Name: name})
	}
}
