package plan

import (
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// ReverseGroups takes back what a run did to groups: done are its changes of groups, in order. there are the groups that
// will be, for Reversal. doubtful are those whose removal depends on who is in them once all memberships are taken back: see
// Dissolve.
//
// A group that comes back is known by its name: where the directory lists it by a key of its own, the next sync learns that.
func ReverseGroups(groups []roster.Group, done []AppliedChange) (reverse Reversal, present map[uuid.UUID]bool, undecided []Change) {
	r := groupReversal{now: map[uuid.UUID]roster.Group{}, keys: map[string]bool{}, present: map[uuid.UUID]bool{}}
	for _, group := range groups {
		r.now[group.ID], r.keys[group.Key], r.present[group.ID] = group, true, true
	}
	byGroup := map[uuid.UUID]*groupEffect{}
	for _, d := range done {
		if byGroup[d.Group] == nil {
			byGroup[d.Group] = &groupEffect{}
		}
		byGroup[d.Group].take(d)
	}
	for _, id := range slices.SortedFunc(maps.Keys(byGroup), byID) {
		r.take(id, *byGroup[id])
	}
	return Reversal{Changes: r.changes, Left: r.left}, r.present, r.undecided
}

// Dissolve says of the doubtful groups which go: those that nobody is in any more. sizes are the memberships that each has
// now, removed those that are taken back.
func RemoveGroups(undecided []Change, sizes, removed map[uuid.UUID]int) (reverse Reversal) {
	for _, c := range undecided {
		if sizes[c.Group] > removed[c.Group] {
			reverse.Left = append(reverse.Left, Change{Verb: AddGroup, Group: c.Group, BeforeGroup: c.BeforeGroup, AfterGroup: c.BeforeGroup, Why: GroupInUse})
			continue
		}
		reverse.Changes = append(reverse.Changes, c)
	}
	return reverse
}

// groupEffect is what a run did to one group.
type groupEffect struct {
	verb          Verb
	before, after string // names
	kept          bool   // the names are known
}

func (e *groupEffect) take(d AppliedChange) {
	pair := d.Fields[GroupName]
	if e.verb == "" {
		e.before = roster.ParseJSONValue(pair[0])
	}
	e.verb, e.after, e.kept = d.Verb, roster.ParseJSONValue(pair[1]), pair != [2]any{}
}

type groupReversal struct {
	now     map[uuid.UUID]roster.Group
	keys    map[string]bool
	present map[uuid.UUID]bool

	changes, left, undecided []Change
}

func (r *groupReversal) take(id uuid.UUID, e groupEffect) {
	now, is := r.now[id]
	switch {
	case e.verb == AddGroup && !is, e.verb == RemoveGroup && is, e.verb == UpdateGroup && is && e.kept && now.Name == e.before:
		// as it was before
	case !e.kept:
		r.addLeft(id, e, now, NotKept)
	case e.verb == UpdateGroup && !is:
		r.addLeft(id, e, now, Gone)
	case e.verb != RemoveGroup && now.Name != e.after:
		r.addLeft(id, e, now, ChangedSince)
	case e.verb == AddGroup:
		r.undecided = append(r.undecided, Change{Verb: RemoveGroup, Group: id, BeforeGroup: &now, Why: Undone})
	default:
		r.restore(id, e, now)
	}
}

// bringBack gives a group its name again, or makes it again.
func (r *groupReversal) restore(id uuid.UUID, e groupEffect, now roster.Group) {
	back := roster.Group{ID: id, Key: now.Key, Name: e.before}
	if now.Key == now.Name { // known by its name, or not there
		back.Key = e.before
	}
	if back.Key != now.Key && r.keys[back.Key] {
		r.addLeft(id, e, now, NameTaken)
		return
	}
	delete(r.keys, now.Key)
	r.keys[back.Key], r.present[id] = true, true
	c := Change{Verb: AddGroup, Group: id, AfterGroup: &back, Why: Undone}
	if e.verb == UpdateGroup {
		c.Verb, c.BeforeGroup = UpdateGroup, &now
	}
	r.changes = append(r.changes, c)
}

func (r *groupReversal) addLeft(id uuid.UUID, e groupEffect, now roster.Group, why Why) {
	c := Change{Verb: e.verb, Group: id, Why: why, AfterGroup: &roster.Group{ID: id, Name: e.before}}
	if now.ID != uuid.Nil {
		c.BeforeGroup = &now
	}
	if e.verb == AddGroup || !e.kept {
		c.AfterGroup = c.BeforeGroup
	}
	r.left = append(r.left, c)
}
