package workflows

import (
	"fmt"

	"github.com/google/uuid"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/run"
)

// round is one round of a tenant. Its fields hold what is known so far.
type round struct {
	in      Input
	preview bool
	do      *activities.Activities // always nil: activities are called by name, which method values give

	round  run.Round
	shared bool
	lanes  int             // spans that are applied at once
	read   activities.Read // the complete snapshot, or empty
	sameAs uuid.UUID       // the run whose verdict this run repeats; Nil: it has its own
	plan   activities.Plan

	status      Status
	resyncWaits func() bool // reports whether a resync waits; changes nothing
	vetoed      func() bool // reports whether somebody rejected the removals that this round would apply

	releasing bool // removals that the guard lets pass are being applied
}

func newRound(in Input, preview bool) *round {
	never := func() bool { return false }
	return &round{in: in, preview: preview, resyncWaits: never, vetoed: never}
}

func (r *round) setup(ctx workflow.Context) error {
	if err := workflow.SetQueryHandler(ctx, StatusQuery, func() (Status, error) {
		return r.snapshot(),
			nil
	}); err != nil {
		return fmt.Errorf("answer status queries: %w", err)
	}
	*r.result() = run.Result{Tenant: r.in.Tenant, Started: workflow.Now(ctx).UTC()}
	if r.in.undoing() {
		r.result().Undoes = &run.Undoing{Run: r.in.Undoes.String()}
	}
	r.status.Hold = r.in.Hold
	r.enter(ctx, Beginning)
	if r.in.Hold != nil {
		return nil // the attributes of the held plan stay until this round changes them
	}
	return upsert(ctx, openAttributes(r.in.Tenant)...)
}

// run plays the round and records how it ended.
func (r *round) run(ctx workflow.Context) (run.Result, error) {
	err := canceled(ctx, r.begin(ctx))
	if err != nil {
		return r.fail(ctx, err) // there is no run to record
	}
	if err = canceled(ctx, r.steps(ctx)); err != nil {
		r.failed(err)
	}
	// The end is recorded even if the workflow is cancelled.
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	if recording := r.finish(ctx); err == nil {
		err = recording
	}
	if err != nil {
		return r.fail(ctx, err)
	}
	return *r.result(), r.close(ctx)
}

// steps plays the steps of the round between its beginning and its end.
func (r *round) steps(ctx workflow.Context) error {
	if r.in.undoing() {
		return r.reverse(ctx)
	}
	if err := r.fetch(ctx); err != nil {
		return err
	}
	unchanged, err := r.validate(ctx)
	if err != nil || unchanged {
		return err
	}
	if err := r.diff(ctx); err != nil {
		return err
	}
	verdict, err := r.guard(ctx)
	if err != nil {
		return err
	}
	if r.preview {
		return nil
	}
	return r.apply(ctx, verdict)
}

func (r *round) begin(ctx workflow.Context) error {
	var began activities.BeginResult
	ctx = record(ctx, r.in.Tenant, "Open the run, read the tenant's settings")
	err := workflow.ExecuteActivity(ctx, r.do.Begin, activities.BeginInput{
		Tenant: r.in.Tenant, Origin: r.in.Origin, Request: r.in.Request, Preview: r.preview,
		Approved: r.in.approved(), IgnoreWithheld: r.in.byHand() && !r.preview, Undoes: r.in.Undoes,
	}).Get(ctx, &began)
	r.round, r.shared, r.lanes = began.Round, began.Shared, began.Lanes
	if err == nil {
		r.result().Run, r.result().Started = began.Round.Run.String(), began.Round.Started
	}
	return err
}

// fetch reads users and groups, concurrently unless they share a rate limit. If one read fails, fetch cancels the other
// and waits for it. So nothing is running when the round is recorded as failed.
func (r *round) fetch(ctx workflow.Context) error {
	r.enter(ctx, Fetching)
	ctx, cancel := workflow.WithCancel(ctx)
	defer cancel()
	in := activities.FetchInput{Round: r.round}
	var failed error
	take := func(result any) func(workflow.Future) {
		return func(half workflow.Future) {
			if err := half.Get(ctx, result); err != nil && failed == nil {
				failed = err
				cancel()
			}
		}
	}
	halves, left := workflow.NewSelector(ctx), 1
	users := workflow.ExecuteActivity(fetch(ctx, r.in, "Read the users"), r.do.FetchUsers, in)
	halves.AddFuture(users, take(&r.read.Users))
	if r.shared {
		halves.Select(ctx)
		left--
	}
	if failed == nil {
		left++
		groups := workflow.ExecuteActivity(fetch(ctx, r.in, "Read the groups"), r.do.FetchGroups, in)
		halves.AddFuture(groups, take(&r.read.Groups))
	}
	for range left {
		halves.Select(ctx)
	}
	if failed == nil && r.read.Groups.Others && !r.read.Users.EachRow() {
		failed = r.fetchEveryRow(ctx, in)
	}
	r.fetched(failed)
	return failed
}

