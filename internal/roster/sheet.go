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
	first  int // number of the first row, which isn't in packed
	last   int // number of the last row
}

// Len is how many rows are on it.
func (s *Sheet) Len() int { return s.rows }

// Pack is of chunk.Packed.
func (s *Sheet) Pack(w *chunk.Writer) { Sheets{s}.Pack(w) }

// Release empties the sheet and gives its memory to others.
func (s *Sheet) Release() {
	if s.packed != nil {
		s.packed.Release()
	}
	*s = Sheet{}
}

// Sheets are packed as one sheet would be that has all their rows.
type Sheets []*Sheet

// Len is how many rows are on them.
func (sheets Sheets) Len() (rows int) {
	for _, s := range sheets {
		rows += s.rows
	}
	return rows
}

// Pack is of chunk.Packed.
func (sheets Sheets) Pack(w *chunk.Writer) {
	cells, values, last := 0, 0, 0
	for _, s := range sheets {
		cells += s.cells
		values += s.values
	}
	w.Count(sheets.Len())
	w.Count(cells)
	w.Count(values)
	for _, s := range sheets {
		if s.rows > 0 {
			w.Int(int64(s.first - last))
			w.Append(s.packed)
			last = s.last
		}
	}
}

// Release empties all of them.
func (sheets Sheets) Release() {
	for _, s := range sheets {
		s.Release()
	}
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
	if s.rows == 0 {
		s.first = row.Number
	} else {
		s.packed.Int(int64(row.Number - s.last))
	}
	s.packed.Fixed(row.Hash[:])
	s.rows++
	s.last = row.Number
}

// add adds a row with what a reader found in it, by column, as its cells. filled has the bits of these columns.
func (s *Sheet) add(row *Row, filled uint64, text []byte, found []value) {
	s.begin(row)
	var rich uint64
	last := -1
	for i := range found {
		if found[i].column == last || found[i].id >= 0 {
			rich |= 1 << found[i].column
		}
		last = found[i].column
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
