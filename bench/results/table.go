package results

import (
	"fmt"
	"io"
	"iter"
	"maps"
	"strconv"
	"strings"
	"text/tabwriter"
)

func tables(touched map[string]int) iter.Seq[string] { return maps.Keys(touched) }

// counted writes a number with its thousands apart.
func counted(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// Print writes the figures as tables: what they took, then what they used.
func (f File) Print(to io.Writer) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "people\tdatabase\tscenario\tRollcall\tfloor\tscript\treading\tRollcall / floor\t/ script\t/ reading\truns\t")
	for _, r := range f.Rows {
		cells := r.head()
		for _, of := range []*Figures{r.Rollcall, r.Floor, r.Script} {
			cells = append(cells, of.cell(func(f Figures) string { return duration(f.Seconds) }))
		}
		fmt.Fprintln(w, strings.Join(append(cells, duration(r.Reading), times(r.Ratio(r.Floor)), times(r.Ratio(r.Script)),
			times(r.Ratio(&Figures{Seconds: r.Reading})), r.Rollcall.cell(func(f Figures) string { return strconv.Itoa(f.Runs) })), "\t")+"\t")
	}
	fmt.Fprintln(w, "\npeople\tdatabase\tscenario\tmemory at most: Rollcall\tfloor\tscript\tCPU with the database's: Rollcall\tfloor\tscript\t"+
		"written: Rollcall\tfloor\tscript\tevents\thistory\t")
	for _, r := range f.Rows {
		cells := r.head()
		for _, show := range []func(Figures) string{
			func(f Figures) string { return megabytes(f.Peak) },
			func(f Figures) string { return duration(f.CPU + f.DatabaseCPU) },
			func(f Figures) string { return megabytes(f.Written) },
		} {
			cells = append(cells, r.Rollcall.cell(show), r.Floor.cell(show), r.Script.cell(show))
		}
		cells = append(cells, r.Rollcall.cell(func(f Figures) string { return strconv.FormatInt(f.Events, 10) }),
			r.Rollcall.cell(func(f Figures) string { return fmt.Sprintf("%.0f kB", float64(f.History)/1e3) }))
		fmt.Fprintln(w, strings.Join(cells, "\t")+"\t")
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.printOthers(to)
}

func (f File) printOthers(to io.Writer) error {
	if s := f.Smallest; s != nil {
		fmt.Fprintf(to, "\n10 people: %s all updated, %s unchanged; an empty workflow of five empty activities: %s; %.1f and %.1f times it\n",
			duration(s.Updated), duration(s.Unchanged), duration(s.Empty), s.Updated/s.Empty, s.Unchanged/s.Empty)
	}
	for _, fleet := range f.Fleets {
		fmt.Fprintf(to, "\n%s tenants of %s people, %d workers: %.0f syncs a minute", counted(fleet.Tenants), counted(fleet.People),
			fleet.Workers, fleet.PerMinute())
	}
	_, err := fmt.Fprintln(to)
	return err
}

// head names a row.
func (r Row) head() []string { return []string{counted(r.People), r.Database, r.Scenario} }

// cell is what to show of figures, nothing when there are none.
func (f *Figures) cell(show func(Figures) string) string {
	if f == nil {
		return ""
	}
	return show(*f)
}

func times(ratio float64) string {
	if ratio == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", ratio)
}

func duration(seconds float64) string {
	if seconds < 1 {
		return fmt.Sprintf("%.0f ms", seconds*1000)
	}
	return fmt.Sprintf("%.2f s", seconds)
}

func megabytes(bytes int64) string {
	if bytes < 1e6 {
		return fmt.Sprintf("%.2f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.0f MB", float64(bytes)/1e6)
}
