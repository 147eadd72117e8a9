package monitor

import (
	"errors"
	"fmt"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/terminal"
	"github.com/rollcall/rollcall/workflows"
)

// Text describes for people the progress of the open sync, or the result of the last one.
func (s Status) Text() string {
	text := s.syncText() + s.Quarantined.text(s.Tenant)
	if s.Degraded {
		text += s.Tenant + " is degraded: more than a tenth of its rows are rejected\n"
	}
	return text
}

func (s Status) syncText() string {
	switch {
	case s.Open && s.Step == nil:
		return fmt.Sprintf("%s: a sync is open, but no worker answers on task queue %s\n", s.Tenant, s.taskQueue)
	case s.Open && *s.Step == workflows.Holding && s.Hold != nil:
		return s.holdText()
	case s.Open:
		return s.openText()
	case s.Result == nil:
		return fmt.Sprintf("%[1]s: not synced yet. Run `starter resync %[1]s --wait`.\n", s.Tenant)
	}
	text := endText(*s.Result)
	if s.Result.Outcome == run.Held {
		text += "The sync that held the plan was terminated. Run `starter resync " + s.Tenant +
			"` to plan the removals again.\n"
	}
	return text
}

func (s Status) openText() string {
	step, counts := stepText(workflows.Status{Step: *s.Step, Planned: *s.Planned, Result: *s.Result})
	line := s.Tenant + " " + step
	if counts != "" {
		line += ": " + counts
	}
	if s.Since != nil {
		line += ", since " + terminal.Time(*s.Since)
	}
	if s.Waiting {
		line += "; another round follows"
	}
	if s.Hold != nil {
		line += "; " + s.Hold.Held().Text() + " held, plan " + s.Hold.Plan
	}
	return line + "\n"
}

// holdText describes the held plan, when it expires, and the result of the round that made it.
func (s Status) holdText() string {
	state := "waits for a decision"
	switch {
	case s.Hold.Approved:
		state = "is approved, but reading the directory again has failed; the next tick retries"
	case s.Hold.Reminded:
		state = "waits for a decision, and half of its time has passed"
	}
	held := s.Hold.Held().Text()
	since, until := terminal.Time(s.Hold.Since), terminal.Time(s.Hold.Until)
	return fmt.Sprintf("%s holds %s since %s: plan %s %s; it expires %s\n",
		s.Tenant, held, since, s.Hold.Plan, state, until) + endText(*s.Result)
}

// endText describes the result of a sync, with its error.
func endText(r run.Result) string {
	text := ResultText(r)
	if e := r.Error; e != nil {
		text += fmt.Sprintf("  error    %s (%s)\n%s\n", e.Detail, e.Kind, e.Hint)
	}
	return text
}

// stepText describes the step of a round and its progress.
func stepText(s workflows.Status) (step, counts string) {
	snapshot := ""
	if s.Result.Snapshot != (run.SnapshotCounts{}) {
		snapshot = snapshotText(s.Result.Snapshot)
	}
	switch s.Step {
	case workflows.Beginning:
		return "is beginning", ""
	case workflows.Fetching:
		return "reads the directory", snapshot
	case workflows.Validating:
		return "validates the snapshot", snapshot
	case workflows.Diffing:
		return "compares with the members", snapshot
	case workflows.Reversing:
		return "plans the undo", ""
	case workflows.Guarding:
		return "checks removals against the limit", removals(s.Planned.Removals)
	case workflows.Adding:
		return "applies additions and updates", batchesText(s.Planned)
	case workflows.Removing:
		return "applies removals", batchesText(s.Planned)
	case workflows.Finishing:
		return "records the outcome", ""
	case workflows.Holding:
		if s.Hold == nil {
			return "holds removals", ""
		}
		return "holds " + s.Hold.Held().Text(),
			"plan " + s.Hold.Plan + ", expires " + terminal.Time(s.Hold.Until)
	case workflows.Done:
		return "is done", ""
	default:
		return string(s.Step), "" // a step of a newer worker
	}
}

func batchesText(p workflows.Planned) string {
	batches := terminal.Count(p.Batches, "batch", "batches")
	return terminal.Join(fmt.Sprintf("%d of %s", p.Applied, batches), changes(p.Changes.Total()))
}

func snapshotText(s run.SnapshotCounts) string {
	return terminal.Join(terminal.Count(s.Users, "user", "users"), terminal.Count(s.Groups, "group", "groups"),
		terminal.Count(s.Memberships, "membership", "memberships"))
}

