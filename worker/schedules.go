package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/source"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/workflows"
)

// schedules knows when tenants are synced, from their settings and from Temporal.
type schedules struct {
	source.Opener
	store    *store.Store
	temporal client.Client
}

var _ activities.Schedules = schedules{}

// Cadence implements activities.Schedules.
func (s schedules) Cadence(ctx context.Context, id string) (activities.Cadence, error) {
	t, err := s.Settings(ctx, id)
	if err != nil {
		return activities.Cadence{}, err
	}
	return cadence(t), nil
}

func cadence(t tenant.Tenant) activities.Cadence {
	return activities.Cadence{Next: t.Schedule.Next, Tolerance: t.Schedule.Tolerance(), Maintenance: t.Maintenance}
}

// Watched implements activities.Schedules. It skips a tenant with unreadable settings, because its syncs report that.
func (s schedules) Watched(ctx context.Context) iter.Seq2[activities.Watched, error] {
	return func(yield func(activities.Watched, error) bool) {
		for row, err := range s.store.Watched(ctx) {
			if err != nil {
				yield(activities.Watched{}, err)
				return
			}
			t, err := tenant.FromSettings(row.Settings)
			if err != nil {
				continue
			}
			watched := activities.Watched{
				Tenant: row.ID, State: row.State, Last: row.Last, Applied: row.UpdatedAt, Cadence: cadence(t),
			}
			if !yield(watched, nil) {
				return
			}
		}
	}
}

// temporalTimeout limits the requests to Temporal.
const temporalTimeout = 30 * time.Second

// Expectation implements activities.Schedules. A deleted Schedule is not paused, so its syncs count as missed.
func (s schedules) Expectation(ctx context.Context, id string) (activities.Expectation, error) {
	ctx, cancel := context.WithTimeout(ctx, temporalTimeout)
	defer cancel()
	var seen activities.Expectation
	var missing *serviceerror.NotFound
	sync, err := s.temporal.DescribeWorkflowExecution(ctx, workflows.SyncID(id), "")
	if err != nil && !errors.As(err, &missing) {
		return seen, fault.Internal(fmt.Errorf("describe the sync: %w", err))
	}
	seen.Open = err == nil && sync.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	schedule, err := s.temporal.ScheduleClient().GetHandle(ctx, workflows.ScheduleID(id)).Describe(ctx)
	if err != nil && !errors.As(err, &missing) {
		return seen, fault.Internal(fmt.Errorf("describe the Schedule: %w", err))
	}
	seen.Paused = err == nil && schedule.Schedule.State.Paused
	return seen, nil
}
