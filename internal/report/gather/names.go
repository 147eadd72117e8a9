package gather

import (
	"cmp"
	"context"
	"iter"
	"strings"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/names"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/plandiff"
	"github.com/rollcall/rollcall/internal/report"
)

// namer adds emails and group names to changes. It looks them up in the store. The store does not have what a plan
// would add, so the namer remembers emails and names from the additions of the plan.
type namer struct {
	store  Store
	tenant string
	groups map[uuid.UUID]string // nil until a change needs them

	addedPeople map[uuid.UUID]string // emails
	addedGroups map[uuid.UUID]string
}

func newNamer(s Store, tenant string) *namer {
	return &namer{store: s, tenant: tenant, addedPeople: map[uuid.UUID]string{}, addedGroups: map[uuid.UUID]string{}}
}

// changes adds names to changes.
func (n *namer) changes(ctx context.Context, changes iter.Seq2[report.Change, error]) iter.Seq2[report.Change, error] {
	return inBatches(changes, func(batch []report.Change) error {
		sides := make([]*report.Change, len(batch))
		for i := range batch {
			n.note(batch[i])
			sides[i] = &batch[i]
		}
		return n.name(ctx, sides)
	})
}

// differences adds names to both changes of each difference. The plans must pass through notingAdditions.
func (n *namer) differences(
	ctx context.Context, differences iter.Seq2[report.Difference, error],
) iter.Seq2[report.Difference, error] {
	return inBatches(differences, func(batch []report.Difference) error {
		var sides []*report.Change
		for _, d := range batch {
			for _, side := range []*report.Change{d.Before, d.After} {
				if side != nil {
					sides = append(sides, side)
				}
			}
		}
		return n.name(ctx, sides)
	})
}

// notingAdditions returns the same plan. While a comparison reads it, the namer remembers the names of its additions.
func (n *namer) notingAdditions(p plandiff.Plan) plandiff.Plan {
	return func() iter.Seq2[plandiff.Change, error] {
		return func(yield func(plandiff.Change, error) bool) {
			for c, err := range p() {
				if err == nil && (c.Verb == plan.Add || c.Verb == plan.AddGroup) {
					change, _ := report.PlannedChange(c.Part, c.Change) // a report shows both verbs
					n.note(change)
				}
				if !yield(c, err) {
					return
				}
			}
		}
	}
}

// maxNoted limits the additions that the namer remembers, to a few megabytes.
const maxNoted = 100_000

// note remembers the email or the name that a change adds.
func (n *namer) note(c report.Change) {
	switch {
	case c.Op == plan.Add.Op() && len(n.addedPeople) < maxNoted:
		n.addedPeople[c.Member] = strings.Clone(c.Email)
	case c.Op == plan.AddGroup.Op():
		n.addedGroups[c.Group] = strings.Clone(c.GroupName)
	}
}

// name fills in the emails and names of changes.
func (n *namer) name(ctx context.Context, changes []*report.Change) error {
	var ids []uuid.UUID
	for _, c := range changes {
		if c.Member != uuid.Nil && c.Email == "" && n.addedPeople[c.Member] == "" {
			ids = append(ids, c.Member)
		}
		if c.Group != uuid.Nil && c.GroupName == "" && n.addedGroups[c.Group] == "" && n.groups == nil {
			var err error
			if n.groups, err = names.Groups(ctx, n.store, n.tenant); err != nil {
				return err
			}
		}
	}
	emails, err := names.Emails(ctx, n.store, n.tenant, ids)
	if err != nil {
		return err
	}
	for _, c := range changes {
		if c.Email == "" {
			c.Email = cmp.Or(n.addedPeople[c.Member], emails[c.Member])
		}
		if c.GroupName == "" {
			c.GroupName = cmp.Or(n.addedGroups[c.Group], n.groups[c.Group])
		}
	}
	return nil
}

// batchSize is the number of changes that share a look-up.
const batchSize = 500

// inBatches iterates over values after prepare has completed them, batch by batch.
func inBatches[T any](values iter.Seq2[T, error], prepare func([]T) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		batch := make([]T, 0, batchSize)
		pass := func() bool {
			if err := prepare(batch); err != nil {
				var none T
				yield(none, err)
				return false
			}
			for _, value := range batch {
				if !yield(value, nil) {
					return false
				}
			}
			batch = batch[:0]
			return true
		}
		for value, err := range values {
			if err != nil {
				yield(value, err)
				return
			}
			if batch = append(batch, value); len(batch) == batchSize && !pass() {
				return
			}
		}
		pass()
	}
}
