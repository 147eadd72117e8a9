package schedule

import (
	"context"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/workflows"
)

// PutWatch creates or updates the Schedule that looks for overdue syncs every five minutes. It is named after the task
// queue. It skips a tick while its last workflow is still open.
func PutWatch(ctx context.Context, c client.Client, taskQueue string) (Change, error) {
	done, _, err := put(ctx, c, client.Schedule{
		Action: &client.ScheduleWorkflowAction{
			ID: workflows.WatchID(taskQueue), Workflow: workflows.WatchName, TaskQueue: taskQueue,
			StaticSummary: "Look for syncs that should have run and did not",
		},
		Spec:   &client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: 5 * time.Minute}}},
		Policy: &client.SchedulePolicies{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: time.Minute},
	})
	return done, err
}

// PutRetention creates or updates the Schedule that starts the retention once a day, between 02:20 and 03:00 UTC. It is
// named after the task queue. If Temporal was down at that time, the retention starts up to a day later.
func PutRetention(ctx context.Context, c client.Client, taskQueue string) (Change, error) {
	done, _, err := put(ctx, c, client.Schedule{
		Action: &client.ScheduleWorkflowAction{
			ID: workflows.RetentionID(taskQueue), Workflow: workflows.RetentionName, TaskQueue: taskQueue,
			Args:          []any{workflows.RetentionInput{}},
			StaticSummary: "Drop what is past its retention",
		},
		Spec: &client.ScheduleSpec{
			Intervals: []client.ScheduleIntervalSpec{{Every: 24 * time.Hour, Offset: 2*time.Hour + 20*time.Minute}},
			Jitter:    40 * time.Minute,
		},
		Policy: &client.SchedulePolicies{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: 24 * time.Hour},
	})
	return done, err
}
