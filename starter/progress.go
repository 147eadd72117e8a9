package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"

	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

// progress shows how far a sync is: on a terminal as one live line, elsewhere as a line for each step.
type progress struct {
	out   io.Writer
	live  bool
	step  string // shown last, where not live
	shown bool   // a live line stands there
}

func newProgress(out io.Writer) *progress {
	file, ok := out.(*os.File)
	return &progress{out: out, live: ok && isatty.IsTerminal(file.Fd())}
}

// lineWidth is the widest live line: a longer one would wrap and stay.
const lineWidth = 79

// show shows the present step, with what else there is to say about it, and how long it has taken.
func (p *progress) show(step, counts string, since time.Duration) {
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

// clear takes the live line away, so that something else can be printed.
func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.shown = false
	}
	p.step = ""
}

// status shows what a workflow answered.
func (p *progress) status(id string, s workflows.Status) {
	step, counts := describe(s)
	if s.Waiting {
		counts = join(counts, "another round follows")
	}
	var since time.Duration
	if !s.Since.IsZero() {
		since = time.Since(s.Since)
	}
	p.show(id+" "+step, counts, since)
}

// describe says in words what a round is at, and in numbers how far.
func describe(s workflows.Status) (step, counts string) {
	snapshot := ""
	if s.Result.Snapshot != (round.SnapshotCounts{}) {
		snapshot = read(s.Result.Snapshot)
	}
	switch s.Step {
	case workflows.Beginning:
		return "is beginning", ""
	case workflows.Fetching:
		return "reads the directory", snapshot
	case workflows.Validating:
		return "checks what was read", snapshot
	case workflows.Diffing:
		return "works out what changed", snapshot
	case workflows.Reversing:
		return "works out what takes the run back", ""
	case workflows.Guarding:
		return "weighs removals against the limit", counted(s.Planned.Removals, "removal", "removals")
	case workflows.Adding:
		return "applies additions and updates", batches(s.Planned)
	case workflows.Removing:
		return "applies removals", batches(s.Planned)
	case workflows.Finishing:
		return "records the outcome", ""
	case workflows.Holding:
		if s.Hold == nil {
			return "holds removals", ""
		}
		return "holds " + heldCount(s.Hold.Removals, s.Hold.Changes),
			"plan " + s.Hold.Plan + ", expires " + clock(s.Hold.Until)
	case workflows.Done:
		return "is done", ""
	default:
		return string(s.Step), "" // of a newer worker
	}
}

func batches(p workflows.Planned) string {
	return join(fmt.Sprintf("%d of %s", p.Applied, counted(p.Batches, "batch", "batches")),
		counted(p.Changes.Total(), "change", "changes"))
}

func read(s round.SnapshotCounts) string {
	return join(counted(s.Users, "user", "users"), counted(s.Groups, "group", "groups"),
		counted(s.Memberships, "membership", "memberships"))
}

// join puts commas between what isn't empty.
func join(parts ...string) string {
	joined := ""
	for _, part := range parts {
		if joined != "" && part != "" {
			joined += ", "
		}
		joined += part
	}
	return joined
}
