package results

import (
	"fmt"
	"html"
	"io"
	"math"
	"strings"
)

// Sizes of the picture, in its own units.
const (
	pictureWidth = 860
	labels       = 210 // to the left of the bars
	values       = 130 // to their right
	barHeight    = 13
	barGap       = 3
	groupGap     = 16
	heading      = 64
)

// contenders are the bars of each scenario, from top to bottom.
var contenders = []struct{ name, colour string }{
	{FloorName, "#9aa5b1"},
	{RollcallName, "#1f6feb"},
	{ScriptName, "#d9a441"},
}

// Draw draws the seconds of each scenario with a number of people on one database as SVG. The scale is logarithmic,
// because ratios matter.
func (f File) Draw(to io.Writer, database string, people int) error {
	var rows []Row
	least, most := math.Inf(1), 0.0
	for _, row := range f.Rows {
		if row.Database != database || row.People != people {
			continue
		}
		rows = append(rows, row)
		for _, c := range contenders {
			if figures := *row.Of(c.name); figures != nil {
				least, most = min(least, figures.Seconds), max(most, figures.Seconds)
			}
		}
	}
	group := len(contenders)*(barHeight+barGap) + groupGap
	height := heading + len(rows)*group + 34
	b := &strings.Builder{}
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" `+
		`font-family="system-ui, sans-serif" font-size="12">`+"\n", pictureWidth, height, pictureWidth, height)
	fmt.Fprintf(b, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", pictureWidth, height)
	title := map[string]string{Postgres: "PostgreSQL", SQLite: "SQLite"}[database]
	fmt.Fprintf(b, `<text x="16" y="24" font-size="15" font-weight="600" fill="#1f2328">One sync of %s people, %s, `+
		`seconds (logarithmic)</text>`+"\n", counted(people), title)
	drawLegend(b)
	scale := newScale(least, most)
	scale.drawTicks(b, height-26)
	for i, row := range rows {
		row.draw(b, scale, heading+i*group)
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(to, b.String())
	return err
}

func drawLegend(b *strings.Builder) {
	x := 16
	for _, c := range contenders {
		fmt.Fprintf(b, `<rect x="%d" y="36" width="11" height="11" rx="2" fill="%s"/>`+
			`<text x="%d" y="46" fill="#57606a">%s</text>`+"\n", x, c.colour, x+17, html.EscapeString(c.name))
		x += 40 + 7*len(c.name)
	}
}

// scale maps seconds to the picture's width. It starts and ends at a power of ten.
type scale struct{ from, to float64 } // logarithms

func newScale(least, most float64) scale {
	if most == 0 {
		return scale{-1, 1}
	}
	from, to := math.Floor(math.Log10(least)), math.Ceil(math.Log10(most))
	return scale{from, max(to, from+1)}
}

func (s scale) width(seconds float64) float64 {
	return (math.Log10(seconds) - s.from) / (s.to - s.from) * (pictureWidth - labels - values)
}

func (s scale) drawTicks(b *strings.Builder, bottom int) {
	for power := s.from; power <= s.to; power++ {
		x := labels + s.width(math.Pow(10, power))
		fmt.Fprintf(b, `<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#d0d7de"/>`+
			`<text x="%.1f" y="%d" text-anchor="middle" fill="#57606a">%s</text>`+"\n",
			x, x, heading-8, bottom, x, bottom+16, duration(math.Pow(10, power)))
	}
}

func (r *Row) draw(b *strings.Builder, s scale, y int) {
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="end" fill="#1f2328">%s</text>`+"\n",
		labels-10, y+(len(contenders)*(barHeight+barGap))/2+3, html.EscapeString(r.Scenario))
	for _, c := range contenders {
		if figures := *r.Of(c.name); figures != nil {
			width := max(s.width(figures.Seconds), 1)
			label := duration(figures.Seconds)
			if c.name == RollcallName && r.Floor != nil {
				label += fmt.Sprintf(" (%.2f × floor)", r.Ratio(r.Floor))
			}
			fmt.Fprintf(b, `<rect x="%d" y="%d" width="%.1f" height="%d" rx="2" fill="%s"/>`+
				`<text x="%.1f" y="%d" fill="#57606a" font-size="11">%s</text>`+"\n",
				labels, y, width, barHeight, c.colour, labels+width+5, y+barHeight-2, label)
		}
		y += barHeight + barGap
	}
}
