package check

import (
	"bytes"
	"errors"
	"iter"
	"maps"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/slab"
)

func TestIndexFindsWhatALookThroughAllEntriesFinds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.Uint64Range(0, 12)
		spread := rapid.Custom(func(t *rapid.T) uint64 { return key.Draw(t, "key") * 0x1745d1745d1745d1 })
		var entries []roster.Entry
		for i := range rapid.IntRange(0, 60).Draw(t, "entries") {
			entries = append(entries, roster.Entry{
				Member:   roster.NewMemberID(testRun, i),
				External: spread.Draw(t, "external"), Kind: rapid.Uint64Range(1, 2).Draw(t, "kind"),
				Email: spread.Draw(
					t,
					"email",
				), Manager: uint64(i), State: roster.EntryState(rapid.IntRange(0, 3).Draw(t, "state")),
				HasRow: rapid.Bool().Draw(t, "knows"), HasWarnings: rapid.Bool().Draw(t, "warned"),
			})
		}
		ix := indexOf(t, entries...)

		require.Equal(t, len(entries), ix.Len())
		for rank, e := range entries {
			pos, ok := ix.ByMember(e.Member)
			require.True(t, ok)
			require.Equal(t, rank, pos)
			require.Equal(t, e.Member, ix.Member(pos))
			require.Equal(t, e.HasWarnings, ix.HasWarnings(pos))
			require.Equal(t, e.State, ix.state(pos))
			require.Equal(t, e.HasRow && e.State.Present(), ix.hasRow(pos))
			require.Equal(t, e.Kind, ix.kind(pos))
			require.Equal(t, e.Manager, *ix.manager.At(pos))
		}
		kind, want := rapid.Uint64Range(1, 3).Draw(t, "kind"), spread.Draw(t, "key")
		members := func(positions iter.Seq[int]) (found []uuid.UUID) {
			for pos := range positions {
				found = append(found, ix.Member(pos))
			}
			return found
		}
		require.Equal(t, who(entries, func(e roster.Entry) bool {
			return want != 0 && e.External == want && e.Kind == kind && e.State != roster.StateGraceOver
		}),
			members(ix.ByExternal(kind, want)))
		require.Equal(
			t,
			who(
				entries,
				func(e roster.Entry) bool { return want != 0 && e.Email == want && e.State != roster.StateGraceOver },
			),
			members(ix.ByEmail(want)),
		)
		_, ok := ix.ByMember(uuid.Max)
		require.False(t, ok)
	})
}

func who(entries []roster.Entry, which func(roster.Entry) bool) (members []uuid.UUID) {
	for _, e := range entries {
		if which(e) {
			members = append(members, e.Member)
		}
	}
	return members
}

func TestAnOrderHasEachKeyOnceWithItsPositions(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOf(rapid.SampledFrom([]uint64{0, 1, 2, 1 << 40, 1 << 63, 1<<63 + 1, 3 << 62})).
			Draw(t, "keys")
		var list slab.Slab[uint64]
		want := map[uint64][]uint32{}
		for pos, key := range keys {
			if list.Add(key); key != 0 {
				want[key] = append(want[key], uint32(pos))
			}
		}
		o := newKeyIndex(&list)
		got, last := map[uint64][]uint32{}, uint64(0)
		o.runs(func(key uint64, positions []uint32) {
			require.Greater(t, key, last)
			last, got[key] = key, positions
			require.Equal(t, positions, o.find(key))
		})
		require.Equal(t, want, got)
		maps.DeleteFunc(want, func(_ uint64, positions []uint32) bool { return len(positions) < 2 })
		got = map[uint64][]uint32{}
		o.repeated(func(key uint64, positions []uint32) { got[key] = positions })
		require.Equal(t, want, got)
	})
}

