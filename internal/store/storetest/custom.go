package storetest

import (
	"testing"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store"
)

func custom(t *testing.T, open Opener) {
	ctx := t.Context()
	keep := roster.CustomFields{"team": "Team"}
	it(t, open, "custom values are dropped once, with an audit row for each member", func(t *testing.T, s *store.Store) {
		ann, bob, cid := person(1), person(2), person(3)
		bob.Values[roster.Custom] = `{"team":"x"}`
		cid.Values[roster.Custom] = ""
		apply(t, s, 1, added(ann, bob, cid)...)
		done := got(s.DropCustom(ctx, acme, keep, runID(9), noon))(t)
		same(t, "dropped", done, ledger.CustomDropped{Fields: []string{"cost_center"}, Members: 1})
		members := got(s.MembersByID(ctx, acme, []uuid.UUID{ann.ID, bob.ID, cid.ID}))(t)
		same(t, "values", []string{
			members[0].Values[roster.Custom], members[1].Values[roster.Custom], members[2].Values[roster.Custom],
		}, []string{`{"team":"\"x\""}`, `{"team":"x"}`, ""})
		same(t, "versions", []int64{members[0].Version, members[1].Version}, []int64{2, 1})
		same(t, "its row is known as before", members[0].Known, ann.Known)
		rows := all(t, s.Changes(ctx, acme, 3, 0))
		same(t, "audit", len(rows), 1)
		value := roster.CustomText(ann.Values[roster.Custom], "cost_center")
		same(t, "row", []any{rows[0].Run, rows[0].Op, rows[0].Why, rows[0].Member, rows[0].Fields}, []any{
			runID(9), "updated", string(plan.CustomDropped), ann.ID,
			map[string][2]any{"custom.cost_center": {value, nil}},
		})
		indexed(t, s)
		same(t, "again", got(s.DropCustom(ctx, acme, keep, runID(9), noon))(t).Members, 0)
		same(t, "audit", len(all(t, s.Changes(ctx, acme, 3, 0))), 1)
		same(t, "of another tenant", got(s.DropCustom(ctx, "globex", nil, runID(9), noon))(t).Members, 0)
	})
}
