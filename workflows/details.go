package workflows

import (
	"fmt"
	"strings"

	"github.com/rollcall/rollcall/activities"
)

// details are a workflow's current details, in Markdown. With them a sync can be followed in the Web UI alone.
func details(s Status) string {
	result := s.Result
	head := "**" + s.Step.title() + "**"
	if result.Undoes != nil && s.Step == Holding {
		head = "**The undo waits for a decision**"
	}
	if result.Outcome != "" && s.Step == Done {
		head += ": " + string(result.Outcome)
	}
	head += " · tenant `" + result.Tenant + "`"
	if result.Run != "" {
		head += " · run `" + result.Run + "`"
	}
	paragraphs := []string{head}
	if result.Error != nil {
		paragraphs = append(paragraphs, fmt.Sprintf("**%s**: %s", result.Error.Kind, result.Error.Detail),
			result.Error.Hint)
	}
	paragraphs = append(paragraphs, decisions(s)...)
	return strings.Join(append(paragraphs, counts(s)), "\n\n")
}

// decisions describe what is held, how to apply it, and the end of what was held before.
func decisions(s Status) []string {
	if s.Result.Undoes != nil {
		return undoDecisions(s)
	}
	var said []string
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	if s.Hold != nil {
		said = append(said, held(s, *s.Hold)...)
	} else if h := s.Result.Held; h != nil {
		say("**%d removals are not applied**, plan `%s`.", h.Removals, h.Plan)
	}
	if a := s.Result.Approved; a != nil {
		say("Plan `%s` is approved: of its removals %d are still called for, and %d are left out, as a fresh read "+
			"finds those people back or changed.", a.Plan, a.Removals, a.LeftOut)
	}
	if n := s.Result.Withheld; n > 0 {
		say("**%d removals are withheld**: they were rejected or expired. That lasts until those people have been in "+
			"the directory again, or somebody resyncs by hand.", n)
	}
	return said
}

// held describes what waits for a decision, for how long, and how to decide.
func held(s Status, h Hold) []string {
	until := formatTime(h.Until)
	if h.Approved {
		return []string{fmt.Sprintf("**Approved: %d removals**, plan `%s`. Those that a fresh read still calls for "+
			"are applied. The approval expires at %s.", h.Removals, h.Plan, until)}
	}
	said := []string{fmt.Sprintf("**Held: %d removals**, plan `%s`, since %s. Nobody is removed until a person "+
		"decides. Everything else is applied.", h.Removals, h.Plan, formatTime(h.Since))}
	if h.Reminded {
		said[0] = "**Half of the time has passed and nobody has decided. The plan expires at " + until + ".** " +
			said[0]
	}
	if p := s.Planned; p.Limit+p.Removals > 0 {
		said = append(said, fmt.Sprintf("The plan removes %d members, and %d were removed without approval in the "+
			"last 24 hours. The tenant's limit is %d, and half of the memberships of one group.", p.Removals, p.Recent,
			p.Limit))
	}
	tenant := s.Result.Tenant
	return append(said, fmt.Sprintf("| | |\n|---|---|\n"+
		"| Who | `starter report %s %s` |\n"+
		"| Release | `starter approve %s %s --by WHO` |\n"+
		"| Refuse | `starter reject %s %s --by WHO` |\n"+
		"| The directory was wrong | correct it there, then `starter resync %s` |\n"+
		"| Nobody decides | nothing is removed; the plan expires at %s |\n",
		tenant, h.Run, tenant, h.Plan, tenant, h.Plan, tenant, until))
}

// quarantined explains why a tick didn't sync.
func quarantined(tenant string, answer activities.AdmitResult) string {
	said := fmt.Sprintf("**Quarantined** since %s, because scheduled syncs failed in a row: one try a day.",
		formatTime(answer.Since))
	if !answer.Next.IsZero() {
		said += fmt.Sprintf(" The next is at %s.", formatTime(answer.Next))
	}
	return said + fmt.Sprintf(" It ends when one succeeds, or by `starter resync %s`.", tenant)
}

// counts is the table of what is known.
func counts(s Status) string {
	result := s.Result
	var lines []string
	line := func(name, text string) { lines = append(lines, "| "+name+" | "+text+" |") }
	if read := result.Snapshot; read.Users > 0 {
		line("Read", fmt.Sprintf("%d users, %d groups, %d memberships", read.Users, read.Groups, read.Memberships))
	}
	if rows := result.Rows; rows.Accepted+rows.Rejected > 0 {
		line("Rows", fmt.Sprintf("%d accepted, %d rejected, %d with warnings", rows.Accepted, rows.Rejected,
			rows.Warnings))
	}
	if planned := s.Planned.Changes; planned.Total() > 0 {
		line("Planned", planned.Summary())
		line("Batches", fmt.Sprintf("%d of %d applied", s.Planned.Applied, s.Planned.Batches))
	}
	if changes := result.Changes; changes.Total() > 0 {
		line("Applied", changes.Summary())
	}
	if result.Failed > 0 {
		line("Failed", fmt.Sprintf("%d changes could not be made: see `starter report`", result.Failed))
	}
	if s.Waiting {
		line("Next", "a resync waits: another round follows")
	}
	if len(lines) == 0 {
		return ""
	}
	return "| | |\n|---|---|\n" + strings.Join(lines, "\n") + "\n"
}
