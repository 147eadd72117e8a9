package activities

import (
	"sync"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/roster"
)

// decoder decodes the pages of a report: each ahead of its turn, on any core, by a copy of the reader. A page that a copy
// can't decode, because something in it is new or wrong, is decoded in its turn by the reader itself.
//
// Law: what comes of it is what one reader makes of all rows in order.
type decoder struct {
	reader *roster.Reader    // that numbers columns
	redact *erasure.Redactor // nil: nobody is kept out

	learning sync.Mutex       // of the reader, which is not copied meanwhile
	copies   []*roster.Reader // at rest
}

// decoded is what the rows of a page say.
type decoded struct {
	sheet  *roster.PackedRows
	rows   []roster.Row // for the sheet, once it is known who of them is kept out
	filled fills
	unused []roster.UnusedColumn // that they fill
	whole  bool
}

func (d *decoded) clear() {
	if d.sheet == nil {
		d.sheet = &roster.PackedRows{}
	}
	d.sheet.Release()
	d.rows, d.unused, d.whole = d.rows[:0], d.unused[:0], false
	d.filled.clear()
}

// take is the sheet, which is the caller's then.
func (d *decoded) take() *roster.PackedRows {
	sheet := d.sheet
	d.sheet = nil
	return sheet
}

// ahead decodes a page whose turn hasn't come, if that can be done.
func (d *decoder) ahead(p *page) (*page, error) {
	reader := d.lend()
	err := d.read(reader, p)
	p.decoded.unused = reader.Counted(p.decoded.unused)
	if p.decoded.whole = err == nil; err != nil {
		p.decoded.clear()
	}
	d.takeBack(reader)
	return p, nil
}

// settle decodes a page whose turn has come, unless that was done. Where it fails, the rows before are decoded.
func (d *decoder) settle(p *page) (err error) {
	d.learning.Lock()
	defer d.learning.Unlock()
	if p.decoded.whole {
		d.reader.Resume(p.decoded.unused)
	} else {
		err = d.read(d.reader, p)
	}
	for i := range p.decoded.rows {
		row := d.redact.Row(p.decoded.rows[i])
		p.decoded.sheet.Add(&row)
	}
	return err
}

// read decodes a page's rows up to the first that can't be.
func (d *decoder) read(reader *roster.Reader, p *page) error {
	for i := range p.rows {
		unknown := &p.rows[i]
		row := roster.Row{Number: unknown.number, Hash: unknown.hash, Recognised: unknown.recognised}
		mask, err := d.row(reader, &p.decoded, row, p.raw(unknown))
		if err != nil {
			return err
		}
		p.decoded.filled.count(mask)
	}
	return nil
}

func (d *decoder) row(reader *roster.Reader, to *decoded, row roster.Row, raw []byte) (mask uint64, err error) {
	if d.redact == nil {
		return reader.ReadTo(to.sheet, row, raw)
	}
	read, err := reader.Read(row.Number, raw)
	if err != nil {
		return 0, err
	}
	read.Recognised = row.Recognised
	to.rows = append(to.rows, read)
	return read.Mask(), nil
}

// lend is a copy that knows what the reader knows.
func (d *decoder) lend() *roster.Reader {
	d.learning.Lock()
	defer d.learning.Unlock()
	for n := len(d.copies) - 1; n >= 0; n-- {
		known := d.copies[n]
		d.copies = d.copies[:n]
		if known.Learned() == d.reader.Learned() {
			return known
		}
	}
	return d.reader.Copy()
}

func (d *decoder) takeBack(known *roster.Reader) {
	d.learning.Lock()
	defer d.learning.Unlock()
	d.copies = append(d.copies, known)
}
