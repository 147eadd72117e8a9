// Package storetest holds the tests that every database under package store must pass. The tests of each database call
// Run. What only one database does is tested in its own tests.
package storetest

import (
	"bytes"
	"iter"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

// Opener opens the database of the test t. The first call gives an empty database. Later calls open the same one again,
// as another process would. The store is closed when t ends.
type Opener func(t *testing.T) *store.Store

// Run runs the suite against one database.
func Run(t *testing.T, open func(t *testing.T) *store.Store) {
	t.Helper()
	for _, suite := range []struct {
		name  string
		tests func(*testing.T, Opener)
	}{
		{"tenants", tenants},
		{"runs", runs},
		{"openings", openings},
		{"stages", stages},
		{"members", members},
		{"custom", custom},
		{"index", indexes},
		{"claims", claims},
		{"batches", batches},
		{"poison", poison},
		{"audit", audit},
		{"find", find},
		{"withheld", withheld},
		{"links", links},
		{"undo", undo},
		{"conditions", conditions},
		{"erasures", erasures},
		{"retention", retention},
		{"interruptions", interruptions},
		{"processes", processes},
	} {
		t.Run(suite.name, func(t *testing.T) {
			t.Parallel()
			suite.tests(t, open)
		})
	}
}

// it runs a test with a database of its own.
func it(t *testing.T, open Opener, name string, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		test(t, open(t))
	})
}

const acme = "acme"

// noon is when all that is applied here is applied.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// id is a fixed id; ids ascend with n.
func id(n int) uuid.UUID { return uuid.UUID{6: 0x70, 8: 0x80, 14: byte(n >> 8), 15: byte(n)} }

// runID is the id of the test's n-th run.
func runID(n int) uuid.UUID { return uuid.UUID{0: 1, 6: 0x70, 8: 0x80, 15: byte(n)} }

// person is somebody active, at version 1, with every field filled.
func person(n int) roster.Member {
	key := id(n).String()[24:]
	m := roster.Member{
		ID: id(n), Version: 1, ExternalID: "E" + key, ExternalKind: "workday:Employee_ID",
		Known: roster.Known{
			Row: roster.HashBytes([]byte(key)), Columns: 1<<63 | uint64(n), Custom: 1<<63 | uint64(n), Issues: 1 << 31,
			Content: 1<<63 + 1,
		},
	}
	for f := range m.Values {
		m.Values[f] = roster.Field(f).String() + " " + key
	}
	m.Values[roster.Custom] = `{"cost_center":"` + key + `","team":"\"x\""}`
	m.Values[roster.Email] = key + "@example.com"
	m.Values[roster.ManagerEmail] = "manager@example.com"
	m.Values[roster.PeopleManager] = "no"
	m.Values[roster.Status] = roster.Active
	return m
}

// next is m after a change.
func next(m roster.Member, change func(*roster.Member)) roster.Member {
	m.Version++
	change(&m)
	return m
}

func title(text string) func(*roster.Member) {
	return func(m *roster.Member) {
		m.Values[roster.JobTitle] = text
		m.Known.Row = roster.HashBytes([]byte(text))
	}
}

func away(m *roster.Member) {
	m.Values[roster.Status] = roster.Departed
	m.DepartedAt = noon
	m.Known = roster.Known{}
}

// change is verb done to a member.
func change(verb plan.Verb, before, after *roster.Member) plan.Change {
	c := plan.Change{Verb: verb, Before: before, After: after, Why: "test"}
	if before != nil {
		c.Member = before.ID
	} else {
		c.Member = after.ID
	}
	return c
}

func added(people ...roster.Member) (changes []plan.Change) {
	for _, m := range people {
		changes = append(changes, change(plan.Add, nil, &m))
	}
	return changes
}

func people(from, to int) (all []roster.Member) {
	for n := from; n < to; n++ {
		all = append(all, person(n))
	}
	return all
}

func group(n int) roster.Group {
	return roster.Group{ID: id(n), Key: "key " + id(n).String(), Name: "name " + id(n).String()}
}

func groupAdded(g roster.Group) plan.Change {
	return plan.Change{Verb: plan.AddGroup, Group: g.ID, AfterGroup: &g, Why: "test"}
}

func membership(verb plan.Verb, g, m uuid.UUID) plan.Change {
	return plan.Change{Verb: verb, Group: g, Member: m, Why: "test"}
}

