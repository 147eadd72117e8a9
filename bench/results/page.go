package results

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
)

// What stands around the figures in a page of the documents.
const (
	figuresBegin = "<!-- figures: go generate -C bench -->\n"
	figuresEnd   = "<!-- end of figures -->\n"
)

// Paste puts what the file at a path says into a page, in place of the figures that stand there.
func (f File) Paste(page []byte, file string) ([]byte, error) {
	before, rest, begun := bytes.Cut(page, []byte(figuresBegin))
	_, after, ended := bytes.Cut(rest, []byte(figuresEnd))
	if !begun || !ended {
		return nil, errors.New("the page has no place for figures")
	}
	return fmt.Appendf(nil, "%s%s%s%s%s", before, figuresBegin, f.markdown(path.Base(file)), figuresEnd, after), nil
}

// timedSteps are the steps that take time, in their order.
var timedSteps = []string{"FetchUsers", "Validate", "Diff", "Guard", "Apply", "Finish"}

// steps says where the time of the largest syncs goes.
func (f File) steps(page *strings.Builder) {
	largest := 0
	for _, r := range f.Rows {
		if r.Rollcall != nil && len(r.Rollcall.Steps) > 0 {
			largest = max(largest, r.People)
		}
	}
	if largest == 0 {
		return
	}
	fmt.Fprintf(page, "\nOf %s people, seconds from when the first activity of a step is asked for to when the last has ended, and of CPU:\n\n| database | scenario | %s | worker's CPU | server's CPU | floor's CPU | floor's server's |\n|%s\n",
		counted(largest), strings.Join(timedSteps, " | "), strings.Repeat("---|", len(timedSteps)+6))
	for _, r := range f.Rows {
		if r.People != largest || r.Rollcall == nil {
			continue
		}
		cells := []string{r.Database, r.Scenario}
		for _, step := range timedSteps {
			seconds, ran := r.Rollcall.Steps[step]
			cells = append(cells, cell(seconds, ran))
		}
		cells = append(cells, cell(r.Rollcall.CPU, true), cell(r.Rollcall.DatabaseCPU, r.Database == Postgres),
			r.Floor.cell(func(f Figures) string { return cell(f.CPU, true) }),
			r.Floor.cell(func(f Figures) string { return cell(f.DatabaseCPU, r.Database == Postgres) }))
		fmt.Fprintf(page, "| %s |\n", strings.Join(cells, " | "))
	}
}

func cell(seconds float64, there bool) string {
	if !there {
		return "–"
	}
	return fmt.Sprintf("%.2f", seconds)
}

func (f File) markdown(name string) string {
	var page strings.Builder
	fmt.Fprintf(&page, "From `bench/results/data/%s` (%d cores, %s, PostgreSQL %s with fsync; worker, Temporal's dev server and database on one machine):\n\n",
		name, f.Machine.Cores, f.Machine.Go, strings.Fields(f.Machine.Postgres + " ?")[0])
	page.WriteString("| people | database | scenario | Rollcall | floor | script | Rollcall / floor | worker at most | times measured |\n" +
		"|---|---|---|---|---|---|---|---|---|\n")
	seconds := func(f Figures) string { return duration(f.Seconds) }
	for _, r := range f.Rows {
		cells := append(r.head(), r.Rollcall.cell(seconds), r.Floor.cell(seconds), r.Script.cell(seconds), times(r.Ratio(r.Floor)),
			r.Rollcall.cell(func(f Figures) string { return megabytes(f.Peak) }),
			r.Rollcall.cell(func(f Figures) string { return strconv.Itoa(f.Runs) }))
		fmt.Fprintf(&page, "| %s |\n", strings.Join(cells, " | "))
	}
	f.steps(&page)
	if s := f.Smallest; s != nil {
		fmt.Fprintf(&page, "\n10 people: %s all updated, %s unchanged; an empty workflow of five empty activities %s.\n",
			duration(s.Updated), duration(s.Unchanged), duration(s.Empty))
	}
	misses := f.Misses()
	if len(misses) == 0 {
		page.WriteString("\nAll targets are met.\n")
		return page.String()
	}
	page.WriteString("\nTargets that are missed, as `make bench-check` names them:\n\n")
	for _, miss := range misses {
		fmt.Fprintf(&page, "- %s\n", miss)
	}
	return page.String()
}
