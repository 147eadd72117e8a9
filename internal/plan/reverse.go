package plan

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Reversal takes back what a run did. Its laws, for any state, any changes and whatever was done to it since:
//
//   - applied right after the run it gives the state before, for all that can be taken back;
//   - it never touches a value that is another one now than the run left: that is listed;
//   - taken back again it finds nothing more to do.
//
// Nothing is destroyed by it. Whom the run added departs, and so stays for the grace time; somebody deleted can't be brought
// back, as the values went with the member. Rows of all members it touches are judged anew by the next sync.
type Reverser struct {
	Now    time.Time          // when those depart who do
	Groups map[uuid.UUID]bool // the groups that will be there: see ReverseGroups
	Taken  map[uuid.UUID]bool // members who can't have their email or id back, as somebody else has it: see Clashes

	Covered func(*roster.Member) bool // who is protected: nobody of them departs or is deactivated by it; nil: nobody is
}

// Reverse is what takes a run back, and what it leaves alone.
type Reversal struct {
	Changes []Change // sorted as Diff's
	Left    []Change // by member and group: Before is what stays, After what it would have become, Why the reason
}

// Members takes back what was done to members and their memberships. current holds those members, as far as they are still
// there, and their memberships; done their changes of one run, one member's in order.
func (r Reverser) Members(current State, done []AppliedChange) Reversal {
	current = current.sorted()
	groups := map[uuid.UUID][]uuid.UUID{}
	for _, m := range current.Memberships {
		groups[m.Member] = append(groups[m.Member], m.Group)
	}
	there := map[uuid.UUID]*roster.Member{}
	for i := range current.Members {
		there[current.Members[i].ID] = &current.Members[i]
	}
	byMember := map[uuid.UUID][]AppliedChange{}
	for _, d := range done {
		byMember[d.Member] = append(byMember[d.Member], d)
	}
	goal := Goal{State: State{Groups: current.Groups}}
	var left []Change
	for _, m := range current.Members {
		if byMember[m.ID] == nil {
			goal.Members = append(goal.Members, m)
			for _, group := range groups[m.ID] {
				goal.Memberships = append(goal.Memberships, roster.Membership{Group: group, Member: m.ID})
			}
		}
	}
	for id, done := range byMember {
		one := memberReversal{Reverser: r, effect: effectOf(done), id: id, now: there[id], groups: groups[id]}
		one.run()
		left = append(left, one.left...)
		if one.goal != nil {
			goal.Members = append(goal.Members, *one.goal)
		}
		for _, group := range one.stay {
			goal.Memberships = append(goal.Memberships, roster.Membership{Group: group, Member: id})
		}
	}
	slices.SortFunc(left, inOrder)
	return Reversal{Changes: undone(Diff(current, goal)), Left: left}
}

// undone gives changes the reason that they take back what a run did. What goes with a member who leaves says so.
func undone(changes []Change) []Change {
	for i := range changes {
		if changes[i].Why != MemberLeft && changes[i].Verb != Remember {
			changes[i].Why = Undone
		}
	}
	return changes
}

// reversing takes back what was done to one member.
type memberReversal struct {
	Reverser
	effect
	id     uuid.UUID
	now    *roster.Member // nil: no longer there
	groups []uuid.UUID    // that the member is in now

	goal *roster.Member
	stay []uuid.UUID // groups that the member will be in
	left []Change
}

func (r *memberReversal) run() {
	if r.now == nil {
		r.listMissing()
		return
	}
	goal := *r.now
	r.goal, r.stay = &goal, r.groups
	switch {
	case r.added && r.now.Values[roster.Status] == roster.Departed:
		return // as it would be
	case r.added && r.protected():
		r.addLeft(r.verb, r.now, PersonProtected)
		return
	case r.added && r.blanked != 0:
		r.addLeft(r.verb, r.now, NotKept)
		return
	case r.added && !r.unchangedSince(r.now, r.groups):
		r.addLeft(r.verb, r.now, ChangedSince)
		return
	case r.added:
		r.depart()
	default:
		r.restore()
		r.rejoin()
	}
	if !sameProfile(r.now, r.goal) || !slices.Equal(sortedIDs(r.groups), sortedIDs(r.stay)) {
		r.goal.Known = roster.Known{}
	}
}

