package activities

import (
	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/roster"
)

// page is a piece of what was read: unknown rows in memory of their own, and what all rows to its end amount to.
type page struct {
	rows   []unknown
	data   []byte // of rows
	doubt  bool   // some of rows may be known
	read   int    // rows from the beginning of the read
	digest roster.Hash
	filled []int // by column: known rows since the page before in which it had a value

	decoded decoded

	next  directory.Cursor // where to go on after it; "": the source can't
	first int              // with next: the number of its first row,
	ranks []int            // for each row the rank of the member who knows it, -1: none,
	index roster.Hash      // and the fingerprint of the members
}

// unknown is a row to be decoded.
type unknown struct {
	number     int
	hash       roster.Hash
	recognised bool
	from, to   int // in the page's data
}

func (p *page) clear() {
	p.decoded.clear()
	*p = page{rows: p.rows[:0], data: p.data[:0], filled: p.filled[:0], decoded: p.decoded}
}

func (p *page) add(row unknown, raw []byte) {
	row.from = len(p.data)
	p.data = append(p.data, raw...)
	row.to = len(p.data)
	p.rows = append(p.rows, row)
}

func (p *page) raw(row *unknown) []byte { return p.data[row.from:row.to:row.to] }
