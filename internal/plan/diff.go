package plan

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Diff says which changes make t of m. Its laws, for any m and t:
//
//   - applying Diff(m, t) to m gives t, but for Version, CreatedAt and UpdatedAt, which count and date the changes;
//   - Diff(t, t) is empty.
//
// The changes are sorted by member (those of groups first); a member's own by the order in which they must be applied.
// A member has one change, but for one who is deactivated and differs in other fields too: those are an Update that
// doesn't wait for the removals. What waits must not look known, so that Update's After has the zero Known.
func Diff(m State, t Goal) []Change {
	t.Members = slices.Clone(t.Members)
	return appendDiff(nil, m, t)
}

// appendDiff appends what Diff says. The members of t become the After of changes, with their versions.
func appendDiff(changes []Change, m State, t Goal) []Change {
	before, after := m.sorted(), t.sorted()
	for b, a := range pairs(before.Groups, after.Groups, byGroup) {
		changes = appendGroup(changes, b, a)
	}
	leaving := map[uuid.UUID]bool{}
	for b, a := range pairs(before.Members, after.Members, byMember) {
		if b != nil && (a == nil || a.Values[roster.Status] == roster.Departed) {
			leaving[b.ID] = true
		}
		changes = appendMember(changes, pair{b, a, b != nil && t.SameRows[b.ID]})
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
		return append(changes, Change{Verb: UpdateGroup, Group: after.ID, BeforeGroup: before, AfterGroup: after, Why: why})
	default:
		return changes
	}
}

// pair is a member before and after; nil is not there.
type pair struct {
	before, after *roster.Member
	sameRow       bool // its very row is known
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
		if !sameProfile(p.before, &middle) {
			changes, p.before = append(changes, member(Update, pair{p.before, &middle, p.sameRow})), &middle
		}
	}
	return append(changes, member(verb, p))
}

// verbFor says what makes after of before; nil is not there. ok is false when they are the same.
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

// member makes a member's change. After gets the version that follows from it.
func member(verb Verb, p pair) Change {
	c := Change{Verb: verb, Before: p.before, Why: why(verb, p.before, p.after)}
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

// inOrder sorts changes by member, and one member's by the order in which they must be applied.
func inOrder(a, b Change) int {
	return cmp.Or(byID(a.Member, b.Member), cmp.Compare(rank(a.Verb), rank(b.Verb)), byID(a.Group, b.Group))
}

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