// gone lists what can't be taken back because the member isn't there any more.
func (r *memberReversal) listMissing() {
	switch {
	case r.added && !r.deleted: // as it was before
	case r.deleted:
		r.addLeft(Delete, nil, PersonDeleted)
	case r.verb != "":
		r.addLeft(r.verb, nil, Gone)
	default:
		for group := range r.leftGroups { // sorted later
			r.left = append(r.left, Change{Verb: RemoveMembership, Member: r.id, Group: group, Why: Gone})
		}
	}
}

// leave lists the member's change as left alone. after is what it would have become.
func (r *memberReversal) addLeft(verb Verb, after *roster.Member, why Why) {
	r.left = append(r.left, Change{Verb: verb, Member: r.id, Before: r.now, After: after, Why: why})
}

// depart has the member depart, with all memberships.
func (r *memberReversal) depart() {
	r.goal.Values[roster.Status], r.goal.DepartedAt, r.stay = roster.Departed, r.Now, nil
}

// restore gives the fields back that are as the run left them, and lists the others by what is in the way.
func (r *memberReversal) restore() {
	would := map[Why]*roster.Member{}
	if r.blanked != 0 {
		would[NotKept] = r.now
	}
	now := textsOf(r.now)
	for f := range roster.Groups {
		if !r.changed.Has(f) || now[f] == r.before[f] && r.before[f] != r.after[f] {
			continue
		}
		why := r.obstacle(f, &now)
		if why == "" {
			r.put(r.goal, f)
			continue
		}
		if would[why] == nil || would[why] == r.now {
			m := *r.now
			would[why] = &m
		}
		r.put(would[why], f)
	}
	for _, why := range []Why{ChangedSince, IdentityTaken, PersonProtected, NotKept} {
		if would[why] != nil {
			r.addLeft(r.verb, would[why], why)
		}
	}
}

// obstacle is why a field isn't given back; "" when it is.
func (r *memberReversal) obstacle(f roster.Field, now *texts) Why {
	departed := f == roster.Status && now[f] == roster.Departed
	switch {
	case now[f] != r.after[f]:
		return ChangedSince
	case f == roster.ExternalID && r.before[f] != "":
		return NotKept // an id is nothing without its kind, which the audit doesn't have; the next sync learns it by email
	case f == roster.Role && r.changed.Has(roster.ManagementLevel) && now[roster.ManagementLevel] != r.after[roster.ManagementLevel] &&
		now[roster.ManagementLevel] != r.before[roster.ManagementLevel]:
		return ChangedSince // the role follows from the level
	case f == roster.Status && r.before[f] == roster.Departed && !r.unchangedSince(r.now, r.groups):
		return ChangedSince // somebody who is no longer as the run left them is in the directory
	case f == roster.Status && r.before[f] != roster.Active && r.protected():
		return PersonProtected
	case r.Taken[r.id] && (f == roster.Email || f == roster.ExternalID || departed):
		return IdentityTaken
	default:
		return ""
	}
}

// protected tells whether the member is, by what it is now or was before the run.
func (r *memberReversal) protected() bool {
	if r.Covered == nil {
		return false
	}
	before := *r.now
	if r.changed.Has(roster.Email) {
		before.Values[roster.Email] = r.before[roster.Email]
	}
	if r.changed.Has(roster.ExternalID) {
		before.ExternalID = r.before[roster.ExternalID]
	}
	return r.Covered(r.now) || r.Covered(&before)
}

// put gives m the value that a field had before the run.
func (r *memberReversal) put(m *roster.Member, f roster.Field) {
	value := r.before[f]
	switch {
	case f == roster.ExternalID:
		m.ExternalID = value
		if value == "" {
			m.ExternalKind = ""
		}
	case f == roster.Status && value == roster.Departed && m == r.goal:
		r.depart()
	case f == roster.Status:
		m.Values[f], m.DepartedAt = value, time.Time{}
	default:
		m.Values[f] = value
	}
}

// rejoin takes the member out of the groups that the run put it in, and puts it back where the run took it out.
func (r *memberReversal) rejoin() {
	var stay []uuid.UUID
	for _, group := range r.stay {
		if !r.joined[group] {
			stay = append(stay, group)
		}
	}
	for _, group := range slices.SortedFunc(maps.Keys(r.leftGroups), byID) {
		switch {
		case slices.Contains(r.groups, group):
		case r.goal.Values[roster.Status] == roster.Departed, !r.Groups[group]:
			r.left = append(r.left, Change{Verb: RemoveMembership, Member: r.id, Group: group, Why: Gone})
		default:
			stay = append(stay, group)
		}
	}
	r.stay = sortedIDs(stay)
}
