package read

import (
	"iter"
	"math/bits"
	"slices"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/wire"
)

// PackedRows is rows in the form in which they are kept, packed one by one as they come: a sixth of the memory, and
// nothing for a collector to look at. RowBuffer reads them. The zero PackedRows is empty.
type PackedRows struct {
	packed *wire.Writer // nil: none yet
	rows   int
	cells  int
	texts  int
	first  int // number of the first row, which isn't in packed
	last   int // number of the last row
}

// The fields of a list of rows, beside those of every list.
const (
	rowsCells = 3 // how many cells they have
	rowsTexts = 4 // how many texts are in these
)

// The fields of a row. Its number comes first.
const (
	rowNumber     = 1 // difference from the row before
	rowHash       = 2
	rowRecognised = 3
	rowCells      = 4 // without tags: bits of the columns, bits of those with a list, and the texts by column
)

// Len returns how many rows there are.
func (p *PackedRows) Len() int { return p.rows }

// Release empties p and gives its memory to others.
func (p *PackedRows) Release() {
	if p.packed != nil {
		p.packed.Release()
	}
	*p = PackedRows{}
}

// Add adds a row.
func (p *PackedRows) Add(row *roster.Row) {
	p.begin(row)
	var filled, rich uint64
	for i := range row.Cells {
		cell := &row.Cells[i]
		filled |= 1 << cell.Column
		if len(cell.Values) != 1 || cell.IDs != nil {
			rich |= 1 << cell.Column
		}
	}
	mark := p.beginCells(filled, rich)
	for i := range row.Cells {
		cell := &row.Cells[i]
		if rich&(1<<cell.Column) == 0 {
			p.packed.Text(cell.Values[0])
			p.texts++
			continue
		}
		for _, list := range [...][]string{cell.Values, cell.IDs} {
			p.packed.Count(len(list))
			for _, text := range list {
				p.packed.Text(text)
			}
			p.texts += len(list)
		}
	}
	p.endCells(mark)
}

// Found is a value found in a row: a piece of its text, and the id beside it.
type CellSpan struct {
	Column     int
	Start, End int
	ID         int // where the id ends, which follows the value; -1: none
}

// AddFound is Add of a row whose cells are pieces of a text, by column. filled has the bits of these columns.
func (p *PackedRows) AddSpans(row *roster.Row, filled uint64, text []byte, found []CellSpan) {
	p.begin(row)
	var rich uint64
	last := -1
	for i := range found {
		if found[i].Column == last || found[i].ID >= 0 {
			rich |= 1 << found[i].Column
		}
		last = found[i].Column
	}
	mark := p.beginCells(filled, rich)
	for len(found) > 0 {
		if rich&(1<<found[0].Column) == 0 {
			p.packed.TextBytes(text[found[0].Start:found[0].End])
			p.texts++
			found = found[1:]
			continue
		}
		found = p.addList(text, found)
	}
	p.endCells(mark)
}

// addList adds all values of the column that found begins with, and their ids where there is one. It returns the rest.
func (p *PackedRows) addList(text []byte, found []CellSpan) (rest []CellSpan) {
	size, ids := 0, 0
	for size < len(found) && found[size].Column == found[0].Column {
		size++
	}
	for _, f := range found[:size] {
		if f.ID >= 0 {
			ids = size
		}
	}
	p.packed.Count(size)
	for _, f := range found[:size] {
		p.packed.TextBytes(text[f.Start:f.End])
	}
	p.packed.Count(ids)
	for _, f := range found[:ids] {
		p.packed.TextBytes(text[f.End:max(f.End, f.ID)])
	}
	p.texts += size + ids
	return found[size:]
}

func (p *PackedRows) begin(row *roster.Row) {
	if p.packed == nil {
		p.packed = wire.NewWriter()
	}
	if p.rows == 0 {
		p.first = row.Number
	} else {
		p.packed.Item()
		p.packed.IntField(rowNumber, int64(row.Number-p.last))
	}
	if !row.Erased() {
		p.packed.FixedField(rowHash, row.Hash)
	}
	if row.Recognised {
		p.packed.UintField(rowRecognised, 1)
	}
	p.rows++
	p.last = row.Number
}

func (p *PackedRows) beginCells(filled, rich uint64) (mark int) {
	p.cells += bits.OnesCount64(filled)
	mark = p.packed.Begin(rowCells)
	p.packed.Uint(filled)
	p.packed.Uint(rich)
	return mark
}

