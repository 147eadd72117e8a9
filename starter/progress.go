package main

import (
	"fmt"
	"time"

	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/terminal"
	"github.com/rollcall/rollcall/workflows"
)

// showStatus shows what a workflow answered.
func showStatus(p *terminal.Progress, id string, s workflows.Status) {
	step, counts := describe(s)
	if s.Waiting {
		counts = terminal.Join(counts, "another round follows")
	}
	var since time.Duration
	if !s.Since.IsZero() {
		since = time.Since(s.Since)
	}
	p.Show(id+" "+step, counts, since)
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
		return "weighs removals against the limit", terminal.Count(s.Planned.Removals, "removal", "removals")
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
			"plan " + s.Hold.Plan + ", expires " + terminal.Time(s.Hold.Until)
	case workflows.Done:
		return "is done", ""
	default:
		return string(s.Step), "" // of a newer worker
	}
}

func batches(p workflows.Planned) string {
	return terminal.Join(fmt.Sprintf("%d of %s", p.Applied, terminal.Count(p.Batches, "batch", "batches")),
		terminal.Count(p.Changes.Total(), "change", "changes"))
}

func read(s round.SnapshotCounts) string {
	return terminal.Join(terminal.Count(s.Users, "user", "users"), terminal.Count(s.Groups, "group", "groups"),
		terminal.Count(s.Memberships, "membership", "memberships"))
}
