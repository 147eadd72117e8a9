package schedule

import (
	"context"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/workflows"
)

// An installation has two Schedules of its own, named after its task queue. Each waits for its last workflow to end.

// PutWatch makes the Schedule that looks for overdue syncs, every five minutes.
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

// PutRetention makes the Schedule that starts the retention, once a day at about 02:20 UTC. A day that was missed while
// Temporal was down is caught up.
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
