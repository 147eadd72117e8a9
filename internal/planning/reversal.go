package planning

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/stage"
)

// Audit reads the changes of earlier runs.
type Audit interface {
	// RunChanges yields the changes of a run, in order.
	RunChanges(ctx context.Context, tenant string, run uuid.UUID) iter.Seq2[ledger.AuditRow, error]
	// RunChangesOf yields the changes that a run made to these members and their memberships, by member and in order.
	RunChangesOf(ctx context.Context, tenant string, run uuid.UUID, members []uuid.UUID) iter.Seq2[ledger.AuditRow,
		error]
}

// doneOf returns the change that an audit row describes.
func doneOf(row ledger.AuditRow) (plan.AppliedChange, error) {
	verb, known := plan.ParseOp(row.Op)
	if !known {
		return plan.AppliedChange{}, fmt.Errorf("unknown op %q in the audit", row.Op)
	}
	return plan.AppliedChange{Verb: verb, Member: row.Member, Group: row.Group, Fields: row.Fields, Why: plan.Why(row.Why)}, nil
}

// Reversal plans the changes that undo a run.
type Reversal struct {
	Plan
	Audit Audit
}

// ReversalSummary is the summary of a Reversal's ledger.StagePlan.
type ReversalSummary struct {
	plan.Summary
	Skipped int `json:"alone"` // changes of the run that aren't undone
}

// Run works out the changes that undo the run, from the audit and from the members as they are. If the round has an
// approved plan, it plans only changes that were shown and haven't changed since. Changes of the run that it doesn't
// undo are staged as plan.PartLeft.
func (r Reversal) Run(ctx context.Context) (ReversalSummary, error) {
	w, sealed, err := r.Attempt.Claim(ctx, ledger.StagePlan, false)
	if err != nil {
		return ReversalSummary{}, err
	}
	if w == nil {
		return stage.Summary[ReversalSummary](sealed)
	}
	one, err := newReversal(ctx, r)
	if err != nil {
		return ReversalSummary{}, err
	}
	summary, err := one.run(ctx)
	if err != nil {
		return ReversalSummary{}, err
	}
	return summary, w.Seal(ctx, summary)
}

// reversal is one attempt to make a plan that undoes a run.
type reversal struct {
	Reversal
	builder  *plan.Builder
	approved *plan.Decisions // nil: no plan was approved

	members []uuid.UUID // the members that the run changed, by id
	rules   plan.Reverser
	removed map[uuid.UUID]int // planned removals of memberships, by group
	others  []uuid.UUID       // departed members whom the run didn't change, and whose email another member gets back

	parts         stage.PlanWriter
	skippedWriter *stage.Writer
	skipped       []plan.Change // changes that aren't undone, not yet written
	skippedCount  int           // number of changes that aren't undone
}

func newReversal(ctx context.Context, of Reversal) (*reversal, error) {
	protection, err := of.Settings.Protection(of.Round)
	if err != nil {
		return nil, err
	}
	r := &reversal{Reversal: of, removed: map[uuid.UUID]int{}}
	r.rules.Now, r.rules.Covered = of.Round.Started, protection.Covers
	if r.parts, err = of.Attempt.ClaimPlan(ctx, append(plan.Parts(), plan.PartLeft)...); err != nil {
		return nil, err
	}
	r.skippedWriter = r.parts[plan.PartLeft]
	r.builder = r.parts.Builder(ctx, of.Progress.Add)
	r.builder.Exclude(protection.Covers)
	if of.Round.Approved != nil {
		r.approved, err = of.approvedChanges(ctx)
	}
	return r, err
}

