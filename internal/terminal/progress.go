package terminal

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
)

// Progress shows the progress of an operation. On a terminal it updates one line. Elsewhere it writes one line for each
// step.
type Progress struct {
	out   io.Writer
	live  bool   // out is a terminal
	step  string // the last step written, if out is no terminal
	drawn bool   // the live line is on the screen
}

// NewProgress returns a Progress that writes to out.
func NewProgress(out io.Writer) *Progress {
	file, ok := out.(*os.File)
	return &Progress{out: out, live: ok && isatty.IsTerminal(file.Fd())}
}

// lineWidth limits the width of the live line. A line that wraps would not be erased completely.
const lineWidth = 79

// Show shows the current step, its counts, and its duration so far. Counts may be "".
func (p *Progress) Show(step, counts string, elapsed time.Duration) {
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
	if elapsed >= time.Second {
		line += fmt.Sprintf(" (%s)", elapsed.Round(time.Second))
	}
	if runes := []rune(line); len(runes) > lineWidth {
		line = string(runes[:lineWidth-1]) + "…"
	}
	fmt.Fprintf(p.out, "\r\x1b[K%s", line)
	p.drawn = true
}

// Clear erases the live line, so that other text can be printed.
func (p *Progress) Clear() {
	if p.drawn {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.drawn = false
	}
	p.step = ""
}
