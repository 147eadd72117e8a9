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

// DefaultLocale is the locale of a new member whose row gives none.
const DefaultLocale = "en-US"

// Input is what Target works from: the members of a batch, or all of them, and what the directory says about them.
// The order of its lists doesn't matter.
type Input struct {
	Now   time.Time
	Grace time.Duration // how long a departed member is kept; 0: absent members are deleted at once

	Members     []roster.Member     // current members: all that Users, Absent and Kept name
	Memberships []roster.Membership // of Members who are absent or whose rows name groups

	Users  []roster.User // accepted rows, each tied to its member
	Absent []uuid.UUID   // members whom no row makes present
	Left   []uuid.UUID   // of Absent: members whose row says that they have left
	// OutOfScope are those of Absent whose row the tenant's scope leaves out.
	OutOfScope []uuid.UUID
	// Released are the members who lose their email, because somebody else has it. A member's own row goes before.
	Released []uuid.UUID
	Kept     []uuid.UUID          // members whose rows were rejected
	Forget   bool                 // Kept no longer know their rows, because other rules hold for them now
	Groups   map[string]uuid.UUID // ids of the groups after the plan, by key; see GroupIDs
}

// Goal is what members should be.
type Goal struct {
	Current
	SameRows   map[uuid.UUID]bool      // members with a known row: any difference is an edit by somebody else
	Left       map[uuid.UUID]bool      // absent members whose row says that they have left
	OutOfScope map[uuid.UUID]bool      // absent members whose row the tenant's scope leaves out
	Relinked   map[uuid.UUID]bool      // members whose row has another external id
	Released   map[uuid.UUID]bool      // members who lose their email
	Takes      map[uuid.UUID]uuid.UUID // see Change.Takes
}

// CollisionError says that a row was tied to a member by the hash of a key though the keys differ: two texts share
// a hash. Nothing may be written. A retry with the same hash fails again.
type CollisionError struct {
	Member uuid.UUID
	Row    int
}

// Error names the row and the member.
func (e *CollisionError) Error() string {
	return fmt.Sprintf("row %d matched member %s by a hash, but the keys differ", e.Row, e.Member)
}

// Target returns what members should be:
//
//   - A member with an accepted row gets the row's values. Fields that the row says nothing about stay.
//   - A member with a rejected row is present and stays unchanged. With Forget, it no longer knows a row.
//   - An absent member departs, and is deleted after the grace time, or at once if there is none. Memberships go
//     with it.
//   - Any other member stays unchanged, but a departed one is deleted after the grace time.
//
// The result for a member doesn't depend on the others in in, so batches give the same result as all members at
// once. The only error is a *CollisionError.
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
	for i := range in.Users { // mostly in the order of their members
		if user := &in.Users[i]; w.users[user.Member] == user {
			w.writePresent(&roster.Member{ID: user.Member}, user)
		}
	}
	goal := w.goal
	goal.Current = w.goal.sorted()
	return goal, nil
}

// GraceCutoff returns the time before which a departed member's grace time is over.
func GraceCutoff(now time.Time, grace time.Duration) time.Time { return now.Add(-grace) }

// goalWriter builds a Goal and reuses the memory of the one before.
type goalWriter struct {
	input   Input
	users   map[uuid.UUID]*roster.User // users to write, by member
	absent  map[uuid.UUID]bool
	kept    map[uuid.UUID]bool
	staying map[uuid.UUID]bool        // groups that exist after the plan
	groups  map[uuid.UUID][]uuid.UUID // current groups by member
	goal    Goal
}

func (w *goalWriter) begin(in Input) {
	w.input = in
	if w.users == nil {
		w.users, w.groups = map[uuid.UUID]*roster.User{}, map[uuid.UUID][]uuid.UUID{}
		w.absent, w.kept = map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
		w.staying, w.goal.SameRows, w.goal.Left = map[uuid.UUID]bool{}, map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
		w.goal.OutOfScope = map[uuid.UUID]bool{}
		w.goal.Relinked, w.goal.Released = map[uuid.UUID]bool{}, map[uuid.UUID]bool{}
		w.goal.Takes = map[uuid.UUID]uuid.UUID{}
	}
	clear(w.users)
	for i := range in.Users { // of two users of one member, the lower row counts
		user := &in.Users[i]
		if other, there := w.users[user.Member]; !there || user.Row < other.Row {
			w.users[user.Member] = user
		}
	}
	fill(w.absent, slices.Values(in.Absent))
	fill(w.kept, slices.Values(in.Kept))
	fill(w.goal.Left, slices.Values(in.Left))
	fill(w.goal.OutOfScope, slices.Values(in.OutOfScope))
	fill(w.goal.Released, slices.Values(in.Released))
	clear(w.goal.Relinked)
	clear(w.goal.Takes)
	fill(w.staying, maps.Values(in.Groups))
	clear(w.groups)
	for _, m := range in.Memberships {
		w.groups[m.Member] = append(w.groups[m.Member], m.Group)
	}
	clear(w.goal.SameRows)
	w.goal.Members = slices.Grow(w.goal.Members[:0], len(in.Members)+len(in.Users))
	w.goal.Memberships = w.goal.Memberships[:0]
}

