package workflows

import (
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
)

// Retries aren't limited in number. An error says whether another try can help (internal/fault). A step that fails
// without progress for the tenant's `stall` gives up by itself. stepDeadline ends a step that doesn't even fail.
const stepDeadline = 24 * time.Hour

// fetch reads a directory. A report may take half an hour to its first byte. A paged directory may take hours to read.
// The task queue of an activity isn't compared with a history, so an execution of an earlier release continues here.
func fetch(ctx workflow.Context, in Input, summary string) workflow.Context {
	queue := ReadQueue
	if in.approved() != nil {
		queue = DecidedQueue
	}
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              queue(workflow.GetInfo(ctx).TaskQueueName),
		StartToCloseTimeout:    12 * time.Hour,
		ScheduleToCloseTimeout: stepDeadline,
		HeartbeatTimeout:       time.Minute,
		WaitForCancellation:    true,
		RetryPolicy:            backoff(5*time.Second, 2*time.Minute),
		Summary:                summary,
		Priority:               fairness(in.Tenant),
	})
}

// compute reads and writes the store only, for as long as a large tenant takes.
func compute(ctx workflow.Context, tenant, summary string) workflow.Context {
	return storeStep(ctx, tenant, summary, backoff(time.Second, time.Minute))
}

// apply writes members. It retries sooner than compute, so that a plan doesn't stay half applied.
func apply(ctx workflow.Context, tenant, summary string) workflow.Context {
	return storeStep(ctx, tenant, summary, backoff(time.Second, 20*time.Second))
}

func storeStep(ctx workflow.Context, tenant, summary string, retries *temporal.RetryPolicy) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    2 * time.Hour,
		ScheduleToCloseTimeout: stepDeadline,
		HeartbeatTimeout:       time.Minute,
		WaitForCancellation:    true,
		RetryPolicy:            retries,
		Summary:                summary,
		Priority:               fairness(tenant),
	})
}

// record writes one row about the round. It retries until the store is available: a round whose end isn't recorded
// would always look open.
func record(ctx workflow.Context, tenant, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 2 * time.Minute,
		WaitForCancellation: true,
		RetryPolicy:         backoff(time.Second, 30*time.Second),
		Summary:             summary,
		Priority:            fairness(tenant),
	})
}

// conclude writes a row for each dropped removal, and the outcome. Like record, it retries until the store is
// available.
func conclude(ctx workflow.Context, tenant, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 2 * time.Hour,
		HeartbeatTimeout:    time.Minute,
		WaitForCancellation: true,
		RetryPolicy:         backoff(time.Second, 30*time.Second),
		Summary:             summary,
		Priority:            fairness(tenant),
	})
}

// child is the Sync that a tick of the Schedule starts: it outlives the tick, and its id is the lock.
func child(ctx workflow.Context, tenant string) workflow.Context {
	return workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:          SyncID(tenant),
		ParentClosePolicy:   abandon,
		WaitForCancellation: true,
		StaticSummary:       "Sync of " + tenant,
		Priority:            fairness(tenant),
	})
}

// brief asks the store for something that the workflow can do without if the store is unavailable for long.
func brief(ctx workflow.Context, tenant, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    time.Minute,
		HeartbeatTimeout:       15 * time.Second, // a killed worker is noticed soon
		ScheduleToCloseTimeout: 10 * time.Minute,
		RetryPolicy:            backoff(time.Second, 30*time.Second),
		Summary:                summary,
		Priority:               fairness(tenant),
	})
}

// deliver sends one alert to one hook. It tries for a day: later the alert is useless.
func deliver(ctx workflow.Context, tenant, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    time.Minute,
		HeartbeatTimeout:       15 * time.Second, // a killed worker is noticed soon
		ScheduleToCloseTimeout: stepDeadline,
		RetryPolicy:            backoff(5*time.Second, 15*time.Minute),
		Summary:                summary,
		Priority:               fairness(tenant),
	})
}

// survey examines all tenants. The next survey examines those that this one didn't reach.
func survey(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    30 * time.Minute,
		ScheduleToCloseTimeout: time.Hour,
		HeartbeatTimeout:       time.Minute,
		WaitForCancellation:    true,
		RetryPolicy:            backoff(5*time.Second, 5*time.Minute),
		Summary:                "Look for syncs that should have run and did not",
	})
}

// alert starts the workflow that delivers an alert. It outlives the workflow that starts it. There is one for each
// alert.
func alert(ctx workflow.Context, of activities.Announcement) workflow.Context {
	return workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:            AlertID(of.Alert),
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		ParentClosePolicy:     abandon,
		StaticSummary:         "Deliver the alert that " + of.Tenant + " is " + string(of.Condition),
		Priority:              fairness(of.Tenant),
	})
}

const abandon = enumspb.PARENT_CLOSE_POLICY_ABANDON

func backoff(first, most time.Duration) *temporal.RetryPolicy {
	return &temporal.RetryPolicy{InitialInterval: first, BackoffCoefficient: 2, MaximumInterval: most}
}

// fair keeps one large tenant from starving the rest.
func fairness(tenant string) temporal.Priority { return temporal.Priority{FairnessKey: tenant} }
