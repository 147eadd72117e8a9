package intake

import (
	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/reuse"
	"github.com/rollcall/rollcall/internal/roster"
)

// page is a sequence of rows of a report, in its own memory.
type page struct {
	first int // number of the first row
	data  []byte
	ends  []int            // ends of rows in data
	next  directory.Cursor // where to resume after the page; "": the source can't

	hashes  []roster.Hash // of each row
	ranks   []int         // of each row: the rank of its member, or -1 if it isn't known
	digest  roster.Hash   // of all rows
	filled  columnCounts
	decoded decoded
}

// A page has at most about that many rows or bytes, unless it is a page of the source, which a read can resume after.
const (
	pageRows  = 500
	pageBytes = 256 << 10
)

// pages is a pool of pages.
var pages reuse.Pool[page] //nolint:gochecknoglobals // memory only

func newPage(first int) *page {
	p := pages.Take()
	p.decoded.reset()
	p.filled.reset()
	*p = page{
		first: first, data: p.data[:0], ends: p.ends[:0], hashes: p.hashes[:0], ranks: p.ranks[:0],
		filled: p.filled, decoded: p.decoded,
	}
	return p
}

func (p *page) add(row []byte) {
	p.data = append(p.data, row...)
	p.ends = append(p.ends, len(p.data))
}

func (p *page) full() bool { return len(p.ends) >= pageRows || len(p.data) >= pageBytes }

// row returns the i-th row.
func (p *page) row(i int) []byte {
	from := 0
	if i > 0 {
		from = p.ends[i-1]
	}
	return p.data[from:p.ends[i]:p.ends[i]]
}

// match hashes each row and finds its rank. It hashes all rows first, so that the processor waits for the memory of
// several known rows at once.
func (p *page) match(known *KnownRows) {
	for i := range p.ends {
		hash := roster.HashBytes(p.row(i))
		p.hashes, p.digest = append(p.hashes, hash), p.digest.Plus(hash)
	}
	for _, hash := range p.hashes {
		rank, ok := known.Find(hash)
		if !ok {
			rank = -1
		}
		p.ranks = append(p.ranks, rank)
	}
}
