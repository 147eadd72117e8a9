package schedule

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/rollcall/rollcall/workflows"
)

// cron is a Schedule that fires at minutes 0 and 30 of every third hour.
func cron() client.Schedule {
	return client.Schedule{
		Action: &client.ScheduleWorkflowAction{ID: "schedule-acme", Args: []any{workflows.Input{Tenant: "acme"}}},
		Spec:   &client.ScheduleSpec{CronExpressions: []string{"*/30 */3 * * *"}, TimeZoneName: "UTC"},
		Policy: &client.SchedulePolicies{CatchupWindow: time.Minute},
	}
}

// described returns the same Schedule as a server returns it.
func described(t *testing.T, change func(*client.Schedule)) client.Schedule {
	t.Helper()
	payload, err := converter.GetDefaultDataConverter().ToPayload(workflows.Input{Tenant: "acme"})
	require.NoError(t, err)
	found := cron()
	found.Action = &client.ScheduleWorkflowAction{ID: "schedule-acme", Args: []any{payload}}
	found.Spec.CronExpressions, found.Spec.Calendars = nil, []client.ScheduleCalendarSpec{{
		Second: []client.ScheduleRange{{}}, Minute: []client.ScheduleRange{{End: 59, Step: 30}},
		Hour:       []client.ScheduleRange{{End: 23, Step: 3}},
		DayOfMonth: []client.ScheduleRange{{Start: 1, End: 31}}, Month: []client.ScheduleRange{{Start: 1, End: 12}},
		DayOfWeek: []client.ScheduleRange{{End: 6}},
	}}
	change(&found)
	return found
}

func TestAScheduleIsTheSameIfItDiffersOnlyInAPause(t *testing.T) {
	t.Parallel()
	assert.True(t, same(described(t, func(*client.Schedule) {}), cron()))
	assert.True(t, same(described(t, func(s *client.Schedule) { s.State = &client.ScheduleState{Paused: true} }),
		cron()), "a pause is the operator's")
	for name, change := range map[string]func(*client.Schedule){
		"another kind of action": func(s *client.Schedule) { s.Action = nil },
		"no arguments":           func(s *client.Schedule) { s.Action.(*client.ScheduleWorkflowAction).Args = nil },
		"arguments that don't decode": func(s *client.Schedule) {
			s.Action.(*client.ScheduleWorkflowAction).Args = []any{&commonpb.Payload{Data: []byte("x")}}
		},
		"a timeout":        func(s *client.Schedule) { s.Action.(*client.ScheduleWorkflowAction).WorkflowRunTimeout = time.Hour },
		"another hour":     func(s *client.Schedule) { s.Spec.Calendars[0].Hour = []client.ScheduleRange{{Start: 4}} },
		"another interval": func(s *client.Schedule) { s.Spec.Intervals = []client.ScheduleIntervalSpec{{Every: time.Hour}} },
		"no policy":        func(s *client.Schedule) { s.Policy = nil },
	} {
		assert.False(t, same(described(t, change), cron()), name)
	}
}
