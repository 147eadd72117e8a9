package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/run"
)

// Sizes of a chart, in its own units. The page scales charts.
const (
	chartWidth  = 720
	chartHeight = 138
	chartLeft   = 44 // for the labels of the scale
	chartTop    = 10
	chartBottom = 28 // for the dates
	maxBarWidth = 18
)

// chart has a stacked bar for each run, with one part for each series.
type chart struct {
	Title   string
	AltText string // the alternative text
	Legend  []legend
	Lines   []gridLine
	Bars    []bar
	Days    []label
	Bottom  float64
	Width   float64
	Height  float64
}

type legend struct{ Name, Class string }

type gridLine struct {
	Y     float64
	Label string
}

type label struct {
	X      float64
	Text   string
	Anchor string
}

// bar is the bar of one run.
type bar struct {
	X, Width float64
	Parts    []barPart
	Tip      string
	Failed   bool // the run failed before it counted anything
	This     bool // the run of the page
	Middle   float64
}

type barPart struct {
	Y, Height float64
	Class     string
}

// series is one count of runs.
type series struct {
	name, class string
	count       func(run.Result) int
}

// outcomeStrip has a mark for the outcome of each run.
type outcomeStrip struct {
	Marks  []mark
	Legend []legend
	Width  float64
}

type mark struct {
	X, Width float64
	Class    string
	Letter   string
	Tip      string
	This     bool
	Middle   float64
}

// slots returns the horizontal position and width of each of n runs.
func slots(n int) func(i int) (x, width float64) {
	step := (chartWidth - chartLeft) / float64(max(n, 12))
	width := math.Min(step*0.72, maxBarWidth)
	return func(i int) (float64, float64) {
		return round1(chartLeft + step*float64(i) + (step-width)/2), round1(width)
	}
}

// newOutcomeStrip returns the marks of runs, oldest first.
func newOutcomeStrip(history []run.Run, this uuid.UUID) *outcomeStrip {
	s := &outcomeStrip{Width: chartWidth}
	at := slots(len(history))
	seen := map[legend]bool{}
	for i, r := range history {
		o := outcomeOf(r)
		x, width := at(i)
		s.Marks = append(s.Marks, mark{
			X: x, Width: width, Class: o.Class, Letter: o.Word[:1], Tip: startText(r) + ": " + strings.ToLower(o.Word),
			This:   r.ID == this,
			Middle: round1(x + width/2),
		})
		if l := (legend{o.Word[:1] + " " + strings.ToLower(o.Word), o.Class}); !seen[l] {
			seen[l] = true
			s.Legend = append(s.Legend, l)
		}
	}
	slices.SortFunc(s.Legend, func(a, b legend) int { return strings.Compare(a.Name, b.Name) })
	return s
}

// charts returns the charts of the page.
func charts(history []run.Run, this uuid.UUID) []chart {
	return []chart{
		newChart("People in the directory", history, this, []series{
			{"people read", "people", func(r run.Result) int { return r.Snapshot.Users }},
		}),
		newChart("Rows to correct", history, this, []series{
			{"rejected", "rejected", func(r run.Result) int { return r.Rows.Rejected }},
			{"with warnings", "warning", func(r run.Result) int { return r.Rows.Warnings }},
		}),
		newChart("Changes to members", history, this, []series{
			{"joined or back", "in", func(r run.Result) int {
				return r.Changes.Added + r.Changes.Returned +
					r.Changes.Reactivated
			}},
			{"updated", "same", func(r run.Result) int { return r.Changes.Updated }},
			{"left or inactive", "out", func(r run.Result) int {
				return r.Changes.Departed + r.Changes.Deactivated +
					r.Changes.Deleted
			}},
			{"held", "waiting", func(r run.Result) int {
				if r.Held == nil {
					return 0
				}
				return r.Held.Total()
			}},
		}),
	}
}

func newChart(title string, history []run.Run, this uuid.UUID, kinds []series) chart {
	c := chart{Title: title, Bottom: chartHeight - chartBottom, Width: chartWidth, Height: chartHeight}
	for _, k := range kinds {
		c.Legend = append(c.Legend, legend{k.name, k.class})
	}
	most := 0
	for _, r := range history {
		sum := 0
		for _, k := range kinds {
			if r.Result != nil {
				sum += k.count(*r.Result)
			}
		}
		most = max(most, sum)
	}
	top := roundUp(most)
	scale := (c.Bottom - chartTop) / float64(top)
	for _, value := range []int{0, top / 2, top} {
		if value == 0 || top%2 == 0 || value == top {
			c.Lines = append(c.Lines, gridLine{round1(c.Bottom - float64(value)*scale), grouped(value)})
		}
	}
	at := slots(len(history))
	for i, r := range history {
		x, width := at(i)
		b := bar{X: x, Width: width, Middle: round1(x + width/2), This: r.ID == this, Tip: startText(r)}
		if r.Result == nil || r.Result.Outcome == run.Failed && r.Result.Snapshot.Users == 0 &&
			r.Result.Changes.Total() == 0 {
			b.Failed, b.Tip = true, b.Tip+": "+strings.ToLower(outcomeOf(r).Word)
			c.Bars = append(c.Bars, b)
			continue
		}
		y := c.Bottom
		for _, k := range kinds {
			n := k.count(*r.Result)
			b.Tip += fmt.Sprintf("\n%s: %s", k.name, grouped(n))
			if n == 0 {
				continue
			}
			height := math.Max(float64(n)*scale, 1.5) // keeps small counts visible
			y -= height
			b.Parts = append(b.Parts, barPart{round1(y), round1(height), k.class})
		}
		c.Bars = append(c.Bars, b)
	}
	first, last := history[0], history[len(history)-1]
	x, _ := at(0)
	end, width := at(len(history) - 1)
	c.Days = []label{{x, day(first), "start"}, {end + width, day(last), "end"}}
	if end-x < 140 { // too narrow for two labels
		c.Days = c.Days[:1]
	}
	c.AltText = fmt.Sprintf("%s in the last %d runs, at most %s", title, len(history), grouped(most))
	return c
}

// roundUp returns the next round number that is at least n and at least 1.
func roundUp(n int) int {
	for power := 1; ; power *= 10 {
		for _, step := range []int{1, 2, 4, 6, 8} {
			if step*power >= n {
				return step * power
			}
		}
	}
}

func startText(r run.Run) string { return r.Started.UTC().Format("2 Jan 2006, 15:04 UTC") }
func day(r run.Run) string       { return r.Started.UTC().Format("2 Jan, 15:04") }

func round1(x float64) float64 { return math.Round(x*10) / 10 }
