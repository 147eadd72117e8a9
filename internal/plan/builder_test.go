package plan_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/wire"
)

// collect is a Builder and what it emits.
func collect() (*plan.Builder, *[]plan.Batch) {
	var chunks []plan.Batch
	return plan.NewBuilder(func(batch *plan.PackedBatch) error {
		data, err := wire.Encode(batch)
		if err != nil {
			return err
		}
		count := batch.Len()
		batch.Release()
		var c plan.Batch
		if err := wire.Decode(data, &c); err != nil {
			return err
		}
		if len(c.Changes) != count {
			return fmt.Errorf("%d changes, %d were said", len(c.Changes), count)
		}
		chunks = append(chunks, c)
		return nil
	}), &chunks
}

func never(uuid.UUID, int) bool { return false }

func of(part plan.Part, chunks []plan.Batch) []plan.Change {
	var list []plan.Change
	for _, c := range chunks {
		if c.Part == part {
			list = append(list, c.Changes...)
		}
	}
	return list
}

func numbered(n int) uuid.UUID {
	var member uuid.UUID
	binary.BigEndian.PutUint32(member[:], uint32(n))
	return member
}

func TestBuilderSortsChangesIntoParts(t *testing.T) {
	t.Parallel()
	gone, here, g := departed("a", 2*grace), active("b"), roster.Group{ID: id("g")}
	b, chunks := collect()
	list := []plan.Change{
		{Verb: plan.AddGroup, Group: id("h"), AfterGroup: &g},
		{Verb: plan.RemoveGroup, Group: id("g"), BeforeGroup: &g},
		{Verb: plan.Add, Member: id("d"), After: &here},
		{Verb: plan.AddMembership, Member: id("d"), Group: id("h")},
		{Verb: plan.RemoveMembership, Member: id("b"), Group: id("h"), Why: plan.MemberLeft},
		{Verb: plan.Depart, Member: id("b"), Before: &here},
		{Verb: plan.RemoveMembership, Member: id("e"), Group: id("h"), Why: plan.Edited, Drift: true},
		{Verb: plan.RemoveMembership, Member: id("f"), Group: id("g"), Why: plan.GroupGone, Forget: true},
		{Verb: plan.RemoveMembership, Member: id("c"), Group: id("g"), Why: plan.GroupGone},
		{Verb: plan.Remember, Member: id("f"), Before: &here, After: &here},
		{Verb: plan.Delete, Member: id("a"), Before: &gone},
	}
	require.NoError(t, b.Add(list...))
	asked := map[uuid.UUID]int{}
	summary, err := b.Close(func(group uuid.UUID, removals int) bool {
		asked[group] = removals
		return group == id("g")
	})
	require.NoError(t, err)
	assert.Equal(t, map[uuid.UUID]int{id("g"): 2, id("h"): 1}, asked, "a leaver's membership isn't counted")
	assert.Equal(t, []plan.Change{list[0], list[2], list[3], list[9], list[10]}, of(plan.PartAdditions, *chunks))
	assert.Equal(t, []plan.Change{list[4], list[5]}, of(plan.PartRemovals, *chunks))
	assert.Equal(t, []plan.Change{list[6]}, of(plan.PartReleased, *chunks), "within the group's own limit")
	assert.Equal(t, []plan.Change{list[8], list[7], list[1]}, of(plan.PartWithheld, *chunks))
	assert.Equal(t, 1, summary.Planned)
	assert.Equal(t, 5, summary.Additions.Changes)
	assert.Equal(
		t,
		run.ChangeCounts{Added: 1, GroupsAdded: 1, MembershipsAdded: 1, Deleted: 1},
		summary.Additions.Counts,
	)
	assert.Equal(t, run.ChangeCounts{Departed: 1, MembershipsRemoved: 1}, summary.Removals.Counts)
	assert.Equal(t, run.ChangeCounts{MembershipsRemoved: 1, Drift: 1}, summary.Released.Counts)
	assert.Equal(t, run.ChangeCounts{MembershipsRemoved: 2, GroupsRemoved: 1}, summary.Withheld.Counts)
}

func TestChunksHoldAtMostSoManyChangesAndSayWhereTheyStand(t *testing.T) {
	t.Parallel()
	b, chunks := collect()
	for n := range plan.BatchSize {
		require.NoError(t, b.Add(
			plan.Change{Verb: plan.Add, Member: numbered(n), After: &roster.Member{}},
			plan.Change{Verb: plan.AddMembership, Member: numbered(n), Group: id("g")},
			plan.Change{Verb: plan.AddMembership, Member: numbered(n), Group: id("h")},
		))
	}
	summary, err := b.Close(never)
	require.NoError(t, err)
	first, of := 0, map[uuid.UUID]int{}
	for number, c := range *chunks {
		assert.Equal(t, plan.PartAdditions, c.Part)
		assert.Equal(t, number, c.Number)
		assert.Equal(t, first, c.First)
		assert.LessOrEqual(t, len(c.Changes), plan.BatchSize)
		for _, change := range c.Changes {
			if at, ok := of[change.Member]; ok && at != number {
				t.Errorf("member %s is split", change.Member)
			}
			of[change.Member] = number
		}
		first += len(c.Changes)
	}
	assert.Equal(t, 3*plan.BatchSize, first)
	assert.Equal(t, 4, summary.Additions.Batches)
	assert.Equal(t, 3*plan.BatchSize, summary.Additions.Changes)
	assert.Empty(t, summary.Removals.ID)
}

