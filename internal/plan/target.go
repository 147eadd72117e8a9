package plan

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// DefaultLocale is the locale of a new member whose row says nothing about it.
const DefaultLocale = "en-US"

// Input is what Target works from: members of a batch, or all of them, and what the directory says about them. The
// order of nothing in it matters.
type Input struct {
	Now   time.Time
	Grace time.Duration // how long a departed member is kept; 0: whoever is absent is deleted at once

	Members     []roster.Member     // as they are: all whom Users, Absent and Kept name
	Memberships []roster.Membership // of Members, at least of those who are absent or whose rows name groups

	Users  []roster.User        // accepted rows, each tied to its member
	Absent []uuid.UUID          // members who are not in the complete snapshot
	Kept   []uuid.UUID          // members who are in it, but whose rows were rejected
	Groups map[string]uuid.UUID // the groups as they will be, by key; see GroupIDs
}

// Goal is what members should be.
type Goal struct {
	State
	SameRows map[uuid.UUID]bool // members whose very rows are known: what differs, somebody else had changed
}

// CollisionError says that a row was tied to a member by the hash of a key though the keys differ: two texts share a
// hash. Nothing may be written then, and another try with the same hash would meet it again.
type CollisionError struct {
	Member uuid.UUID
	Row    int
}

// Error names row and member.
func (e *CollisionError) Error() string {
	return fmt.Sprintf("row %d was tied to member %s, whose keys differ", e.Row, e.Member)
}

// Target says what members should be:
//
//   - Whoever has an accepted row is what it says, but for the fields it says nothing about: those stay.
//   - Whoever was rejected is present: nothing of him changes.
//   - Whoever is absent departs, and is deleted when the grace time is over (at once when there is none). Memberships
//     go with their member.
//   - Of whom nothing is said nothing changes, but a departed member whose grace time is over goes all the same.
//
// What one member becomes doesn't depend on the others in in, so batches give what the whole would. Its only error is
// a *CollisionError.
func Target(in Input) (Goal, error) { return new(goalWriter).target(in) }

func (w *goalWriter) target(in Input) (Goal, error) {
	w.begin(in)
	for i := range in.Members {
		before := &in.Members[i]
		user, present := w.users[before.ID]
		delete(w.users, before.ID)
		if !present {
			w.writeAbsent(before)
			continue
		}
		if !sameKeys(before, user) {
			return Goal{}, &CollisionError{Member: before.ID, Row: user.Row}
		}
		w.writePresent(before, user)
	}
	for i := range in.Users { // in their order, which is nearly always that of their members
		if user := &in.Users[i]; w.users[user.Member] == user {
			w.writePresent(&roster.Member{ID: user.Member}, user)
		}
	}
	return Goal{State: w.goal.sorted(), SameRows: w.goal.SameRows}, nil
}

// GoneBefore is the time before which a departure lies whose grace time is over.
func GraceCutoff(now time.Time, grace time.Duration) time.Time { return now.Add(-grace) }

// writer collects a Goal, in place of the one before.
type goalWriter struct {
	input   Input
	users   map[uuid.UUID]*roster.User // not yet written, by member
	absent  map[uuid.UUID]bool
	kept    map[uuid.UUID]bool
	staying map[uuid.UUID]bool        // groups that are there afterwards
	groups  map[uuid.UUID][]uuid.UUID // current groups by member
	goal    Goal
}

func (w *goalWriter) begin(in Input) {
	w.input = in
	if w.users == nil {
		w.users, w.groups = map[uuid.UUID]*roster.User{}, map[uuid.UUID][]uuid.UUID{}
		w.absent, w.kept, w.staying, w.goal.SameRows = map[uuid.UUID]bool{}, map[uuid.UUID]bool{}, map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
	}
	clear(w.users)
	for i := range in.Users { // should there be two of a member, that of the lower row
		user := &in.Users[i]
		if other, there := w.users[user.Member]; !there || user.Row < other.Row {
			w.users[user.Member] = user
		}
	}
	fill(w.absent, slices.Values(in.Absent))
	fill(w.kept, slices.Values(in.Kept))
	fill(w.staying, maps.Values(in.Groups))
	clear(w.groups)
	for _, m := range in.Memberships {
		w.groups[m.Member] = append(w.groups[m.Member], m.Group)
	}
	clear(w.goal.SameRows)
	w.goal.Members = slices.Grow(w.goal.Members[:0], len(in.Members)+len(in.Users))
	w.goal.Memberships = w.goal.Memberships[:0]
}

