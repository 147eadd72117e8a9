package activities

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/guard"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// DiffInput asks for the plan of a round whose roster waits in the store.
type DiffInput struct {
	Round Round `json:"round"`
}

// DiffResult is the plan.
type DiffResult struct {
	Plan Plan `json:"plan"`
}

// Diff works out, batch by batch, what makes the members what the roster says they should be. The changes wait in the
// store as the batches that Apply will apply.
func (a *Activities) Diff(ctx context.Context, in DiffInput) (DiffResult, error) {
	return step(ctx, a, in.Round, planStages, func(ctx context.Context, p *progress) (DiffResult, error) {
		w, stage, err := a.claim(ctx, in.Round, ledger.StagePlan, false)
		if err != nil {
			return DiffResult{}, err
		}
		if w == nil {
			summary, err := summaryOf[plan.Summary](stage)
			return DiffResult{Plan: planOf(summary)}, err
		}
		d, err := a.newDifference(ctx, in.Round, p)
		if err != nil {
			return DiffResult{}, err
		}
		summary, err := d.run(ctx)
		if err != nil {
			return DiffResult{}, err
		}
		return DiffResult{Plan: planOf(summary)}, w.seal(ctx, summary)
	})
}

var planStages = []string{
	ledger.StagePlan, string(plan.PartAdditions), string(plan.PartReleased), string(plan.PartRemovals), string(plan.PartWithheld),
	string(plan.PartDropped),
}

func planOf(s plan.Summary) Plan {
	part := func(p plan.PartSummary) Part {
		return Part{Batches: p.Chunks, Changes: p.Changes, Counts: p.Counts, Waves: p.Waves, ID: p.ID}
	}
	return Plan{
		Additions: part(s.Additions), Released: part(s.Released), Removals: part(s.Removals), Withheld: part(s.Withheld),
		Leaving: s.Planned, Approved: s.Approved, Left: s.Left, Kept: s.Kept, HeldWhole: s.HeldID(true),
	}
}

// difference is one attempt at a plan.
type difference struct {
	a        *Activities
	round    Round
	settings Settings
	progress *progress
	builder  *plan.Builder
	parts    partWriters

	byRow   bool
	renamed map[string]uuid.UUID // groups that are known by their people only, by their new keys
	groups  map[string]uuid.UUID // as they will be, by key
	gone    []uuid.UUID          // groups that will not be, or are only named by memberships
	sizes   map[uuid.UUID]int    // memberships of each group that is there
	absent  []uuid.UUID          // by id
	kept    []uuid.UUID          // by id
}

func (a *Activities) newDifference(ctx context.Context, round Round, p *progress) (*difference, error) {
	settings, err := a.settingsOf(ctx, round)
	if err != nil {
		return nil, err
	}
	verdict, err := sealed[rosterSummary](ctx, a.Stages, round.Run, ledger.StageRoster)
	if err != nil {
		return nil, err
	}
	rulings, err := a.rulings(ctx, round)
	if err != nil {
		return nil, err
	}
	protection, err := settings.protection(round)
	if err != nil {
		return nil, err
	}
	d := &difference{a: a, round: round, settings: settings, progress: p, renamed: verdict.Renamed}
	if d.parts, err = a.claimParts(ctx, round, plan.Parts()...); err != nil {
		return nil, err
	}
	d.builder = d.parts.builder(ctx, p)
	d.builder.Under(rulings)
	d.builder.Spare(protection.Covers)
	return d, nil
}