// must fails the test if err isn't nil.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// got is what a call returned, or the test's end: got(call())(t).
func got[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		must(t, err)
		return value
	}
}

// all are the values of a stream, or the test's end.
func all[T any](t *testing.T, values iter.Seq2[T, error]) (list []T) {
	t.Helper()
	for v, err := range values {
		must(t, err)
		list = append(list, v)
	}
	return list
}

func same(t *testing.T, what string, have, want any) {
	t.Helper()
	if !reflect.DeepEqual(have, want) {
		t.Errorf("%s:\nhave %+v\nwant %+v", what, have, want)
	}
}

// begin begins the n-th run.
func begin(t *testing.T, s *store.Store, n int) uuid.UUID {
	t.Helper()
	r := run.Run{
		ID: runID(n), Tenant: acme, Origin: run.Manual, Workflow: "sync-acme", Execution: runID(n).String(),
		Started: noon,
	}
	return got(BeginRun(t.Context(), s, r))(t).ID
}

// claim claims the tenant for run n with a plan made from the generation.
func claim(t *testing.T, s *store.Store, n int, generation int64, changes int) int64 {
	t.Helper()
	return got(s.Claim(t.Context(), ledger.Claim{
		Tenant: acme, Run: runID(n), Plan: "plan", Generation: generation, Changes: changes, Batches: 1,
	}))(t)
}

// apply applies changes as the only batch of run n, which it begins, claims and finishes.
func apply(t *testing.T, s *store.Store, n int, changes ...plan.Change) ledger.Applied {
	t.Helper()
	begin(t, s, n)
	state := got(s.State(t.Context(), acme))(t)
	base := claim(t, s, n, state.Generation, len(changes))
	applied := got(s.ApplyBatch(t.Context(), ledger.Batch{
		Tenant: acme, Run: runID(n), Base: base, At: noon, Changes: changes,
	}))(t)
	must(t, FinishRun(t.Context(), s, runID(n), run.Result{Tenant: acme, Outcome: run.Applied, Finished: noon}, &state))
	return applied
}

// picture is all that a tenant's downstream can see.
type picture struct {
	Members     []roster.Member
	Groups      []roster.Group
	Memberships []roster.Membership
	Changes     []ledger.AuditRow
	Index       []roster.Entry
}

// pictured reads a picture, and again until two in a row are equal: the transaction of a cancelled call may still be
// committed by the database while it is read.
func pictured(t *testing.T, s *store.Store) picture {
	t.Helper()
	p := readPicture(t, s)
	for range 100 {
		again := readPicture(t, s)
		if reflect.DeepEqual(again, p) && reflect.DeepEqual(all(t, s.Index(t.Context(), acme, noon, false)), p.Index) {
			break
		}
		p = again
		time.Sleep(10 * time.Millisecond)
	}
	p.Index = indexed(t, s)
	return p
}

func readPicture(t *testing.T, s *store.Store) picture {
	t.Helper()
	return picture{
		Members:     all(t, s.Members(t.Context(), acme)),
		Groups:      got(s.Groups(t.Context(), acme))(t),
		Memberships: all(t, s.Memberships(t.Context(), acme)),
		Changes:     all(t, s.Changes(t.Context(), acme, 0, 0)),
		Index:       all(t, s.Index(t.Context(), acme, noon, true)),
	}
}

// indexed is the index. Read from its parts it is the same as read from the members, and in the order of ids.
func indexed(t *testing.T, s *store.Store) []roster.Entry {
	t.Helper()
	ctx := t.Context()
	entries := all(t, s.Index(ctx, acme, noon, true))
	same(t, "index, from its parts", all(t, s.Index(ctx, acme, noon, false)), entries)
	same(t, "known rows, from the parts", all(t, s.KnownRows(ctx, acme, false)), all(t, s.KnownRows(ctx, acme, true)))
	if !slices.IsSortedFunc(entries, func(a, b roster.Entry) int { return bytes.Compare(a.Member[:], b.Member[:]) }) {
		t.Error("the index isn't in the order of ids")
	}
	return entries
}

// unstamped are members without the times that the store gave them.
func unstamped(members []roster.Member) []roster.Member {
	members = slices.Clone(members)
	for i := range members {
		members[i].CreatedAt, members[i].UpdatedAt = time.Time{}, time.Time{}
	}
	return members
}
