package results

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
)

// The markers around the figures in the document.
const (
	figuresBegin = "<!-- figures: go generate -C bench -->\n"
	figuresEnd   = "<!-- end of figures -->\n"
)

// Paste replaces the figures in a document. file is the name of the results. It fails if the document has no markers.
func (f File) Paste(page []byte, file string) ([]byte, error) {
	before, rest, begun := bytes.Cut(page, []byte(figuresBegin))
	_, after, ended := bytes.Cut(rest, []byte(figuresEnd))
	if !begun || !ended {
		return nil, errors.New("the page has no place for figures")
	}
	var figures strings.Builder
	server, _, _ := strings.Cut(f.Machine.Postgres, " ")
	fmt.Fprintf(&figures, "From `bench/results/data/%s` (%d cores, %s, PostgreSQL %s with fsync; worker, Temporal's "+
		"dev "+
		"server and database on one machine):\n\n", path.Base(file), f.Machine.Cores, f.Machine.Go, server)
	f.write(&figures)
	figures.WriteString("\nThe targets, as `make bench-check` prints them:\n\n" +
		"| target | measured | at most | |\n|---|---|---|---|\n")
	for _, t := range f.Targets() {
		value, most, verdict := t.cells()
		fmt.Fprintf(&figures, "| %s | %s | %s | %s |\n", t.Name, value, most, verdict)
	}
	return fmt.Appendf(nil, "%s%s%s%s%s", before, figuresBegin, &figures, figuresEnd, after), nil
}

// Print prints the figures, and the targets with figures.
func (f File) Print(to io.Writer) error {
	var text strings.Builder
	text.WriteByte('\n')
	f.write(&text)
	for _, fleet := range f.Fleets {
		fmt.Fprintf(&text, "\n%s tenants of %s people, %d workers: %.0f syncs a minute\n", counted(fleet.Tenants),
			counted(fleet.People), fleet.Workers, fleet.PerMinute())
	}
	if _, err := io.WriteString(to, text.String()+"\n"); err != nil {
		return err
	}
	return PrintTargets(to, slices.DeleteFunc(f.Targets(), func(t Target) bool { return !t.Measured() }))
}

// write writes the figures as Markdown.
func (f File) write(page *strings.Builder) {
	if len(f.Rows) > 0 {
		f.writeTimes(page)
		f.writeSteps(page)
	}
	if s := f.Smallest; s != nil {
		fmt.Fprintf(page, "\n10 people: %s all updated, %s unchanged; an empty workflow of five empty activities %s.\n",
			duration(s.Updated), duration(s.Unchanged), duration(s.Empty))
	}
}

func (f File) writeTimes(page *strings.Builder) {
	page.WriteString("| people | database | scenario | Rollcall | floor | script | Rollcall / floor | worker at " +
		"most | times measured |\n|---|---|---|---|---|---|---|---|---|\n")
	seconds := func(f Figures) string { return duration(f.Seconds) }
	for _, r := range f.Rows {
		ratio := ""
		if r.Ratio(r.Floor) > 0 {
			ratio = fmt.Sprintf("%.2f", r.Ratio(r.Floor))
		}
		fmt.Fprintf(page, "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", counted(r.People), r.Database, r.Scenario,
			r.Rollcall.cell(seconds), r.Floor.cell(seconds), r.Script.cell(seconds), ratio,
			r.Rollcall.cell(func(f Figures) string { return megabytes(f.Peak) }),
			r.Rollcall.cell(func(f Figures) string { return strconv.Itoa(f.Runs) }))
	}
}

// timedSteps are the steps that take noticeable time, in their order.
var timedSteps = []string{"FetchUsers", "Validate", "Diff", "Guard", "Apply", "Finish"}

// writeSteps writes the times of the steps in the largest syncs.
func (f File) writeSteps(page *strings.Builder) {
	largest := slices.MaxFunc(f.Rows, func(a, b Row) int { return a.People - b.People }).People
	fmt.Fprintf(page, "\nOf %s people: seconds from the first request of a step's activities to the end of the "+
		"last, CPU "+
		"seconds, and what was written to disk (PostgreSQL: to its log):\n\n| database | scenario | %s | worker's "+
		"CPU | "+
		"server's CPU | floor's CPU | floor's server's | written | by the floor |\n|%s\n",
		counted(largest), strings.Join(timedSteps, " | "), strings.Repeat("---|", len(timedSteps)+8))
	for _, r := range f.Rows {
		if r.People != largest || r.Rollcall == nil {
			continue
		}
		cells := []string{r.Database, r.Scenario}
		for _, step := range timedSteps {
			cell := "–"
			if seconds, ran := r.Rollcall.Steps[step]; ran {
				cell = fmt.Sprintf("%.2f", seconds)
			}
			cells = append(cells, cell)
		}
		for _, figures := range []*Figures{r.Rollcall, r.Floor} {
			cells = append(cells, figures.cell(func(f Figures) string { return fmt.Sprintf("%.2f", f.CPU) }),
				figures.cell(func(f Figures) string {
					if r.Database == SQLite {
						return "–"
					}
					return fmt.Sprintf("%.2f", f.DatabaseCPU)
				}))
		}
		for _, figures := range []*Figures{r.Rollcall, r.Floor} {
			cells = append(cells, figures.cell(func(f Figures) string { return megabytes(f.Written) }))
		}
		fmt.Fprintf(page, "| %s |\n", strings.Join(cells, " | "))
	}
}

// cell formats figures, or returns "" if there are none.
func (f *Figures) cell(show func(Figures) string) string {
	if f == nil {
		return ""
	}
	return show(*f)
}

// counted formats a number with thousands separators.
func counted(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func megabytes(bytes int64) string { return fmt.Sprintf("%.0f MB", float64(bytes)/1e6) }

func duration(seconds float64) string {
	if seconds < 1 {
		return fmt.Sprintf("%.0f ms", seconds*1000)
	}
	return fmt.Sprintf("%.2f s", seconds)
}