// fill has a set hold these ids, and no others.
func fill(set map[uuid.UUID]bool, ids iter.Seq[uuid.UUID]) {
	clear(set)
	for id := range ids {
		set[id] = true
	}
}

// without writes a member who has no accepted row.
func (w *goalWriter) writeAbsent(before *roster.Member) {
	after := *before
	departed := before.Values[roster.Status] == roster.Departed
	switch {
	case w.kept[before.ID]:
	case departed && before.DepartedAt.Before(GraceCutoff(w.input.Now, w.input.Grace)):
		return
	case departed || !w.absent[before.ID]:
	case w.input.Grace <= 0:
		return
	default:
		after.Values[roster.Status] = roster.Departed
		after.DepartedAt = w.input.Now
		after.Known = roster.Known{}
	}
	w.goal.Members = append(w.goal.Members, after)
	if after.Values[roster.Status] != roster.Departed || w.kept[before.ID] {
		w.join(before.ID, w.groups[before.ID])
	}
}

// with writes a member who has an accepted row; before has nothing but its id when he is new.
func (w *goalWriter) writePresent(before *roster.Member, user *roster.User) {
	after := *before
	for i := range after.Values {
		// What is alike stays the very text that it was: it is compared again and again from here on.
		if value := user.Values[i]; value != after.Values[i] && !user.Kept.Has(roster.Field(i)) {
			after.Values[i] = value
		}
	}
	// A departed member's own status, which a row that says nothing would keep, is that he is absent: and he isn't.
	if status := after.Values[roster.Status]; status == "" || status == roster.Departed {
		after.Values[roster.Status] = roster.Active
	}
	if after.Values[roster.Locale] == "" && before.Version == 0 {
		after.Values[roster.Locale] = DefaultLocale
	}
	after.DepartedAt = time.Time{}
	if user.ExternalID != "" && (user.ExternalID != after.ExternalID || user.ExternalKind != after.ExternalKind) {
		after.ExternalID, after.ExternalKind = user.ExternalID, user.ExternalKind
	}
	after.Known = user.Known

	current := w.groups[before.ID]
	wanted, drops := w.wanted(current, user)
	if drops {
		// The removal may be held back. Until it is done the row mustn't be taken for known, or it would be forgotten.
		after.Known = roster.Known{}
	}
	w.goal.Members = append(w.goal.Members, after)
	w.join(before.ID, wanted)
	if user.Recognised {
		w.goal.SameRows[before.ID] = true
	}
}

// wanted are the groups that a user should be in, and whether the row drops current ones. A membership in a group that
// goes is left to that group's removal, which may be held back as well.
func (w *goalWriter) wanted(current []uuid.UUID, user *roster.User) (wanted []uuid.UUID, drops bool) {
	if user.Kept.Has(roster.Groups) {
		return current, false
	}
	named := map[uuid.UUID]bool{}
	for _, key := range user.Groups {
		if id, ok := w.input.Groups[key]; ok && !named[id] {
			named[id] = true
			wanted = append(wanted, id)
		}
	}
	for _, id := range current {
		if named[id] {
			continue
		}
		drops = true
		if !w.staying[id] {
			wanted = append(wanted, id)
		}
	}
	return wanted, drops
}

func (w *goalWriter) join(member uuid.UUID, groups []uuid.UUID) {
	for _, group := range groups {
		w.goal.Memberships = append(w.goal.Memberships, roster.Membership{Group: group, Member: member})
	}
}

// tied tells whether a row is rightly about a member, by the texts of the keys and not by their hashes: the same
// external id where both have one of the same kind, else the same email; or it is the very row that made him.
func sameKeys(m *roster.Member, user *roster.User) bool {
	if user.Recognised && m.Known.Row != (roster.Hash{}) && user.Known.Row == m.Known.Row {
		return true
	}
	if m.ExternalID != "" && user.ExternalID != "" && m.ExternalKind == user.ExternalKind {
		return m.ExternalID == user.ExternalID
	}
	return m.Values[roster.Email] == user.Values[roster.Email]
}