// run adds to the plan what the roster says, in an order in which nothing must be known before it was read: groups
// and users as they come, and what depends on who is absent when all of them are known.
func (d *difference) run(ctx context.Context) (plan.Summary, error) {
	for piece, err := range d.roster(ctx, 1) {
		if err == nil && piece.Groups != nil {
			err = d.diffGroups(ctx, *piece.Groups)
		}
		if err != nil {
			return plan.Summary{}, err
		}
	}
	if err := d.addUsers(ctx); err != nil {
		return plan.Summary{}, err
	}
	if err := d.builder.Wave(); err != nil { // after everybody whom a group lists
		return plan.Summary{}, err
	}
	for _, rest := range []func(context.Context) error{d.diffAbsent, d.diffListings, d.removeGroups, d.deleteExpired} {
		if err := rest(ctx); err != nil {
			return plan.Summary{}, err
		}
	}
	summary, err := d.builder.Close(func(group uuid.UUID, removals int) bool { return guard.Group(d.sizes[group], removals) })
	return summary, cmp.Or(err, d.parts.wait())
}

// diffGroups adds the changes of groups, to be applied before those of anybody who is in them. A group that is there,
// though its row was rejected, stays as it is.
func (d *difference) diffGroups(ctx context.Context, listed rosterGroups) error {
	current, err := d.a.Members.Groups(ctx, d.round.Tenant)
	if err != nil {
		return fmt.Errorf("read groups: %w", err)
	}
	units := listed.Units
	for _, group := range current {
		if slices.Contains(listed.Present, group.Key) {
			units = append(units, roster.Unit{Key: group.Key, Name: group.Name})
		}
	}
	goal := plan.TargetGroups(d.round.Run, current, units, d.renamed)
	d.byRow, d.groups = listed.ByRow, plan.GroupIDs(goal.Groups)
	if err := d.countGroups(ctx, current); err != nil {
		return err
	}
	for _, change := range plan.Diff(plan.State{Groups: current}, goal) {
		if change.Verb == plan.RemoveGroup {
			d.gone = append(d.gone, change.Group)
		}
		if err := d.builder.Add(change); err != nil {
			return err
		}
	}
	return d.builder.Wave()
}

// countGroups counts memberships. Those in a group that is not there (somebody deleted it by hand, or the database refused
// it) are in nobody's way to be removed.
func (d *difference) countGroups(ctx context.Context, current []roster.Group) (err error) {
	if d.sizes, err = d.a.Members.GroupSizes(ctx, d.round.Tenant); err != nil {
		return fmt.Errorf("count memberships: %w", err)
	}
	there := map[uuid.UUID]bool{}
	for _, group := range current {
		there[group.ID] = true
	}
	for _, group := range slices.SortedFunc(maps.Keys(d.sizes), compareIDs) {
		if !there[group] {
			d.gone = append(d.gone, group)
			delete(d.sizes, group)
		}
	}
	return nil
}

// diffAbsent adds the departures.
func (d *difference) diffAbsent(ctx context.Context) error {
	slices.SortFunc(d.absent, compareIDs)
	slices.SortFunc(d.kept, compareIDs)
	for ids := range slices.Chunk(d.absent, d.a.rows()) {
		if err := d.add(ctx, ids, plan.Input{Absent: ids}); err != nil {
			return err
		}
	}
	return nil
}

// deleteExpired adds the deletions of those whose grace time is over. They were decided long ago, so nothing holds them
// back.
func (d *difference) deleteExpired(ctx context.Context) error {
	var ids []uuid.UUID
	for id, err := range d.a.Members.Departed(ctx, d.round.Tenant, plan.GoneBefore(d.round.Started, d.settings.Grace)) {
		if err != nil {
			return fmt.Errorf("read departed members: %w", err)
		}
		if !has(d.kept, id) {
			ids = append(ids, id)
		}
	}
	for ids := range slices.Chunk(ids, d.a.rows()) {
		if err := d.add(ctx, ids, plan.Input{}); err != nil {
			return err
		}
	}
	return nil
}

// add adds the changes of some members and of their memberships, about whom in says what it says.
func (d *difference) add(ctx context.Context, ids []uuid.UUID, in plan.Input) error {
	on := desks.lend()
	changes, err := d.diffMembers(ctx, on, ids, in, true)
	if err != nil {
		return err
	}
	if err := d.builder.Add(changes...); err != nil {
		return err
	}
	desks.giveBack(on)
	return nil
}
