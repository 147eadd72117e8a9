package intake

// columnCounts counts the rows that fill each column. Most rows fill the same columns as the row before, so it
// counts such rows together.
type columnCounts struct {
	columns uint64 // of the last row
	rows    int    // rows with these columns in a row, not yet in counts
	counts  []int
}

// add counts a row.
func (c *columnCounts) add(columns uint64) {
	if columns != c.columns {
		c.flush()
		c.columns = columns
	}
	c.rows++
}

func (c *columnCounts) flush() {
	for column, mask := 0, c.columns; mask != 0; column, mask = column+1, mask>>1 {
		for len(c.counts) <= column {
			c.counts = append(c.counts, 0)
		}
		if mask&1 != 0 {
			c.counts[column] += c.rows
		}
	}
	c.rows = 0
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
