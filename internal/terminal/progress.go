package terminal

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
)

// Progress shows what goes on: on a terminal in one live line, elsewhere in a line for each step.
type Progress struct {
	out   io.Writer
	live  bool   // out is a terminal
	step  string // the last one shown, where out is no terminal
	shown bool   // the live line is on the screen
}

// NewProgress shows progress on out.
func NewProgress(out io.Writer) *Progress {
	file, ok := out.(*os.File)
	return &Progress{out: out, live: ok && isatty.IsTerminal(file.Fd())}
}

// lineWidth is the width of the widest live line: a longer one would wrap and stay on the screen.
const lineWidth = 79

// Show shows the current step, its counts ("" for none), and how long it has taken.
func (p *Progress) Show(step, counts string, since time.Duration) {
	line := step
	if counts != "" {
		line += ": " + counts
	}
	if !p.live {
		if step != p.step {
			fmt.Fprintln(p.out, line)
			p.step = step
		}
		return
	}
	if since >= time.Second {
		line += fmt.Sprintf(" (%s)", since.Round(time.Second))
	}
	if runes := []rune(line); len(runes) > lineWidth {
		line = string(runes[:lineWidth-1]) + "…"
	}
	fmt.Fprintf(p.out, "\r\x1b[K%s", line)
	p.shown = true
}

// Clear removes the live line, so that something else can be printed.
func (p *Progress) Clear() {
	if p.shown {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.shown = false
	}
	p.step = ""
}
