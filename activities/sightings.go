package activities

import (
	"cmp"
	"slices"

	"github.com/rollcall/rollcall/internal/roster"
)

// sightings are at which rows of a report known ones were read, in any order. They grow by blocks, as members come: nothing is
// copied.
type sightings struct {
	blocks [][]int32 // by place: the first row; 0: none
	more   []more    // the others; here Rank is the place
}

const sightingsBlock = 1 << 12

func (s *sightings) sight(place, row int) {
	known := s.of(place)
	switch first := int(*known); {
	case first == 0:
		*known = int32(row) //nolint:gosec // rows are counted in an int32 all over package roster
	case row < first:
		*known = int32(row) //nolint:gosec // likewise
		s.more = append(s.more, more{Rank: place, Row: first})
	default:
		s.more = append(s.more, more{Rank: place, Row: row})
	}
}

func (s *sightings) of(place int) *int32 {
	for place/sightingsBlock >= len(s.blocks) {
		s.blocks = append(s.blocks, make([]int32, sightingsBlock))
	}
	return &s.blocks[place/sightingsBlock][place%sightingsBlock]
}

// eachOnce tells whether every row that is known was read, and none of them twice.
func (s *sightings) eachOnce(recall *roster.Recall) bool {
	for place := range recall.Len() {
		if *s.of(place) == 0 {
			return false
		}
	}
	return len(s.more) == 0
}

// byRank are the rows as they are kept: the first of each known one, and those more in their order.
func (s *sightings) byRank(recall *roster.Recall) (rows []int32, again []more) {
	rows = make([]int32, recall.Len())
	for rank, place := range recall.Places() {
		rows[rank] = *s.of(int(place))
	}
	again = make([]more, len(s.more))
	for i, m := range s.more {
		again[i] = more{Rank: int(recall.Ranks()[m.Rank]), Row: m.Row}
	}
	slices.SortFunc(again, func(a, b more) int { return cmp.Compare(a.Row, b.Row) })
	return rows, again
}