// fill sets the ids in a set.
func fill(set map[uuid.UUID]bool, ids iter.Seq[uuid.UUID]) {
	clear(set)
	for id := range ids {
		set[id] = true
	}
}

// writeAbsent writes a member without an accepted row.
func (w *goalWriter) writeAbsent(before *roster.Member) {
	after := *before
	departed := before.Values[roster.Status] == roster.Departed
	if w.goal.Released[before.ID] {
		after.Values[roster.Email] = ""
		after.Known = roster.Known{} // if there is a row, it says more than the member has
	}
	switch {
	case w.kept[before.ID]:
		if w.input.Forget {
			after.Known = roster.Known{}
		}
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

// writePresent writes a member with an accepted row. A new member has only its id.
func (w *goalWriter) writePresent(before *roster.Member, user *roster.User) {
	after := *before
	for i := range after.Values {
		// An equal value keeps the same string, which makes later comparisons fast.
		if f := roster.Field(i); f == roster.Custom { //nolint:gosec // a small constant
			after.Values[i] = roster.PatchCustom(after.Values[i], user.Values[i])
			continue
		}
		if value := user.Values[i]; value != after.Values[i] && !user.Kept.Has(roster.Field(i)) {
			after.Values[i] = value
		}
	}
	// A row without a status keeps the member's own, but a member with a row isn't departed.
	if status := after.Values[roster.Status]; status == "" || status == roster.Departed {
		after.Values[roster.Status] = roster.Active
	}
	if after.Values[roster.Locale] == "" && before.Version == 0 {
		after.Values[roster.Locale] = DefaultLocale
	}
	if user.Relinked {
		w.goal.Relinked[after.ID] = true
	}
	if user.Takes != uuid.Nil {
		w.goal.Takes[after.ID] = user.Takes
	}
	after.DepartedAt = time.Time{}
	if user.ExternalID != "" && (user.ExternalID != after.ExternalID || user.ExternalKind != after.ExternalKind) {
		after.ExternalID, after.ExternalKind = user.ExternalID, user.ExternalKind
	}
	after.Known = user.Known

	current := w.groups[before.ID]
	wanted, drops := w.wanted(current, user)
	if drops {
		// The removal may be held. Until it is applied the row must not be known, or the removal would be forgotten.
		after.Known = roster.Known{}
	}
	w.goal.Members = append(w.goal.Members, after)
	w.join(before.ID, wanted)
	if user.Recognised {
		w.goal.SameRows[before.ID] = true
	}
}

// wanted returns the groups that a user should be in, and whether the row drops current ones. A membership in a
// group that is removed stays here: the group's removal, which may be held, removes it.
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

// sameKeys reports whether a row and a member match by the texts of their keys, not only by the hashes: by external
// id if both have one of the same kind, else by email. The known row of a member always matches, and so does a linked
// row: links are few, so their hashes alone tell them apart.
func sameKeys(m *roster.Member, user *roster.User) bool {
	if user.Linked || user.Recognised && m.Known.Row != (roster.Hash{}) && user.Known.Row == m.Known.Row {
		return true
	}
	sameEmail := m.Values[roster.Email] == user.Values[roster.Email]
	switch {
	case user.Values[roster.Email] == "" && !user.Kept.Has(roster.Email): // the row is used without its email
		return true
	case user.Relinked:
		return sameEmail || roster.Fold(m.ExternalID) == roster.Fold(user.ExternalID)
	case m.ExternalID != "" && user.ExternalID != "" && m.ExternalKind == user.ExternalKind:
		return m.ExternalID == user.ExternalID
	default:
		return sameEmail
	}
}
