package roster

// Row is a decoded row of a report that isn't judged yet. It holds only cells of columns that some field may use.
type Row struct {
	Number     int // place in the report, from 1
	Hash       Hash
	Cells      []Cell // sorted by column
	Recognised bool   // the row is known; such a row is kept only in a full comparison
}

// ErasedValue stands in a cell for the email of a manager whose personal data was erased. It is never a report's
// own value, because normal text has no NUL.
const ErasedValue = "\x00erased"

// Erased reports whether the row was redacted because the person's data was erased. Only its number is left.
func (r Row) Erased() bool { return r.Hash == (Hash{}) }

// unreadable stands in for the hash of a row that can't be read.
var unreadable = HashTexts("unreadable row") //nolint:gochecknoglobals // a constant

// UnreadableRow returns the row with a number that can't be read: it is null, not an object, or over the size limit. It
// may be anybody's.
func UnreadableRow(number int) Row { return Row{Number: number, Hash: unreadable} }

// Unreadable reports whether the row couldn't be read.
func (r Row) Unreadable() bool { return r.Hash == unreadable }

// Cell is a filled cell. Empty ones (missing, null, "", []) are left out of a Row.
type Cell struct {
	Column int      // index in read.Columns.Names
	Values []string // as written; several only from an array
	IDs    []string // the id of each value if the report has {Descriptor, ID}, else nil
}

// CustomMask returns a mask with the bit of each custom field that the row fills. column is that of the cell with their
// values.
func (r Row) CustomMask(column int) uint64 {
	var mask uint64
	for _, cell := range r.Cells {
		if cell.Column != column {
			continue
		}
		for _, id := range cell.IDs {
			if n := customNumber(id); n >= 0 {
				mask |= 1 << n
			}
		}
	}
	return mask
}

// Size returns the number of bytes of the row's texts, and 16 for each of them.
func (r Row) Size() (bytes int) {
	for i := range r.Cells {
		for _, list := range [...][]string{r.Cells[i].Values, r.Cells[i].IDs} {
			for _, text := range list {
				bytes += 16 + len(text)
			}
		}
	}
	return bytes
}

// Mask returns a mask with the bit of each filled column.
func (r Row) Mask() uint64 {
	var mask uint64
	for _, cell := range r.Cells {
		mask |= 1 << cell.Column
	}
	return mask
}
