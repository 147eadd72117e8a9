package intake

import (
	"sync"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/read"
)

// decoder decodes the unknown rows of pages. Several pages are decoded at once, each by a copy of the reader. If a
// copy can't decode a page, because of a new column or a row that can't be read, the reader itself decodes it in its
// turn.
//
// Law: the result is what one reader makes of all rows in order.
type decoder struct {
	full   bool              // known rows are decoded too
	reader *read.Reader      // numbers the columns
	redact *erasure.Redactor // nil: nobody is erased

	mu   sync.Mutex     // guards reader and idle
	idle []*read.Reader // copies
}

// decoded holds the decoded rows of a page.
type decoded struct {
	packed *read.PackedRows
	rows   []roster.Row // not packed yet: redacting depends on the pages before
	unused []read.UnusedColumn
	whole  bool // all rows are decoded
}

func (d *decoded) reset() {
	if d.packed == nil {
		d.packed = &read.PackedRows{}
	}
	d.packed.Release()
	d.rows, d.unused, d.whole = d.rows[:0], d.unused[:0], false
}

// releasePacked returns the packed rows, which then belong to the caller.
func (d *decoded) releasePacked() *read.PackedRows {
	packed := d.packed
	d.packed = nil
	return packed
}

// decodeAhead decodes a page before its turn, if a copy of the reader can.
func (d *decoder) decodeAhead(p *page, known *KnownRows) {
	reader := d.copyReader()
	err := d.decode(reader, p, known)
	p.decoded.unused = reader.TakeUnused(p.decoded.unused)
	if p.decoded.whole = err == nil; err != nil {
		p.decoded.reset()
		p.filled.reset()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.idle = append(d.idle, reader)
}

// decodeInTurn decodes a page after all pages before it, unless decodeAhead did. On an error, the rows before the
// bad one are decoded.
func (d *decoder) decodeInTurn(p *page, known *KnownRows) (err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p.decoded.whole {
		d.reader.AddUnused(p.decoded.unused)
	} else {
		err = d.decode(d.reader, p, known)
	}
	for i := range p.decoded.rows {
		row := d.redact.Row(p.decoded.rows[i])
		p.decoded.packed.Add(&row)
	}
	return err
}

// decode decodes a page's unknown rows up to the first error. It also counts the columns of known rows.
func (d *decoder) decode(reader *read.Reader, p *page, known *KnownRows) error {
	for i, rank := range p.ranks {
		if rank >= 0 && !d.full {
			p.filled.add(known.Filled(rank))
			continue
		}
		filled, err := d.row(reader, p, i)
		if err != nil {
			return err
		}
		p.filled.add(filled)
	}
	return nil
}

func (d *decoder) row(reader *read.Reader, p *page, i int) (filled read.Mask, err error) {
	raw, last := p.row(i), reader == d.reader // else the reader itself decodes the page after an error
	row := roster.Row{Number: p.first + i, Hash: p.hashes[i], Recognised: p.ranks[i] >= 0}
	if d.redact == nil {
		filled, err = reader.ReadTo(p.decoded.packed, row, raw)
		if last && malformed(err) {
			bad := roster.UnreadableRow(row.Number)
			bad.Recognised, err = row.Recognised, nil
			p.decoded.packed.Add(&bad)
		}
		return filled, err
	}
	decoded, err := reader.Read(row.Number, raw)
	if last && malformed(err) {
		decoded, err = roster.UnreadableRow(row.Number), nil
	}
	if err != nil {
		return filled, err
	}
	decoded.Recognised = row.Recognised
	p.decoded.rows = append(p.decoded.rows, decoded)
	return reader.Mask(decoded), nil
}

func malformed(err error) bool {
	known, ok := fault.Of(err)
	return ok && known.Kind == fault.KindMalformedRow
}

// copyReader returns a copy of the reader that knows all columns of the reader.
func (d *decoder) copyReader() *read.Reader {
	d.mu.Lock()
	defer d.mu.Unlock()
	for n := len(d.idle) - 1; n >= 0; n-- {
		reader := d.idle[n]
		d.idle = d.idle[:n]
		if reader.Version() == d.reader.Version() {
			return reader
		}
	}
	return d.reader.Copy()
}
