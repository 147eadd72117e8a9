package intake

import (
	"cmp"
	"slices"

	"github.com/rollcall/rollcall/internal/stage"
)

// seenRows are the row numbers of the known rows that were read.
type seenRows struct {
	first []int32 // by rank: the lowest row number; 0: not seen
	more  []stage.SeenAgain
	count int // number of ranks that were seen
}

func newSeenRows(known int) *seenRows { return &seenRows{first: make([]int32, known)} }

// see records that the known row of a rank was read.
func (s *seenRows) see(rank, row int) {
	known := &s.first[rank]
	switch first := int(*known); {
	case first == 0:
		*known = int32(row) //nolint:gosec // rows are counted in an int32 all over package roster
		s.count++
	case row < first:
		*known = int32(row) //nolint:gosec // likewise
		s.more = append(s.more, stage.SeenAgain{Rank: rank, Row: first})
	default:
		s.more = append(s.more, stage.SeenAgain{Rank: rank, Row: row})
	}
}

// eachOnce reports whether each known row was read exactly once.
func (s *seenRows) eachOnce() bool { return s.count == len(s.first) && len(s.more) == 0 }

// seenPerChunk is the number of ranks in a chunk.
const seenPerChunk = 200_000

// chunks returns the seen rows in the form to stage. There are none if no known row was read.
func (s *seenRows) chunks() (chunks []*stage.SeenRows) {
	if s.count == 0 {
		return nil
	}
	for from := 0; from < len(s.first); from += seenPerChunk {
		chunks = append(chunks, stage.NewSeenRows(from, s.first[from:min(from+seenPerChunk, len(s.first))]))
	}
	if len(chunks) > 0 {
		slices.SortFunc(s.more, func(a, b stage.SeenAgain) int { return cmp.Compare(a.Row, b.Row) })
		chunks[len(chunks)-1].More = s.more
	}
	return chunks
}