func TestAnIndexIsMadeInTheOrderOfMembers(t *testing.T) {
	t.Parallel()
	for name, members := range map[string][]uuid.UUID{
		"out of order": {memberID(1), memberID(2), memberID(4), memberID(3)}, "one twice": {memberID(1), memberID(1)},
	} {
		_, err := NewIndex(func(yield func(roster.Entry, error) bool) {
			for _, id := range members {
				if !yield(roster.Entry{Member: id}, nil) {
					return
				}
			}
		})
		require.ErrorContains(t, err, "not in the order", name)
	}
}

func TestAFingerprintIsOfTheMembersWhoKnowARow(t *testing.T) {
	t.Parallel()
	of := func(knowing ...int) roster.Hash {
		var entries []roster.Entry
		var want roster.Fingerprint
		for n := range 4 {
			e := roster.Entry{Member: memberID(n), HasRow: slices.Contains(knowing, n)}
			if entries = append(entries, e); e.HasRow {
				want.Add(e.Member)
			}
		}
		ix := indexOf(t, entries...)
		require.Equal(t, want.Hash(), ix.Fingerprint())
		require.Len(t, ix.Known(), len(knowing))
		return ix.Fingerprint()
	}
	require.Equal(t, of(1, 2), of(1, 2))
	require.NotEqual(t, of(1, 2), of(1, 3))
	require.NotEqual(t, of(1, 2), of(1, 2, 3))
	require.Equal(t, roster.Hash{}, of())
}

func TestAKeySetNumbersKeysAsTheyCome(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var s keySet
		var want []uint64
		for _, key := range rapid.SliceOf(rapid.Uint64Range(1, 99)).Draw(t, "keys") {
			if s.add(key); !slices.Contains(want, key) {
				want = append(want, key)
			}
		}
		require.Equal(t, want, s.keys)
		for key := range uint64(100) {
			number, ok := s.find(key)
			require.Equal(t, slices.Contains(want, key), ok)
			if ok {
				require.Equal(t, slices.Index(want, key), number)
			}
		}
	})
}

func TestNewIndexPassesAnErrorOn(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection lost")
	_, err := NewIndex(func(yield func(roster.Entry, error) bool) {
		_ = yield(roster.Entry{}, nil) && yield(roster.Entry{}, broken)
	})
	require.ErrorIs(t, err, broken)
}

func TestNewIndexRefusesMoreKindsThanThereCanBe(t *testing.T) {
	t.Parallel()
	_, err := NewIndex(func(yield func(roster.Entry, error) bool) {
		for i := range 300 {
			if !yield(roster.Entry{Member: memberID(i), Kind: uint64(i)}, nil) {
				return
			}
		}
	})
	require.ErrorContains(t, err, "kinds of external ids")
}

func TestNewMemberID(t *testing.T) {
	t.Parallel()
	run, other := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	t.Run("is the same for the same run and row", func(t *testing.T) {
		t.Parallel()
		require.Equal(t, roster.NewMemberID(run, 7), roster.NewMemberID(run, 7))
	})
	t.Run("is a UUIDv7 of the run's time", func(t *testing.T) {
		t.Parallel()
		id := roster.NewMemberID(run, 1<<31-1)
		require.Equal(t, uuid.Version(7), id.Version())
		require.Equal(t, uuid.RFC4122, id.Variant())
		require.Equal(t, run[:6], id[:6])
	})
	t.Run("differs between runs, and ascends with rows", func(t *testing.T) {
		t.Parallel()
		last := uuid.Nil
		for _, row := range []int{1, 2, 3, 1000, 1<<20 - 1, 1 << 20, 1<<20 + 1, 3_000_000, 1<<31 - 1} {
			id := roster.NewMemberID(run, row)
			require.NotEqual(t, id, roster.NewMemberID(other, row))
			require.Negative(t, bytes.Compare(last[:], id[:]))
			last = id
		}
	})
}

// runs calls each for every key and its positions.
func (o *keyIndex) runs(each func(key uint64, positions []uint32)) {
	for from := 0; from < len(o.positions); {
		key, positions := o.run(from)
		each(key, positions)
		from += len(positions)
	}
}
