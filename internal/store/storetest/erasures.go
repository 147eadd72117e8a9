package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

func erasures(t *testing.T, open Opener) {
	ctx := t.Context()
	asked := id(900)
	boss, other := person(1), person(2)
	other.Values[roster.ManagerEmail] = boss.Values[roster.Email]
	third := person(3)
	subject := erasure.Subject{
		Members: []uuid.UUID{boss.ID}, Externals: []erasure.External{{Kind: boss.ExternalKind, ID: boss.ExternalID}},
		Emails: []string{boss.Values[roster.Email]},
	}
	ask := func(t *testing.T, s *store.Store) {
		t.Helper()
		e := ledger.Erasure{Tenant: acme, ID: asked, Subject: &subject, At: noon}
		must(t, s.PutErasure(ctx, e))
		must(t, s.KeepOut(ctx, e))
	}
	erase := func(t *testing.T, s *store.Store) ledger.Erased {
		t.Helper()
		return got(s.Erase(ctx, acme, asked, noon.Add(time.Hour)))(t)
	}
	fill := func(t *testing.T, s *store.Store) {
		t.Helper()
		apply(t, s, 1, append(added(boss, other, third), groupAdded(group(5)), membership(plan.AddMembership, id(5),
			boss.ID))...)
	}

	it(t, open, "an erased member is deleted, and the audit has no values", func(t *testing.T, s *store.Store) {
		fill(t, s)
		must(t, s.Withhold(ctx, acme, []ledger.Withheld{{
			Removal: plan.Removal{Member: boss.ID, Verb: plan.Depart},
			Outcome: run.Rejected, At: noon,
		}}))
		ask(t, s)
		same(t, "erased", erase(t, s), ledger.Erased{Members: 1, Memberships: 1, Managers: 1})
		same(t, "again", erase(t, s), ledger.Erased{Members: 1, Memberships: 1, Managers: 1})
		members := all(t, s.Members(ctx, acme))
		same(t, "members", len(members), 2)
		same(t, "manager", members[0].Values[roster.ManagerEmail], "")
		same(t, "version", members[0].Version, int64(2))
		same(t, "known", members[0].Known, roster.Known{})
		same(t, "the other", unstamped(members)[1], third)
		same(t, "memberships", len(all(t, s.Memberships(ctx, acme))), 0)
		same(t, "withheld", len(all(t, s.Withheld(ctx, acme))), 0)
		changes := all(t, s.Changes(ctx, acme, 5, 0))
		same(t, "rows", len(changes), 3)
		for i, want := range []ledger.AuditRow{
			{Op: "membership_removed", Member: boss.ID, Group: id(5)},
			{Op: "erased", Member: boss.ID},
			{Op: "updated", Member: other.ID},
		} {
			c := changes[i]
			same(t, "op", []any{c.Seq, c.Op, c.Member, c.Group, c.Run, c.Why}, []any{
				int64(6 + i), want.Op, want.Member,
				want.Group, asked, "erased",
			})
			for _, pair := range c.Fields {
				same(t, "values", pair, [2]any{})
			}
		}
		same(t, "names", len(changes[1].Fields), roster.ValueCount+1)
		for _, c := range all(t, s.MemberChanges(ctx, acme, boss.ID)) {
			for name, pair := range c.Fields {
				same(t, name, pair, [2]any{})
			}
		}
	})
	it(t, open, "an erasure drops the stored index, and the next run that changes anything rebuilds it",
		func(t *testing.T, s *store.Store) {
			fill(t, s)
			same(t, "before", got(s.IndexParts(ctx, acme))(t), store.IndexParts{Kept: true, Parts: 1, Entries: 3})
			ask(t, s)
			erase(t, s)
			same(t, "kept", got(s.IndexParts(ctx, acme))(t), store.IndexParts{})
			same(t, "members", len(indexed(t, s)), 2)
			apply(t, s, 2, added(person(4))...)
			same(t, "kept by a batch alone", got(s.IndexParts(ctx, acme))(t), store.IndexParts{})
			must(t, s.MaintainIndex(ctx, acme, runID(2), false))
			same(t, "kept again", got(s.IndexParts(ctx, acme))(t), store.IndexParts{Kept: true, Parts: 1, Entries: 3})
			same(t, "members", len(indexed(t, s)), 3)
		})
	it(t, open, "the audit of others loses the manager's email alone", func(t *testing.T, s *store.Store) {
		fill(t, s)
		next := int64(0)
		for {
			next = got(s.EraseValues(ctx, acme, subject, next, 2))(t)
			if next == 0 {
				break
			}
		}
		for _, c := range all(t, s.MemberChanges(ctx, acme, other.ID)) {
			same(t, "manager", c.Fields["manager_email"], [2]any{nil, nil})
			same(t, "email", c.Fields["email"], [2]any{nil, other.Values[roster.Email]})
		}
		for _, c := range all(t, s.MemberChanges(ctx, acme, third.ID)) {
			same(t, "manager", c.Fields["manager_email"], [2]any{nil, "manager@example.com"})
		}
	})
	it(t, open, "runs under way can't write after an erasure", func(t *testing.T, s *store.Store) {
		fill(t, s)
		before := got(s.State(ctx, acme))(t)
		begin(t, s, 2)
		got(s.ClaimStage(ctx, runID(2), "users", 1, true, time.Time{}))(t)
		base := claim(t, s, 2, before.Generation, 2)
		ask(t, s)
		erase(t, s)
		for _, err := range []error{
			s.PutChunk(ctx, ledger.Chunk{Run: runID(2), Stage: "users", Attempt: 1, Data: []byte("late")},
				ledger.Progress{}),
			second(s.ClaimStage(ctx, runID(2), "users", 2, true, time.Time{})),
			second(s.ClaimStage(ctx, runID(2), "roster", 1, false, time.Time{})),
			second(s.ApplyBatch(ctx, ledger.Batch{
				Tenant: acme, Run: runID(2), Base: base, At: noon,
				Changes: added(person(7), person(8)),
			})),
			second(s.Claim(ctx, ledger.Claim{
				Tenant: acme, Run: runID(3), Plan: "p", Generation: before.Generation,
				Changes: 1,
			})),
		} {
			if !errors.Is(err, ledger.ErrSuperseded) {
				t.Errorf("have %v, want ErrSuperseded", err)
			}
		}
		begin(t, s, 4)
		got(s.ClaimStage(ctx, runID(4), "users", 1, true, time.Time{}))(t)
		claim(t, s, 4, got(s.State(ctx, acme))(t).Generation, 1)
		same(t, "followers see", len(all(t, s.Changes(ctx, acme, 5, 0))), 3)
	})
	for what, forget := range map[string]func(*testing.T, *store.Store){
		"an erasure": func(t *testing.T, s *store.Store) { ask(t, s); erase(t, s) },
		"the lifting of one": func(t *testing.T, s *store.Store) {
			same(t, "lifted", got(s.LiftErasures(ctx, acme, []uuid.UUID{asked}))(t), 1)
		},
	} {
		// settled fills the tenant, settles it and begins run 3, which is under way when somebody is erased.
		settled := func(t *testing.T, s *store.Store) (before ledger.State) {
			t.Helper()
			fill(t, s)
			if what != "an erasure" {
				ask(t, s)
			}
			begin(t, s, 2)
			must(t, FinishRun(ctx, s, runID(2), run.Result{}, &ledger.State{
				Generation: 1, Digest: "d", Rules: "r",
				Bindings: "b", Complete: true,
			}))
			begin(t, s, 3)
			return got(s.State(ctx, acme))(t)
		}
		state := func(s ledger.State) []any { return []any{s.Digest, s.Rules, s.Bindings, s.LastRun} }
		end := func(t *testing.T, s *store.Store, before ledger.State) {
			t.Helper()
			late := ledger.State{
				Generation: before.Generation, Digest: "late", Rules: "late", Bindings: "late",
				Complete: true,
			}
			must(t, FinishRun(ctx, s, runID(3), run.Result{Outcome: run.Applied}, &late))
			same(t, "recorded", got(s.Run(ctx, acme, runID(3)))(t).Result.Outcome, run.Applied)
		}
		it(t, open, "after "+what+" a run that began before doesn't write the tenant's state",
			func(t *testing.T, s *store.Store) {
				before := settled(t, s)
				base := claim(t, s, 3, before.Generation, 1)
				got(s.ApplyBatch(ctx, ledger.Batch{
					Tenant: acme, Run: runID(3), Base: base, At: noon,
					Changes: added(person(7)),
				}))(t)
				forget(t, s)
				end(t, s, before)
				after := got(s.State(ctx, acme))(t)
				same(t, "settled", after.Complete, false)
				same(t, "left by run 2, and nothing of run 3 is known", state(after), []any{"", "", "", runID(2)})
				begin(t, s, 4)
				must(t, FinishRun(ctx, s, runID(4), run.Result{}, &ledger.State{
					Generation: after.Generation,
					Digest:     "next", Rules: "r", Bindings: "b", Complete: true,
				}))
				same(t, "the next run settles it", state(got(s.State(ctx, acme))(t)), []any{"next", "r", "b", runID(4)})
			})
		it(t, open, "after "+what+" the end of a run without a claim is recorded without its state",
			func(t *testing.T, s *store.Store) {
				before := settled(t, s)
				forget(t, s)
				end(t, s, before)
				same(t, "as run 2 left it, but for the digest", state(got(s.State(ctx, acme))(t)),
					[]any{"", "r", "b", runID(2)})
			})
		it(t, open, "after "+what+" a run that began before can't claim", func(t *testing.T, s *store.Store) {
			before := settled(t, s)
			claim(t, s, 3, before.Generation, 1)
			forget(t, s)
			after := got(s.State(ctx, acme))(t)
			err := second(s.Claim(ctx, ledger.Claim{
				Tenant: acme, Run: runID(3), Plan: "another",
				Generation: before.Generation, Changes: 1, Batches: 1,
			}))
			if !errors.Is(err, ledger.ErrSuperseded) {
				t.Errorf("have %v, want ErrSuperseded", err)
			}
			same(t, "state", got(s.State(ctx, acme))(t), after)
		})
		it(t, open, "after "+what+" and another run's claim the end of a run that began before is refused",
			func(t *testing.T, s *store.Store) {
				before := settled(t, s)
				forget(t, s)
				begin(t, s, 4)
				claim(t, s, 4, got(s.State(ctx, acme))(t).Generation, 1)
				err := FinishRun(ctx, s, runID(3), run.Result{}, &ledger.State{
					Generation: before.Generation,
					Digest:     "late",
				})
				if !errors.Is(err, ledger.ErrSuperseded) {
					t.Errorf("have %v, want ErrSuperseded", err)
				}
			})
	}
	it(t, open, "summaries of previews that quote members are dropped", func(t *testing.T, s *store.Store) {
		fill(t, s)
		got(BeginRun(ctx, s, run.Run{ID: runID(2), Tenant: acme, Execution: "r", Preview: true, Started: noon}))(t)
		for _, name := range []string{"replay", "plan"} {
			got(s.ClaimStage(ctx, runID(2), name, 1, false, time.Time{}))(t)
			must(t, s.SealStage(ctx, runID(2), name, 1, []byte("{}")))
		}
		must(t, FinishRun(ctx, s, runID(2), run.Result{Outcome: run.Previewed}, nil))
		ask(t, s)
		erase(t, s)
		if err := second(s.Stage(ctx, runID(2), "replay")); !errors.Is(err, ledger.ErrNotFound) {
			t.Error(err)
		}
		same(t, "others stay", got(s.Stage(ctx, runID(2), "plan"))(t).Sealed, true)
	})
	it(t, open, "people are kept out by hash until the erasure is lifted", func(t *testing.T, s *store.Store) {
		fill(t, s)
		if out := got(s.KeptOut(ctx, acme))(t); !out.Empty() {
			t.Error("somebody is kept out from the beginning")
		}
		ask(t, s)
		ask(t, s)
		out := got(s.KeptOut(ctx, acme))(t)
		same(t, "by id", out.Has(boss.ExternalKind, boss.ExternalID, "new@example.com"), true)
		same(t, "by email", out.Has("", "", boss.Values[roster.Email]), true)
		same(t, "who has another id", out.Has(boss.ExternalKind, "E9", boss.Values[roster.Email]), false)
		learned := []erasure.Mark{{Erasure: asked, Email: true, Hash: erasure.Hash{1}}, {
			Erasure: id(901), Email: true,
			Hash: erasure.Hash{2},
		}}
		must(t, s.AddMarks(ctx, acme, learned))
		must(t, s.AddMarks(ctx, acme, learned))
		kept, _, err := s.CountErasures(ctx, acme)
		must(t, err)
		same(t, "nobody else is kept out by what is learned", kept, 1)
		same(t, "another tenant", got(s.KeptOut(ctx, "globex"))(t).Empty(), true)
		kept, undone, err := s.CountErasures(ctx, acme)
		must(t, err)
		same(t, "counted", []int{kept, undone}, []int{1, 1})
		erase(t, s)
		must(t, s.FinishErasure(ctx, acme, asked, noon))
		must(t, s.FinishErasure(ctx, acme, asked, noon.Add(time.Hour)))
		done := got(s.Erasure(ctx, acme, asked))(t)
		same(t, "done", []any{done.Subject == nil, done.DoneAt}, []any{true, noon})
		same(t, "lifted", got(s.LiftErasures(ctx, acme, out.FindPerson("", boss.Values[roster.Email])))(t), 1)
		same(t, "again", got(s.LiftErasures(ctx, acme, []uuid.UUID{asked}))(t), 0)
		same(t, "nobody is kept out", got(s.KeptOut(ctx, acme))(t).Empty(), true)
	})
	it(t, open, "an erasure that hasn't begun can be dropped", func(t *testing.T, s *store.Store) {
		must(t, s.PutErasure(ctx, ledger.Erasure{Tenant: acme, ID: asked, Subject: &subject, At: noon}))
		must(t, s.DropErasure(ctx, acme, asked))
		if err := second(s.Erasure(ctx, acme, asked)); !errors.Is(err, ledger.ErrNotFound) {
			t.Error(err)
		}
	})
	it(t, open, "chunks are read a few at a time, and replaced only if unchanged",
		func(t *testing.T, s *store.Store) {
			begin(t, s, 1)
			got(s.ClaimStage(ctx, runID(1), "users", 1, true, time.Time{}))(t)
			for n := range 20 {
				must(t, s.PutChunk(ctx, ledger.Chunk{
					Run: runID(1), Stage: "users", Attempt: 1, Number: n,
					Data: []byte(longText(1 + n*1_000)),
				}, ledger.Progress{Rows: n}))
			}
			n := 0
			for c, err := range s.ChunksAfter(ctx, acme, ledger.ChunkKey{}) {
				must(t, err)
				same(t, "number", []any{c.Stage, c.Number, len(c.Data)}, []any{"users", n, 1 + n*1_000})
				replacement := longText(20_000 - n*1_000)
				same(t, "replaced", got(s.ReplaceChunk(ctx, c, []byte(replacement)))(t), true)
				same(t, "again", got(s.ReplaceChunk(ctx, c, []byte{9}))(t), false)
				same(t, "stored", chunkTexts(t, s, runID(1), n, n+1), []string{replacement})
				n++
			}
			same(t, "all", n, 20)
			rest := all(t, s.ChunksAfter(ctx, acme, ledger.ChunkKey{Run: runID(1), Stage: "users", Number: 17}))
			same(t, "after", len(rest), 2)
			same(t, "dropped", got(s.ReplaceChunk(ctx, rest[1], nil))(t), true)
			same(t, "left", len(all(t, s.ChunksAfter(ctx, acme, ledger.ChunkKey{}))), 19)
			same(t, "another tenant's", len(all(t, s.ChunksAfter(ctx, "globex", ledger.ChunkKey{}))), 0)
		})
	it(t, open, "a run is open until the latest sync and preview have ended",
		func(t *testing.T, s *store.Store) {
			same(t, "none yet", got(s.RunOpen(ctx, acme))(t), false)
			begin(t, s, 1)
			same(t, "a sync", got(s.RunOpen(ctx, acme))(t), true)
			must(t, FinishRun(ctx, s, runID(1), run.Result{Outcome: run.Held, Held: &run.HeldPlan{Plan: "p"}}, nil))
			same(t, "it holds", got(s.RunOpen(ctx, acme))(t), false)
			got(BeginRun(ctx, s, run.Run{
				ID: runID(2), Tenant: acme, Workflow: "preview", Execution: "1", Preview: true,
				Started: noon,
			}))(t)
			same(t, "a preview", got(s.RunOpen(ctx, acme))(t), true)
		})
}
