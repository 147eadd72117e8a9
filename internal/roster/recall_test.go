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

// find finds a row, and waits for who may know it.
func find(t require.TestingT, r *Recall, row Hash) (place int, known bool) {
	place, known, err := r.Find(row)
	require.NoError(t, err)
	if !known && !r.Whole() {
		require.NoError(t, r.Wait())
		place, known, err = r.Find(row)
		require.NoError(t, err)
	}
	return place, known
}

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
				place, known := find(t, r, rowNumbered(row(i)))
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

// drawTrail draws the rows of a report in which the order of members is kept for stretches, with some left out, some that
// nobody knows, and some that stand elsewhere.
func drawTrail(t *rapid.T, members int) (rows []int) {
	from := rapid.IntRange(0, members+2)
	for range rapid.IntRange(0, 8).Draw(t, "stretches") {
		at, elsewhere := from.Draw(t, "first"), from.Draw(t, "elsewhere")
		step := rapid.SampledFrom([]int{1, 1, 1, -1, 7}).Draw(t, "step")
		odd := rapid.SampledFrom([]int{0, 0, 3, 10, 60}).Draw(t, "one odd row in")
		kind := rapid.IntRange(0, 3)
		for i := range rapid.IntRange(1, 200).Draw(t, "rows") {
			if odd > 0 && i%odd == odd-1 {
				switch kind.Draw(t, "odd") {
				case 0:
					rows = append(rows, members+1+i) // nobody's
					continue
				case 1:
					rows = append(rows, elsewhere)
					elsewhere++
					continue
				case 2:
					at += rapid.IntRange(1, 30).Draw(t, "left out")
				}
			}
			rows = append(rows, max(0, at))
			at += step
		}
	}
	return rows
}

func TestARowIsFoundWhereverTheTrailLeads(t *testing.T) {
	t.Parallel()
	const members = slabBlock + 100
	whole := NewRecall()
	require.NoError(t, whole.Load(numbered(members)))
	rapid.Check(t, func(t *rapid.T) {
		r, loaded := NewRecall(), make(chan error, 1)
		go func() { loaded <- r.Load(numbered(members)) }()
		var hashes []Hash
		rows := drawTrail(t, members)
		for _, row := range rows {
			hashes = append(hashes, rowNumbered(row))
		}
		r.Lead = rapid.SampledFrom([]int{0, 100, slabBlock, 1 << 17}).Draw(t, "lead")
		if rapid.Bool().Draw(t, "when all have come") {
			require.NoError(t, r.Wait())
		}
		for at, together := 0, rapid.IntRange(0, 150); at < len(rows); {
			some := hashes[at:min(at+together.Draw(t, "together"), len(rows))]
			sure := r.Whole()
			places, err := r.FindAll(some, nil)
			require.NoError(t, err)
			for i, place := range places {
				require.Equal(t, rows[at+i], place)
			}
			at += len(places)
			if sure && len(places) < len(some) {
				require.GreaterOrEqual(t, rows[at], members, "nobody knows the row that wasn't found")
			}
			if len(places) == len(some) && at == len(rows) {
				break
			}
			place, known := find(t, r, hashes[at])
			require.Equal(t, rows[at] < members, known)
			if known {
				require.Equal(t, rows[at], place)
			}
			at++
		}
		require.NoError(t, r.Wait())
		require.NoError(t, <-loaded)
	})
}

func TestRowsAreToldApartByTheirWholeHash(t *testing.T) {
	t.Parallel()
	row := func(n int) (h Hash) { // all begin alike, and some end alike
		h[0], h[9], h[15] = byte(n%3), byte(n>>8), byte(n)
		return h
	}
	r := NewRecall()
	require.NoError(t, r.Load(func(yield func(Recalled, error) bool) {
		for n := range 300 {
			if !yield(Recalled{Row: row(n), Columns: uint64(n)}, nil) {
				return
			}
		}
	}))
	require.NoError(t, r.Wait())
	for _, together := range []int{1, 7, 64} {
		for n := 299; n >= 0; n-- { // against their order, so that they are looked up
			rows := []Hash{row(n)}
			for len(rows) < together {
				rows = append(rows, row((n*7+len(rows)*50)%400))
			}
			places, err := r.FindAll(rows, nil)
			require.NoError(t, err)
			require.NotEmpty(t, places)
			for i, place := range places {
				require.EqualValues(t, rows[i], row(place))
			}
			if len(places) < len(rows) {
				_, known, err := r.Find(rows[len(places)])
				require.NoError(t, err)
				require.False(t, known)
			}
		}
	}
}

func TestNobodyWaitsForARowThatIsNotThereYet(t *testing.T) {
	t.Parallel()
	r, more := NewRecall(), make(chan struct{})
	r.Lead = 10
	loaded := make(chan error, 1)
	go func() {
		loaded <- r.Load(func(yield func(Recalled, error) bool) {
			for m, err := range numbered(slabBlock + 10) {
				if m.Row == rowNumbered(slabBlock) {
					<-more
				}
				if !yield(m, err) {
					return
				}
			}
		})
	}()
	for i := range 3 * patience {
		_, known, err := r.Find(rowNumbered(slabBlock + i))
		require.NoError(t, err)
		require.False(t, known)
	}
	_, known, err := r.Find(rowNumbered(7))
	require.NoError(t, err)
	assert.True(t, known, "who has come is found")
	assert.False(t, r.Whole())
	close(more)
	_, known = find(t, r, rowNumbered(slabBlock+9))
	assert.True(t, known)
	require.NoError(t, <-loaded)
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
