package roster

// Row is one row of a report, read but not judged: only cells of columns that some field may use.
type Row struct {
	Number     int // 1-based place in the report
	Hash       Hash
	Cells      []Cell // by column
	Recognised bool   // the index knows this very row (only staged in a full compare)
}

// ErasedValue stands in a cell for the email of a manager whose personal data was erased. No report has it: a NUL is
// never kept.
const ErasedValue = "\x00erased"

// Erased tells whether the row is of somebody whose personal data was erased: nothing but its number is left of it.
func (r Row) Erased() bool { return r.Hash == (Hash{}) }

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
