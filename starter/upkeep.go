package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/rollcall/rollcall/workflows"
)

// What an installation does for itself, once for its task queue, by Schedules of its own. One go waits for the one before it.

// watching is the Schedule that looks for syncs that should have run and did not.
func watching(taskQueue string) client.Schedule {
	return client.Schedule{
		Action: &client.ScheduleWorkflowAction{
			ID: workflows.WatchID(taskQueue), Workflow: workflows.WatchName, TaskQueue: taskQueue,
			StaticSummary: "Look for syncs that should have run and did not",
		},
		Spec:   &client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: 5 * time.Minute}}},
		Policy: &client.SchedulePolicies{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: time.Minute},
	}
}

// retaining is the Schedule that starts the retention: once a day at about 02:20 UTC, where one that was missed while
// Temporal was down is made up for.
func retaining(taskQueue string) client.Schedule {
	return client.Schedule{
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
	}
}

// putUpkeep makes such a Schedule, whose id is its workflow's, what it should be, and says what it did. A pause is kept.
func putUpkeep(ctx context.Context, c client.Client, want client.Schedule) (done string, err error) {
	id := want.Action.(*client.ScheduleWorkflowAction).ID //nolint:errcheck,forcetypeassert // the only kind
	handle := c.ScheduleClient().GetHandle(ctx, id)
	found, err := handle.Describe(ctx)
	if missing(err) {
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
	if sameUpkeep(found.Schedule, want) {
		return tenantUnchanged, nil
	}
	err = handle.Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(now client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			want.State = now.Description.Schedule.State
			return &client.ScheduleUpdate{Schedule: &want}, nil
		},
	})
	if err != nil {
		return "", fmt.Errorf("update the Schedule %s: %w", id, err)
	}
	return scheduleUpdated, nil
}

func sameUpkeep(found, want client.Schedule) bool {
	has, ok := found.Action.(*client.ScheduleWorkflowAction)
	wants := want.Action.(*client.ScheduleWorkflowAction) //nolint:errcheck,forcetypeassert // the only kind
	return ok && has.ID == wants.ID && has.Workflow == wants.Workflow && has.TaskQueue == wants.TaskQueue &&
		has.StaticSummary == wants.StaticSummary && sameArguments(has.Args, wants.Args) &&
		found.Spec != nil && len(found.Spec.Calendars) == 0 && len(found.Spec.Skip) == 0 && len(found.Spec.Intervals) == 1 &&
		found.Spec.Intervals[0] == want.Spec.Intervals[0] && found.Spec.Jitter == want.Spec.Jitter &&
		found.Policy != nil && *found.Policy == *want.Policy
}

// sameArguments compares those that Temporal gave back, which are encoded, with others.
func sameArguments(found, want []any) bool {
	if len(found) != len(want) {
		return false
	}
	for i := range want {
		has, ok := found[i].(*commonpb.Payload)
		wants, err := converter.GetDefaultDataConverter().ToPayload(want[i])
		if !ok || err != nil || !bytes.Equal(has.GetData(), wants.GetData()) {
			return false
		}
	}
	return true
}