func removals(n int) string { return terminal.Count(n, "removal", "removals") }
func changes(n int) string  { return terminal.Count(n, "change", "changes") }

// ResultText describes for people the result of a sync or an undo. FailureOf returns the reason of a failure.
func ResultText(r run.Result) string {
	text := fmt.Sprintf("%s: %s", r.Tenant, r.Outcome)
	if took := terminal.Elapsed(r.Started, r.Finished); took != "" {
		text += " in " + took
	}
	if r.Run != "" {
		text += ", run " + r.Run
	}
	text += "\n"
	if r.Snapshot != (run.SnapshotCounts{}) {
		text += fmt.Sprintf("  read     %s\n  rows     %s\n", snapshotText(r.Snapshot), r.Rows.Summary())
	}
	if r.Outcome != run.Failed {
		text += fmt.Sprintf("  changes  %s\n", r.Changes.Summary())
	}
	if r.Changes.Drift > 0 {
		text += fmt.Sprintf("  drift    %d of them corrected edits made outside Rollcall\n", r.Changes.Drift)
	}
	if r.Failed > 0 {
		text += fmt.Sprintf("  failed   %s not applied: the database refused them\n", changes(r.Failed))
	}
	if r.Undoes != nil {
		text += undoText(r)
	} else {
		text += decisionText(r)
	}
	if r.Outcome == run.Held && r.Held != nil {
		text += fmt.Sprintf("Show the plan:    starter report %[1]s %[2]s\nApprove the plan: starter approve %[1]s "+
			"%[3]s --by WHO\n"+
			"Reject the plan:  starter reject %[1]s %[3]s --by WHO\n", r.Tenant, r.Run, r.Held.Plan)
	}
	if r.Rows.Rejected+r.Rows.Warnings > 0 {
		text += fmt.Sprintf("Rows to correct:  starter report %s %s\n", r.Tenant, r.Run)
	}
	return text
}

// decisionText describes the removals in a sync's result that needed a decision.
func decisionText(r run.Result) (lines string) {
	if r.Held != nil {
		label, why := "held    ", "they exceed the guard's limit"
		if r.Outcome == run.Rejected || r.Outcome == run.Expired {
			label, why = fmt.Sprintf("%-8s", r.Outcome),
				"withheld until those people have been in the directory again, or until a resync"
		}
		lines += fmt.Sprintf("  %s %s not applied: %s; plan %s\n", label, r.Held.Text(), why, r.Held.Plan)
	}
	if r.Approved != nil {
		lines += fmt.Sprintf("  approved %s; %d skipped, since this read does not call for them; plan %s\n",
			r.Approved.Text(), r.Approved.LeftOut, r.Approved.Plan)
	}
	if r.Withheld > 0 {
		lines += fmt.Sprintf("  withheld %s that were rejected or had expired earlier\n", changes(r.Withheld))
	}
	return lines
}

// undoText describes the changes in an undo's result.
func undoText(r run.Result) string {
	lines := fmt.Sprintf("  undoes   run %s\n", r.Undoes.Run)
	if r.Undoes.Skipped > 0 {
		lines += fmt.Sprintf("  left     %s of that run not undone: changed since, or impossible to undo\n",
			changes(r.Undoes.Skipped))
	}
	if r.Held != nil {
		why := "an undo always needs a decision"
		switch {
		case r.Undoes.Replaced:
			why = "a resync replaced the undo"
		case r.Outcome == run.Rejected:
			why = "the undo is dropped"
		case r.Outcome == run.Expired:
			why = "the undo expired without a decision"
		}
		lines += fmt.Sprintf("  %-8s %s not applied: %s; plan %s\n", r.Outcome, changes(r.Held.Changes), why,
			r.Held.Plan)
	}
	if r.Approved != nil {
		lines += fmt.Sprintf("  approved %s; %d skipped, since they have changed; plan %s\n",
			changes(r.Approved.Removals), r.Approved.LeftOut, r.Approved.Plan)
	}
	return lines
}

// FailureOf returns an error with the reason why a sync or an undo failed, and with the hint what to do.
func FailureOf(r run.Result) error {
	what := "sync"
	if r.Undoes != nil {
		what = "undo"
	}
	if r.Error == nil {
		return fmt.Errorf("the %s of %s failed", what, r.Tenant)
	}
	message := fmt.Sprintf("the %s of %s failed: %s (%s)", what, r.Tenant, r.Error.Detail, r.Error.Kind)
	if r.Error.Hint != "" {
		message += "\n" + r.Error.Hint
	}
	return errors.New(message)
}
