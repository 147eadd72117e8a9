package plan

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Diff returns the changes that turn m into t. Its laws, for any m and t:
//
//   - applying Diff(m, t) to m gives t, except for Version, CreatedAt and UpdatedAt, which count and date the
//     changes;
//   - Diff(t, t) is empty.
//
// The changes are sorted by member, those of groups first. Changes of one member are in the order in which they
// must be applied. A member has one change, with one exception: a deactivated member whose other fields differ also
// has an Update, which doesn't wait for the removals. The After of that Update has the zero Known, because a member
// with a waiting change must not match a known row.
func Diff(m Current, t Goal) []Change {
	t.Members = slices.Clone(t.Members)
	return appendDiff(nil, m, t)
}

// appendDiff appends what Diff returns. Members of t become the After of changes, and get their new versions.
func appendDiff(changes []Change, m Current, t Goal) []Change {
	before, after := m.sorted(), t.sorted()
	for b, a := range pairs(before.Groups, after.Groups, byGroup) {
		changes = appendGroup(changes, b, a)
	}
	leaving := map[uuid.UUID]bool{}
	for b, a := range pairs(before.Members, after.Members, byMember) {
		if b != nil && (a == nil || a.Values[roster.Status] == roster.Departed) {
			leaving[b.ID] = true
		}
		changes = appendMember(changes, t.pair(b, a))
	}
	for b, a := range pairs(before.Memberships, after.Memberships, byMembership) {
		switch {
		case b == nil:
			changes = append(changes, membership(AddMembership, *a, Listed, t.SameRows[a.Member]))
		case a == nil && leaving[b.Member]:
			changes = append(changes, membership(RemoveMembership, *b, MemberLeft, false))
		case a == nil:
			changes = append(changes, membership(RemoveMembership, *b, Unlisted, t.SameRows[b.Member]))
		}
	}
	if !slices.IsSortedFunc(changes, inOrder) {
		slices.SortStableFunc(changes, inOrder)
	}
	return changes
}

func appendGroup(changes []Change, before, after *roster.Group) []Change {
	switch {
	case before == nil:
		return append(changes, Change{Verb: AddGroup, Group: after.ID, AfterGroup: after, Why: GroupAppeared})
	case after == nil:
		return append(changes, Change{Verb: RemoveGroup, Group: before.ID, BeforeGroup: before, Why: GroupGone})
	case *before != *after:
		why := GroupRenamed
		if before.Key != after.Key && before.Name == after.Name {
			why = GroupMoved
		}
		return append(
			changes,
			Change{Verb: UpdateGroup, Group: after.ID, BeforeGroup: before, AfterGroup: after, Why: why},
		)
	default:
		return changes
	}
}

// pair is a member before and after. nil means that the member doesn't exist.
type pair struct {
	before, after *roster.Member
	sameRow       bool // the row is known
	left          bool // the row says that the member has left
	outOfScope    bool // the tenant's scope leaves the row out
	relinked      bool // the row has another external id
	released      bool // somebody else has the email
	takes         uuid.UUID
}

func (t Goal) pair(before, after *roster.Member) pair {
	p := pair{before: before, after: after}
	if before != nil {
		id := before.ID
		p.sameRow, p.left, p.relinked, p.released = t.SameRows[id], t.Left[id], t.Relinked[id], t.Released[id]
		p.outOfScope = t.OutOfScope[id]
	}
	if after != nil {
		p.takes = t.Takes[after.ID]
	}
	return p
}

func appendMember(changes []Change, p pair) []Change {
	verb, ok := verbFor(p.before, p.after)
	if !ok {
		return changes
	}
	if verb == Deactivate {
		middle := *p.after
		middle.Values[roster.Status] = p.before.Values[roster.Status]
		middle.Known = roster.Known{}
		if after := p.after; after.Values[roster.Email] == "" { // it is lost with the deactivation
			middle.Values[roster.Email] = p.before.Values[roster.Email]
		}
		if !sameProfile(p.before, &middle) {
			first := p
			first.after, first.released = &middle, false
			changes, p.before = append(changes, member(Update, first)), &middle
		}
	}
	return append(changes, member(verb, p))
}

// verbFor returns the verb that turns before into after. ok is false if they are equal.
func verbFor(before, after *roster.Member) (verb Verb, ok bool) {
	switch {
	case before == nil:
		return Add, true
	case after == nil:
		return Delete, true
	}
	was, is := before.Values[roster.Status], after.Values[roster.Status]
	switch {
	case was != is && is == roster.Departed:
		return Depart, true
	case was != is && was == roster.Departed:
		return Return, true
	case was != is && is == roster.Inactive:
		return Deactivate, true
	case was != is && is == roster.Active:
		return Reactivate, true
	case !sameProfile(before, after):
		return Update, true
	case before.Known != after.Known:
		return Remember, true
	default:
		return "", false
	}
}

// member returns a member's change. It sets the version of After.
func member(verb Verb, p pair) Change {
	c := Change{Verb: verb, Before: p.before, Why: why(verb, p), Takes: p.takes}
	var version int64
	if p.before != nil {
		c.Member, version = p.before.ID, p.before.Version
	}
	if p.after != nil {
		c.Member, c.After = p.after.ID, p.after
		c.After.Version = version
		if verb != Remember {
			c.After.Version++
		}
	}
	if p.sameRow && verb != Remember {
		c.Drift, c.Why = true, Edited
	}
	return c
}

func membership(verb Verb, m roster.Membership, why Why, same bool) Change {
	if same {
		why = Edited
	}
	return Change{Verb: verb, Member: m.Member, Group: m.Group, Why: why, Drift: same}
}

// inOrder compares changes by member, then by the order in which they must be applied.
func inOrder(a, b Change) int {
	return cmp.Or(byID(a.Member, b.Member), cmp.Compare(rank(a.Verb), rank(b.Verb)), byID(a.Group, b.Group))
}

// rank orders the changes of one member.
func rank(verb Verb) int {
	switch verb {
	case RemoveMembership:
		return 0
	case Update, UpdateGroup:
		return 1
	case AddMembership, RemoveGroup:
		return 3
	default:
		return 2
	}
}
