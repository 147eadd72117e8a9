package planning

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/guard"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
)

// Members reads the tenant's members.
type Members interface {
	// Index iterates over an entry for each member, in the order of member ids. With fromMembers it shows edits by hand
	// too.
	Index(ctx context.Context, tenant string, gone time.Time, fromMembers bool) iter.Seq2[roster.Entry, error]
	// MembersByID returns members in the order of ids. It leaves out ids that no member has.
	MembersByID(ctx context.Context, tenant string, ids []uuid.UUID) ([]roster.Member, error)
	// MembersInto is MembersByID with the caller's buffer, which holds the result.
	MembersInto(ctx context.Context, buffer *roster.MemberBuffer, tenant string,
		ids []uuid.UUID) ([]roster.Member, error)
	// Departed iterates over the members who departed before a time.
	Departed(ctx context.Context, tenant string, before time.Time) iter.Seq2[uuid.UUID, error]
	// Groups returns the tenant's groups, by key.
	Groups(ctx context.Context, tenant string) ([]roster.Group, error)
	// GroupSizes counts memberships by group.
	GroupSizes(ctx context.Context, tenant string) (map[uuid.UUID]int, error)
	// Memberships iterates in the order of group, then member; over all groups if none is given.
	Memberships(ctx context.Context, tenant string, groups ...uuid.UUID) iter.Seq2[roster.Membership, error]
	// MembershipsOf returns the memberships of members, by member and group.
	MembershipsOf(ctx context.Context, tenant string, members []uuid.UUID) ([]roster.Membership, error)
}

// Progress counts what a step has done.
type Progress interface{ Add(n int) }

// Plan is the input of every plan.
type Plan struct {
	Attempt   stage.Attempt
	Members   Members
	Decisions Decisions
	Round     run.Round
	Settings  run.Settings
	BatchRows int // members read by one query
	Progress  Progress
}

// Difference plans the changes that make the members equal to the roster.
type Difference struct {
	Plan
	Split bool // additions and changes that the guard counts have parts of their own
}

// Run works out the changes, stages them in batches, and seals ledger.StagePlan. If the stage is sealed already, it
// returns its summary.
func (d Difference) Run(ctx context.Context) (plan.Summary, error) {
	w, sealed, err := d.Attempt.Claim(ctx, ledger.StagePlan, false)
	if err != nil {
		return plan.Summary{}, err
	}
	if w == nil {
		return stage.Summary[plan.Summary](sealed)
	}
	one, err := newDifference(ctx, d)
	if err != nil {
		return plan.Summary{}, err
	}
	summary, err := one.run(ctx)
	if err != nil {
		return plan.Summary{}, err
	}
	return summary, w.Seal(ctx, summary)
}

// difference is one attempt to make a plan.
type difference struct {
	Difference
	builder *plan.Builder
	parts   stage.PlanWriter

	byRow         bool
	otherRules    bool                 // members know their rows by other rules
	renamed       map[string]uuid.UUID // renamed groups, which only their members identify, by new key
	groups        map[string]uuid.UUID // ids of the groups after the plan, by key
	removedGroups []uuid.UUID          // groups to remove, and missing groups that memberships still name
	sizes         map[uuid.UUID]int    // memberships of each group that is there
	absent        []uuid.UUID          // by id
	left          []uuid.UUID          // of absent, whose row says that they have left
	outOfScope    []uuid.UUID          // of absent, whose row the scope leaves out
	released      []uuid.UUID          // of absent, who lose their email
	kept          []uuid.UUID          // by id
}

func newDifference(ctx context.Context, of Difference) (*difference, error) {
	verdict, err := stage.Sealed[stage.RosterSummary](ctx, of.Attempt.Store, of.Round.Run, ledger.StageRoster)
	if err != nil {
		return nil, err
	}
	decisions, err := of.decisions(ctx, of.Split)
	if err != nil {
		return nil, err
	}
	protection, err := of.Settings.Protection(of.Round)
	if err != nil {
		return nil, err
	}
	d := &difference{Difference: of, renamed: verdict.Renamed}
	if d.parts, err = of.Attempt.ClaimPlan(ctx, plan.Parts()...); err != nil {
		return nil, err
	}
	d.builder = d.parts.Builder(ctx, of.Progress.Add)
	d.builder.UseDecisions(decisions)
	if of.Split {
		d.builder.Split(of.Round.Run, func(changes int) bool {
			return of.Settings.Limits.Changes.Exceeded(verdict.Active, changes)
		})
	}
	d.builder.Exclude(protection.Covers)
	return d, nil
}

// run makes the plan in an order in which each step needs only what was read before it. Groups and users come as they
// are read. Changes that depend on the absent members come when all of them are known.
func (d *difference) run(ctx context.Context) (plan.Summary, error) {
	for piece, err := range d.roster(ctx, 1) {
		if err == nil && piece.Groups != nil {
			err = d.diffGroups(ctx, *piece.Groups)
		}
		if err == nil {
			err = d.releaseEmails(ctx, piece.Released)
		}
		if err != nil {
			return plan.Summary{}, err
		}
	}
	if err := d.addUsers(ctx); err != nil {
		return plan.Summary{}, err
	}
	if err := d.builder.Barrier(); err != nil { // after all members whom a group lists
		return plan.Summary{}, err
	}
	for _, rest := range []func(context.Context) error{
		d.diffAbsent, d.forgetKept, d.addTied, d.diffListings, d.removeGroups, d.deleteExpired,
	} {
		if err := rest(ctx); err != nil {
			return plan.Summary{}, err
		}
	}
	memberships := 0
	for _, size := range d.sizes {
		memberships += size
	}
	summary, err := d.builder.Close(func(group uuid.UUID, removals int) bool {
		if group == uuid.Nil {
			return guard.MembershipsOverLimit(memberships, removals)
		}
		return guard.GroupOverLimit(d.sizes[group], removals)
	})
	return summary, cmp.Or(err, d.parts.Wait())
}

