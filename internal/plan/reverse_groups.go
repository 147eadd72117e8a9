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
func ReverseGroups(groups []roster.Group, done []Done) (reverse Reverse, there map[uuid.UUID]bool, doubtful []Change) {
	r := regrouping{now: map[uuid.UUID]roster.Group{}, keys: map[string]bool{}, there: map[uuid.UUID]bool{}}
	for _, group := range groups {
		r.now[group.ID], r.keys[group.Key], r.there[group.ID] = group, true, true
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
	return Reverse{Changes: r.changes, Left: r.left}, r.there, r.doubtful
}

// Dissolve says of the doubtful groups which go: those that nobody is in any more. sizes are the memberships that each has
// now, removed those that are taken back.
func RemoveGroups(doubtful []Change, sizes, removed map[uuid.UUID]int) (reverse Reverse) {
	for _, c := range doubtful {
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

func (e *groupEffect) take(d Done) {
	pair := d.Fields[GroupName]
	if e.verb == "" {
		e.before = roster.Unshown(pair[0])
	}
	e.verb, e.after, e.kept = d.Verb, roster.Unshown(pair[1]), pair != [2]any{}
}

type regrouping struct {
	now   map[uuid.UUID]roster.Group
	keys  map[string]bool
	there map[uuid.UUID]bool

	changes, left, doubtful []Change
}

func (r *regrouping) take(id uuid.UUID, e groupEffect) {
	now, is := r.now[id]
	switch {
	case e.verb == AddGroup && !is, e.verb == RemoveGroup && is, e.verb == UpdateGroup && is && e.kept && now.Name == e.before:
		// as it was before
	case !e.kept:
		r.leave(id, e, now, NotKept)
	case e.verb == UpdateGroup && !is:
		r.leave(id, e, now, Gone)
	case e.verb != RemoveGroup && now.Name != e.after:
		r.leave(id, e, now, ChangedSince)
	case e.verb == AddGroup:
		r.doubtful = append(r.doubtful, Change{Verb: RemoveGroup, Group: id, BeforeGroup: &now, Why: Undone})
	default:
		r.bringBack(id, e, now)
	}
}

// bringBack gives a group its name again, or makes it again.
func (r *regrouping) bringBack(id uuid.UUID, e groupEffect, now roster.Group) {
	back := roster.Group{ID: id, Key: now.Key, Name: e.before}
	if now.Key == now.Name { // known by its name, or not there
		back.Key = e.before
	}
	if back.Key != now.Key && r.keys[back.Key] {
		r.leave(id, e, now, NameTaken)
		return
	}
	delete(r.keys, now.Key)
	r.keys[back.Key], r.there[id] = true, true
	c := Change{Verb: AddGroup, Group: id, AfterGroup: &back, Why: Undone}
	if e.verb == UpdateGroup {
		c.Verb, c.BeforeGroup = UpdateGroup, &now
	}
	r.changes = append(r.changes, c)
}

func (r *regrouping) leave(id uuid.UUID, e groupEffect, now roster.Group, why Why) {
	c := Change{Verb: e.verb, Group: id, Why: why, AfterGroup: &roster.Group{ID: id, Name: e.before}}
	if now.ID != uuid.Nil {
		c.BeforeGroup = &now
	}
	if e.verb == AddGroup || !e.kept {
		c.AfterGroup = c.BeforeGroup
	}
	r.left = append(r.left, c)
}
