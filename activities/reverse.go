package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
)

// Audit knows what earlier runs have changed.
type Audit interface {
	// RunChanges yields what a run has changed, in order.
	RunChanges(ctx context.Context, tenant string, run uuid.UUID) iter.Seq2[ledger.AuditRow, error]
	// RunChangesOf yields what it has changed of these members and their memberships, by member and in order.
	RunChangesOf(ctx context.Context, tenant string, run uuid.UUID, members []uuid.UUID) iter.Seq2[ledger.AuditRow, error]
}

// done is a row of the audit as a change that was made.
func done(row ledger.AuditRow) (plan.Done, error) {
	verb, known := plan.VerbOf(row.Op)
	if !known {
		return plan.Done{}, fmt.Errorf("the audit has the op %q, which this release doesn't know", row.Op)
	}
	return plan.Done{Verb: verb, Member: row.Member, Group: row.Group, Fields: row.Fields}, nil
}

// ReverseInput asks for the plan of a round that takes a run back.
type ReverseInput struct {
	Round Round `json:"round"`
}

// ReverseResult is the plan: held whole, or of what was approved. What is left alone waits in the stage plan.PartLeft.
type ReverseResult struct {
	Plan Plan          `json:"plan"`
	Held *run.HeldPlan `json:"held"` // null: there is nothing to do, or it was approved
	Left int           `json:"left"` // changes of the run that are left alone
}

// reverseSummary seals ledger.StagePlan.
type reverseSummary struct {
	plan.Summary
	Alone int `json:"alone"` // changes of the run that are left alone
}

// Reverse works out what takes a run back, from the audit and from what is kept now. Of an approved plan it keeps to what was
// shown, less what has changed since.
func (a *Activities) Reverse(ctx context.Context, in ReverseInput) (ReverseResult, error) {
	stages := append(slices.Clone(planStages), string(plan.PartLeft))
	return step(ctx, a, in.Round, stages, func(ctx context.Context, p *progress) (ReverseResult, error) {
		w, stage, err := a.claim(ctx, in.Round, ledger.StagePlan, false)
		if err != nil {
			return ReverseResult{}, err
		}
		if w == nil {
			summary, err := summaryOf[reverseSummary](stage)
			return summary.result(in.Round), err
		}
		r, err := a.newReversal(ctx, in.Round, p)
		if err != nil {
			return ReverseResult{}, err
		}
		summary, err := r.run(ctx)
		if err != nil {
			return ReverseResult{}, err
		}
		return summary.result(in.Round), w.seal(ctx, summary)
	})
}

func (s reverseSummary) result(round Round) ReverseResult {
	result := ReverseResult{Plan: planOf(s.Summary), Left: s.Alone}
	result.Plan.HeldWhole = s.WholeID()
	if round.Approved == nil && s.WholeID() != "" {
		result.Held = &run.HeldPlan{Plan: s.WholeID(), Removals: s.Planned, Changes: result.Plan.Counts().Total()}
	}
	return result
}

// undoable refuses to take back what is no run of the tenant's.
func (a *Activities) undoable(ctx context.Context, in BeginInput) error {
	if in.Undoes == uuid.Nil {
		return nil
	}
	of, err := a.Runs.Run(ctx, in.Tenant, in.Undoes)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return fault.NotUndoable(fmt.Sprintf("%s has no run %s", in.Tenant, in.Undoes))
	case err != nil:
		return fmt.Errorf("read the run to be undone: %w", err)
	case of.Preview:
		return fault.NotUndoable(fmt.Sprintf("run %s is a preview: it changed nothing", in.Undoes))
	}
	return nil
}

// reversal is one attempt at a plan that takes a run back.
type reversal struct {
	a        *Activities
	round    Round
	progress *progress
	builder  *plan.Builder
	approved *plan.Rulings // nil: nothing was shown yet

	members []uuid.UUID // whom the run changed, by id
	plan.Reversal
	removed map[uuid.UUID]int // memberships that are taken back, by group

	parts partWriters
	left  *writer
	alone []plan.Change // not yet written
	count int           // of those left alone
}

