package plan_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// person is one row of a simulated report.
type person struct {
	name     string // external id
	email    string
	city     string // "?" says nothing, as a bad value does
	status   string // "" says nothing
	groups   string // one letter each
	rejected bool
	here     bool // is in the report at all
}

func (p person) hash() roster.Hash { return roster.HashBytes(fmt.Append(nil, p)) }

// report is one simulated snapshot, and what becomes of the plan that it leads to.
type report struct {
	now      time.Time
	people   []person
	groups   string
	full     bool   // nothing is taken for known
	held     bool   // the guard holds the removals
	withheld string // groups whose own limit is broken
}

// tenant is a simulated tenant whose members are brought in step by Target, Diff, Builder and Apply.
type tenant struct {
	t       *rapid.T
	grace   time.Duration
	byGroup bool // memberships are listed by group, as at WorkOS
	state   plan.Current
	edited  map[uuid.UUID]bool // members changed by hand whose rows weren't judged since
	next    int
}

// world is the people whom the reports are about; a report has those who are here.
type world []person

func newWorld() world {
	var w world
	for _, name := range letters[:4] {
		w = append(w, person{name: string(name), email: string(name) + "@x.io", status: "active"})
	}
	return w
}

// churn changes a few things about a few people. There are few values, so that what was comes back.
func (w world) churn(t *rapid.T) {
	for range rapid.IntRange(0, 3).Draw(t, "changed") {
		p := &w[rapid.IntRange(0, len(w)-1).Draw(t, "person")]
		for _, what := range rapid.SliceOfN(rapid.SampledFrom(happenings), 1, 3).Draw(t, "what") {
			switch what {
			case "here":
				p.here = !p.here
			case "city":
				p.city = rapid.SampledFrom([]string{"", "Oslo", "?"}).Draw(t, "city")
			case "status":
				p.status = rapid.SampledFrom([]string{"active", "inactive", ""}).Draw(t, "status")
			case "groups":
				p.groups = rapid.SampledFrom([]string{"", "g", "gh"}).Draw(t, "groups")
			case "email":
				other := &w[rapid.IntRange(0, len(w)-1).Draw(t, "other")]
				p.email, other.email = other.email, p.email
			default:
				p.rejected = !p.rejected
			}
		}
	}
}

var happenings = []string{"here", "city", "status", "groups", "email", "rejected"}

func (w world) report(t *rapid.T, now time.Time) report {
	w.churn(t)
	r := report{
		now:      now,
		groups:   rapid.SampledFrom([]string{"gh", "gh", "g", ""}).Draw(t, "groups"),
		full:     rapid.IntRange(0, 3).Draw(t, "full") == 0,
		held:     rapid.Bool().Draw(t, "held"),
		withheld: rapid.SampledFrom([]string{"", "", "g", "gh"}).Draw(t, "withheld"),
	}
	for _, p := range w {
		if p.here {
			r.people = append(r.people, p)
		}
	}
	return r
}

// TestMembersBecomeTheRosterWhateverHappenedBefore runs random rosters over random members, with removals held and
// withheld now and then and members edited by hand, and ends with a roster that is applied whole.
func TestMembersBecomeTheRosterWhateverHappenedBefore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := &tenant{
			t:       t,
			edited:  map[uuid.UUID]bool{},
			grace:   rapid.SampledFrom([]time.Duration{0, grace}).Draw(t, "grace"),
			byGroup: rapid.Bool().Draw(t, "by group"),
		}
		now, people := today, newWorld()
		for range rapid.IntRange(0, 8).Draw(t, "rosters") {
			now = now.Add(time.Duration(rapid.IntRange(0, 25).Draw(t, "days")) * 24 * time.Hour)
			r := people.report(t, now)
			before := s.state
			s.sync(r)
			if len(s.edited) == 0 && !r.held && r.withheld == "" {
				s.check(before, r)
			}
			if rapid.IntRange(0, 3).Draw(t, "edit by hand") == 0 {
				s.edit()
			}
		}
		last := people.report(t, now)
		last.held, last.withheld, last.full = false, "", last.full || len(s.edited) > 0
		before := s.state
		s.sync(last)
		s.check(before, last)

		last.full = false
		for _, c := range s.sync(last) {
			if c.Verb != plan.Remember {
				t.Fatalf("the same roster again changes something: %v", story([]plan.Change{c}))
			}
		}
		if again := s.sync(last); len(again) > 0 {
			t.Fatalf("the same roster a third time changes something: %v", story(again))
		}
	})
}