// approvedChanges returns the changes that a person approved, as they were shown. Changes that aren't stored any more
// aren't approved.
func (p Plan) approvedChanges(ctx context.Context) (*plan.Decisions, error) {
	approved := plan.NewDecisions()
	for c, err := range p.shown(ctx, *p.Round.Approved) {
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

// run reads the run's changes three times, so that it never holds more than ids. First it collects the changed members.
// Then it finds those whose identity another member has. Last it plans the changes.
func (r *reversal) run(ctx context.Context) (ReversalSummary, error) {
	candidates, err := r.reverseGroups(ctx)
	if err != nil {
		return ReversalSummary{}, err
	}
	if err := r.findTaken(ctx); err != nil {
		return ReversalSummary{}, err
	}
	if err := r.reverseMembers(ctx, r.addReverse(ctx)); err != nil {
		return ReversalSummary{}, err
	}
	if err := r.releaseOthers(ctx); err != nil {
		return ReversalSummary{}, err
	}
	sizes, err := r.Members.GroupSizes(ctx, r.Round.Tenant)
	if err != nil {
		return ReversalSummary{}, fmt.Errorf("count memberships: %w", err)
	}
	if err := r.addReverse(ctx)(plan.RemoveGroups(candidates, sizes, r.removed)); err != nil {
		return ReversalSummary{}, err
	}
	summary, err := r.builder.Close(func(uuid.UUID, int) bool { return false }) // an undo is always held as a whole
	if err == nil {
		err = r.flush(ctx)
	}
	err = cmp.Or(err, r.parts.Wait())
	if r.approved != nil {
		released, left := r.approved.Approvals()
		summary.Approved, summary.Left = released.Total(), left
	}
	return ReversalSummary{Summary: summary, Skipped: r.skippedCount}, err
}

// reverseGroups collects the members that the run changed, and plans the undoing of its changes to groups. Those come
// before changes of memberships.
func (r *reversal) reverseGroups(ctx context.Context) (candidates []plan.Change, err error) {
	var groups []plan.AppliedChange
	for c, err := range r.Audit.RunChanges(ctx, r.Round.Tenant, r.Round.Undoes) {
		switch {
		case err != nil:
			return nil, fmt.Errorf("read the run's changes: %w", err)
		case c.Member == uuid.Nil:
			change, err := doneOf(c)
			if err != nil {
				return nil, err
			}
			groups = append(groups, change)
		case len(r.members) == 0 || r.members[len(r.members)-1] != c.Member:
			r.members = append(r.members, c.Member)
		}
	}
	slices.SortFunc(r.members, roster.CompareIDs)
	r.members = slices.Compact(r.members)
	current, err := r.Members.Groups(ctx, r.Round.Tenant)
	if err != nil {
		return nil, fmt.Errorf("read groups: %w", err)
	}
	var reverse plan.Reversal
	reverse, r.rules.Groups, candidates = plan.ReverseGroups(current, groups)
	if err := r.addReverse(ctx)(reverse); err != nil {
		return nil, err
	}
	return candidates, r.builder.Barrier()
}

// findTaken finds the members whose former email or external id another member has.
func (r *reversal) findTaken(ctx context.Context) error {
	wanted := map[uuid.UUID]plan.Identity{}
	err := r.reverseMembers(ctx, func(reverse plan.Reversal) error {
		before := map[uuid.UUID]plan.Identity{}
		for _, c := range reverse.Changes {
			if c.Group != uuid.Nil || c.After == nil {
				continue
			}
			if _, met := before[c.Member]; !met {
				before[c.Member] = plan.IdentityOf(c.Before)
			}
			after := plan.IdentityOf(c.After)
			if after == before[c.Member] {
				continue
			}
			if !after.Present && after.Email == before[c.Member].Email {
				after.Email = 0 // who departs gives the email away, if another member gets it back
			}
			wanted[c.Member] = after
		}
		return nil
	})
	if err != nil || len(wanted) == 0 {
		return err
	}
	gone := plan.GraceCutoff(r.Round.Started, r.Settings.Grace)
	// The index is read from the members, because edits by hand count too.
	r.rules.Taken, err = plan.Clashes(r.Members.Index(ctx, r.Round.Tenant, gone, true), wanted)
	if err != nil {
		return fmt.Errorf("read index: %w", err)
	}
	return r.findReleased(ctx, gone, wanted)
}

// findReleased finds the departed members, and those whom the undo makes depart, whose email another member gets back.
func (r *reversal) findReleased(ctx context.Context, gone time.Time, wanted map[uuid.UUID]plan.Identity) error {
	restored := map[uint64]uuid.UUID{}
	for id, identity := range wanted {
		if !r.rules.Taken[id] && identity.Email != 0 {
			restored[identity.Email] = id
		}
	}
	r.rules.Released = map[uuid.UUID]bool{}
	for e, err := range r.Members.Index(ctx, r.Round.Tenant, gone, true) {
		if err != nil {
			return fmt.Errorf("read index: %w", err)
		}
		to, is := restored[e.Email]
		if !is || to == e.Member {
			continue
		}
		if _, changed := slices.BinarySearchFunc(r.members, e.Member, roster.CompareIDs); changed {
			r.rules.Released[e.Member] = true
		} else if !e.State.Present() {
			r.others = append(r.others, e.Member)
		}
	}
	return nil
}

// releaseOthers plans that the members in others lose their email.
func (r *reversal) releaseOthers(ctx context.Context) error {
	for ids := range slices.Chunk(r.others, r.BatchRows) {
		members, err := r.Members.MembersByID(ctx, r.Round.Tenant, ids)
		if err != nil {
			return fmt.Errorf("read members: %w", err)
		}
		if err := r.addReverse(ctx)(plan.Reversal{Changes: plan.ReleaseEmails(members)}); err != nil {
			return err
		}
	}
	return nil
}

// reverseMembers calls do, batch by batch, with the changes that undo the run's changes to members.
func (r *reversal) reverseMembers(ctx context.Context, do func(plan.Reversal) error) error {
	for ids := range slices.Chunk(r.members, r.BatchRows) {
		var changes []plan.AppliedChange
		for c, err := range r.Audit.RunChangesOf(ctx, r.Round.Tenant, r.Round.Undoes, ids) {
			if err != nil {
				return fmt.Errorf("read the run's changes: %w", err)
			}
			change, err := doneOf(c)
			if err != nil {
				return err
			}
			changes = append(changes, change)
		}
		var current plan.Current
		var err error
		if current.Members, err = r.Members.MembersByID(ctx, r.Round.Tenant, ids); err != nil {
			return fmt.Errorf("read members: %w", err)
		}
		if current.Memberships, err = r.Members.MembershipsOf(ctx, r.Round.Tenant, ids); err != nil {
			return fmt.Errorf("read memberships: %w", err)
		}
		if err := do(r.rules.Members(current, changes)); err != nil {
			return err
		}
		r.Progress.Add(len(ids))
	}
	return nil
}

// addReverse returns a function that adds changes to the plan. If a plan was approved, it adds only approved changes.
// It stages the changes that aren't undone.
func (r *reversal) addReverse(ctx context.Context) func(plan.Reversal) error {
	return func(reverse plan.Reversal) error {
		for _, changes := range byMember(reverse.Changes) {
			if r.approved != nil && !r.approved.AllApproved(changes) {
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
		r.skippedCount += len(reverse.Left)
		r.skipped = append(r.skipped, reverse.Left...)
		if len(r.skipped) < plan.BatchSize {
			return nil
		}
		return r.flush(ctx)
	}
}

// flush stages the collected changes that aren't undone.
func (r *reversal) flush(ctx context.Context) error {
	first := r.skippedCount - len(r.skipped)
	for changes := range slices.Chunk(r.skipped, plan.BatchSize) {
		batch := plan.Batch{Part: plan.PartLeft, Number: r.skippedWriter.Next(), First: first, Changes: changes}
		first += len(changes)
		if err := r.skippedWriter.Put(ctx, &batch, ledger.Progress{Rows: first}, nil); err != nil {
			return err
		}
	}
	r.skipped = nil
	return nil
}

// byMember cuts changes into parts. Each has the changes of one member, or a single change of a group.
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
