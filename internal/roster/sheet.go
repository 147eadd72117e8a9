package roster

import (
	"math/bits"

	"github.com/rollcall/rollcall/internal/chunk"
)

// Sheet is rows that are packed one by one, as they come, and unpacked as Rows: a sixth of the memory, and nothing for a
// collector to look at. The zero Sheet is empty.
type Sheet struct {
	packed *chunk.Writer // nil: none yet
	rows   int
	cells  int
	values int // and ids
	number int // of the last row
}

// Len is how many rows are on it.
func (s *Sheet) Len() int { return s.rows }

// Next is an empty sheet, to go on with while this one is on its way.
func (s *Sheet) Next() *Sheet { return &Sheet{} }

// Pack is of chunk.Packed.
func (s *Sheet) Pack(w *chunk.Writer) {
	w.Count(s.rows)
	w.Count(s.cells)
	w.Count(s.values)
	if s.packed != nil {
		w.Append(s.packed)
	}
}

// Release empties the sheet and gives its memory to others.
func (s *Sheet) Release() {
	if s.packed != nil {
		s.packed.Release()
	}
	*s = Sheet{}
}

// Add adds a row.
func (s *Sheet) Add(row *Row) {
	s.begin(row)
	s.cells += len(row.Cells)
	for i := range row.Cells {
		s.values += len(row.Cells[i].Values) + len(row.Cells[i].IDs)
	}
	row.packCells(s.packed)
}

func (s *Sheet) begin(row *Row) {
	if s.packed == nil {
		s.packed = chunk.Blank()
	}
	s.packed.Int(int64(row.Number - s.number))
	s.packed.Fixed(row.Hash[:])
	s.rows++
	s.number = row.Number
}

// add adds a row with what a reader found in it, by column, as its cells. It returns the row's mask.
func (s *Sheet) add(row *Row, text []byte, found []value) (filled uint64) {
	s.begin(row)
	var rich uint64
	for _, f := range found {
		column := uint64(1) << f.column
		if filled&column != 0 || f.id >= 0 {
			rich |= column
		}
		filled |= column
	}
	w := s.packed
	w.Uint(row.flags())
	w.Uint(filled)
	w.Uint(rich)
	s.cells += bits.OnesCount64(filled)
	for len(found) > 0 {
		if rich&(1<<found[0].column) == 0 {
			w.Bytes(text[found[0].start:found[0].end])
			s.values++
			found = found[1:]
			continue
		}
		found = s.list(text, found)
	}
	return filled
}

// list packs all values of the column that found begins with, and their ids where there is one, and returns what follows.
func (s *Sheet) list(text []byte, found []value) (rest []value) {
	size, ids := 0, 0
	for size < len(found) && found[size].column == found[0].column {
		size++
	}
	for _, f := range found[:size] {
		if f.id >= 0 {
			ids = size
		}
	}
	s.packed.Count(size)
	for _, f := range found[:size] {
		s.packed.Bytes(text[f.start:f.end])
	}
	s.packed.Count(ids)
	for _, f := range found[:ids] {
		s.packed.Bytes(text[f.end:max(f.end, f.id)])
	}
	s.values += size + ids
	return found[size:]
}