// sync brings the tenant in step with r, as far as r lets it, and returns the whole plan.
func (s *tenant) sync(r report) []plan.Change {
	units := make([]roster.SourceGroup, 0, len(r.groups))
	for _, key := range r.groups {
		units = append(units, roster.SourceGroup{Key: string(key), Name: "group " + string(key)})
	}
	s.next++
	groups := plan.TargetGroups(numbered(s.next), s.state.Groups, units, nil)
	b, parts := collect()
	s.add(b, plan.Diff(plan.Current{Groups: s.state.Groups}, groups)...)

	found := s.match(r, groups)
	for _, batch := range s.batches(found) {
		target, err := plan.Target(batch)
		if err != nil {
			s.t.Fatal(err)
		}
		s.add(b, plan.Diff(plan.Current{Members: batch.Members, Memberships: batch.Memberships}, target)...)
	}
	s.list(b, r, groups, found)

	summary, err := b.Close(func(group uuid.UUID, _ int) bool {
		return slices.ContainsFunc(s.state.Groups, func(g roster.Group) bool {
			return g.ID == group && slices.Contains([]byte(r.withheld), g.Key[0])
		})
	})
	if err != nil {
		s.t.Fatal(err)
	}
	all := s.apply(*parts, r.held)
	s.once(all)
	if want := summary.Additions.Changes + summary.Released.Changes + summary.Removals.Changes + summary.Withheld.Changes; want != len(
		all,
	) {
		s.t.Fatalf("the summary says %d changes, there are %d", want, len(all))
	}
	return all
}

func (s *tenant) add(b *plan.Builder, changes ...plan.Change) {
	if err := b.Add(changes...); err != nil {
		s.t.Fatal(err)
	}
}

// once checks that a plan does nothing twice.
func (s *tenant) once(all []plan.Change) {
	type what struct {
		verb          plan.Verb
		member, group uuid.UUID
	}
	done := map[what]bool{}
	for _, c := range all {
		if done[what{c.Verb, c.Member, c.Group}] {
			s.t.Fatalf("twice: %v", story([]plan.Change{c}))
		}
		done[what{c.Verb, c.Member, c.Group}] = true
	}
}

func (s *tenant) apply(parts []plan.Batch, held bool) []plan.Change {
	var all []plan.Change
	for _, part := range plan.Parts() {
		changes := of(part, parts)
		all = append(all, changes...)
		if part == plan.PartAdditions || part == plan.PartReleased || part == plan.PartRemovals && !held {
			s.state = apply(s.t, s.state, changes)
		}
	}
	return all
}

// match ties the report's people to members, as package roster does, in short.
func (s *tenant) match(r report, groups plan.Goal) plan.Input {
	found := plan.Input{
		Now: r.now, Grace: s.grace, Members: s.state.Members, Memberships: s.state.Memberships,
		Groups: plan.GroupIDs(groups.Groups),
	}
	seen := map[uuid.UUID]bool{}
	for i, p := range r.people {
		m, ok := s.member(p.name, r.now)
		seen[m.ID] = ok
		recognised := ok && m.Known.Row == p.hash()
		switch {
		case p.rejected && ok:
			found.Kept = append(found.Kept, m.ID)
		case p.rejected, recognised && !r.full:
		default:
			u := s.accepted(i, p, found.Groups)
			u.Recognised = recognised
			if u.Member = m.ID; !ok {
				s.next++
				u.Member, u.New = numbered(s.next), true
			}
			delete(s.edited, u.Member)
			found.Users = append(found.Users, u)
		}
	}
	for _, m := range s.state.Members {
		if !seen[m.ID] {
			found.Absent = append(found.Absent, m.ID)
		}
	}
	return found
}

// accepted is p's row, judged.
func (s *tenant) accepted(i int, p person, known map[string]uuid.UUID) roster.User {
	u := roster.User{Row: i + 1, ExternalID: p.name, ExternalKind: "k", Known: roster.Known{Row: p.hash()}}
	u.Values[roster.Email] = p.email
	u.Values[roster.Locale] = plan.DefaultLocale
	if u.Values[roster.City] = p.city; p.city == "?" {
		u = keeping(u, roster.City)
	}
	if u.Values[roster.Status] = p.status; p.status == "" {
		u = keeping(u, roster.Status)
	}
	if s.byGroup {
		u.Kept = u.Kept.With(roster.Groups)
		return u
	}
	for _, key := range p.groups {
		if _, ok := known[string(key)]; ok {
			u.Groups = append(u.Groups, string(key))
		} else {
			u.Known = roster.Known{}
		}
	}
	return u
}

// batches deals what was found into batches by member.
func (s *tenant) batches(found plan.Input) []plan.Input {
	n := rapid.IntRange(1, 3).Draw(s.t, "batches")
	list := make([]plan.Input, n)
	at := func(member uuid.UUID) int { return int(member[3]+member[15]) % n }
	for i := range list {
		list[i] = plan.Input{Now: found.Now, Grace: found.Grace, Groups: found.Groups}
	}
	for _, m := range found.Members {
		list[at(m.ID)].Members = append(list[at(m.ID)].Members, m)
	}
	for _, m := range found.Memberships {
		list[at(m.Member)].Memberships = append(list[at(m.Member)].Memberships, m)
	}
	for _, u := range found.Users {
		list[at(u.Member)].Users = append(list[at(u.Member)].Users, u)
	}
	for _, member := range found.Absent {
		list[at(member)].Absent = append(list[at(member)].Absent, member)
	}
	for _, member := range found.Kept {
		list[at(member)].Kept = append(list[at(member)].Kept, member)
	}
	return list
}