func TestMoreThanAChunkAboutOneMemberIsSplit(t *testing.T) {
	t.Parallel()
	b, chunks := collect()
	require.NoError(t, b.Add(plan.Change{Verb: plan.Add, Member: id("b")}))
	list := make([]plan.Change, 2*plan.BatchSize+1)
	for n := range list {
		list[n] = plan.Change{Verb: plan.AddMembership, Member: id("a"), Group: numbered(n)}
	}
	require.NoError(t, b.Add(list...))
	_, err := b.Close(never)
	require.NoError(t, err)
	var sizes []int
	for _, c := range *chunks {
		sizes = append(sizes, len(c.Changes))
	}
	assert.Equal(t, []int{1, plan.BatchSize, plan.BatchSize, 1}, sizes)
}

func TestTheIDIsThatOfTheRemovals(t *testing.T) {
	t.Parallel()
	a, b := active("a"), active("b")
	newer := a
	newer.Version++
	base := []plan.Change{
		{Verb: plan.Depart, Member: a.ID, Before: &a},
		{Verb: plan.Depart, Member: b.ID, Before: &b},
		{Verb: plan.RemoveMembership, Member: id("c"), Group: id("g"), Why: plan.Unlisted},
	}
	summary := func(changes ...plan.Change) string {
		builder, _ := collect()
		for _, c := range changes {
			require.NoError(t, builder.Add(c))
		}
		s, err := builder.Close(func(uuid.UUID, int) bool { return true })
		require.NoError(t, err)
		return s.HeldID(plan.Kinds{Removals: true})
	}
	want := summary(base...)
	assert.Len(t, want, 32)
	added := plan.Change{Verb: plan.Add, Member: id("z"), After: &a}
	assert.Equal(t, want, summary(append(shuffled(1, base), added)...), "another order, and more additions")
	for name, c := range map[string]struct {
		at int
		is plan.Change
	}{
		"another version":    {0, plan.Change{Verb: plan.Depart, Member: a.ID, Before: &newer}},
		"another verb":       {0, plan.Change{Verb: plan.Deactivate, Member: a.ID, Before: &a}},
		"another member":     {0, plan.Change{Verb: plan.Depart, Member: id("d"), Before: &a}},
		"another group":      {2, plan.Change{Verb: plan.RemoveMembership, Member: id("c"), Group: id("h"), Why: plan.Unlisted}},
		"another membership": {2, plan.Change{Verb: plan.RemoveMembership, Member: id("d"), Group: id("g"), Why: plan.Unlisted}},
	} {
		changed := slices.Clone(base)
		changed[c.at] = c.is
		assert.NotEqual(t, want, summary(changed...), name)
	}
	assert.NotEqual(t, want, summary(base[:2]...), "one less")
}

func TestAnErrorOfEmitEndsTheBuilder(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	for _, verb := range []plan.Verb{plan.AddMembership, plan.RemoveMembership} {
		t.Run(string(verb), func(t *testing.T) {
			t.Parallel()
			b := plan.NewBuilder(func(*plan.PackedBatch) error { return fmt.Errorf("put: %w", full) })
			var err error
			for n := 0; n <= plan.BatchSize && err == nil; n++ {
				err = b.Add(plan.Change{Verb: verb, Member: numbered(n), Group: id("g"), Why: plan.Unlisted})
			}
			if err == nil {
				_, err = b.Close(never)
			}
			assert.ErrorIs(t, err, full)
		})
	}
}

func TestMembershipsWaitForWhatTheyTieAndGroupsForTheirMembershipsToGo(t *testing.T) {
	t.Parallel()
	b, chunks := collect()
	here, g := active("b"), roster.Group{ID: id("g")}
	require.NoError(t, b.Barrier())
	require.NoError(t, b.Add(plan.Change{Verb: plan.AddGroup, Group: id("h"), AfterGroup: &g}))
	require.NoError(t, b.Barrier())
	require.NoError(t, b.Barrier(), "one without anything is none")
	require.NoError(t, b.Add(plan.Change{Verb: plan.Add, Member: id("d"), After: &here}))
	require.NoError(t, b.Barrier())
	require.NoError(t, b.Add(plan.Change{Verb: plan.AddMembership, Member: id("d"), Group: id("h")}))
	require.NoError(t, b.Add(plan.Change{Verb: plan.RemoveGroup, Group: id("g"), BeforeGroup: &g}))
	require.NoError(
		t,
		b.Add(plan.Change{Verb: plan.RemoveMembership, Member: id("c"), Group: id("g"), Why: plan.GroupGone}),
	)
	summary, err := b.Close(never)
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2}, summary.Additions.Barriers)
	assert.Equal(t, []int{1}, summary.Released.Barriers)
	assert.Len(t, *chunks, 5)
	assert.Equal(t, plan.RemoveGroup, of(plan.PartReleased, *chunks)[1].Verb)
}
