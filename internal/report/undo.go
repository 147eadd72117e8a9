package report

import (
	"cmp"
	"fmt"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/terminal"
)

// undoes tells whether a run takes another one back.
func undoes(of run.Run) bool { return of.Result != nil && of.Result.Undoes != nil }

// undo says what an undo counted.
func (p page) undo(r run.Result) {
	p.line("Changes   %s", tally(r.Changes))
	if r.Failed > 0 {
		p.line("Failed    %s could not be applied", terminal.Count(r.Failed, "change", "changes"))
	}
	if r.Undoes.Skipped > 0 {
		p.line("Left      %s of that run left alone: changed since, or not to be undone", terminal.Count(r.Undoes.Skipped, "change", "changes"))
	}
	if r.Held != nil {
		p.line("%s%s, plan %s%s", heldLabel(r.Outcome), terminal.Count(r.Held.Changes, "change", "changes"), r.Held.Plan, replaced(r))
	}
	if r.Held != nil && r.Outcome == run.Held {
		p.line("To do     `starter approve %s %s --by WHO` applies exactly these changes, `starter reject` drops them.", r.Tenant, r.Held.Plan)
	}
	if r.Approved != nil {
		p.line("Approved  %s, plan %s; %d left out: changed since they were shown",
			terminal.Count(r.Approved.Removals, "change", "changes"), r.Approved.Plan, r.Approved.LeftOut)
	}
}

// replaced says why an undo was dropped, when nobody decided so.
func replaced(r run.Result) string {
	if r.Undoes.Replaced {
		return ": somebody asked for a sync instead"
	}
	return ""
}

// undoOutcomes say what the outcomes of an undo mean, where that is something else than a sync's.
var undoOutcomes = map[run.Outcome]outcomeView{
	run.Applied:   {"Undone", "good", "What that run did is taken back, as far as it still stood."},
	run.Unchanged: {"Nothing to undo", "quiet", "Nothing of that run is left that could be taken back. Nothing was written."},
	run.Held:      {"Held", "held", "This is what would be taken back. Nothing was written."},
	run.Rejected:  {"Rejected", "held", "The undo was dropped. Nothing was written."},
	run.Expired:   {"Expired", "held", "Nobody decided about the undo in time. Nothing was written."},
	run.Failed:    {"Failed", "bad", "The undo could not be completed."},
}

// undoTiles are an undo's numbers.
func undoTiles(r run.Result) []tile {
	list := []tile{
		{"Changes", grouped(r.Changes.Total()), fmt.Sprintf("%s back, %s out", grouped(r.Changes.Added+r.Changes.Returned), grouped(r.Changes.Departed)), ""},
		{"Left alone", grouped(r.Undoes.Skipped), "changed since, or not to be undone", ""},
	}
	if r.Failed > 0 {
		list = append(list, tile{"Not applied", grouped(r.Failed), "refused by the database", "bad"})
	}
	if r.Held != nil {
		list = append(list, tile{"Changes held", grouped(r.Held.Changes), "plan " + r.Held.Plan, "held"})
	}
	return list
}

// comparePart has what is left alone come last.
func comparePart(a, b plan.Part) int {
	if (a == plan.PartLeft) != (b == plan.PartLeft) {
		return map[bool]int{true: 1, false: -1}[a == plan.PartLeft]
	}
	return cmp.Compare(a, b)
}
