package preview

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/levelsim"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/settings"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/internal/tenant"
)

// SimulateStore stores runs and has the members of tenants.
type SimulateStore interface {
	settings.Store
	stage.Store
	request.PutStore
	BeginRun(
		ctx context.Context, r run.Run, asked *health.Event, opening ledger.Opening,
	) (begun run.Run, kept []byte, err error)
	FinishRun(ctx context.Context, id uuid.UUID, end ledger.Ending) (run.Run, []health.Alert, error)
	Run(ctx context.Context, tenant string, id uuid.UUID) (run.Run, error)
	Members(ctx context.Context, tenant string) iter.Seq2[roster.Member, error]
}

// Simulate applies the trial's levels map to the levels of a tenant's members, and stores the result as a preview. The
// preview has a plan and issues like any other, so reports show and compare it. Simulate needs neither a worker nor
// Temporal. If it fails or is interrupted, it records a failed run and returns the error.
func Simulate(ctx context.Context, s SimulateStore, req request.Request, trial tenant.Trial) (run.Run, error) {
	own, _, err := settings.Load(ctx, s, req.Tenant)
	if err != nil {
		return run.Run{}, err
	}
	if req.Payload, err = trial.Payload(); err != nil {
		return run.Run{}, err
	}
	req.Verb = "preview"
	requestID, err := request.Put(ctx, s, req)
	if err != nil {
		return run.Run{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return run.Run{}, fmt.Errorf("make a run's id: %w", err)
	}
	begun, _, err := s.BeginRun(ctx, run.Run{
		ID: id, Tenant: req.Tenant, Origin: run.Manual, Request: requestID, Execution: id.String(), Preview: true,
		Started: time.Now().UTC(),
	}, nil, nil)
	if err != nil {
		return run.Run{}, fmt.Errorf("begin run: %w", err)
	}
	result := run.Result{Tenant: req.Tenant, Run: id.String(), Outcome: run.Previewed, Started: begun.Started}
	result.Changes, err = simulate(ctx, s, begun, levelsim.New(roster.Levels(own.Levels), roster.Levels(trial.Levels)))
	if err != nil {
		result.Outcome, result.Error = run.Failed, &run.ResultError{
			Kind: "interrupted", Detail: "the simulation did not complete", Hint: "Try again. Nothing was changed.",
		}
	}
	result.Finished = time.Now().UTC()
	// Record the end even if the operator has interrupted the command.
	if _, _, recorded := s.FinishRun(context.WithoutCancel(ctx), id, ledger.Ending{Result: result}); err != nil ||
		recorded != nil {
		return run.Run{}, fmt.Errorf("simulate the levels of %s: %w", req.Tenant, errors.Join(err, recorded))
	}
	return s.Run(ctx, req.Tenant, id)
}

// simulate writes the plan, the issues and the summary of a simulation, and returns the counts of changes.
func simulate(
	ctx context.Context, s SimulateStore, r run.Run, simulation *levelsim.Simulation,
) (run.ChangeCounts, error) {
	attempt := stage.Attempt{Store: s, Run: r.ID, Number: 1, Began: r.Started, Now: time.Now}
	parts, err := attempt.ClaimPlan(ctx, plan.Parts()...)
	if err != nil {
		return run.ChangeCounts{}, err
	}
	builder := parts.Builder(ctx, func(int) {})
	builder.UseDecisions(plan.NewValueDecisions())
	builder.Split(r.ID, nil) // as a sync does, so that both can be compared
	for member, err := range s.Members(ctx, r.Tenant) {
		if err != nil {
			return run.ChangeCounts{}, err
		}
		if change, changes := simulation.Member(member); changes {
			if err := builder.Add(change); err != nil {
				return run.ChangeCounts{}, err
			}
		}
	}
	planned, err := builder.Close(func(uuid.UUID, int) bool { return false })
	if err = cmp.Or(err, parts.Wait()); err != nil {
		return run.ChangeCounts{}, err
	}
	summary := simulation.Summary()
	var unmapped []roster.Issue
	for _, level := range summary.Unmapped {
		unmapped = append(unmapped, roster.UnmappedLevelIssue(level))
	}
	if len(unmapped) > 0 {
		if err := attempt.Write(ctx, ledger.StageIssues, unmapped); err != nil {
			return run.ChangeCounts{}, err
		}
	}
	if err := attempt.Seal(ctx, ledger.StageReplay, summary); err != nil {
		return run.ChangeCounts{}, err
	}
	return planned.Additions.Counts.Plus(planned.Updates.Counts), attempt.Seal(ctx, ledger.StagePlan, planned)
}