func (a *Activities) newReversal(ctx context.Context, round Round, p *progress) (*reversal, error) {
	r := &reversal{a: a, round: round, progress: p, removed: map[uuid.UUID]int{}}
	settings, err := a.settingsOf(ctx, round)
	if err != nil {
		return nil, err
	}
	protection, err := settings.protection(round)
	if err != nil {
		return nil, err
	}
	r.Now, r.Covered = round.Started, protection.Covers
	if r.parts, err = a.claimParts(ctx, round, append(plan.Parts(), plan.PartLeft)...); err != nil {
		return nil, err
	}
	r.left = r.parts[plan.PartLeft]
	r.builder = r.parts.builder(ctx, p)
	r.builder.Spare(protection.Covers)
	if round.Approved != nil {
		r.approved, err = a.approvedChanges(ctx, *round.Approved)
	}
	return r, err
}

// approvedChanges are those that somebody approved, as they were shown. What is no longer kept isn't approved.
func (a *Activities) approvedChanges(ctx context.Context, of Approved) (*plan.Rulings, error) {
	approved := plan.NewRulings()
	for c, err := range a.shown(ctx, of.Run, of.Plan) {
		if errors.Is(err, ledger.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, err
		}
		if c.Verb != plan.Remember {
			approved.Approve(c)
		}
	}
	return approved, nil
}

// run goes through the run's changes three times, so that it never holds more than ids: whom they were about; whose identity
// somebody else has by now; and what is done about each.
func (r *reversal) run(ctx context.Context) (reverseSummary, error) {
	doubtful, err := r.reverseGroups(ctx)
	if err != nil {
		return reverseSummary{}, err
	}
	if err := r.findTaken(ctx); err != nil {
		return reverseSummary{}, err
	}
	if err := r.each(ctx, r.take(ctx)); err != nil {
		return reverseSummary{}, err
	}
	sizes, err := r.a.Members.GroupSizes(ctx, r.round.Tenant)
	if err != nil {
		return reverseSummary{}, fmt.Errorf("count memberships: %w", err)
	}
	if err := r.take(ctx)(plan.Dissolve(doubtful, sizes, r.removed)); err != nil {
		return reverseSummary{}, err
	}
	summary, err := r.builder.Close(func(uuid.UUID, int) bool { return false }) // it is held whole, whatever its size
	if err == nil {
		err = r.flush(ctx)
	}
	err = cmp.Or(err, r.parts.wait())
	if r.approved != nil {
		summary.Approved, summary.Left = r.approved.Approvals()
	}
	return reverseSummary{Summary: summary, Alone: r.count}, err
}

// reverseGroups notes whom the run changed, and takes back what it did to groups: before anybody is put into them again.
func (r *reversal) reverseGroups(ctx context.Context) (doubtful []plan.Change, err error) {
	var groups []plan.Done
	for c, err := range r.a.Audit.RunChanges(ctx, r.round.Tenant, r.round.Undoes) {
		switch {
		case err != nil:
			return nil, fmt.Errorf("read the run's changes: %w", err)
		case c.Member == uuid.Nil:
			change, err := done(c)
			if err != nil {
				return nil, err
			}
			groups = append(groups, change)
		case len(r.members) == 0 || r.members[len(r.members)-1] != c.Member:
			r.members = append(r.members, c.Member)
		}
	}
	slices.SortFunc(r.members, compareIDs)
	r.members = slices.Compact(r.members)
	current, err := r.a.Members.Groups(ctx, r.round.Tenant)
	if err != nil {
		return nil, fmt.Errorf("read groups: %w", err)
	}
	var reverse plan.Reverse
	reverse, r.Groups, doubtful = plan.ReverseGroups(current, groups)
	if err := r.take(ctx)(reverse); err != nil {
		return nil, err
	}
	return doubtful, r.builder.Wave()
}

