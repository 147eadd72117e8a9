// Package schedule creates and updates the Schedules in Temporal. Each tenant has one Schedule, which starts its syncs.
// The installation has two: one starts the watch for overdue syncs, the other the retention.
//
// Each Put function creates the Schedule or updates it, and returns which it did. A second call with the same settings
// changes nothing. A pause and its note belong to the operator, so Put keeps them.
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

// Change says what a Put function did.
type Change string

// Values of Change.
const (
	Created   Change = "created"
	Updated   Change = "updated"
	Unchanged Change = "unchanged"
)

// Missing reports whether err is the server's error for a Schedule, workflow or namespace that does not exist.
func Missing(err error) bool {
	var notFound *serviceerror.NotFound
	return errors.As(err, &notFound)
}

// put creates or updates a Schedule. Its id is that of its action.
func put(ctx context.Context, c client.Client, want client.Schedule) (done Change, paused bool, err error) {
	id := workflowAction(want).ID
	handle := c.ScheduleClient().GetHandle(ctx, id)
	found, err := handle.Describe(ctx)
	if Missing(err) {
		options := client.ScheduleOptions{
			ID: id, Spec: *want.Spec, Action: want.Action,
			Overlap: want.Policy.Overlap, CatchupWindow: want.Policy.CatchupWindow,
		}
		if want.State != nil {
			options.Paused, options.Note = want.State.Paused, want.State.Note
		}
		if _, err := c.ScheduleClient().Create(ctx, options); err != nil {
			return "", false, fmt.Errorf("create the Schedule %s: %w", id, err)
		}
		return Created, options.Paused, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("describe the Schedule %s: %w", id, err)
	}
	paused = found.Schedule.State != nil && found.Schedule.State.Paused
	if same(found.Schedule, want) {
		return Unchanged, paused, nil
	}
	err = handle.Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(now client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			want.State = now.Description.Schedule.State // keeps a pause that began in the meantime
			return &client.ScheduleUpdate{Schedule: &want}, nil
		},
	})
	if err != nil {
		return "", false, fmt.Errorf("update the Schedule %s: %w", id, err)
	}
	return Updated, paused, nil
}

func workflowAction(s client.Schedule) *client.ScheduleWorkflowAction {
	action, _ := s.Action.(*client.ScheduleWorkflowAction) // the only kind that this package creates
	return action
}

// same reports whether a Schedule that the server returned equals the wanted one. It ignores a pause.
func same(found, want client.Schedule) bool {
	return sameAction(workflowAction(found), workflowAction(want)) && found.Spec != nil &&
		sameSpec(found.Spec, want.Spec) &&
		found.Policy != nil && *found.Policy == *want.Policy
}

func sameAction(found, want *client.ScheduleWorkflowAction) bool {
	return found != nil && found.ID == want.ID && found.Workflow == want.Workflow &&
		found.TaskQueue == want.TaskQueue &&
		found.StaticSummary == want.StaticSummary && found.WorkflowExecutionTimeout == 0 &&
		found.WorkflowRunTimeout == 0 &&
		found.RetryPolicy == nil && sameArguments(found.Args, want.Args)
}

// sameArguments compares encoded arguments that the server returned with values.
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

// sameSpec compares times. The server returns a cron expression as a calendar, so sameSpec compares minutes, hours and
// days as sets.
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

// set returns ranges of numbers below 63 as a bit set.
func set(ranges []client.ScheduleRange) uint64 {
	var bits uint64
	for _, r := range ranges {
		for n := r.Start; n == r.Start || n <= r.End && n < 63; n += max(r.Step, 1) {
			bits |= 1 << n
		}
	}
	return bits
}
