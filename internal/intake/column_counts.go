package intake

import (
	"github.com/rollcall/rollcall/internal/roster/read"
)

// columnCounts counts the rows that fill each column and each custom field. Most rows fill the same as the row before, so
// it counts such rows together.
type columnCounts struct {
	filled read.Mask // of the last row
	rows   int       // rows that fill the same in a row, not yet in counts
	counts []int     // by column, and from read.FilledCustom on by custom field
}

// add counts a row.
func (c *columnCounts) add(filled read.Mask) {
	if filled != c.filled {
		c.flush()
		c.filled = filled
	}
	c.rows++
}

func (c *columnCounts) flush() {
	c.count(0, c.filled.Columns)
	c.count(read.FilledCustom, c.filled.Custom)
	c.rows = 0
}

// count adds the rows to the counts of a mask, whose lowest bit has a place in counts.
func (c *columnCounts) count(at int, mask uint64) {
	for ; mask != 0; at, mask = at+1, mask>>1 {
		for len(c.counts) <= at {
			c.counts = append(c.counts, 0)
		}
		if mask&1 != 0 {
			c.counts[at] += c.rows
		}
	}
}

// reset forgets all counts and keeps the memory.
func (c *columnCounts) reset() { *c = columnCounts{counts: c.counts[:0]} }

// addTo adds the counts to totals, by column.
func (c *columnCounts) addTo(totals *[]int) {
	c.flush()
	for column, rows := range c.counts {
		if column == len(*totals) {
			*totals = append(*totals, 0)
		}
		(*totals)[column] += rows
	}
}
