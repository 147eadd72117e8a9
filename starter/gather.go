package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/chunk"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/report"
	"github.com/rollcall/rollcall/internal/roster"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
)

// gatherer brings together what a report on one run is made of.
type gatherer struct {
	store *store.Store
	run   round.Run
	named bool // changes carry emails and group names, for people
	gone  bool // some of it is no longer kept: the tenant's retention is over
}

func (g *gatherer) input(ctx context.Context) (report.Input, error) {
	row, err := g.store.Tenant(ctx, g.run.Tenant)
	if err != nil {
		return report.Input{}, fmt.Errorf("tenant %s: %w", g.run.Tenant, err)
	}
	request, err := requestOf(ctx, g.store, g.run)
	if err != nil {
		return report.Input{}, err
	}
	dropped, err := g.store.DroppedAt(ctx, g.run.ID)
	if err != nil {
		return report.Input{}, err
	}
	trial, err := tenant.ReadTrial(request.Payload)
	if err != nil {
		return report.Input{}, fmt.Errorf("run %s: %w", g.run.ID, err)
	}
	replayed, err := g.replayed(ctx)
	if err != nil {
		return report.Input{}, err
	}
	changes := g.changes(ctx)
	if g.named {
		changes = named(ctx, g.store, row.ID, changes)
	}
	return report.Input{
		Tenant: row.ID, Name: row.Name, Run: g.run, By: request.By, Reason: request.Reason, Dropped: dropped,
		Issues: g.issues(ctx), Changes: changes, Tried: trial.Tries(), Simulated: replayed,
	}, nil
}

// issues are what the run refused or doubted, in the order of rows.
func (g *gatherer) issues(ctx context.Context) iter.Seq2[roster.Issue, error] {
	if g.run.Same != uuid.Nil {
		return g.repeated(ctx)
	}
	return func(yield func(roster.Issue, error) bool) {
		for data, err := range g.chunks(ctx, "issues") {
			var piece []roster.Issue
			if err == nil {
				piece, err = activities.ReadIssues(data)
			}
			if err != nil {
				yield(roster.Issue{}, fmt.Errorf("issues: %w", err))
				return
			}
			for _, issue := range piece {
				if !yield(issue, nil) {
					return
				}
			}
		}
	}
}

// repeated are the issues of a run that found what an earlier one had: columns that are not there.
func (g *gatherer) repeated(ctx context.Context) iter.Seq2[roster.Issue, error] {
	return func(yield func(roster.Issue, error) bool) {
		stage, err := g.store.Stage(ctx, g.run.Same, activities.RosterStage)
		var found activities.Verdict
		if err == nil {
			found, err = activities.ReadVerdict(stage.Summary)
		}
		if err != nil {
			yield(roster.Issue{}, fmt.Errorf("issues: %w", err))
			return
		}
		for _, issue := range found.Columns {
			if !yield(issue, nil) {
				return
			}
		}
	}
}

// changes are what the run changed, and then what it planned and didn't: everything in a preview, else what is held back.
func (g *gatherer) changes(ctx context.Context) iter.Seq2[report.Change, error] {
	parts := plan.Parts()
	if !g.run.Preview {
		parts = append(g.held(ctx), plan.PartDropped, plan.PartLeft)
	}
	return func(yield func(report.Change, error) bool) {
		for c, err := range g.store.RunChanges(ctx, g.run.Tenant, g.run.ID) {
			if !yield(done(c), err) || err != nil {
				return
			}
		}
		for _, part := range parts {
			for c, err := range g.planned(ctx, part) {
				if !yield(c, err) || err != nil {
					return
				}
			}
		}
	}
}

// held are the parts that the run held back.
func (g *gatherer) held(ctx context.Context) []plan.Part {
	if g.run.Result == nil || g.run.Result.Held == nil {
		return nil
	}
	var summary plan.Summary
	stage, err := g.store.Stage(ctx, g.run.ID, "plan")
	if err != nil || json.Unmarshal(stage.Summary, &summary) != nil {
		return []plan.Part{plan.PartRemovals, plan.PartWithheld} // an older plan, or none: nothing is shown that isn't there
	}
	return summary.Held(g.run.Result.Held.Plan)
}

// done is a change as the audit has it.
func done(c store.AuditChange) report.Change {
	return report.Change{
		Seq: c.Seq, Run: c.Run, At: c.At, Op: c.Op, Member: c.Member, Group: c.Group, Fields: c.Fields, Why: c.Why,
	}
}

// planned are the changes in one part of the run's plan.
func (g *gatherer) planned(ctx context.Context, part plan.Part) iter.Seq2[report.Change, error] {
	return func(yield func(report.Change, error) bool) {
		for c, err := range g.part(ctx, part) {
			if err != nil {
				yield(report.Change{}, err)
				return
			}
			if change, shown := report.PlannedChange(part, c); shown && !yield(change, nil) {
				return
			}
		}
	}
}

// part are the changes in one part of the run's plan, as they were planned.
func (g *gatherer) part(ctx context.Context, part plan.Part) iter.Seq2[plan.Change, error] {
	return func(yield func(plan.Change, error) bool) {
		for data, err := range g.chunks(ctx, string(part)) {
			var piece plan.Chunk
			if err == nil {
				err = chunk.Decode(data, &piece)
			}
			if err == nil {
				err = welcome(ctx, g.store, g.run.ID, &piece)
			}
			if err != nil {
				yield(plan.Change{}, fmt.Errorf("plan: %w", err))
				return
			}
			for _, c := range piece.Changes {
				if !yield(c, nil) {
					return
				}
			}
		}
	}
}

// chunks are those of one of the run's stages; none when it never came to it, or they are no longer kept.
func (g *gatherer) chunks(ctx context.Context, stage string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		first := true
		for data, err := range g.store.Chunks(ctx, g.run.ID, stage, 0, -1) {
			if first && errors.Is(err, store.ErrNotFound) {
				_, err := g.store.Stage(ctx, g.run.ID, stage)
				g.gone = g.gone || err == nil
				return
			}
			if first = false; !yield(data, err) || err != nil {
				return
			}
		}
	}
}
