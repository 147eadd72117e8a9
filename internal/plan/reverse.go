package plan

import (
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Reverser undoes what a run did. Its laws, for any state, any changes of the run and any later changes:
//
//   - right after the run it restores the state before, for all that can be undone;
//   - it never changes a value that has changed since the run, but lists it;
//   - applied twice, it finds nothing more to do.
//
// It destroys nothing. A member whom the run added departs and so stays for the grace time. A deleted member can't
// be restored, because the values were deleted too. The next sync judges the rows of all changed members again.
type Reverser struct {
	Now    time.Time          // the time of departures
	Groups map[uuid.UUID]bool // the groups that will exist: see ReverseGroups
	Taken  map[uuid.UUID]bool // members whose email or id another member has: see Clashes
	// Released are members who lose their email, because another member gets it back.
	Released map[uuid.UUID]bool

	// Covered reports whether a member is protected: it doesn't depart and isn't deactivated. nil: nobody is.
	Covered func(*roster.Member) bool
}

// Reversal holds the changes that undo a run, and the run's changes that stay.
type Reversal struct {
	Changes []Change // sorted as by Diff
	Left    []Change // Before is what stays, After what it would have become, Why the reason
}

// Members undoes what a run did to members and their memberships. current holds these members, if they still exist,
// and their memberships. done are the run's changes of them, in order for each member.
func (r Reverser) Members(current Current, done []AppliedChange) Reversal {
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
	goal := Goal{Current: Current{Groups: current.Groups}}
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

// undone sets the reason Undone, except for memberships that go with a leaving member.
func undone(changes []Change) []Change {
	for i := range changes {
		if changes[i].Why != MemberLeft && changes[i].Verb != Remember {
			changes[i].Why = Undone
		}
	}
	return changes
}

// ReleaseEmails returns the changes by which departed members lose their email.
func ReleaseEmails(members []roster.Member) []Change {
	goal := Goal{Current: Current{Members: slices.Clone(members)}}
	for i := range goal.Members {
		goal.Members[i].Values[roster.Email] = ""
	}
	return undone(Diff(Current{Members: members}, goal))
}

// memberReversal undoes what a run did to one member.
type memberReversal struct {
	Reverser
	effect
	id     uuid.UUID
	now    *roster.Member // nil: deleted
	groups []uuid.UUID    // current groups

	goal *roster.Member
	stay []uuid.UUID // groups after the undo
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
	case r.added && r.now.Values[roster.Status] == roster.Departed: // departed already
	case r.added && r.protected():
		r.addLeft(r.verb, r.now, PersonProtected)
	case r.added && r.blanked != 0:
		r.addLeft(r.verb, r.now, NotKept)
	case r.added && !r.unchangedSince(r.now, r.groups):
		r.addLeft(r.verb, r.now, ChangedSince)
	case r.added:
		r.depart()
	default:
		r.restore()
		r.rejoin()
	}
	if r.Released[r.id] && goal.Values[roster.Status] == roster.Departed && goal.Values[roster.Email] == r.now.Values[roster.Email] {
		goal.Values[roster.Email] = ""
	}
	if !sameProfile(r.now, r.goal) || !slices.Equal(sortedIDs(r.groups), sortedIDs(r.stay)) {
		r.goal.Known = roster.Known{}
	}
}

// listMissing lists the changes that can't be undone because the member doesn't exist.
func (r *memberReversal) listMissing() {
	switch {
	case r.added && !r.deleted: // undone already
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

// addLeft lists a change of the member that stays. after is what it would have become.
func (r *memberReversal) addLeft(verb Verb, after *roster.Member, why Why) {
	r.left = append(r.left, Change{Verb: verb, Member: r.id, Before: r.now, After: after, Why: why})
}

// depart makes the member depart, with all memberships.
func (r *memberReversal) depart() {
	r.goal.Values[roster.Status], r.goal.DepartedAt, r.stay = roster.Departed, r.Now, nil
}

// restore restores the fields that are as the run left them, and lists the others by reason.
func (r *memberReversal) restore() {
	would := map[Why]*roster.Member{}
	if r.blanked != 0 {
		would[NotKept] = r.now
	}
	now := textsOf(r.now)
	put := func(why Why, f func(*roster.Member)) {
		if why == "" {
			f(r.goal)
			return
		}
		if would[why] == nil || would[why] == r.now {
			m := *r.now
			would[why] = &m
		}
		f(would[why])
	}
	for f := range roster.Groups {
		if f == roster.Custom {
			r.restoreCustom(put)
			continue
		}
		if !r.changed.Has(f) || now[f] == r.before[f] && r.before[f] != r.after[f] {
			continue
		}
		put(r.obstacle(f, &now), func(m *roster.Member) { r.put(m, f) })
	}
	for _, why := range []Why{ChangedSince, IdentityTaken, PersonProtected, NotKept} {
		if would[why] != nil {
			r.addLeft(r.verb, would[why], why)
		}
	}
}

// restoreCustom restores each custom field that is as the run left it.
func (r *memberReversal) restoreCustom(put func(Why, func(*roster.Member))) {
	now := r.now.Values[roster.Custom]
	for v := range roster.Customs(r.before[roster.Custom]) {
		is, after := roster.CustomText(now, v.Name), roster.CustomText(r.after[roster.Custom], v.Name)
		if is == v.Text && v.Text != after {
			continue // undone already
		}
		why := Why("")
		if is != after {
			why = ChangedSince
		}
		put(why, func(m *roster.Member) {
			one := roster.AppendCustom(nil, v)
			m.Values[roster.Custom] = roster.PatchCustom(m.Values[roster.Custom], string(one))
		})
	}
}

// obstacle returns the reason why a field isn't restored, or "".
func (r *memberReversal) obstacle(f roster.Field, now *texts) Why {
	departed := f == roster.Status && now[f] == roster.Departed
	switch {
	case now[f] != r.after[f]:
		return ChangedSince
	case f == roster.ExternalID && r.before[f] != "" && !r.relinked:
		return NotKept // the audit lacks the id's kind; the next sync finds the member by email
	case f == roster.Role && r.changed.Has(roster.ManagementLevel) &&
		now[roster.ManagementLevel] != r.after[roster.ManagementLevel] &&
		now[roster.ManagementLevel] != r.before[roster.ManagementLevel]:
		return ChangedSince // the role follows from the level
	case f == roster.Status && r.before[f] == roster.Departed && !r.unchangedSince(r.now, r.groups):
		return ChangedSince // a member who changed since the run is in the directory
	case f == roster.Status && r.before[f] != roster.Active && r.protected():
		return PersonProtected
	case r.Taken[r.id] && (f == roster.Email || f == roster.ExternalID || departed):
		return IdentityTaken
	default:
		return ""
	}
}

// protected reports whether the member is covered as it is now, or as it was before the run.
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

// put sets a field of m to its value before the run.
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

// rejoin removes the memberships that the run added, and restores those that it removed.
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
