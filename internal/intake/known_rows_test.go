package intake

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/directory/workday"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/check"
	"github.com/rollcall/rollcall/internal/roster/read"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/internal/wire"
)

func workdaySource() roster.Source { return workday.Source() }

func decode(data []byte, content any) error { return wire.Decode(data, content) }

func encode(content any) ([]byte, error) { return wire.Encode(content) }

func TestKnownFindsWhatALookThroughAllRowsFinds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hash := rapid.Custom(func(t *rapid.T) (h roster.Hash) { // alike at both ends, so that slots and marks collide
			h[0], h[8], h[15] = byte(rapid.IntRange(0, 3).Draw(t, "slot")), byte(
				rapid.IntRange(0, 2).Draw(t, "mark"),
			), rapid.Byte().
				Draw(t, "rest")
			return h
		})
		var rows []roster.KnownRow
		var entries []roster.Entry
		var want roster.Hash
		for i := range rapid.IntRange(0, 70).Draw(t, "rows") {
			row := roster.KnownRow{
				Member:  uuid.UUID{byte(i)},
				Row:     hash.Draw(t, "row"),
				Columns: rapid.Uint64Range(0, 5).Draw(t, "columns"),
			}
			rows, want = append(rows, row), want.Plus(row.Row)
			entries = append(entries, roster.Entry{Member: row.Member, HasRow: true})
		}
		known, err := LoadKnownRows(seqOf(rows, nil))
		require.NoError(t, err)
		require.Equal(t, len(rows), known.Len())
		require.Equal(t, want, known.Digest())
		ix, err := check.NewIndex(seqOf(entries, nil))
		require.NoError(t, err)
		require.Equal(t, ix.Fingerprint(), known.Fingerprint())
		for range 50 {
			row := hash.Draw(t, "looked for")
			rank, ok := known.Find(row)
			at := slices.IndexFunc(rows, func(r roster.KnownRow) bool { return r.Row == row })
			require.Equal(t, at >= 0, ok)
			if ok {
				require.Equal(t, at, rank)
				require.Equal(t, read.Mask{Columns: rows[at].Columns, Custom: rows[at].Custom}, known.Filled(rank))
			}
		}
	})
}

func TestKnownRowsComeInTheOrderOfMembers(t *testing.T) {
	t.Parallel()
	_, err := LoadKnownRows(seqOf([]roster.KnownRow{{Member: uuid.UUID{2}}, {Member: uuid.UUID{1}}}, nil))
	require.ErrorContains(t, err, "order")
}

func TestNoRowIsUnknownBecauseKnownRowsCouldNotBeRead(t *testing.T) {
	t.Parallel()
	gone := errors.New("the database has gone")
	for _, full := range []bool{false, true} {
		d := drawn{paper: paper{from: workdaySource(), page: 1, rows: []string{"{}", "{}"}}}
		kept := stages{}
		_, err := Users{
			Attempt:   stage.Attempt{Store: kept, Number: 1, Now: time.Now},
			Directory: &d.paper, Full: full, ChunkRows: 1, Progress: &counter{},
			KnownRows: func(context.Context) iter.Seq2[roster.KnownRow, error] {
				return seqOf([]roster.KnownRow{{Member: uuid.UUID{1}}}, gone)
			},
		}.Read(t.Context())
		require.ErrorIs(t, err, gone)
		for _, of := range kept {
			require.Empty(t, of.chunks)
			require.False(t, of.Sealed)
		}
	}
}

func TestSeenRowsTellTheFirstRowOfEachRankAndTheOthers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ranks := rapid.SliceOf(rapid.IntRange(0, 9)).Draw(t, "ranks")
		seen := newSeenRows(10)
		want := make([][]int, 10)
		order := rapid.Permutation(slices.Collect(func(yield func(int) bool) {
			for i := range ranks {
				if !yield(i) {
					return
				}
			}
		})).Draw(t, "order")
		for _, i := range order { // a resumed page may come again
			seen.see(ranks[i], i+1)
		}
		for i, rank := range ranks {
			want[rank] = append(want[rank], i+1)
		}
		require.Equal(t, !slices.ContainsFunc(want, func(rows []int) bool { return len(rows) != 1 }), seen.eachOnce())
		have := make([][]int, 10)
		for _, chunk := range seen.chunks() {
			require.True(
				t,
				slices.IsSortedFunc(chunk.More, func(a, b stage.SeenAgain) int { return cmp.Compare(a.Row, b.Row) }),
			)
			for rank, row := range chunk.All() {
				have[rank] = append(have[rank], row)
			}
		}
		for rank := range have {
			slices.Sort(have[rank])
		}
		require.Equal(t, want, have)
	})
}
