package terminal

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Table writes rows in aligned columns. It writes a block every 1,000 rows, so that long tables need little memory.
// Blocks may have different column widths.
type Table struct {
	writer *tabwriter.Writer
	rows   int
}

// NewTable returns a table that begins with a line of column titles.
func NewTable(w io.Writer, titles ...string) *Table {
	t := &Table{writer: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	t.line(titles)
	return t
}

// blockRows is how many rows share the same column widths.
const blockRows = 1000

// Row adds one row. An empty cell is shown as "-". The error is that of the writer.
func (t *Table) Row(cells ...any) error {
	texts := make([]string, len(cells))
	for i, cell := range cells {
		if texts[i] = fmt.Sprint(cell); texts[i] == "" {
			texts[i] = "-"
		}
	}
	t.line(texts)
	if t.rows++; t.rows%blockRows == 0 {
		return t.Flush()
	}
	return nil
}

func (t *Table) line(cells []string) {
	for i, cell := range cells {
		cells[i] = Printable(cell)
	}
	_, _ = io.WriteString(t.writer, strings.Join(cells, "\t")+"\n") // Flush returns the error
}

// Flush writes the rows that are still buffered. Call it after the last row. The error is that of the writer.
func (t *Table) Flush() error {
	if err := t.writer.Flush(); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// Pairs formats pairs of a name and a value as two columns. Each line begins with indent. The last line has no line
// break.
func Pairs(indent string, pairs [][2]string) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, pair := range pairs {
		_, _ = io.WriteString(w, indent+Printable(pair[0])+"\t"+Printable(pair[1])+"\n") // memory cannot fail
	}
	_ = w.Flush() // memory cannot fail
	return strings.TrimSuffix(text.String(), "\n")
}
