package plan

import (
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// ReverseGroups undoes what a run did to groups. done are its changes of groups, in order. present are the ids of
// the groups that will exist, for Reverser. undecided are the removals of groups that depend on their members after
// the undo: see RemoveGroups.
//
// A restored group is known by its name. If the directory lists it by a key, the next sync sets the key.
func ReverseGroups(
	groups []roster.Group,
	done []AppliedChange,
) (reverse Reversal, present map[uuid.UUID]bool, undecided []Change) {
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

// RemoveGroups decides about the undecided removals: a group is removed if it has no members after the undo. sizes
// are the current numbers of memberships by group, removed the numbers that the undo removes.
func RemoveGroups(undecided []Change, sizes, removed map[uuid.UUID]int) (reverse Reversal) {
	for _, c := range undecided {
		if sizes[c.Group] > removed[c.Group] {
			reverse.Left = append(reverse.Left, Change{
				Verb: AddGroup, Group: c.Group, BeforeGroup: c.BeforeGroup, AfterGroup: c.BeforeGroup, Why: GroupInUse,
			})
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
	kept          bool   // the names were kept
}

func (e *groupEffect) take(d AppliedChange) {
	pair := d.Fields[GroupName]
	if e.verb == "" {
		e.before = roster.ParseJSONValue(pair[0])
	}
	e.verb, e.after, e.kept = d.Verb, roster.ParseJSONValue(pair[1]), pair != [2]any{}
}

// groupReversal is the state of ReverseGroups.
type groupReversal struct {
	now     map[uuid.UUID]roster.Group
	keys    map[string]bool
	present map[uuid.UUID]bool

	changes, left, undecided []Change
}

func (r *groupReversal) take(id uuid.UUID, e groupEffect) {
	now, is := r.now[id]
	switch {
	case e.verb == AddGroup && !is,
		e.verb == RemoveGroup && is,
		e.verb == UpdateGroup && is && e.kept && now.Name == e.before:
		// undone already
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

// restore gives a group its earlier name, or adds it again.
func (r *groupReversal) restore(id uuid.UUID, e groupEffect, now roster.Group) {
	back := roster.Group{ID: id, Key: now.Key, Name: e.before}
	if now.Key == now.Name { // known by its name, or deleted
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
