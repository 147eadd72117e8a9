package roster

import (
	"iter"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// recalled are those of entries whom a store would recall, in their order. Each knows the row of its id.
func recalled(entries []Entry) iter.Seq2[Recalled, error] {
	return func(yield func(Recalled, error) bool) {
		for i, e := range entries {
			if e.State.present() && e.Knows &&
				!yield(Recalled{Member: e.Member, Row: rowOfMember(e.Member), Columns: uint64(i)}, nil) {
				return
			}
		}
	}
}

func rowOfMember(id uuid.UUID) Hash { return HashBytes(id[:]) }

func TestARecallKnowsWhomTheIndexKnows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		numbers := numbers(rapid.IntRange(0, 40).Draw(t, "members"))
		entries := make([]Entry, len(numbers))
		for n := range entries {
			entries[n] = Entry{
				Member: memberID(n), State: State(rapid.IntRange(0, 3).Draw(t, "state")),
				Knows: rapid.IntRange(0, 4).Draw(t, "knows a row") > 0,
			}
		}
		order := rapid.Permutation(entries).Draw(t, "order")
		r, err := NewRecall(recalled(order))
		require.NoError(t, err)
		ix := indexOf(t, rapid.Permutation(entries).Draw(t, "another order")...)
		positions := ix.Recalled()
		require.Len(t, positions, r.Len())
		require.Len(t, r.Ranks(), r.Len())
		assert.Equal(t, ix.Fingerprint(), r.Fingerprint())
		for _, n := range rapid.SliceOf(rapid.IntRange(0, 45)).Draw(t, "rows") {
			place, known := r.Find(rowOfMember(memberID(n)))
			if require.Equal(t, n < len(entries) && entries[n].State.present() && entries[n].Knows, known); known {
				assert.Equal(t, memberID(n), ix.Member(int(positions[r.Ranks()[place]])))
				assert.Equal(t, memberID(n), order[r.Columns(place)].Member)
			}
		}
	})
}

func TestAnotherMemberGivesAnotherFingerprint(t *testing.T) {
	t.Parallel()
	of := func(members ...int) Hash {
		var entries []Entry
		for _, n := range members {
			entries = append(entries, Entry{Member: memberID(n), Knows: true})
		}
		r, err := NewRecall(recalled(entries))
		require.NoError(t, err)
		return r.Fingerprint()
	}
	assert.Equal(t, of(1, 2, 3), of(3, 1, 2))
	assert.NotEqual(t, of(1, 2, 3), of(1, 2, 4))
	assert.NotEqual(t, of(1, 2, 3), of(1, 2))
}
