package workday

import "github.com/rollcall/rollcall/internal/directory"

// A page is handed over when it has that many rows or bytes.
const (
	pageRows  = 500
	pageBytes = 1 << 20
)

// pager copies rows into pages. Its memory is used again for every page.
type pager struct {
	keep  func(directory.Page) error
	rows  int    // handed in so far
	data  []byte // the rows of this page, one after the other
	ends  []int
	slots []directory.Row
}

func (p *pager) add(raw []byte) error {
	p.rows++
	p.data = append(p.data, raw...)
	p.ends = append(p.ends, len(p.data))
	if len(p.ends) < pageRows && len(p.data) < pageBytes {
		return nil
	}
	return p.flush()
}

func (p *pager) flush() error {
	if len(p.ends) == 0 {
		return nil
	}
	start := 0
	p.slots = p.slots[:0]
	for _, end := range p.ends {
		p.slots = append(p.slots, p.data[start:end:end])
		start = end
	}
	err := p.keep(directory.Page{First: p.rows - len(p.ends) + 1, Rows: p.slots})
	p.data, p.ends = p.data[:0], p.ends[:0]
	return err
}
