package main

import (
	"context"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/workflows"
)

// watchEvery is how often it is looked for syncs that should have run and did not.
const watchEvery = 5 * time.Minute

// putWatch makes the Schedule that looks for them, one for the task queue. A pause is kept. It says what it did.
func putWatch(ctx context.Context, c client.Client, taskQueue string) (done string, err error) {
	id := workflows.WatchID(taskQueue)
	handle := c.ScheduleClient().GetHandle(ctx, id)
	found, err := handle.Describe(ctx)
	if missing(err) {
		want := watching(taskQueue)
		_, err = c.ScheduleClient().Create(ctx, client.ScheduleOptions{
			ID: id, Spec: *want.Spec, Action: want.Action, Overlap: want.Policy.Overlap, CatchupWindow: want.Policy.CatchupWindow,
		})
		if err != nil {
			return "", fmt.Errorf("create the Schedule %s: %w", id, err)
		}
		return scheduleCreated, nil
	}
	if err != nil {
		return "", fmt.Errorf("look at the Schedule %s: %w", id, err)
	}
	if sameWatch(found.Schedule, watching(taskQueue)) {
		return tenantUnchanged, nil
	}
	err = handle.Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(now client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			want := watching(taskQueue)
			want.State = now.Description.Schedule.State
			return &client.ScheduleUpdate{Schedule: &want}, nil
		},
	})
	if err != nil {
		return "", fmt.Errorf("update the Schedule %s: %w", id, err)
	}
	return scheduleUpdated, nil
}

// watching is what that Schedule is to be. One look waits for the one before it.
func watching(taskQueue string) client.Schedule {
	return client.Schedule{
		Action: &client.ScheduleWorkflowAction{
			ID: workflows.WatchID(taskQueue), Workflow: workflows.WatchName, TaskQueue: taskQueue,
			StaticSummary: "Look for syncs that should have run and did not",
		},
		Spec:   &client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: watchEvery}}},
		Policy: &client.SchedulePolicies{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: time.Minute},
	}
}

func sameWatch(found, want client.Schedule) bool {
	action, ok := found.Action.(*client.ScheduleWorkflowAction)
	wanted := want.Action.(*client.ScheduleWorkflowAction)
	return ok && action.ID == wanted.ID && action.Workflow == wanted.Workflow && action.TaskQueue == wanted.TaskQueue &&
		action.StaticSummary == wanted.StaticSummary && len(action.Args) == 0 &&
		found.Spec != nil && len(found.Spec.Calendars) == 0 && len(found.Spec.Skip) == 0 && len(found.Spec.Intervals) == 1 &&
		found.Spec.Intervals[0] == want.Spec.Intervals[0] && found.Policy != nil && *found.Policy == *want.Policy
}
