// Package gather reads the content of a report from the store: the run and who requested it, its issues, its applied
// and planned changes, and the differences from an earlier run.
//
// It returns lists as iterators, which read the store while report.Write writes. So it never has a whole list in
// memory.
package gather

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/levelsim"
	"github.com/rollcall/rollcall/internal/names"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/report"
	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
)

// Store has the data of reports.
type Store interface {
	stage.RunStore
	request.Store
	names.GroupStore
	names.MemberStore
	// Tenant returns a tenant, also a dropped one, or ledger.ErrNotFound.
	Tenant(ctx context.Context, id string) (store.Tenant, error)
	// Runs returns the latest runs of a tenant, at most limit of them, latest first; 0 means all.
	Runs(ctx context.Context, tenant string, limit int) ([]run.Run, error)
	// DroppedAt returns when the retention dropped the rows and plan of a run. The time is zero if they still exist.
	DroppedAt(ctx context.Context, run uuid.UUID) (time.Time, error)
	// RunChanges iterates over the applied changes of a run, in order.
	RunChanges(ctx context.Context, tenant string, run uuid.UUID) iter.Seq2[ledger.AuditRow, error]
}

// Gatherer reads the content of the report on one run.
type Gatherer struct {
	store   Store
	run     run.Run
	stages  stage.Run
	format  report.Format
	dropped bool
}

// New returns a Gatherer for a run and a format. JSON has only ids, so it needs no look-up of emails and group names.
func New(s Store, r run.Run, format report.Format) *Gatherer {
	return &Gatherer{store: s, run: r, stages: stage.NewRun(s, r), format: format}
}

// Dropped reports whether the retention has dropped a part of the report. Call it after the report is written.
func (g *Gatherer) Dropped() bool { return g.dropped }

// Input returns the content of the report. Unless earlier is nil, it includes a comparison with that run. Errors of the
// iterators come later, from report.Write.
func (g *Gatherer) Input(ctx context.Context, earlier *run.Run) (report.Input, error) {
	row, err := g.store.Tenant(ctx, g.run.Tenant)
	if err != nil {
		return report.Input{}, fmt.Errorf("tenant %s: %w", g.run.Tenant, err)
	}
	req, err := request.ForRun(ctx, g.store, g.run)
	if err != nil {
		return report.Input{}, err
	}
	trial, err := tenant.DecodeTrial(req.Payload)
	if err != nil {
		return report.Input{}, fmt.Errorf("run %s: %w", g.run.ID, err)
	}
	in := report.Input{
		Tenant: row.ID, Name: row.Name, Run: g.run, By: req.By, Reason: req.Reason, Tried: trial.Keys(),
		Issues: g.issues(ctx), Earlier: g.earlier(ctx), Changes: g.changes(ctx),
	}
	if in.Decided, err = request.DecisionOn(ctx, g.store, g.run); err != nil {
		return report.Input{}, err
	}
	if in.Dropped, err = g.store.DroppedAt(ctx, g.run.ID); err != nil {
		return report.Input{}, err
	}
	if in.Simulated, err = g.simulated(ctx); err != nil {
		return report.Input{}, err
	}
	if in.Words, err = g.words(ctx); err != nil {
		return report.Input{}, err
	}
	if g.format != report.JSON {
		in.Changes = newNamer(g.store, row.ID).changes(ctx, in.Changes)
	}
	if earlier != nil {
		if in.Compared, err = g.compared(ctx, *earlier); err != nil {
			return report.Input{}, err
		}
	}
	if g.format == report.HTML {
		in.History, err = g.history(ctx)
	}
	return in, err
}

// words returns the words of the status and locale columns.
func (g *Gatherer) words(ctx context.Context) ([]roster.WordCount, error) {
	words, err := g.stages.Words(ctx)
	if errors.Is(err, stage.ErrDropped) {
		g.dropped = true
		return nil, nil
	}
	return words, err
}

// simulated returns the result of a level simulation, or nil for any other run.
func (g *Gatherer) simulated(ctx context.Context) (*levelsim.Summary, error) {
	if !g.run.Simulated() {
		return nil, nil //nolint:nilnil // none is no error
	}
	var summary levelsim.Summary
	if found, err := g.stages.Simulation(ctx, &summary); !found || err != nil {
		return nil, err
	}
	return &summary, nil
}

// history returns the runs up to this one, without previews, latest first.
func (g *Gatherer) history(ctx context.Context) ([]run.Run, error) {
	runs, err := g.store.Runs(ctx, g.run.Tenant, 0)
	if err != nil {
		return nil, fmt.Errorf("runs of %s: %w", g.run.Tenant, err)
	}
	var history []run.Run
	for _, r := range runs {
		if len(history) < report.HistoryLength && !r.Started.After(g.run.Started) && (!r.Preview || r.ID == g.run.ID) {
			history = append(history, r)
		}
	}
	return history, nil
}

// issues iterates over the errors and warnings of the run.
func (g *Gatherer) issues(ctx context.Context) iter.Seq2[roster.Issue, error] {
	return untilDropped(g.stages.Issues(ctx), &g.dropped)
}

// maxEarlier limits the issues of earlier runs that a report reads, which takes some seconds.
const maxEarlier = 1_000_000

// earlier iterates over the issues of the syncs before the run, the latest first, as far as they are kept.
func (g *Gatherer) earlier(ctx context.Context) iter.Seq2[roster.Issue, error] {
	return func(yield func(roster.Issue, error) bool) {
		runs, err := g.store.Runs(ctx, g.run.Tenant, 0)
		if err != nil {
			yield(roster.Issue{}, fmt.Errorf("runs of %s: %w", g.run.Tenant, err))
			return
		}
		read := 0
		for _, r := range runs {
			if r.Preview || !r.Started.Before(g.run.Started) {
				continue
			}
			var dropped bool
			for issue, err := range untilDropped(stage.NewRun(g.store, r).Issues(ctx), &dropped) {
				if read++; !yield(issue, err) || err != nil || read == maxEarlier {
					return
				}
			}
			if dropped { // earlier ones are too
				return
			}
		}
	}
}

// changes iterates over the applied changes, and then over planned changes that were not applied. Of a preview these
// are all changes; of a sync they are the held, dropped and not undone ones.
func (g *Gatherer) changes(ctx context.Context) iter.Seq2[report.Change, error] {
	parts := plan.Parts()
	if !g.run.Preview {
		parts = append(g.stages.HeldParts(ctx), plan.PartDropped, plan.PartLeft)
	}
	return func(yield func(report.Change, error) bool) {
		for c, err := range g.store.RunChanges(ctx, g.run.Tenant, g.run.ID) {
			if !yield(Applied(c), err) || err != nil {
				return
			}
		}
		for _, part := range parts {
			for c, err := range untilDropped(g.stages.Part(ctx, part), &g.dropped) {
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
}

// Applied returns a change in the audit as a report shows it.
func Applied(c ledger.AuditRow) report.Change {
	return report.Change{
		Seq: c.Seq, Run: c.Run, At: c.At, Op: c.Op, Member: c.Member, Group: c.Group, Fields: c.Fields, Why: c.Why,
	}
}

// untilDropped iterates over values up to the point where the retention has dropped the rest. It then sets dropped.
func untilDropped[T any](values iter.Seq2[T, error], dropped *bool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for value, err := range values {
			if errors.Is(err, stage.ErrDropped) {
				*dropped = true
				return
			}
			if !yield(value, err) || err != nil {
				return
			}
		}
	}
}
