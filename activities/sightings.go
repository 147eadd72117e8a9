package activities

import (
	"cmp"
	"slices"

	"github.com/rollcall/rollcall/internal/roster"
)

// sightings are at which rows of a report known ones were read, in any order.
type sightings struct {
	rowOf []int32 // by place: the first row; 0: none
	more  []more  // the others; here Rank is the place
}

func (s *sightings) sight(place, row int) {
	s.reach(place + 1)
	switch first := int(s.rowOf[place]); {
	case first == 0:
		s.rowOf[place] = int32(row) //nolint:gosec // rows are counted in an int32 all over package roster
	case row < first:
		s.rowOf[place] = int32(row) //nolint:gosec // likewise
		s.more = append(s.more, more{Rank: place, Row: first})
	default:
		s.more = append(s.more, more{Rank: place, Row: row})
	}
}

// reach makes room for so many members.
func (s *sightings) reach(members int) {
	if missing := members - len(s.rowOf); missing > 0 {
		s.rowOf = append(s.rowOf, make([]int32, missing)...)
	}
}

// eachOnce tells whether every row that is known was read, and none of them twice.
func (s *sightings) eachOnce(recall *roster.Recall) bool {
	s.reach(recall.Len())
	return len(s.more) == 0 && !slices.Contains(s.rowOf, 0)
}

// byRank are the rows as they are kept: the first of each known one, and those more in their order.
func (s *sightings) byRank(recall *roster.Recall) (rows []int32, again []more) {
	s.reach(recall.Len())
	rows = make([]int32, len(s.rowOf))
	for rank, place := range recall.Places() {
		rows[rank] = s.rowOf[place]
	}
	again = make([]more, len(s.more))
	for i, m := range s.more {
		again[i] = more{Rank: int(recall.Ranks()[m.Rank]), Row: m.Row}
	}
	slices.SortFunc(again, func(a, b more) int { return cmp.Compare(a.Row, b.Row) })
	return rows, again
}