func (p *PackedRows) endCells(mark int) {
	p.packed.Close(mark)
	p.packed.End()
}

// PackRows writes the rows of several lists as a field, as if one list had them all.
func PackRows(w *wire.Writer, number int, lists ...*PackedRows) {
	rows, cells, texts, last := 0, 0, 0, 0
	for _, p := range lists {
		rows += p.rows
		cells += p.cells
		texts += p.texts
	}
	w.ListField(number, rows)
	w.UintField(rowsCells, uint64(cells)) //nolint:gosec // a count
	w.UintField(rowsTexts, uint64(texts)) //nolint:gosec // a count
	for _, p := range lists {
		if p.rows > 0 {
			w.Item()
			w.IntField(rowNumber, int64(p.first-last))
			w.Append(p.packed)
			last = p.last
		}
	}
	w.End()
}

// RowBuffer is memory that packed rows are read into, one list after the other: each takes the place of the one before.
// The texts are those of the content that is read.
type RowBuffer struct {
	rows  []roster.Row
	cells []roster.Cell
	texts []string
}

// Read reads what PackRows wrote; nil for none.
func (b *RowBuffer) Read(r *wire.Reader) []roster.Row {
	count := r.List()
	b.rows = slices.Grow(b.rows[:0], count)
	b.cells, b.texts = b.cells[:0], b.texts[:0]
	number := 0
	for b.item(r) {
		var row roster.Row
		b.read(r, &row)
		number += row.Number
		row.Number = number
		b.rows = append(b.rows, row)
	}
	if len(b.rows) == 0 {
		return nil
	}
	return b.rows
}

// Each yields what PackRows wrote, each row in the place of the one before: space for one is enough, and stays in cache.
func (b *RowBuffer) Each(r *wire.Reader) iter.Seq[roster.Row] {
	return func(yield func(roster.Row) bool) {
		r.List()
		b.cells, b.texts = b.cells[:0], b.texts[:0]
		number := 0
		for b.item(r) {
			b.cells, b.texts = b.cells[:0], b.texts[:0]
			var row roster.Row
			b.read(r, &row)
			number += row.Number
			row.Number = number
			if !yield(row) {
				return
			}
		}
	}
}

// item tells whether another row follows. Before the first it makes space for what all of them have.
func (b *RowBuffer) item(r *wire.Reader) bool {
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case wire.ListItem:
			return true
		case rowsCells:
			b.cells = slices.Grow(b.cells, r.Bound())
		case rowsTexts:
			b.texts = slices.Grow(b.texts, r.Bound())
		default:
			r.Skip()
		}
	}
	return false
}

// read reads a row, whose number is the difference from the one before.
func (b *RowBuffer) read(r *wire.Reader, row *roster.Row) {
	for n := r.Next(); n != 0; n = r.Next() {
		switch n {
		case rowNumber:
			row.Number = int(r.Int())
		case rowHash:
			row.Hash = r.Fixed()
		case rowRecognised:
			row.Recognised = r.Uint() != 0
		case rowCells:
			sub := r.Sub()
			row.Cells = b.readCells(&sub)
			r.Join(&sub)
		default:
			r.Skip()
		}
	}
}

func (b *RowBuffer) readCells(r *wire.Reader) []roster.Cell {
	from := len(b.cells)
	filled, rich := r.Uint(), r.Uint()
	for ; filled != 0; filled &= filled - 1 {
		column := bits.TrailingZeros64(filled)
		if rich&(1<<column) != 0 {
			b.cells = append(b.cells, roster.Cell{Column: column, Values: b.list(r), IDs: b.list(r)})
			continue
		}
		at := len(b.texts)
		b.texts = append(b.texts, r.Text())
		b.cells = append(b.cells, roster.Cell{Column: column, Values: b.texts[at : at+1 : at+1]})
	}
	if len(b.cells) == from {
		return nil
	}
	return b.cells[from:len(b.cells):len(b.cells)]
}

func (b *RowBuffer) list(r *wire.Reader) []string {
	count := r.Count()
	if count == 0 {
		return nil
	}
	at := len(b.texts)
	for range count {
		b.texts = append(b.texts, r.Text())
	}
	return b.texts[at:len(b.texts):len(b.texts)]
}
