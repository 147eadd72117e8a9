package storetest

import (
	"strings"
	"testing"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

func poison(t *testing.T, open Opener) {
	ctx := t.Context()
	// spoil makes one of the people such that the database refuses them.
	spoil := func(m roster.Member) roster.Member {
		m.Values[roster.Status] = "on leave"
		return m
	}

	it(t, open, "one poison record in a batch", func(t *testing.T, s *store.Store) {
		for n, at := range []int{0, 1, 499, 998, 999} {
			everybody := people(1000*n, 1000*n+1000)
			everybody[at] = spoil(everybody[at])
			applied := apply(t, s, n+1, added(everybody...)...)
			same(t, "added", applied.Counts, run.ChangeCounts{Added: 999})
			same(t, "failed", applied.Failed, []ledger.Failure{
				{Seq: int64(1000*n + at + 1), Verb: plan.Add, Member: everybody[at].ID, Code: ledger.Refused},
			})
			same(t, "audit", len(all(t, s.RunChanges(ctx, acme, runID(n+1)))), 999)
		}
		same(t, "members", len(all(t, s.Members(ctx, acme))), 5*999)
	})
	it(t, open, "many poison records, and other failures among them", func(t *testing.T, s *store.Store) {
		apply(t, s, 1, added(person(3))...)
		everybody := people(0, 64)
		for n := range everybody {
			if n%5 == 0 {
				everybody[n] = spoil(everybody[n])
			}
		}
		applied := apply(t, s, 2, added(everybody...)...)
		same(t, "added", applied.Counts, run.ChangeCounts{Added: 64 - 13 - 1})
		var codes []string
		for _, f := range applied.Failed {
			codes = append(codes, string(f.Code))
		}
		same(t, "codes", strings.Join(codes, " "), "refused moved"+strings.Repeat(" refused", 12))
		same(t, "members", len(all(t, s.Members(ctx, acme))), 64-13)
	})
	it(t, open, "a batch of nothing but poison", func(t *testing.T, s *store.Store) {
		applied := apply(t, s, 1, added(spoil(person(1)), spoil(person(2)))...)
		same(t, "counts", applied.Counts, run.ChangeCounts{})
		same(t, "failed", len(applied.Failed), 2)
		same(t, "picture", pictured(t, s), picture{})
	})
	it(t, open, "a text that no database can store fails alone", func(t *testing.T, s *store.Store) {
		nul, broken, named := person(1), person(2), group(9)
		nul.Values[roster.City] = "a\x00b"
		broken.ExternalID = "\xff"
		named.Name = "\x00"
		applied := apply(t, s, 1, append(added(nul, person(3), broken), groupAdded(named))...)
		same(t, "counts", applied.Counts, run.ChangeCounts{Added: 1})
		var failed []ledger.FailureCode
		for _, f := range applied.Failed {
			failed = append(failed, f.Code)
		}
		same(t, "failed", failed, []ledger.FailureCode{ledger.BadText, ledger.BadText, ledger.BadText})
		same(t, "members", unstamped(all(t, s.Members(ctx, acme))), []roster.Member{person(3)})
	})
	it(t, open, "a poisoned update leaves the member unchanged", func(t *testing.T, s *store.Store) {
		m, other := person(1), person(2)
		apply(t, s, 1, added(m, other)...)
		after, fine := next(spoil(m), title("x")), next(other, title("y"))
		applied := apply(t, s, 2, change(plan.Update, &m, &after), change(plan.Update, &other, &fine))
		same(t, "failed", applied.Failed, []ledger.Failure{{
			Seq: 3, Verb: plan.Update, Member: m.ID,
			Code: ledger.Refused,
		}})
		same(t, "members", unstamped(all(t, s.Members(ctx, acme))), []roster.Member{m, fine})
	})
}
