package storetest

import (
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store"
)

// first is the first of a stream.
func first[T any](values iter.Seq2[T, error]) (T, error) {
	for v, err := range values {
		return v, err
	}
	var none T
	return none, nil
}

func members(t *testing.T, open Opener) {
	ctx := t.Context()

	it(t, open, "a member is read back field by field, with times and known row",
		func(t *testing.T, s *store.Store) {
			apply(t, s, 1, added(person(1))...)
			want := person(1)
			want.CreatedAt, want.UpdatedAt = noon, noon
			same(t, "member", all(t, s.Members(ctx, acme)), []roster.Member{want})
			bare := roster.Member{ID: id(2), Version: 1, CreatedAt: noon, UpdatedAt: noon}
			bare.Values[roster.Status] = roster.Inactive
			apply(t, s, 2, added(bare)...)
			same(t, "bare member", all(t, s.Members(ctx, acme))[1], bare)
		})
	it(t, open, "members are read by id, and only those of the tenant", func(t *testing.T, s *store.Store) {
		apply(t, s, 1, added(person(3), person(1), person(2))...)
		var order []uuid.UUID
		for _, m := range all(t, s.Members(ctx, acme)) {
			order = append(order, m.ID)
		}
		same(t, "order", order, []uuid.UUID{id(1), id(2), id(3)})
		same(t, "others", len(all(t, s.Members(ctx, "globex"))), 0)
		same(t, "by id", unstamped(got(s.MembersByID(ctx, acme, []uuid.UUID{id(3), id(9), id(1), id(3)}))(t)),
			[]roster.Member{person(1), person(3)})
		same(t, "by no id", len(got(s.MembersByID(ctx, acme, nil))(t)), 0)
		same(t, "by id of another tenant", len(got(s.MembersByID(ctx, "globex", []uuid.UUID{id(1)}))(t)), 0)
	})
	it(t, open, "any number of members is found by id", func(t *testing.T, s *store.Store) {
		everybody := people(0, 2500)
		apply(t, s, 1, added(everybody...)...)
		var ids []uuid.UUID
		for _, m := range everybody {
			ids = append(ids, m.ID)
		}
		same(t, "members", unstamped(got(s.MembersByID(ctx, acme, ids))(t)), everybody)
		same(t, "streamed", unstamped(all(t, s.Members(ctx, acme))), everybody)
	})
	it(t, open, "members are found by id, whether close together or far apart",
		func(t *testing.T, s *store.Store) {
			const count = 300
			everybody := people(0, count)
			for n := range everybody {
				made := runID(1 + n/200) // by two runs
				made[5] = byte(n / 200)
				everybody[n].ID = roster.NewMemberID(made, n%200*3+1)
			}
			apply(t, s, 1, added(everybody...)...)
			for _, asked := range []struct{ from, to, step int }{
				{0, count, 1}, {10, 60, 1}, {10, 60, 2}, {10, 60, 3}, {0, 200, 41}, {150, 250, 1}, {7, 8, 1}, {7, 9, 1},
			} {
				var ids []uuid.UUID
				var want []roster.Member
				for n := asked.from; n < asked.to; n += asked.step {
					ids, want = append(ids, everybody[n].ID), append(want, everybody[n])
					nobody := everybody[n].ID
					nobody[15]++ // of the same row, and not there
					ids = append(ids, nobody)
				}
				same(t, fmt.Sprint(asked), unstamped(got(s.MembersByID(ctx, acme, ids))(t)), want)
				same(t, "of another tenant", len(got(s.MembersByID(ctx, "globex", ids))(t)), 0)
			}
		})
	it(t, open, "the index has each member with the keys of its texts", func(t *testing.T, s *store.Store) {
		active, inactive, left, gone := person(1), person(2), person(3), person(4)
		inactive.Values[roster.Status], inactive.ExternalKind = roster.Inactive, "workos:idp_id"
		away(&left)
		left.ExternalID, left.ExternalKind, left.Values[roster.ManagerEmail] = "", "", ""
		away(&gone)
		gone.DepartedAt = noon.Add(-time.Microsecond)
		plain := person(5)
		plain.Known.Issues = 0
		apply(t, s, 1, added(active, inactive, left, gone, plain)...)
		var want []roster.Entry
		for i, m := range []roster.Member{active, inactive, left, gone} {
			want = append(want, roster.Entry{
				Member: m.ID, State: roster.EntryState(i), HasRow: i < 2, HasWarnings: m.Known.Issues != 0,
				External: roster.Key(m.ExternalID), Kind: roster.Key(m.ExternalKind),
				Email: roster.Key(m.Values[roster.Email]), Manager: roster.Key(m.Values[roster.ManagerEmail]),
			})
		}
		want = append(want, roster.Entry{
			Member: plain.ID, HasRow: true, External: roster.Key(plain.ExternalID), Kind: roster.Key(plain.ExternalKind),
			Email: roster.Key(plain.Values[roster.Email]), Manager: roster.Key(plain.Values[roster.ManagerEmail]),
		})
		same(t, "index", indexed(t, s), want)
		same(t, "known rows", all(t, s.KnownRows(ctx, acme, false)), []roster.KnownRow{
			{Member: active.ID, Row: active.Known.Row, Columns: active.Known.Columns, Custom: active.Known.Custom},
			{Member: inactive.ID, Row: inactive.Known.Row, Columns: inactive.Known.Columns, Custom: inactive.Known.Custom},
			{Member: plain.ID, Row: plain.Known.Row, Columns: plain.Known.Columns, Custom: plain.Known.Custom},
		})
		same(t, "departed", all(t, s.Departed(ctx, acme, noon)), []uuid.UUID{gone.ID})
		same(t, "departed a second later", all(t, s.Departed(ctx, acme, noon.Add(time.Second))),
			[]uuid.UUID{left.ID, gone.ID})
	})
	it(t, open, "a stream that ends early holds no connection", func(t *testing.T, s *store.Store) {
		apply(t, s, 1, added(people(0, 300)...)...)
		for range 50 { // more than a pool would give
			got(first(s.Members(ctx, acme)))(t)
			got(first(s.Index(ctx, acme, noon, false)))(t)
			got(first(s.KnownRows(ctx, acme, false)))(t)
		}
		apply(t, s, 2, added(person(300))...)
	})
	it(t, open, "streams may be nested, and writes may run beside them", func(t *testing.T, s *store.Store) {
		apply(t, s, 1, added(people(0, 20)...)...)
		read := 0
		for m, err := range s.Members(ctx, acme) {
			must(t, err)
			for _, err := range s.Index(ctx, acme, noon, false) {
				must(t, err)
				read++
			}
			if m.ID == id(7) {
				apply(t, s, 2, added(person(20))...)
			}
		}
		if read < 20*20 {
			t.Errorf("read %d entries", read)
		}
	})
	it(t, open, "groups are read by key, and memberships by group and member", func(t *testing.T, s *store.Store) {
		one, two := group(1), group(2)
		one.Key, two.Key = "z", "a"
		apply(t, s, 1,
			groupAdded(one), groupAdded(two),
			membership(plan.AddMembership, two.ID, id(10)), membership(plan.AddMembership, one.ID, id(11)),
			membership(plan.AddMembership, one.ID, id(10)), membership(plan.AddMembership, one.ID, id(10)))
		same(t, "groups", got(s.Groups(ctx, acme))(t), []roster.Group{two, one})
		want := []roster.Membership{
			{Group: one.ID, Member: id(10)},
			{Group: one.ID, Member: id(11)},
			{Group: two.ID, Member: id(10)},
		}
		same(t, "memberships", all(t, s.Memberships(ctx, acme)), want)
		same(t, "of one group", all(t, s.Memberships(ctx, acme, two.ID)), want[2:])
		same(t, "of both", all(t, s.Memberships(ctx, acme, two.ID, one.ID, id(9))), want)
		same(t, "of members", got(s.MembershipsOf(ctx, acme, []uuid.UUID{id(11), id(10)}))(t),
			[]roster.Membership{want[0], want[2], want[1]})
		same(t, "sizes", got(s.GroupSizes(ctx, acme))(t), map[uuid.UUID]int{one.ID: 2, two.ID: 1})
		same(t, "sizes elsewhere", got(s.GroupSizes(ctx, "globex"))(t), map[uuid.UUID]int{})
	})
	it(t, open, "active members are counted, and removals since", func(t *testing.T, s *store.Store) {
		same(t, "active of none", got(s.Active(ctx, acme))(t), 0)
		same(t, "removed of none", got(s.Recent(ctx, acme, noon))(t), ledger.Recent{Removals: 0})
		everybody := people(0, 6)
		apply(t, s, 1, added(everybody...)...)
		inactive := next(everybody[0], func(m *roster.Member) { m.Values[roster.Status] = roster.Inactive })
		left, expired := next(everybody[1], away), next(everybody[2], away)
		apply(t, s, 2, change(plan.Deactivate, &everybody[0], &inactive), change(plan.Depart, &everybody[1], &left),
			change(plan.Depart, &everybody[2], &expired))
		apply(t, s, 3, change(plan.Delete, &expired, nil), change(plan.Delete, &everybody[3], nil),
			change(plan.Delete, &everybody[3], nil))
		same(t, "active", got(s.Active(ctx, acme))(t), 2)
		same(t, "removed", got(s.Recent(ctx, acme, noon))(t), ledger.Recent{Removals: 4})
		same(t, "removed later", got(s.Recent(ctx, acme, noon.Add(time.Second)))(t), ledger.Recent{Removals: 0})
	})
}
