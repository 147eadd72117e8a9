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

// schedules knows when tenants are to be synced: from their settings, and from Temporal.
type schedules struct {
	source.Opener
	store    *store.Store
	temporal client.Client
}

var _ activities.Schedules = schedules{}

// Cadence is of the port Schedules.
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

// Watched is of the port Schedules. A tenant whose settings can't be read is left out: its syncs say so.
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
			watched := activities.Watched{Tenant: row.ID, State: row.State, Last: row.Last, Applied: row.UpdatedAt, Cadence: cadence(t)}
			if !yield(watched, nil) {
				return
			}
		}
	}
}

// temporalPatience is how long Temporal may take to answer.
const temporalTimeout = 30 * time.Second

// Expectation is of the port Schedules. A Schedule that somebody deleted is not paused: its syncs are missed.
func (s schedules) Expectation(ctx context.Context, id string) (activities.Expectation, error) {
	ctx, cancel := context.WithTimeout(ctx, temporalTimeout)
	defer cancel()
	var seen activities.Expectation
	var missing *serviceerror.NotFound
	sync, err := s.temporal.DescribeWorkflowExecution(ctx, workflows.SyncID(id), "")
	if err != nil && !errors.As(err, &missing) {
		return seen, fault.Internal(fmt.Errorf("look at the sync: %w", err))
	}
	seen.Open = err == nil && sync.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	schedule, err := s.temporal.ScheduleClient().GetHandle(ctx, workflows.ScheduleID(id)).Describe(ctx)
	if err != nil && !errors.As(err, &missing) {
		return seen, fault.Internal(fmt.Errorf("look at the Schedule: %w", err))
	}
	seen.Paused = err == nil && schedule.Schedule.State.Paused
	return seen, nil
}
