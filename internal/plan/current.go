package plan

import (
	"bytes"
	"cmp"
	"iter"
	"slices"
	"sort"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Current holds groups, members and memberships: of a batch or of the whole tenant.
type Current struct {
	Groups      []roster.Group      // by id
	Members     []roster.Member     // by id
	Memberships []roster.Membership // by member, then group
}

// sorted returns s in order. Lists that are in order aren't copied.
func (s Current) sorted() Current {
	return Current{
		Groups:      sorted(s.Groups, byGroup),
		Members:     sorted(s.Members, byMember),
		Memberships: distinct(sorted(s.Memberships, byMembership)),
	}
}

func sorted[T any](all []T, compare func(a, b *T) int) []T {
	for i := 1; i < len(all); i++ {
		if compare(&all[i-1], &all[i]) > 0 {
			all = slices.Clone(all)
			sort.Sort(inPlace[T]{all, compare})
			return all
		}
	}
	return slices.Clip(all)
}

// inPlace sorts in place by pointers. A compare function of values would copy each value to the heap.
type inPlace[T any] struct {
	all     []T
	compare func(a, b *T) int
}

func (o inPlace[T]) Len() int           { return len(o.all) }
func (o inPlace[T]) Less(i, j int) bool { return o.compare(&o.all[i], &o.all[j]) < 0 }
func (o inPlace[T]) Swap(i, j int)      { o.all[i], o.all[j] = o.all[j], o.all[i] }

// distinct returns a sorted list without duplicates.
func distinct(all []roster.Membership) []roster.Membership {
	for i := 1; i < len(all); i++ {
		if all[i-1] == all[i] {
			return slices.Compact(slices.Clone(all))
		}
	}
	return all
}

func byID(a, b uuid.UUID) int          { return bytes.Compare(a[:], b[:]) }
func byGroup(a, b *roster.Group) int   { return byID(a.ID, b.ID) }
func byMember(a, b *roster.Member) int { return byID(a.ID, b.ID) }
func byMembership(a, b *roster.Membership) int {
	return cmp.Or(byID(a.Member, b.Member), byID(a.Group, b.Group))
}

// pairs yields the items of two sorted slices side by side. An item in only one of them comes with nil.
func pairs[T any](before, after []T, compare func(a, b *T) int) iter.Seq2[*T, *T] {
	return func(yield func(*T, *T) bool) {
		for len(before) > 0 || len(after) > 0 {
			var order int
			switch {
			case len(before) == 0:
				order = 1
			case len(after) == 0:
				order = -1
			default:
				order = compare(&before[0], &after[0])
			}
			var b, a *T
			if order <= 0 {
				b, before = &before[0], before[1:]
			}
			if order >= 0 {
				a, after = &after[0], after[1:]
			}
			if !yield(b, a) {
				return
			}
		}
	}
}

// sameProfile reports whether a and b are equal in all that people see and matching uses.
func sameProfile(a, b *roster.Member) bool {
	return a.Values == b.Values && a.ExternalID == b.ExternalID && a.ExternalKind == b.ExternalKind &&
		a.DepartedAt.Equal(b.DepartedAt)
}
