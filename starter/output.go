package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	round "github.com/rollcall/rollcall/internal/run"
)

// writeJSON writes one value in one line.
func (a *app) writeJSON(value any) error {
	encoder := json.NewEncoder(a.out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// print writes text.
func (a *app) print(format string, args ...any) error {
	if _, err := fmt.Fprintf(a.out, format, args...); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// table writes rows in columns; rows are written out in pieces, so that a million take no memory.
type table struct {
	writer *tabwriter.Writer
	rows   int
}

func (a *app) table(columns ...string) *table {
	t := &table{writer: tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)}
	t.line(columns)
	return t
}

// pieceRows is how many rows are laid out together.
const pieceRows = 1000

// row writes one row; an empty cell becomes a dash.
func (t *table) row(cells ...any) error {
	texts := make([]string, len(cells))
	for i, cell := range cells {
		if texts[i] = fmt.Sprint(cell); texts[i] == "" {
			texts[i] = "-"
		}
	}
	t.line(texts)
	if t.rows++; t.rows%pieceRows == 0 {
		return t.flush()
	}
	return nil
}

func (t *table) line(cells []string) {
	for i, cell := range cells {
		cells[i] = strings.Map(visible, cell)
	}
	_, _ = io.WriteString(t.writer, strings.Join(cells, "\t")+"\n") // flush says it
}

// visible keeps what would break a table, or steer the terminal, out of a cell.
func visible(r rune) rune {
	if r < ' ' || r >= 0x7f && r < 0xa0 {
		return ' '
	}
	return r
}

func (t *table) flush() error {
	if err := t.writer.Flush(); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// text is value, or null where it is empty.
func text(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}

// clock writes a time for a table, in the machine's time zone.
func clock(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Local().Format("2006-01-02 15:04:05")
}

// stamp is a time for JSON, or null.
func stamp(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}

// lasted writes how long something took.
func lasted(from, to time.Time) string {
	if from.IsZero() || to.IsZero() {
		return ""
	}
	switch d := to.Sub(from); {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	default:
		return d.Round(time.Second).String()
	}
}

// outcome is how a run ended, in a word.
func outcome(r round.Run) string {
	if r.Result == nil {
		return "open"
	}
	return string(r.Result.Outcome)
}

// counted names a number of things.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
