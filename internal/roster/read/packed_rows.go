package read

import (
	"iter"
	"math/bits"
	"slices"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/wire"
)

// PackedRows holds rows in their stored form. Each row is packed when it is added, which takes a sixth of the
// memory and leaves no pointers for the garbage collector. RowBuffer unpacks them. The zero PackedRows is empty.
type PackedRows struct {
	packed *wire.Writer // nil: no rows
	rows   int
	cells  int
	texts  int
	first  int // number of the first row; packed lacks it
	last   int // number of the last row
}

// The fields of a list of rows, besides those of every list.
const (
	rowsCells = 3 // number of cells
	rowsTexts = 4 // number of texts in the cells
)

// The fields of a row. Its number comes first.
const (
	rowNumber     = 1 // difference to the row before
	rowHash       = 2
	rowRecognised = 3
	rowCells      = 4 // without tags: mask of the columns, mask of those with a list, texts by column
)

// Len returns the number of rows.
func (p *PackedRows) Len() int { return p.rows }

// Bytes returns the size of the rows in their stored form.
func (p *PackedRows) Bytes() int {
	if p.packed == nil {
		return 0
	}
	return p.packed.Len()
}

// Release empties p and returns its memory to a pool.
func (p *PackedRows) Release() {
	if p.packed != nil {
		p.packed.Release()
	}
	*p = PackedRows{}
}

// Add appends a row.
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

// CellSpan is a value in the text of a row, optionally followed by its id.
type CellSpan struct {
	Column     int
	Start, End int
	ID         int // end of the id, which starts at End; -1: no id
}

// AddSpans appends a row whose cells are spans of text, sorted by column. filled is the mask of these columns.
func (p *PackedRows) AddSpans(row *roster.Row, filled uint64, text []byte, spans []CellSpan) {
	p.begin(row)
	var rich uint64
	last := -1
	for i := range spans {
		if spans[i].Column == last || spans[i].ID >= 0 {
			rich |= 1 << spans[i].Column
		}
		last = spans[i].Column
	}
	mark := p.beginCells(filled, rich)
	for len(spans) > 0 {
		if rich&(1<<spans[0].Column) == 0 {
			p.packed.TextBytes(text[spans[0].Start:spans[0].End])
			p.texts++
			spans = spans[1:]
			continue
		}
		spans = p.addList(text, spans)
	}
	p.endCells(mark)
}

// addList appends all values of the column of the first span, and their ids if there are any. It returns the other
// spans.
func (p *PackedRows) addList(text []byte, spans []CellSpan) (rest []CellSpan) {
	size, ids := 0, 0
	for size < len(spans) && spans[size].Column == spans[0].Column {
		size++
	}
	for _, f := range spans[:size] {
		if f.ID >= 0 {
			ids = size
		}
	}
	p.packed.Count(size)
	for _, f := range spans[:size] {
		p.packed.TextBytes(text[f.Start:f.End])
	}
	p.packed.Count(ids)
	for _, f := range spans[:ids] {
		p.packed.TextBytes(text[f.End:max(f.End, f.ID)])
	}
	p.texts += size + ids
	return spans[size:]
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

// PackRows writes the rows of several lists as one list in the field with the given number.
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

// RowBuffer holds the memory of unpacked rows. The next list overwrites it. Texts of the rows refer to the content
// that is read.
type RowBuffer struct {
	rows  []roster.Row
	cells []roster.Cell
	texts []string
}

// Read unpacks what PackRows wrote. It returns nil for no rows.
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

// Each unpacks what PackRows wrote and yields one row after the other. Each row overwrites the one before, so the
// memory of one row is enough and stays in the CPU's cache.
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

// item reports whether another row follows. Before the first row it allocates memory for all rows.
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

// read unpacks a row. Its Number is the difference to the row before.
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
