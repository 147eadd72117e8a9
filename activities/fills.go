package activities

// fills counts the rows in which each column is filled. Most rows have the same columns as the one before: those are
// counted together.
type fills struct {
	columns uint64 // of the last row
	rows    int    // one after the other with these columns, and not yet in counts
	counts  []int
}

// count takes in a row.
func (f *fills) count(columns uint64) {
	if columns != f.columns {
		f.settle()
		f.columns = columns
	}
	f.rows++
}

func (f *fills) settle() {
	for column, mask := 0, f.columns; mask != 0; column, mask = column+1, mask>>1 {
		for len(f.counts) <= column {
			f.counts = append(f.counts, 0)
		}
		if mask&1 != 0 {
			f.counts[column] += f.rows
		}
	}
	f.rows = 0
}

func (f *fills) clear() { *f = fills{counts: f.counts[:0]} }

// add adds to filled what was counted since the last time.
func (f *fills) add(filled *[]int) {
	f.settle()
	plus(filled, f.counts)
	clear(f.counts)
}

// plus adds counts to filled, by column.
func plus(filled *[]int, counts []int) {
	for column, rows := range counts {
		if column == len(*filled) {
			*filled = append(*filled, 0)
		}
		(*filled)[column] += rows
	}
}
