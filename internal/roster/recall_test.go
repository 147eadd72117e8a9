package roster

import (
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
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

// recallOf loads entries.
func recallOf(t require.TestingT, entries []Entry) *Recall {
	r := NewRecall()
	require.NoError(t, r.Load(recalled(entries)))
	require.NoError(t, r.Wait())
	return r
}

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
		r := recallOf(t, order)
		ix := indexOf(t, rapid.Permutation(entries).Draw(t, "another order")...)
		positions := ix.Recalled()
		require.Len(t, positions, r.Len())
		require.Len(t, r.Ranks(), r.Len())
		assert.Equal(t, ix.Fingerprint(), r.Fingerprint())
		for _, n := range rapid.SliceOf(rapid.IntRange(0, 45)).Draw(t, "rows") {
			place, known, err := r.Find(rowOfMember(memberID(n)))
			require.NoError(t, err)
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
		r := recallOf(t, entries)
		return r.Fingerprint()
	}
	assert.Equal(t, of(1, 2, 3), of(3, 1, 2))
	assert.NotEqual(t, of(1, 2, 3), of(1, 2, 4))
	assert.NotEqual(t, of(1, 2, 3), of(1, 2))
}

// numbered are n members, each of whom knows the row of its number.
func numbered(n int) iter.Seq2[Recalled, error] {
	return func(yield func(Recalled, error) bool) {
		for i := range n {
			if !yield(Recalled{Row: rowNumbered(i), Columns: uint64(i)}, nil) {
				return
			}
		}
	}
}

func rowNumbered(n int) Hash { return HashBytes(fmt.Append(nil, "row ", n)) }

func TestARowIsFoundWhenItsMemberHasCome(t *testing.T) {
	t.Parallel()
	const members = 2*slabBlock + 100
	far := rand.New(rand.NewPCG(1, 2)).Perm(members + 10)
	for name, row := range map[string]func(i int) int{
		"in their order":      func(i int) int { return i },
		"from the last":       func(i int) int { return members - 1 - i },
		"in any order":        func(i int) int { return far[i] },
		"with one in between": func(i int) int { return (i + 1) * (i % 7) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, loaded := NewRecall(), make(chan error, 1)
			go func() { loaded <- r.Load(numbered(members)) }()
			for i := range members {
				place, known, err := r.Find(rowNumbered(row(i)))
				require.NoError(t, err)
				require.Equal(t, row(i) < members, known)
				if known {
					require.EqualValues(t, row(i), r.Columns(place))
				}
			}
			require.NoError(t, r.Wait())
			require.NoError(t, <-loaded)
			assert.Equal(t, members, r.Len())
		})
	}
}

func TestRowsAreFoundTogetherAsOneByOne(t *testing.T) {
	t.Parallel()
	const members = slabBlock + 100
	rapid.Check(t, func(t *rapid.T) {
		r, loaded := NewRecall(), make(chan error, 1)
		go func() { loaded <- r.Load(numbered(members)) }()
		single := NewRecall()
		require.NoError(t, single.Load(numbered(members)))
		from := rapid.IntRange(0, members+2)
		for range rapid.IntRange(1, 4).Draw(t, "times") {
			var rows []Hash
			for range rapid.IntRange(0, 8).Draw(t, "pieces") {
				first, step := from.Draw(t, "first"), rapid.SampledFrom([]int{1, 1, -1, 7}).Draw(t, "step")
				for i := range rapid.IntRange(1, 60).Draw(t, "rows") {
					rows = append(rows, rowNumbered(max(0, first+i*step)))
				}
			}
			var want []int
			for _, row := range rows {
				place, known, err := single.Find(row)
				require.NoError(t, err)
				if !known {
					break
				}
				want = append(want, place)
			}
			have, err := r.FindAll(rows, nil)
			require.NoError(t, err)
			require.Equal(t, want, have)
		}
		require.NoError(t, r.Wait())
		require.NoError(t, <-loaded)
	})
}

func TestARowIsNotUnknownBecauseMembersCouldNotBeRead(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, came := range []int{0, 10, slabBlock, slabBlock + 1} {
		r := NewRecall()
		err := r.Load(func(yield func(Recalled, error) bool) {
			for m, err := range numbered(came) {
				yield(m, err)
			}
			yield(Recalled{}, broken)
		})
		require.ErrorIs(t, err, broken)
		_, known, err := r.Find(rowNumbered(came + 1))
		assert.False(t, known)
		require.ErrorIs(t, err, broken)
		require.ErrorIs(t, r.Wait(), broken)
	}
	r := NewRecall()
	assert.Panics(t, func() { _ = r.Load(func(func(Recalled, error) bool) { panic("a fault of ours") }) })
	_, _, err := r.Find(rowNumbered(1))
	require.Error(t, err)
	_, err = r.FindAll([]Hash{rowNumbered(1)}, nil)
	require.Error(t, err)
}