// fetchEveryRow reads the users once more, also those whose rows are known: the groups that they name have changed.
func (r *round) fetchEveryRow(ctx workflow.Context, in activities.FetchInput) error {
	in.EveryRow = true
	r.read.Users = activities.FetchUsersResult{}
	return workflow.ExecuteActivity(fetch(ctx, r.in, "Read all users again: the groups have changed"),
		r.do.FetchUsers, in).Get(ctx, &r.read.Users)
}

// fetched counts what was read. If one read failed, it drops the result of the other.
func (r *round) fetched(failed error) {
	r.result().Snapshot = run.SnapshotCounts{
		Users: r.read.Users.Users, Groups: r.read.Groups.Groups, Memberships: r.read.Groups.Memberships,
	}
	if failed != nil {
		r.read = activities.Read{}
	}
}

func (r *round) validate(ctx workflow.Context) (unchanged bool, err error) {
	r.enter(ctx, Validating)
	var valid activities.ValidateResult
	err = workflow.ExecuteActivity(compute(ctx, r.in.Tenant, validateSummary(r.read)), r.do.Validate,
		activities.ValidateInput{Round: r.round, Read: r.read}).Get(ctx, &valid)
	if err != nil {
		return false, err
	}
	r.sameAs = valid.Same
	r.result().Snapshot, r.result().Rows = valid.Snapshot, valid.Rows
	return valid.Unchanged, upsert(ctx, issuesKey.ValueSet(int64(valid.Issues)))
}

func (r *round) diff(ctx workflow.Context) error {
	r.enter(ctx, Diffing)
	var diff activities.DiffResult
	err := workflow.ExecuteActivity(compute(ctx, r.in.Tenant, diffSummary(r.result().Rows)), r.do.Diff,
		activities.DiffInput{
			Round: r.round,
			Split: workflow.GetVersion(ctx, partsVersion, workflow.DefaultVersion, 1) != workflow.DefaultVersion,
		}).Get(ctx, &diff)
	r.plan = diff.Plan
	r.result().Withheld = r.plan.WithheldBefore
	if of := r.in.approved(); of != nil && err == nil {
		r.result().Approved = &run.ApprovedPlan{
			Plan: of.Plan, Removals: r.plan.Approved, Additions: r.plan.Others.Additions, Changes: r.plan.Others.Changes,
			LeftOut: r.plan.LeftOut,
		}
	}
	return err
}

// guard asks which parts of the plan may be applied. The others are held, and everything else is applied.
func (r *round) guard(ctx workflow.Context) (verdict activities.GuardResult, err error) {
	r.enter(ctx, Guarding)
	err = workflow.ExecuteActivity(compute(ctx, r.in.Tenant, guardSummary(r.plan)), r.do.Guard,
		activities.GuardInput{Round: r.round, Plan: r.plan}).Get(ctx, &verdict)
	if err != nil {
		return verdict, err
	}
	r.result().Held = verdict.Held
	r.status.Planned = Planned{
		Changes:  r.plan.Counts(),
		Removals: r.plan.Leaving,
		Limit:    verdict.Limit,
		Recent:   verdict.Recent,

		Additions: verdict.Additions,
		Updates:   verdict.Changes,
	}
	for _, part := range r.flowing(verdict) {
		r.status.Planned.Batches += part.Batches
	}
	return verdict, upsert(ctx,
		changesKey.ValueSet(int64(r.status.Planned.Changes.Total())), removalsKey.ValueSet(int64(r.plan.Leaving)))
}

// finish decides on the outcome and records it.
func (r *round) finish(ctx workflow.Context) error {
	r.enter(ctx, Finishing)
	result := r.result()
	result.Outcome = r.outcome()
	if r.preview {
		result.Changes = r.status.Planned.Changes
	}
	var finished activities.FinishResult
	err := workflow.ExecuteActivity(record(ctx, r.in.Tenant, recordSummary(result.Outcome)), r.do.Finish,
		activities.FinishInput{Round: r.round, Result: *result, Read: r.read, SameAs: r.sameAs}).Get(ctx, &finished)
	if err == nil {
		*result = finished.Result
		announce(ctx, finished.Alerts)
	}
	return err
}

func (r *round) outcome() run.Outcome {
	result := r.result()
	switch {
	case result.Error != nil:
		return run.Failed
	case r.preview:
		return run.Previewed
	case result.Held != nil:
		return run.Held
	case result.Changes.Total() == 0 && result.Failed == 0:
		return run.Unchanged
	default:
		return run.Applied
	}
}

// fail ends the workflow with an error. The error's type is the fault's kind, and its details are the result. A
// cancellation stays a cancellation.
func (r *round) fail(ctx workflow.Context, err error) (run.Result, error) {
	r.failed(err)
	if r.result().Finished.IsZero() {
		r.result().Finished = workflow.Now(ctx).UTC()
	}
	if shown := r.close(ctx); shown != nil {
		return *r.result(), shown
	}
	if temporal.IsCanceledError(err) {
		return *r.result(), err
	}
	return *r.result(), failure(*r.result())
}

// failed records why the round failed. A plan that was held before stays held.
func (r *round) failed(err error) {
	result := r.result()
	result.Outcome, result.Error, result.Held = run.Failed, explain(err), nil
	if !temporal.IsCanceledError(err) {
		result.Held = r.in.heldBefore()
	}
}
