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

// SimulateStore keeps runs and has the members of tenants.
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

// Simulate maps the levels of a tenant's members through the map on trial, in place of the tenant's own, and keeps the
// result as a preview. Its plan and issues are
// like those of a preview that read the directory, so reports show and compare it. It needs no worker and no Temporal.
func Simulate(ctx context.Context, s SimulateStore, asked request.Request, trial tenant.Trial) (run.Run, error) {
	own, _, err := settings.Of(ctx, s, asked.Tenant)
	if err != nil {
		return run.Run{}, err
	}
	if asked.Payload, err = trial.Payload(); err != nil {
		return run.Run{}, err
	}
	asked.Verb = "preview"
	requestID, err := request.Put(ctx, s, asked)
	if err != nil {
		return run.Run{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return run.Run{}, fmt.Errorf("make a run's id: %w", err)
	}
	begun, _, err := s.BeginRun(ctx, run.Run{
		ID: id, Tenant: asked.Tenant, Origin: run.Manual, Request: requestID, Execution: id.String(), Preview: true,
		Started: time.Now().UTC(),
	}, nil, nil)
	if err != nil {
		return run.Run{}, fmt.Errorf("begin run: %w", err)
	}
	result := run.Result{Tenant: asked.Tenant, Run: id.String(), Outcome: run.Previewed, Started: begun.Started}
	result.Changes, err = simulate(ctx, s, begun, levelsim.New(roster.Levels(own.Levels), roster.Levels(trial.Levels)))
	if err != nil {
		result.Outcome, result.Error = run.Failed, &run.ResultError{
			Kind: "interrupted", Detail: "the replay didn't come to its end", Hint: "Try again; nothing was changed.",
		}
	}
	result.Finished = time.Now().UTC()
	// The end is recorded also when the operator has interrupted the command.
	if _, _, recorded := s.FinishRun(context.WithoutCancel(ctx), id, ledger.Ending{Result: result}); err != nil || recorded != nil {
		return run.Run{}, fmt.Errorf("replay the levels of %s: %w", asked.Tenant, errors.Join(err, recorded))
	}
	return s.Run(ctx, asked.Tenant, id)
}

// simulate writes the plan, the issues and the summary of a simulation, and counts the changes.
func simulate(
	ctx context.Context, s SimulateStore, r run.Run, simulation *levelsim.Simulation,
) (run.ChangeCounts, error) {
	attempt := stage.Attempt{Store: s, Run: r.ID, Number: 1, Began: r.Started, Now: time.Now}
	parts, err := attempt.ClaimPlan(ctx, plan.Parts()...)
	if err != nil {
		return run.ChangeCounts{}, err
	}
	builder := parts.Builder(ctx, func(int) {})
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
	return planned.Additions.Counts, attempt.Seal(ctx, ledger.StagePlan, planned)
}
