package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/workflows"
)

// wanted is the Schedule that a tenant's settings ask for. Ticks may overlap: Sync's fixed id is the lock, so that a tick
// never waits for the one before it.
func wanted(t tenant.Tenant, taskQueue string) client.Schedule {
	return client.Schedule{
		Action: &client.ScheduleWorkflowAction{
			ID:            workflows.ScheduleID(t.ID),
			Workflow:      workflows.ScheduledSyncName,
			Args:          []any{tick(t.ID)},
			TaskQueue:     taskQueue,
			StaticSummary: "Scheduled sync of " + t.ID,
		},
		Spec: &client.ScheduleSpec{
			CronExpressions: []string{t.Schedule.Cron},
			TimeZoneName:    t.Schedule.Timezone,
			Jitter:          t.Schedule.Jitter.Duration,
		},
		Policy: &client.SchedulePolicies{
			Overlap:       enumspb.SCHEDULE_OVERLAP_POLICY_ALLOW_ALL,
			CatchupWindow: t.Schedule.Catchup.Duration,
		},
	}
}

func tick(id string) workflows.Input { return workflows.Input{Tenant: id, Origin: round.Scheduled} }

// What putSchedule did.
const (
	scheduleSame    = ""
	scheduleCreated = "created"
	scheduleUpdated = "updated"
)

// putSchedule makes a tenant's Schedule what its settings ask for. A pause and its note are kept; paused says whether
// there is one.
func putSchedule(ctx context.Context, c client.Client, t tenant.Tenant, taskQueue string) (done string, paused bool, err error) {
	want := wanted(t, taskQueue)
	handle := c.ScheduleClient().GetHandle(ctx, workflows.ScheduleID(t.ID))
	found, err := handle.Describe(ctx)
	if missing(err) {
		_, err = c.ScheduleClient().Create(ctx, client.ScheduleOptions{
			ID: workflows.ScheduleID(t.ID), Spec: *want.Spec, Action: want.Action,
			Overlap: want.Policy.Overlap, CatchupWindow: want.Policy.CatchupWindow,
		})
		if err != nil {
			return "", false, fmt.Errorf("create the Schedule of %s: %w", t.ID, err)
		}
		return scheduleCreated, false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("look at the Schedule of %s: %w", t.ID, err)
	}
	paused = found.Schedule.State != nil && found.Schedule.State.Paused
	if same(found.Schedule, want) {
		return scheduleSame, paused, nil
	}
	err = handle.Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(now client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			want.State = now.Description.Schedule.State // as it is at this very moment
			return &client.ScheduleUpdate{Schedule: &want}, nil
		},
	})
	if err != nil {
		return "", false, fmt.Errorf("update the Schedule of %s: %w", t.ID, err)
	}
	return scheduleUpdated, paused, nil
}

// dropSchedule removes a tenant's Schedule, if it is there.
func dropSchedule(ctx context.Context, c client.Client, id string) error {
	if err := c.ScheduleClient().GetHandle(ctx, workflows.ScheduleID(id)).Delete(ctx); err != nil && !missing(err) {
		return fmt.Errorf("delete the Schedule of %s: %w", id, err)
	}
	return nil
}

// missing tells whether the server doesn't know what was asked for.
func missing(err error) bool {
	var notFound *serviceerror.NotFound
	return errors.As(err, &notFound)
}

// same tells whether a Schedule that the server described does what is wanted. The state (a pause) isn't looked at.
func same(found, want client.Schedule) bool {
	action, ok := found.Action.(*client.ScheduleWorkflowAction)
	return ok && sameAction(action, want.Action.(*client.ScheduleWorkflowAction)) &&
		found.Spec != nil && sameSpec(found.Spec, want.Spec) &&
		found.Policy != nil && *found.Policy == *want.Policy
}

func sameAction(found, want *client.ScheduleWorkflowAction) bool {
	if found.ID != want.ID || found.Workflow != want.Workflow || found.TaskQueue != want.TaskQueue ||
		found.StaticSummary != want.StaticSummary || len(found.Args) != 1 ||
		found.WorkflowExecutionTimeout != 0 || found.WorkflowRunTimeout != 0 || found.RetryPolicy != nil {
		return false
	}
	payload, ok := found.Args[0].(*commonpb.Payload)
	if !ok {
		return false
	}
	var input workflows.Input
	return converter.GetDefaultDataConverter().FromPayload(payload, &input) == nil && input == want.Args[0]
}

// sameSpec compares times. The server gives a cron expression back as a calendar: so its minutes, hours and days are
// compared as sets.
func sameSpec(found, want *client.ScheduleSpec) bool {
	cron, err := tenant.ParseCron(want.CronExpressions[0])
	if err != nil || len(found.Calendars) != 1 || len(found.Intervals) != 0 || len(found.Skip) != 0 ||
		!found.StartAt.Equal(time.Time{}) || !found.EndAt.Equal(time.Time{}) ||
		found.Jitter != want.Jitter || found.TimeZoneName != want.TimeZoneName {
		return false
	}
	calendar := found.Calendars[0]
	const everyValue = 1 << 63 // how the parser marks a *
	return len(calendar.Year) == 0 && set(calendar.Second) == 1 &&
		set(calendar.Minute) == cron.Minute&^everyValue && set(calendar.Hour) == cron.Hour&^everyValue &&
		set(calendar.DayOfMonth) == cron.Dom&^everyValue && set(calendar.Month) == cron.Month&^everyValue &&
		set(calendar.DayOfWeek) == cron.Dow&^everyValue
}

// set is ranges of numbers below 63 as bits.
func set(ranges []client.ScheduleRange) uint64 {
	var bits uint64
	for _, r := range ranges {
		for n := r.Start; n == r.Start || n <= r.End && n < 63; n += max(r.Step, 1) {
			bits |= 1 << n
		}
	}
	return bits
}
