package plan_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/wire"
)

// packedMember is a member of which much is often as it is of others.
func packedMember(t *rapid.T, of uuid.UUID) *roster.Member {
	if rapid.IntRange(0, 3).Draw(t, "nobody") == 0 {
		return nil
	}
	m := &roster.Member{
		ID: of, Version: rapid.Int64().Draw(t, "version"), ExternalID: rapid.String().Draw(t, "external"),
		ExternalKind: rapid.SampledFrom([]string{"", "workday:Employee_ID"}).Draw(t, "kind"),
		DepartedAt:   anyTime(t), CreatedAt: anyTime(t), UpdatedAt: anyTime(t),
		Known: roster.Known{
			Columns: rapid.Uint64().Draw(t, "columns"), Issues: roster.WarningSet(rapid.Uint64().Draw(t, "issues")),
			Content: rapid.Uint64().Draw(t, "content"),
		},
	}
	if rapid.Bool().Draw(t, "other id") {
		m.ID = anyID(t)
	}
	copy(m.Known.Row[:], rapid.SliceOfN(rapid.Byte(), 0, 16).Draw(t, "row"))
	for f := range m.Values {
		m.Values[f] = rapid.SampledFrom([]string{"", "a", "Zürich", "x\x00\xff"}).Draw(t, "value")
	}
	return m
}

func anyTime(t *rapid.T) time.Time {
	return rapid.SampledFrom([]time.Time{{}, time.Unix(1, 999_999_999).UTC(), time.Unix(1<<40, 0).UTC()}).
		Draw(t, "time")
}

func anyID(t *rapid.T) (id uuid.UUID) {
	copy(id[:], rapid.SliceOfN(rapid.Byte(), 0, 16).Draw(t, "id"))
	return id
}

func anyGroup(t *rapid.T) *roster.Group {
	if rapid.Bool().Draw(t, "no group") {
		return nil
	}
	return &roster.Group{ID: anyID(t), Key: rapid.String().Draw(t, "key"), Name: rapid.String().Draw(t, "name")}
}

func TestABatchComesBackAsItWasPacked(t *testing.T) {
	t.Parallel()
	verbs := plan.Verbs()
	reasons := append(plan.Whys(), "")
	var used plan.BatchBuffer
	rapid.Check(t, func(t *rapid.T) {
		want := plan.Batch{
			Part:   rapid.SampledFrom(append(plan.Parts(), "")).Draw(t, "part"),
			Number: rapid.IntRange(0, 1<<40).Draw(t, "number"), First: rapid.IntRange(0, 1<<40).Draw(t, "first"),
		}
		for range rapid.IntRange(0, 9).Draw(t, "changes") {
			want.Changes = append(want.Changes, plan.Change{})
			c := &want.Changes[len(want.Changes)-1]
			c.Verb, c.Why = rapid.SampledFrom(verbs).Draw(t, "verb"), rapid.SampledFrom(reasons).Draw(t, "why")
			c.Member, c.Group = anyID(t), anyID(t)
			c.Before, c.After = packedMember(t, c.Member), packedMember(t, c.Member)
			c.BeforeGroup, c.AfterGroup = anyGroup(t), anyGroup(t)
			c.Drift, c.Forget = rapid.Bool().Draw(t, "drift"), rapid.Bool().Draw(t, "forget")
		}
		data, err := wire.Encode(&want)
		if err != nil {
			t.Fatal(err)
		}
		var have plan.Batch
		if err := wire.Decode(data, &have); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(have, want) {
			t.Fatalf("have %+v, want %+v", have, want)
		}
		if err := wire.Decode(data, &used); err != nil {
			t.Fatal(err)
		}
		if have = used.Batch; len(have.Changes) == 0 {
			have.Changes = nil
		}
		if !reflect.DeepEqual(have, want) {
			t.Fatalf("in the room of another: have %+v, want %+v", have, want)
		}
	})
}

// What an update leaves as it was isn't packed again.
func TestAnUpdateIsPackedAsWhatItChanges(t *testing.T) {
	t.Parallel()
	size := func(changes int, of func(n int) plan.Change) int {
		c := plan.Batch{Part: plan.PartAdditions}
		for n := range changes {
			c.Changes = append(c.Changes, of(n))
		}
		data, err := wire.Encode(&c)
		if err != nil {
			t.Fatal(err)
		}
		return len(data)
	}
	hash := func(n int) uuid.UUID { return uuid.UUID(roster.HashBytes([]byte{byte(n), byte(n >> 8)})) }
	before := func(n int) *roster.Member {
		m := &roster.Member{ID: hash(n), Version: 1, ExternalID: hash(n + 1).String()}
		m.Values[roster.Email] = hash(n+2).String() + "@example.com"
		return m
	}
	whole := size(
		1000,
		func(n int) plan.Change { return plan.Change{Verb: plan.Delete, Member: hash(n), Before: before(n)} },
	)
	both := size(1000, func(n int) plan.Change {
		after := *before(n)
		after.Version, after.Values[roster.City] = 2, "Zürich"
		return plan.Change{Verb: plan.Update, Member: hash(n), Before: before(n), After: &after}
	})
	if both > whole+whole/10 {
		t.Errorf("%d bytes, the members before alone %d", both, whole)
	}
}

func TestAChangeThatNobodyCanApplyIsNotRead(t *testing.T) {
	t.Parallel()
	data, err := wire.Encode(&plan.Batch{Changes: []plan.Change{{Verb: "of a later release"}}})
	require.NoError(t, err)
	require.Error(t, wire.Decode(data, new(plan.Batch)))
}
