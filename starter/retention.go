package main

import (
	"context"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/rollcall/rollcall/workflows"
)

// wantedRetention is the Schedule that starts the retention: once a day at about 02:20 UTC, where one that was missed while
// Temporal was down is made up for.
func wantedRetention(taskQueue string) client.Schedule {
	return client.Schedule{
		Action: &client.ScheduleWorkflowAction{
			ID:            workflows.RetentionID(taskQueue),
			Workflow:      workflows.RetentionName,
			Args:          []any{workflows.RetentionInput{}},
			TaskQueue:     taskQueue,
			StaticSummary: "Drop what is past its retention",
		},
		Spec: &client.ScheduleSpec{
			Intervals: []client.ScheduleIntervalSpec{{Every: 24 * time.Hour, Offset: 2*time.Hour + 20*time.Minute}},
			Jitter:    40 * time.Minute,
		},
		Policy: &client.SchedulePolicies{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: 24 * time.Hour},
	}
}

// putRetention makes the Schedule of the retention what it should be, and says what it did. A pause is kept.
func putRetention(ctx context.Context, c client.Client, taskQueue string) (string, error) {
	want := wantedRetention(taskQueue)
	handle := c.ScheduleClient().GetHandle(ctx, workflows.RetentionID(taskQueue))
	found, err := handle.Describe(ctx)
	if missing(err) {
		_, err = c.ScheduleClient().Create(ctx, client.ScheduleOptions{
			ID: workflows.RetentionID(taskQueue), Spec: *want.Spec, Action: want.Action,
			Overlap: want.Policy.Overlap, CatchupWindow: want.Policy.CatchupWindow,
		})
		if err != nil {
			return "", fmt.Errorf("create the Schedule of retention: %w", err)
		}
		return tenantCreated, nil
	}
	if err != nil {
		return "", fmt.Errorf("look at the Schedule of retention: %w", err)
	}
	if sameRetention(found.Schedule, want) {
		return tenantUnchanged, nil
	}
	err = handle.Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(now client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			want.State = now.Description.Schedule.State
			return &client.ScheduleUpdate{Schedule: &want}, nil
		},
	})
	if err != nil {
		return "", fmt.Errorf("update the Schedule of retention: %w", err)
	}
	return tenantUpdated, nil
}

func sameRetention(found, want client.Schedule) bool {
	has, ok := found.Action.(*client.ScheduleWorkflowAction)
	wants := want.Action.(*client.ScheduleWorkflowAction)
	if !ok || found.Spec == nil || found.Policy == nil || len(has.Args) != 1 {
		return false
	}
	payload, ok := has.Args[0].(*commonpb.Payload)
	var input workflows.RetentionInput
	return ok && converter.GetDefaultDataConverter().FromPayload(payload, &input) == nil && input == wants.Args[0] &&
		has.ID == wants.ID && has.Workflow == wants.Workflow && has.TaskQueue == wants.TaskQueue && has.StaticSummary == wants.StaticSummary &&
		len(found.Spec.Calendars) == 0 && len(found.Spec.Intervals) == 1 && found.Spec.Intervals[0] == want.Spec.Intervals[0] &&
		found.Spec.Jitter == want.Spec.Jitter && *found.Policy == *want.Policy
}
