package report

import (
	"cmp"
	"fmt"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/terminal"
)

// isUndo reports whether a run undoes another run.
func isUndo(of run.Run) bool { return of.Result != nil && of.Result.Undoes != nil }

// undo writes the counts of an undo.
func (p textWriter) undo(r run.Result) {
	p.line("Changes   %s", changesText(r.Changes))
	if r.Failed > 0 {
		p.line("Failed    %s could not be applied", terminal.Count(r.Failed, "change", "changes"))
	}
	if r.Undoes.Skipped > 0 {
		p.line("Left      %s of that run not undone: changed since, or impossible to undo",
			terminal.Count(r.Undoes.Skipped, "change", "changes"))
	}
	if r.Held != nil {
		p.line("%s%s, plan %s%s", heldLabel(r.Outcome), terminal.Count(r.Held.Changes, "change", "changes"),
			r.Held.Plan, replacedText(r))
	}
	if r.Held != nil && r.Outcome == run.Held {
		p.line("To do     Apply exactly these changes with `starter approve %s %s --by WHO`, or drop them with "+
			"`starter reject`.", r.Tenant, r.Held.Plan)
	}
	if r.Approved != nil {
		p.line("Approved  %s, plan %s; %d skipped: changed since",
			terminal.Count(r.Approved.Removals, "change", "changes"), r.Approved.Plan, r.Approved.LeftOut)
	}
}

// replacedText says that a resync dropped the undo. It returns "" otherwise.
func replacedText(r run.Result) string {
	if r.Undoes.Replaced {
		return ": a resync replaced the undo"
	}
	return ""
}

// undoOutcomes describe the outcomes of an undo.
var undoOutcomes = map[run.Outcome]outcomeView{
	run.Applied:   {"Undone", "good", "The changes of that run are undone, except values that have changed since."},
	run.Unchanged: {"Nothing to undo", "quiet", "That run has no changes left to undo. Nothing was written."},
	run.Held:      {"Held", "held", "The changes below await approval. Nothing was written."},
	run.Rejected:  {"Rejected", "held", "The undo was dropped. Nothing was written."},
	run.Expired:   {"Expired", "held", "The undo expired without a decision. Nothing was written."},
	run.Failed:    {"Failed", "bad", "The undo could not be completed."},
}

// undoTiles returns the numbers of an undo.
func undoTiles(r run.Result) []tile {
	list := []tile{
		{"Changes", grouped(r.Changes.Total()), fmt.Sprintf("%s back, %s out",
			grouped(r.Changes.Added+r.Changes.Returned), grouped(r.Changes.Departed)), ""},
		{"Not undone", grouped(r.Undoes.Skipped), "changed since, or impossible to undo", ""},
	}
	if r.Failed > 0 {
		list = append(list, tile{"Not applied", grouped(r.Failed), "refused by the database", "bad"})
	}
	if r.Held != nil {
		list = append(list, tile{"Changes held", grouped(r.Held.Changes), "plan " + r.Held.Plan, "held"})
	}
	return list
}

// comparePart compares parts for sorting. The part of changes that an undo leaves alone comes last.
func comparePart(a, b plan.Part) int {
	if (a == plan.PartLeft) != (b == plan.PartLeft) {
		return map[bool]int{true: 1, false: -1}[a == plan.PartLeft]
	}
	return cmp.Compare(a, b)
}