// diffGroups adds the changes of groups. They are applied before the changes of their members. A group that is present
// though its row was rejected stays unchanged.
func (d *difference) diffGroups(ctx context.Context, listed stage.RosterGroups) error {
	current, err := d.Members.Groups(ctx, d.Round.Tenant)
	if err != nil {
		return fmt.Errorf("read groups: %w", err)
	}
	units := listed.Units
	for _, group := range current {
		if slices.Contains(listed.Present, group.Key) {
			units = append(units, roster.SourceGroup{Key: group.Key, Name: group.Name})
		}
	}
	goal := plan.TargetGroups(d.Round.Run, current, units, d.renamed)
	d.otherRules = listed.OtherRules
	d.byRow, d.groups = listed.ByRow, plan.GroupIDs(goal.Groups)
	if err := d.countGroups(ctx, current); err != nil {
		return err
	}
	for _, change := range plan.Diff(plan.Current{Groups: current}, goal) {
		if change.Verb == plan.RemoveGroup {
			d.removedGroups = append(d.removedGroups, change.Group)
		}
		if err := d.builder.Add(change); err != nil {
			return err
		}
	}
	return d.builder.Barrier()
}

// countGroups counts memberships. Memberships of a group that doesn't exist are removed. Somebody deleted such a group
// by hand, or the database refused it.
func (d *difference) countGroups(ctx context.Context, current []roster.Group) (err error) {
	if d.sizes, err = d.Members.GroupSizes(ctx, d.Round.Tenant); err != nil {
		return fmt.Errorf("count memberships: %w", err)
	}
	there := map[uuid.UUID]bool{}
	for _, group := range current {
		there[group.ID] = true
	}
	for _, group := range slices.SortedFunc(maps.Keys(d.sizes), roster.CompareIDs) {
		if !there[group] {
			d.removedGroups = append(d.removedGroups, group)
			delete(d.sizes, group)
		}
	}
	return nil
}

// diffAbsent adds the departures.
func (d *difference) diffAbsent(ctx context.Context) error {
	slices.SortFunc(d.absent, roster.CompareIDs)
	slices.SortFunc(d.left, roster.CompareIDs)
	slices.SortFunc(d.outOfScope, roster.CompareIDs)
	slices.SortFunc(d.released, roster.CompareIDs)
	slices.SortFunc(d.kept, roster.CompareIDs)
	for ids := range slices.Chunk(d.absent, d.BatchRows) {
		if err := d.add(ctx, ids, plan.Input{
			Absent: ids, Left: both(ids, d.left), OutOfScope: both(ids, d.outOfScope), Released: both(ids, d.released),
		}); err != nil {
			return err
		}
	}
	return nil
}

// forgetKept makes members whose rows weren't used forget the rows that they know by other rules. When such a row comes
// back, it is judged again.
func (d *difference) forgetKept(ctx context.Context) error {
	if !d.otherRules {
		return nil
	}
	for ids := range slices.Chunk(d.kept, d.BatchRows) {
		if err := d.add(ctx, ids, plan.Input{Kept: ids, Forget: true}); err != nil {
			return err
		}
	}
	return nil
}

// releaseEmails empties the emails of members who stay, because somebody else has them.
func (d *difference) releaseEmails(ctx context.Context, released []uuid.UUID) error {
	for ids := range slices.Chunk(released, d.BatchRows) {
		if err := d.add(ctx, ids, plan.Input{Released: ids}); err != nil {
			return err
		}
	}
	return nil
}

// addTied adds the changes of members who get the email of another member.
func (d *difference) addTied(context.Context) error { return d.builder.AddTied() }

// deleteExpired adds the deletion of members whose grace time has ended. The guard doesn't hold deletions, because the
// departures were decided before.
func (d *difference) deleteExpired(ctx context.Context) error {
	var ids []uuid.UUID
	for id, err := range d.Members.Departed(ctx, d.Round.Tenant, plan.GraceCutoff(d.Round.Started, d.Settings.Grace)) {
		if err != nil {
			return fmt.Errorf("read departed members: %w", err)
		}
		if !has(d.kept, id) {
			ids = append(ids, id)
		}
	}
	for ids := range slices.Chunk(ids, d.BatchRows) {
		if err := d.add(ctx, ids, plan.Input{}); err != nil {
			return err
		}
	}
	return nil
}

// add adds the changes of some members and of their memberships. in says what they should be.
func (d *difference) add(ctx context.Context, ids []uuid.UUID, in plan.Input) error {
	s := scratches.Take()
	changes, err := d.diffMembers(ctx, s, ids, in, true)
	if err != nil {
		return err
	}
	if err := d.builder.Add(changes...); err != nil {
		return err
	}
	scratches.Put(s)
	return nil
}
