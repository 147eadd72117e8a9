// Package schedule keeps the Schedules in Temporal: one for each tenant, which starts its syncs, and two for the
// installation, which start the watch for overdue syncs and the retention.
//
// Each Put makes a Schedule what it should be and says what it did, so that a second Put with the same settings changes
// nothing. A pause and its note are an operator's: Put keeps them.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/rollcall/rollcall/internal/tenant"
)

// Change is what Put did.
type Change string

// The changes.
const (
	Created   Change = "created"
	Updated   Change = "updated"
	Unchanged Change = "unchanged"
)

// Missing tells whether an error of the server says that there is no such Schedule, workflow or namespace.
func Missing(err error) bool {
	var notFound *serviceerror.NotFound
	return errors.As(err, &notFound)
}

// put makes a Schedule, whose id is its action's, what is wanted.
func put(ctx context.Context, c client.Client, want client.Schedule) (done Change, paused bool, err error) {
	id := actionOf(want).ID
	handle := c.ScheduleClient().GetHandle(ctx, id)
	found, err := handle.Describe(ctx)
	if Missing(err) {
		_, err = c.ScheduleClient().Create(ctx, client.ScheduleOptions{
			ID: id, Spec: *want.Spec, Action: want.Action,
			Overlap: want.Policy.Overlap, CatchupWindow: want.Policy.CatchupWindow,
		})
		if err != nil {
			return "", false, fmt.Errorf("create the Schedule %s: %w", id, err)
		}
		return Created, false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("look at the Schedule %s: %w", id, err)
	}
	paused = found.Schedule.State != nil && found.Schedule.State.Paused
	if same(found.Schedule, want) {
		return Unchanged, paused, nil
	}
	err = handle.Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(now client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			want.State = now.Description.Schedule.State // the pause at this very moment
			return &client.ScheduleUpdate{Schedule: &want}, nil
		},
	})
	if err != nil {
		return "", false, fmt.Errorf("update the Schedule %s: %w", id, err)
	}
	return Updated, paused, nil
}

func actionOf(s client.Schedule) *client.ScheduleWorkflowAction {
	action, _ := s.Action.(*client.ScheduleWorkflowAction) // the only kind that we make
	return action
}

// same tells whether a Schedule that the server described does what is wanted. It ignores the state: a pause.
func same(found, want client.Schedule) bool {
	return sameAction(actionOf(found), actionOf(want)) && found.Spec != nil && sameSpec(found.Spec, want.Spec) &&
		found.Policy != nil && *found.Policy == *want.Policy
}

func sameAction(found, want *client.ScheduleWorkflowAction) bool {
	return found != nil && found.ID == want.ID && found.Workflow == want.Workflow && found.TaskQueue == want.TaskQueue &&
		found.StaticSummary == want.StaticSummary && found.WorkflowExecutionTimeout == 0 && found.WorkflowRunTimeout == 0 &&
		found.RetryPolicy == nil && sameArguments(found.Args, want.Args)
}

// sameArguments compares arguments that the server gave back, which are encoded, with values.
func sameArguments(found, want []any) bool {
	if len(found) != len(want) {
		return false
	}
	for i := range want {
		payload, ok := found[i].(*commonpb.Payload)
		if !ok {
			return false
		}
		value := reflect.New(reflect.TypeOf(want[i]))
		if converter.GetDefaultDataConverter().FromPayload(payload, value.Interface()) != nil ||
			!reflect.DeepEqual(value.Elem().Interface(), want[i]) {
			return false
		}
	}
	return true
}

// sameSpec compares times. The server gives a cron expression back as a calendar, so its minutes, hours and days are
// compared as sets.
func sameSpec(found, want *client.ScheduleSpec) bool {
	if len(found.Calendars) != len(want.CronExpressions) || len(found.Intervals) != len(want.Intervals) ||
		len(found.Skip) != 0 || !found.StartAt.Equal(time.Time{}) || !found.EndAt.Equal(time.Time{}) ||
		found.Jitter != want.Jitter || found.TimeZoneName != want.TimeZoneName {
		return false
	}
	for i := range want.Intervals {
		if found.Intervals[i] != want.Intervals[i] {
			return false
		}
	}
	for i := range want.CronExpressions {
		if !sameTimes(found.Calendars[i], want.CronExpressions[i]) {
			return false
		}
	}
	return true
}

func sameTimes(found client.ScheduleCalendarSpec, want string) bool {
	cron, err := tenant.ParseCron(want)
	const everyValue = 1 << 63 // how the parser marks a *
	return err == nil && len(found.Year) == 0 && set(found.Second) == 1 &&
		set(found.Minute) == cron.Minute&^everyValue && set(found.Hour) == cron.Hour&^everyValue &&
		set(found.DayOfMonth) == cron.Dom&^everyValue && set(found.Month) == cron.Month&^everyValue &&
		set(found.DayOfWeek) == cron.Dow&^everyValue
}

// set returns ranges of numbers below 63 as bits.
func set(ranges []client.ScheduleRange) uint64 {
	var bits uint64
	for _, r := range ranges {
		for n := r.Start; n == r.Start || n <= r.End && n < 63; n += max(r.Step, 1) {
			bits |= 1 << n
		}
	}
	return bits
}