// findTaken finds out who can't have their email or external id back.
func (r *reversal) findTaken(ctx context.Context) error {
	wanted := map[uuid.UUID]plan.Identity{}
	err := r.each(ctx, func(reverse plan.Reverse) error {
		before := map[uuid.UUID]plan.Identity{}
		for _, c := range reverse.Changes {
			if c.Group != uuid.Nil || c.After == nil {
				continue
			}
			if _, met := before[c.Member]; !met {
				before[c.Member] = plan.IdentityOf(c.Before)
			}
			if after := plan.IdentityOf(c.After); after != before[c.Member] {
				wanted[c.Member] = after
			}
		}
		return nil
	})
	if err != nil || len(wanted) == 0 {
		return err
	}
	settings, err := r.a.settingsOf(ctx, r.round)
	if err != nil {
		return err
	}
	gone := plan.GoneBefore(r.round.Started, settings.Grace)
	r.Taken, err = plan.Clashes(r.a.Members.Index(ctx, r.round.Tenant, gone, true), wanted) // afresh: whose hand it was doesn't matter
	if err != nil {
		return fmt.Errorf("read index: %w", err)
	}
	return nil
}

// each works out, batch by batch, what takes back what was done to members.
func (r *reversal) each(ctx context.Context, do func(plan.Reverse) error) error {
	for ids := range slices.Chunk(r.members, r.a.rows()) {
		var changes []plan.Done
		for c, err := range r.a.Audit.RunChangesOf(ctx, r.round.Tenant, r.round.Undoes, ids) {
			if err != nil {
				return fmt.Errorf("read the run's changes: %w", err)
			}
			change, err := done(c)
			if err != nil {
				return err
			}
			changes = append(changes, change)
		}
		var current plan.State
		var err error
		if current.Members, err = r.a.Members.MembersByID(ctx, r.round.Tenant, ids); err != nil {
			return fmt.Errorf("read members: %w", err)
		}
		if current.Memberships, err = r.a.Members.MembershipsOf(ctx, r.round.Tenant, ids); err != nil {
			return fmt.Errorf("read memberships: %w", err)
		}
		if err := do(r.Members(current, changes)); err != nil {
			return err
		}
		r.progress.add(len(ids))
	}
	return nil
}

// take takes changes into the plan, as far as they were approved where that is needed, and lists what is left alone.
func (r *reversal) take(ctx context.Context) func(plan.Reverse) error {
	return func(reverse plan.Reverse) error {
		for _, changes := range byMember(reverse.Changes) {
			if r.approved != nil && !r.approved.Allow(changes) {
				for _, c := range changes {
					c.Why = plan.NotShown
					reverse.Left = append(reverse.Left, c)
				}
				continue
			}
			for _, c := range changes {
				if c.Verb == plan.RemoveMembership {
					r.removed[c.Group]++
				}
			}
			if err := r.builder.Add(changes...); err != nil {
				return err
			}
		}
		r.count += len(reverse.Left)
		r.alone = append(r.alone, reverse.Left...)
		if len(r.alone) < plan.ChunkSize {
			return nil
		}
		return r.flush(ctx)
	}
}

// flush writes what is left alone.
func (r *reversal) flush(ctx context.Context) error {
	first := r.count - len(r.alone)
	for changes := range slices.Chunk(r.alone, plan.ChunkSize) {
		batch := plan.Chunk{Part: plan.PartLeft, Number: r.left.number, First: first, Changes: changes}
		first += len(changes)
		if err := r.left.put(ctx, &batch, ledger.Progress{Rows: first}); err != nil {
			return err
		}
	}
	r.alone = nil
	return nil
}

// byMember cuts changes into those about one member each, and of groups into single ones.
func byMember(changes []plan.Change) (parts [][]plan.Change) {
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && changes[0].Member != uuid.Nil && changes[n].Member == changes[0].Member {
			n++
		}
		parts = append(parts, changes[:n])
		changes = changes[n:]
	}
	return parts
}
