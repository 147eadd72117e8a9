package roster

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestIndexFindsWhatALookThroughAllEntriesFinds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.Uint64Range(0, 12)
		spread := rapid.Custom(func(t *rapid.T) uint64 { return key.Draw(t, "key") * 0x1745d1745d1745d1 })
		hash := rapid.Custom(func(t *rapid.T) Hash { return Hash{byte(key.Draw(t, "hash") * 20), 15: byte(key.Draw(t, "rest"))} })
		var entries []Entry
		for i := range rapid.IntRange(0, 60).Draw(t, "entries") {
			entries = append(entries, Entry{
				Member:   NewMemberID(testRun, i),
				Known:    Known{Row: hash.Draw(t, "row"), Columns: uint64(i), Issues: Codes(i), Content: uint64(i)},
				External: spread.Draw(t, "external"), Kind: rapid.Uint64Range(1, 2).Draw(t, "kind"),
				Email: spread.Draw(t, "email"), Manager: uint64(i), State: State(rapid.IntRange(0, 3).Draw(t, "state")),
			})
		}
		ix := indexOf(t, rapid.Permutation(entries).Draw(t, "order")...)
		slices.SortFunc(entries, func(a, b Entry) int { return bytes.Compare(a.Member[:], b.Member[:]) })

		require.Equal(t, len(entries), ix.Len())
		for pos, e := range entries {
			require.Equal(t, e, ix.At(pos))
			got, ok := ix.ByMember(e.Member)
			require.True(t, ok)
			require.Equal(t, pos, got)
			got, ok = ix.ByRow(e.Known.Row)
			require.Equal(t, slices.ContainsFunc(entries, func(o Entry) bool {
				return o.Known.Row == e.Known.Row && o.State.present() && o.Known.Row != Hash{}
			}), ok)
			if ok {
				require.Equal(t, e.Known.Row, ix.At(got).Known.Row)
			}
		}
		kind, want := rapid.Uint64Range(1, 3).Draw(t, "kind"), spread.Draw(t, "key")
		require.Equal(t, where(entries, func(e Entry) bool { return want != 0 && e.External == want && e.Kind == kind && e.State != StateGone }),
			slices.Collect(ix.ByExternal(kind, want)))
		require.Equal(t, where(entries, func(e Entry) bool { return want != 0 && e.Email == want && e.State != StateGone }),
			slices.Collect(ix.ByEmail(want)))
		_, ok := ix.ByMember(uuid.Max)
		require.False(t, ok)
		_, ok = ix.ByRow(Hash{})
		require.False(t, ok)
	})
}

func where(entries []Entry, which func(Entry) bool) (positions []int) {
	for pos, e := range entries {
		if which(e) {
			positions = append(positions, pos)
		}
	}
	return positions
}

func TestNewIndexPassesAnErrorOn(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection lost")
	_, err := NewIndex(func(yield func(Entry, error) bool) {
		_ = yield(Entry{}, nil) && yield(Entry{}, broken)
	})
	require.ErrorIs(t, err, broken)
}

func TestNewIndexRefusesMoreKindsThanThereCanBe(t *testing.T) {
	t.Parallel()
	_, err := NewIndex(func(yield func(Entry, error) bool) {
		for i := range 300 {
			if !yield(Entry{Kind: uint64(i)}, nil) {
				return
			}
		}
	})
	require.ErrorContains(t, err, "kinds of external ids")
}

func TestSlabKeepsWhatWasAdded(t *testing.T) {
	t.Parallel()
	const n = 3*slabBlock + 7
	var s slab[int]
	for i := range n {
		require.Equal(t, i, s.len())
		s.add(n - i)
	}
	s.sort(func(a, b *int) int { return *a - *b })
	for i := range n {
		require.Equal(t, i+1, *s.at(i))
	}
}

func TestNewMemberID(t *testing.T) {
	t.Parallel()
	run, other := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	t.Run("is the same for the same run and row", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, NewMemberID(run, 7), NewMemberID(run, 7))
	})
	t.Run("is a UUIDv7 of the run's time", func(t *testing.T) {
		t.Parallel()
		id := NewMemberID(run, 1<<31-1)
		require.Equal(t, uuid.Version(7), id.Version())
		require.Equal(t, uuid.RFC4122, id.Variant())
		require.Equal(t, run[:6], id[:6])
	})
	t.Run("differs between runs, and ascends with rows", func(t *testing.T) {
		t.Parallel()
		last := uuid.Nil
		for _, row := range []int{1, 2, 3, 1000, 1<<20 - 1, 1 << 20, 1<<20 + 1, 3_000_000, 1<<31 - 1} {
			id := NewMemberID(run, row)
			require.NotEqual(t, id, NewMemberID(other, row))
			require.Negative(t, bytes.Compare(last[:], id[:]))
			last = id
		}
	})
}
