package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store"
)

func links(t *testing.T, open Opener) {
	ctx := t.Context()
	ann, bob := person(1), person(2)
	const kind = "workday:Employee_ID"
	asked := func(n int, verb string) store.Request {
		return store.Request{
			ID: id(900 + n).String(), Tenant: acme, Verb: verb, By: "jo", Reason: "ticket 4711",
			At: noon.Add(time.Duration(n) * time.Minute),
		}
	}
	want := func(n int, member uuid.UUID, external string, apart bool) ledger.Link {
		r := asked(n, "")
		return ledger.Link{
			Member: member, ExternalID: external, Kind: kind, Apart: apart, Request: r.ID, At: r.At.UTC(),
		}
	}
	list := func(t *testing.T, s *store.Store) []ledger.Link {
		t.Helper()
		found := all(t, s.LinksOf(ctx, acme))
		for i := range found {
			found[i].At = found[i].At.UTC()
		}
		return found
	}
	it(t, open, "a link is stored with its request and in the audit", func(t *testing.T, s *store.Store) {
		apply(t, s, 1, added(ann, bob)...)
		link := got(s.Link(ctx, asked(1, "link"), ann.ID, "C9"))(t)
		same(t, "link", []string{link.ExternalID, link.Kind}, []string{"C9", kind})
		same(t, "links", list(t, s), []ledger.Link{want(1, ann.ID, "C9", false)})
		same(t, "for a check", got(s.Links(ctx, acme))(t), []roster.Link{{
			Member: ann.ID, External: roster.Key("C9"), Folded: roster.Key("c9"), Kind: roster.Key(kind), Request: link.Request,
		}})
		same(t, "of another tenant", len(got(s.Links(ctx, "globex"))(t)), 0)
		same(t, "who", got(s.Request(ctx, link.Request))(t).By, "jo")
		rows := all(t, s.MemberChanges(ctx, acme, ann.ID))
		row := rows[len(rows)-1]
		same(t, "audit", []any{row.Seq, row.Op, row.Why, row.Run, row.Fields},
			[]any{int64(3), "linked", "linked", id(901), map[string][2]any{plan.LinkedID: {nil, "C9"}}})
		same(t, "feed", len(all(t, s.Changes(ctx, acme, 2, 0))), 1)
		members := got(s.MembersByID(ctx, acme, []uuid.UUID{ann.ID, bob.ID}))(t)
		same(t, "the member stays as it is", members[0].ExternalID, ann.ExternalID)
		same(t, "and its row is read again", members[0].Known, roster.Known{})
		same(t, "not that of others", members[1].Known, bob.Known)
		indexed(t, s)
	})
	it(t, open, "a link to the id of another member", func(t *testing.T, s *store.Store) {
		apply(t, s, 1, added(ann, bob)...)
		got(s.Link(ctx, asked(1, "link"), ann.ID, bob.ExternalID))(t)
		for _, m := range all(t, s.Members(ctx, acme)) {
			same(t, "the rows of both are read again", m.Known, roster.Known{})
		}
	})
	it(t, open, "a member who is unlinked forgets its external id", func(t *testing.T, s *store.Store) {
		apply(t, s, 1, added(ann, bob)...)
		got(s.Unlink(ctx, asked(1, "unlink"), ann.ID, ""))(t)
		same(t, "links", list(t, s), []ledger.Link{want(1, ann.ID, ann.ExternalID, true)})
		member := got(s.MembersByID(ctx, acme, []uuid.UUID{ann.ID}))(t)[0]
		same(t, "member", []any{member.ExternalID, member.ExternalKind, member.Known, member.Version},
			[]any{"", "", roster.Known{}, int64(2)})
		rows := all(t, s.MemberChanges(ctx, acme, ann.ID))
		row := rows[len(rows)-1]
		same(t, "audit", []any{row.Op, row.Why, row.Fields["external_id"]},
			[]any{"unlinked", "unlinked", [2]any{ann.ExternalID, nil}})
		indexed(t, s)
		var unclear *ledger.UnlinkError
		if _, err := s.Unlink(ctx, asked(2, "unlink"), ann.ID, ""); !errors.As(err, &unclear) {
			t.Error(err)
		}
		got(s.Link(ctx, asked(3, "link"), ann.ID, ann.ExternalID))(t)
		same(t, "undone", list(t, s), []ledger.Link{want(3, ann.ID, ann.ExternalID, false)})
		if _, err := s.Unlink(ctx, asked(4, "unlink"), ann.ID, ""); !errors.As(err, &unclear) {
			t.Error(err)
		}
		same(t, "not clear", unclear.Linked, ann.ExternalID)
		got(s.Unlink(ctx, asked(5, "unlink"), ann.ID, ann.ExternalID))(t)
		same(t, "and again", list(t, s), []ledger.Link{want(5, ann.ID, ann.ExternalID, true)})
	})
	it(t, open, "a decision writes an id as it is known", func(t *testing.T, s *store.Store) {
		apply(t, s, 1, added(ann, bob)...)
		lower := func(m roster.Member) string { return strings.ToLower(m.ExternalID) }
		got(s.Link(ctx, asked(1, "link"), ann.ID, lower(bob)))(t)
		same(t, "of another member", list(t, s), []ledger.Link{want(1, ann.ID, bob.ExternalID, false)})
		got(s.Unlink(ctx, asked(2, "unlink"), ann.ID, lower(bob)))(t)
		same(t, "again", list(t, s), []ledger.Link{want(2, ann.ID, bob.ExternalID, true)})
		row := all(t, s.MemberChanges(ctx, acme, ann.ID))[2]
		same(t, "nothing changes at once", row.Fields, map[string][2]any{plan.LinkedID: {bob.ExternalID, nil}})
		got(s.Unlink(ctx, asked(3, "unlink"), bob.ID, lower(bob)))(t)
		same(t, "its own", got(s.MembersByID(ctx, acme, []uuid.UUID{bob.ID}))(t)[0].ExternalID, "")
	})
	it(t, open, "the former id of a linked member is the member's", func(t *testing.T, s *store.Store) {
		apply(t, s, 1, added(ann, bob)...)
		renamed := func(run int, who roster.Member, external string) {
			before := got(s.MembersByID(ctx, acme, []uuid.UUID{who.ID}))(t)[0]
			after := before
			after.ExternalID = external
			apply(t, s, run, change(plan.Update, &before, &after))
		}
		former := func(member uuid.UUID, external string) ledger.Link {
			return ledger.Link{Member: member, ExternalID: external, Kind: kind, At: noon.UTC()}
		}
		renamed(2, bob, "C7")
		same(t, "without a link", len(list(t, s)), 0)
		got(s.Link(ctx, asked(1, "link"), ann.ID, "C9"))(t)
		renamed(3, ann, "c9")
		same(t, "in any case", list(t, s), []ledger.Link{want(1, ann.ID, "C9", false), former(ann.ID, ann.ExternalID)})
		same(t, "for a check", got(s.Links(ctx, acme))(t)[1].Former, true)
		got(s.Link(ctx, asked(2, "link"), ann.ID, "C8"))(t)
		same(t, "a later link", list(t, s), []ledger.Link{want(2, ann.ID, "C8", false), former(ann.ID, ann.ExternalID)})
		renamed(4, ann, "C8")
		renamed(5, ann, "c9")
		got(s.Link(ctx, asked(3, "link"), bob.ID, ann.ExternalID))(t)
		same(t, "is another member's by a link", list(t, s), []ledger.Link{
			want(2, ann.ID, "C8", false), former(ann.ID, "c9"), want(3, bob.ID, ann.ExternalID, false),
		})
		got(s.Unlink(ctx, asked(4, "unlink"), ann.ID, "C9"))(t)
		same(t, "or nobody's", list(t, s)[1:], []ledger.Link{want(4, ann.ID, "c9", true), want(3, bob.ID, ann.ExternalID, false)})
	})
	it(t, open, "an id has one member, and a member one linked id", func(t *testing.T, s *store.Store) {
		apply(t, s, 1, added(ann, bob)...)
		got(s.Link(ctx, asked(1, "link"), ann.ID, "C9"))(t)
		got(s.Link(ctx, asked(2, "link"), bob.ID, "C9"))(t)
		same(t, "of the id", list(t, s), []ledger.Link{want(2, bob.ID, "C9", false)})
		got(s.Link(ctx, asked(3, "link"), bob.ID, "C8"))(t)
		same(t, "of the member", list(t, s), []ledger.Link{want(3, bob.ID, "C8", false)})
		got(s.Unlink(ctx, asked(4, "unlink"), ann.ID, "C8"))(t)
		got(s.Unlink(ctx, asked(5, "unlink"), bob.ID, "C7"))(t)
		same(t, "what is kept apart adds up", list(t, s), []ledger.Link{
			want(4, ann.ID, "C8", true), want(5, bob.ID, "C7", true), want(3, bob.ID, "C8", false),
		})
		same(t, "the member keeps its own id", got(s.MembersByID(ctx, acme, []uuid.UUID{bob.ID}))(t)[0].ExternalID,
			bob.ExternalID)
	})
	it(t, open, "a decision about nobody is stored nowhere", func(t *testing.T, s *store.Store) {
		apply(t, s, 1, added(ann)...)
		_, err := s.Link(ctx, asked(1, "link"), bob.ID, "C9")
		_, err2 := s.Unlink(ctx, asked(1, "unlink"), bob.ID, "")
		_, err3 := s.Request(ctx, asked(1, "").ID)
		for _, err := range []error{err, err2, err3} {
			if !errors.Is(err, ledger.ErrNotFound) {
				t.Error(err)
			}
		}
		same(t, "links", len(list(t, s)), 0)
	})
	it(t, open, "a sync under way can't apply what it planned before a link", func(t *testing.T, s *store.Store) {
		apply(t, s, 1, added(ann)...)
		before := got(s.State(ctx, acme))(t)
		begin(t, s, 2)
		base := claim(t, s, 2, before.Generation, 1)
		got(s.Link(ctx, asked(1, "link"), ann.ID, "C9"))(t)
		_, err := s.ApplyBatch(ctx, ledger.Batch{Tenant: acme, Run: runID(2), Base: base, At: noon, Changes: added(bob)})
		_, err2 := s.Claim(ctx, ledger.Claim{Tenant: acme, Run: runID(2), Plan: "p", Generation: before.Generation, Changes: 1})
		for _, err := range []error{err, err2} {
			if !errors.Is(err, ledger.ErrSuperseded) {
				t.Error(err)
			}
		}
		same(t, "digest", got(s.State(ctx, acme))(t).Digest, "")
		apply(t, s, 3, added(bob)...)
	})
	it(t, open, "links go with their member", func(t *testing.T, s *store.Store) {
		apply(t, s, 1, added(ann, bob)...)
		got(s.Link(ctx, asked(1, "link"), ann.ID, "C9"))(t)
		got(s.Unlink(ctx, asked(2, "unlink"), bob.ID, "C9"))(t)
		gone := got(s.MembersByID(ctx, acme, []uuid.UUID{ann.ID}))(t)[0]
		apply(t, s, 2, change(plan.Delete, &gone, nil))
		same(t, "deleted", list(t, s), []ledger.Link{want(2, bob.ID, "C9", true)})
		for _, c := range all(t, s.MemberChanges(ctx, acme, ann.ID)) {
			same(t, "values", c.Fields["external_id"], [2]any{})
		}
	})
	it(t, open, "links go with an erased person", func(t *testing.T, s *store.Store) {
		apply(t, s, 1, added(ann, bob)...)
		got(s.Link(ctx, asked(1, "link"), ann.ID, "C9"))(t)
		got(s.Unlink(ctx, asked(2, "unlink"), bob.ID, ann.ExternalID))(t)
		got(s.Unlink(ctx, asked(3, "unlink"), bob.ID, "C7"))(t)
		e := ledger.Erasure{Tenant: acme, ID: id(900), At: noon, Subject: &erasure.Subject{
			Members: []uuid.UUID{ann.ID}, Externals: []erasure.External{{Kind: kind, ID: ann.ExternalID}},
		}}
		must(t, s.PutErasure(ctx, e))
		got(s.Erase(ctx, acme, e.ID, noon))(t)
		same(t, "erased", list(t, s), []ledger.Link{want(3, bob.ID, "C7", true)})
		for _, c := range all(t, s.Changes(ctx, acme, 2, 0)) {
			same(t, "values of "+c.Op, c.Fields["external_id"], [2]any{})
		}
	})
}
