package terminal

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Table writes rows in aligned columns. It flushes every 1,000 rows, so that a million rows take no memory.
type Table struct {
	writer *tabwriter.Writer
	rows   int
}

// NewTable starts a table with a line of column titles.
func NewTable(w io.Writer, titles ...string) *Table {
	t := &Table{writer: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	t.line(titles)
	return t
}

// blockRows is how many rows are aligned together.
const blockRows = 1000

// Row writes one row. An empty cell becomes a dash.
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

// Flush writes out the rows so far. Call it after the last row.
func (t *Table) Flush() error {
	if err := t.writer.Flush(); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// Pairs writes names and values in two columns, each line after indent. The text ends without a line break.
func Pairs(indent string, pairs [][2]string) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, pair := range pairs {
		_, _ = io.WriteString(w, indent+Printable(pair[0])+"\t"+Printable(pair[1])+"\n") // into memory
	}
	_ = w.Flush() // into memory
	return strings.TrimSuffix(text.String(), "\n")
}
