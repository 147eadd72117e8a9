package roster

// Row is one row of a report, read but not judged: only cells of columns that some field may use.
type Row struct {
	Number     int // 1-based place in the report
	Hash       Hash
	Cells      []Cell // by column
	Recognised bool   // the index knows this very row (only staged in a full compare)
}

// Cell is a filled cell; empty ones (missing, null, "", []) are left out.
type Cell struct {
	Column int      // its number in Columns.Names
	Values []string // as written, untrimmed; more than one only from an array
	IDs    []string // the id beside each value where the report gave {Descriptor, ID}; else nil
}

// Mask has the bit of each column that is filled in r.
func (r Row) Mask() uint64 {
	var mask uint64
	for _, cell := range r.Cells {
		mask |= 1 << cell.Column
	}
	return mask
}
