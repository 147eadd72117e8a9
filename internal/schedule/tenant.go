package schedule

import (
	"context"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/workflows"
)

// Put creates a tenant's Schedule or updates it to the tenant's settings. A new one starts paused if the settings say so;
// later a pause is the operator's. paused reports whether an operator has paused
// it.
func Put(
	ctx context.Context, c client.Client, t tenant.Tenant, taskQueue string,
) (done Change, paused bool, err error) {
	want := client.Schedule{
		Action: &client.ScheduleWorkflowAction{
			ID:            workflows.ScheduleID(t.ID),
			Workflow:      workflows.ScheduledSyncName,
			Args:          []any{workflows.Input{Tenant: t.ID, Origin: run.Scheduled}},
			TaskQueue:     taskQueue,
			StaticSummary: "Scheduled sync of " + t.ID,
		},
		Spec: &client.ScheduleSpec{
			CronExpressions: []string{t.Schedule.Cron},
			TimeZoneName:    t.Schedule.Timezone,
			Jitter:          t.Schedule.Jitter.Duration,
		},
		Policy: &client.SchedulePolicies{
			// Ticks may overlap, since the workflow id of a sync allows only one open sync.
			Overlap:       enumspb.SCHEDULE_OVERLAP_POLICY_ALLOW_ALL,
			CatchupWindow: t.Schedule.Catchup.Duration,
		},
	}
	if t.Paused {
		want.State = &client.ScheduleState{Paused: true, Note: "starts paused, by tenants.yaml"}
	}
	return put(ctx, c, want)
}

// Drop deletes a tenant's Schedule. It is no error if there is none.
func Drop(ctx context.Context, c client.Client, tenant string) error {
	if err := handleOf(ctx, c, tenant).Delete(ctx); err != nil && !Missing(err) {
		return fmt.Errorf("delete the Schedule of %s: %w", tenant, err)
	}
	return nil
}

// Info is the state of a tenant's Schedule.
type Info struct {
	Exists bool
	Paused bool
	Note   string    // of the pause
	Next   time.Time // the next tick; zero if there is none or the Schedule is paused
}

// Describe returns the state of a tenant's Schedule. The state is zero if there is no Schedule.
func Describe(ctx context.Context, c client.Client, tenant string) (Info, error) {
	found, err := handleOf(ctx, c, tenant).Describe(ctx)
	if Missing(err) {
		return Info{}, nil
	}
	if err != nil {
		return Info{}, fmt.Errorf("describe the Schedule of %s: %w", tenant, err)
	}
	info := Info{Exists: true, Paused: found.Schedule.State.Paused}
	if info.Paused {
		info.Note = found.Schedule.State.Note
	} else if times := found.Info.NextActionTimes; len(times) > 0 {
		info.Next = times[0]
	}
	return info, nil
}

// Pause pauses a tenant's Schedule. Temporal stores the note, so it must not contain a person's name.
func Pause(ctx context.Context, c client.Client, tenant, note string) error {
	if err := handleOf(ctx, c, tenant).Pause(ctx, client.SchedulePauseOptions{Note: note}); err != nil {
		return fmt.Errorf("pause %s: %w", tenant, err)
	}
	return nil
}

// Unpause ends the pause of a tenant's Schedule. The note must not contain a person's name.
func Unpause(ctx context.Context, c client.Client, tenant, note string) error {
	if err := handleOf(ctx, c, tenant).Unpause(ctx, client.ScheduleUnpauseOptions{Note: note}); err != nil {
		return fmt.Errorf("unpause %s: %w", tenant, err)
	}
	return nil
}

func handleOf(ctx context.Context, c client.Client, tenant string) client.ScheduleHandle {
	return c.ScheduleClient().GetHandle(ctx, workflows.ScheduleID(tenant))
}
