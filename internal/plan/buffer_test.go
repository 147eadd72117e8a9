package plan_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// Whatever was worked out in a room before, what it says is what Target and Diff say.
func TestARoomSaysWhatTargetAndDiffSay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var room plan.Buffer
		for range rapid.IntRange(1, 4).Draw(t, "batches") {
			in := anyInput().Draw(t, "in")
			want := changes(t, in)
			have, err := room.Changes(in)
			if err != nil {
				t.Fatal(err)
			}
			if len(have)+len(want) > 0 && !assert.ObjectsAreEqual(want, have) {
				t.Fatalf("%v, want %v", story(have), story(want))
			}
		}
	})
}

// Who adds changes may use the memory of their members again at once.
func TestABuilderKeepsNothingOfTheMembersOfChanges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var built [2][]plan.Batch
		batches := rapid.SliceOfN(anyInput(), 1, 4).Draw(t, "batches")
		for i := range built {
			b, chunks := collect()
			for _, in := range batches {
				in.Members = slices.Clone(in.Members)
				list := changes(t, in)
				if err := b.Add(list...); err != nil {
					t.Fatal(err)
				}
				for _, c := range list {
					for _, m := range []*roster.Member{c.Before, c.After} {
						if m != nil && i > 0 {
							*m = roster.Member{Version: -1, ExternalID: "somebody else"}
						}
					}
				}
			}
			if _, err := b.Close(never); err != nil {
				t.Fatal(err)
			}
			built[i] = *chunks
		}
		if !assert.ObjectsAreEqual(built[0], built[1]) {
			t.Fatalf("%+v, want %+v", built[1], built[0])
		}
	})
}
