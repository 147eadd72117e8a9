package read

import (
	"github.com/rollcall/rollcall/internal/roster"
)

// cells returns the row's cells. One string holds all their text.
func (r *Reader) cells() []roster.Cell {
	if len(r.spans) == 0 {
		return nil
	}
	r.joined = r.joined[:0]
	columns := 1
	for i, found := range r.spans {
		r.joined = append(r.joined, r.text[found.Start:max(found.End, found.ID)]...)
		if i > 0 && found.Column != r.spans[i-1].Column {
			columns++
		}
	}
	rest := string(r.joined)
	cut := func(size int) (text string) {
		text, rest = rest[:size], rest[size:]
		return text
	}
	values := allocate(&r.valueBlock, len(r.spans))
	cells := allocate(&r.cellBlock, columns)
	for i := 0; i < len(r.spans); {
		cell := roster.Cell{Column: r.spans[i].Column}
		first := i
		for ; i < len(r.spans) && r.spans[i].Column == cell.Column; i++ {
			found := &r.spans[i]
			values = append(values, cut(found.End-found.Start))
			if found.ID >= 0 {
				if cell.IDs == nil {
					cell.IDs = make([]string, 0, len(r.spans)-first)
				}
				for len(cell.IDs) < i-first {
					cell.IDs = append(cell.IDs, "")
				}
				cell.IDs = append(cell.IDs, cut(found.ID-found.End))
			}
		}
		for cell.IDs != nil && len(cell.IDs) < i-first {
			cell.IDs = append(cell.IDs, "")
		}
		cell.Values = values[first:i:i]
		cells = append(cells, cell)
	}
	return cells
}

// allocate returns an empty slice with capacity n from a block that serves many rows.
func allocate[T any](block *[]T, n int) []T {
	if n > len(*block) {
		*block = make([]T, max(n, blockSize))
	}
	taken := (*block)[:0:n]
	*block = (*block)[n:]
	return taken
}

const blockSize = 1024
