package roster

import (
	"iter"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// recalled are those of entries whom a store would recall, in their order.
func recalled(entries []Entry) iter.Seq2[Recalled, error] {
	return func(yield func(Recalled, error) bool) {
		for _, e := range entries {
			if e.State.present() && e.Known.Row != (Hash{}) &&
				!yield(Recalled{Member: e.Member, Row: e.Known.Row, Columns: e.Known.Columns}, nil) {
				return
			}
		}
	}
}

func TestARecallKnowsWhatTheIndexKnows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.Permutation(numbers(rapid.IntRange(0, 40).Draw(t, "members"))).Draw(t, "order")
		var entries []Entry
		for _, n := range order {
			e := Entry{
				Member: memberID(n), State: State(rapid.IntRange(0, 3).Draw(t, "state")),
				Known: Known{Columns: rapid.Uint64().Draw(t, "columns")},
			}
			if rapid.IntRange(0, 4).Draw(t, "knows a row") > 0 {
				e.Known.Row = HashBytes([]byte{byte(n)})
			}
			entries = append(entries, e)
		}
		ix := indexOf(t, entries...)
		r, err := NewRecall(recalled(entries))
		require.NoError(t, err)
		positions, fingerprint := ix.Recalled()
		require.Len(t, positions, r.Len())
		require.Len(t, r.Ranks(), r.Len())
		assert.Equal(t, fingerprint, r.Fingerprint())
		for _, n := range rapid.SliceOf(rapid.IntRange(0, 45)).Draw(t, "rows") {
			row := HashBytes([]byte{byte(n)})
			place, known := r.Find(row)
			pos, indexed := ix.ByRow(row)
			require.Equal(t, indexed, known)
			if known {
				assert.EqualValues(t, pos, positions[r.Ranks()[place]])
				assert.Equal(t, ix.At(pos).Known.Columns, r.Columns(place))
			}
		}
	})
}

func TestAnotherMemberGivesAnotherFingerprint(t *testing.T) {
	t.Parallel()
	of := func(members ...int) Hash {
		var entries []Entry
		for _, n := range members {
			entries = append(entries, Entry{Member: memberID(n), Known: Known{Row: HashBytes([]byte{byte(n)})}})
		}
		r, err := NewRecall(recalled(entries))
		require.NoError(t, err)
		return r.Fingerprint()
	}
	assert.Equal(t, of(1, 2, 3), of(3, 1, 2))
	assert.NotEqual(t, of(1, 2, 3), of(1, 2, 4))
	assert.NotEqual(t, of(1, 2, 3), of(1, 2))
}
