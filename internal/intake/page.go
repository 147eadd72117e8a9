package intake

import (
	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/reuse"
	"github.com/rollcall/rollcall/internal/roster"
)

// page is some rows of a report, one after the other, in memory of its own.
type page struct {
	first int // number of the first row
	data  []byte
	ends  []int            // of rows, in data
	next  directory.Cursor // where to resume after the page; "": the source can't

	hashes  []roster.Hash // of each row
	ranks   []int         // of each row: of the member who knows it, or -1
	digest  roster.Hash   // of all rows
	filled  columnCounts
	decoded decoded
}

// A page is full with that many rows or bytes, unless the source has pages of its own, from which a read can be resumed.
const (
	pageRows  = 500
	pageBytes = 256 << 10
)

// pages are memory for pages.
var pages reuse.Pool[page] //nolint:gochecknoglobals // memory only

func newPage(first int) *page {
	p := pages.Take()
	p.decoded.reset()
	p.filled.reset()
	*p = page{
		first: first, data: p.data[:0], ends: p.ends[:0], hashes: p.hashes[:0], ranks: p.ranks[:0], filled: p.filled, decoded: p.decoded,
	}
	return p
}

func (p *page) add(row []byte) {
	p.data = append(p.data, row...)
	p.ends = append(p.ends, len(p.data))
}

func (p *page) full() bool { return len(p.ends) >= pageRows || len(p.data) >= pageBytes }

// row is the i-th row.
func (p *page) row(i int) []byte {
	from := 0
	if i > 0 {
		from = p.ends[i-1]
	}
	return p.data[from:p.ends[i]:p.ends[i]]
}

// match looks each row up.
func (p *page) match(known *Known) {
	for i := range p.ends {
		hash := roster.HashBytes(p.row(i))
		rank, ok := known.Find(hash)
		if !ok {
			rank = -1
		}
		p.hashes, p.ranks, p.digest = append(p.hashes, hash), append(p.ranks, rank), p.digest.Plus(hash)
	}
}
