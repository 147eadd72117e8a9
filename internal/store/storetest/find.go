package storetest

import (
	"testing"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store"
)

func find(t *testing.T, open Opener) {
	ctx := t.Context()
	it(t, open, "members are found by present and past emails and ids", func(t *testing.T, s *store.Store) {
		m, other := person(1), person(2)
		m.Values[roster.Email], m.ExternalID = "a_b%c@example.com", `E"1`
		other.Values[roster.Email], other.ExternalID = "axbxc@example.com", "e2"
		other.Values[roster.ManagerEmail] = m.Values[roster.Email]
		renamed := next(m, func(m *roster.Member) { m.Values[roster.Email], m.ExternalID = "new@example.com", "E9" })
		g := group(3)
		apply(t, s, 1, added(m, other)...)
		apply(t, s, 2, change(plan.Update, &m, &renamed), groupAdded(g), membership(plan.AddMembership, g.ID, m.ID))
		ids := func(members []roster.Member) (ids []uuid.UUID) {
			for _, m := range members {
				ids = append(ids, m.ID)
			}
			return ids
		}
		nobody := []uuid.UUID(nil)
		same(t, "by the email now", ids(got(s.FindMembers(ctx, acme, "new@example.com", ""))(t)), []uuid.UUID{m.ID})
		same(t, "by the external id now", ids(got(s.FindMembers(ctx, acme, "", "e2"))(t)), []uuid.UUID{other.ID})
		same(t, "by either", ids(got(s.FindMembers(ctx, acme, "new@example.com", "e2"))(t)),
			[]uuid.UUID{m.ID, other.ID})
		same(t, "by nothing", ids(got(s.FindMembers(ctx, acme, "", ""))(t)), nobody)
		same(t, "by the email before", ids(got(s.FindMembers(ctx, acme, "a_b%c@example.com", ""))(t)), nobody)
		same(t, "once by that", got(s.FindPastMembers(ctx, acme, "a_b%c@example.com", ""))(t), []uuid.UUID{m.ID})
		same(t, "once by an id", got(s.FindPastMembers(ctx, acme, "", `E"1`))(t), []uuid.UUID{m.ID})
		same(t, "as it is written", got(s.FindPastMembers(ctx, acme, "", "E2"))(t), nobody)
		same(t, "at another tenant", got(s.FindPastMembers(ctx, "globex", "new@example.com", ""))(t), nobody)
		var ops []string
		for _, c := range all(t, s.MemberChanges(ctx, acme, m.ID)) {
			ops = append(ops, c.Op)
		}
		same(t, "changes", ops, []string{"added", "updated", "membership_added"})
		same(t, "of nobody", len(all(t, s.MemberChanges(ctx, acme, id(9)))), 0)
	})
}