// list adds the changes of memberships that go by group: of groups that are removed, and of all where the directory
// lists members by group.
func (s *tenant) list(b *plan.Builder, r report, groups plan.Goal, found plan.Input) {
	current := map[uuid.UUID][]uuid.UUID{}
	for _, m := range s.state.Memberships {
		current[m.Group] = append(current[m.Group], m.Member)
	}
	absent := func(member uuid.UUID) bool { return slices.Contains(found.Absent, member) }
	kept := func(member uuid.UUID) bool { return slices.Contains(found.Kept, member) }
	for _, g := range s.state.Groups {
		if !slices.ContainsFunc(groups.Groups, func(h roster.Group) bool { return h.ID == g.ID }) {
			l := plan.Listing{
				Group:   g.ID,
				Current: current[g.ID],
				Absent:  absent,
				Kept:    kept,
				Removed: true,
				Forget:  !s.byGroup,
			}
			s.add(b, slices.Collect(l.Changes())...)
		}
	}
	if !s.byGroup {
		return
	}
	for _, g := range groups.Groups {
		l := plan.Listing{Group: g.ID, Current: current[g.ID], Absent: absent, Kept: kept}
		for _, p := range r.people {
			if !slices.Contains([]byte(p.groups), g.Key[0]) {
				continue
			}
			if m, ok := s.member(p.name, r.now); ok {
				l.Listed = append(l.Listed, m.ID)
			} else if at := slices.IndexFunc(found.Users, func(u roster.User) bool { return u.ExternalID == p.name }); at >= 0 {
				l.Listed = append(l.Listed, found.Users[at].Member)
			}
		}
		s.add(b, slices.Collect(l.Changes())...)
	}
}

// member is the one with that external id whom a row may still match.
func (s *tenant) member(name string, now time.Time) (roster.Member, bool) {
	for _, m := range s.state.Members {
		if m.ExternalID == name && (m.DepartedAt.IsZero() || !m.DepartedAt.Before(plan.GraceCutoff(now, s.grace))) {
			return m, true
		}
	}
	return roster.Member{}, false
}

// edit changes a member by hand, if there is one that isn't departed.
func (s *tenant) edit() {
	for i := range s.state.Members {
		m := &s.state.Members[i]
		if m.Values[roster.Status] != roster.Departed {
			m.Values[roster.City] = "edited"
			m.Version++
			s.edited[m.ID] = true
			return
		}
	}
}

// check compares members with the report, field by field, given what they were before.
func (s *tenant) check(before plan.Current, r report) {
	was := &tenant{t: s.t, grace: s.grace, state: before}
	var memberships []roster.Membership
	byKey := plan.GroupIDs(s.state.Groups)
	if len(byKey) != len(r.groups) {
		s.t.Fatalf("groups %v, want %s", byKey, r.groups)
	}
	present := map[uuid.UUID]bool{}
	for _, p := range r.people {
		old, knew := was.member(p.name, r.now)
		is, ok := s.member(p.name, r.now)
		if ok != (knew || !p.rejected) {
			s.t.Fatalf("%s is a member: %t", p.name, ok)
		}
		if !ok {
			continue
		}
		present[is.ID] = true
		if want := wanted(p, old, knew); is.Values != want || knew && is.ID != old.ID {
			s.t.Fatalf("%s is %v, want %v", p.name, is.Values, want)
		}
		for _, g := range s.state.Groups {
			m := roster.Membership{Group: g.ID, Member: is.ID}
			listed := slices.Contains([]byte(p.groups), g.Key[0])
			if p.rejected {
				listed = slices.Contains(before.Memberships, m)
			}
			if listed {
				memberships = append(memberships, m)
			}
		}
	}
	for _, m := range s.state.Members {
		if !present[m.ID] && m.Values[roster.Status] != roster.Departed {
			s.t.Fatalf("%s is absent and stays %s", m.ExternalID, m.Values[roster.Status])
		}
		if s.grace == 0 && !present[m.ID] ||
			m.DepartedAt.Before(plan.GraceCutoff(r.now, s.grace)) && !m.DepartedAt.IsZero() {
			s.t.Fatalf("%s is kept beyond the grace time", m.ExternalID)
		}
	}
	slices.SortFunc(memberships, byMembership)
	if !slices.Equal(s.state.Memberships, memberships) {
		s.t.Fatalf("memberships %v, want %v", s.state.Memberships, memberships)
	}
}

// wanted are the values of p's member, who was old if we knew him.
func wanted(p person, old roster.Member, knew bool) roster.Values {
	if p.rejected {
		return old.Values
	}
	want := old.Values
	want[roster.Email], want[roster.Locale] = p.email, plan.DefaultLocale
	if p.city != "?" {
		want[roster.City] = p.city
	}
	switch {
	case p.status != "":
		want[roster.Status] = p.status
	case !knew || want[roster.Status] == roster.Departed:
		want[roster.Status] = roster.Active
	}
	return want
}
