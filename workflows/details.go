package workflows

import (
	"fmt"
	"strings"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/guard"
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
		say("**%s: not applied**, plan `%s`.", h.Text(), h.Plan)
	}
	if a := s.Result.Approved; a != nil {
		say("Plan `%s` is approved: %s of it are still called for, and %d changes are left out, as a fresh read finds "+
			"them settled or changed.", a.Plan, a.Text(), a.LeftOut)
	}
	if n := s.Result.Withheld; n > 0 {
		say("**%d changes are withheld**: they were rejected or expired. That lasts until the directory says something "+
			"else about those people, or somebody resyncs by hand.", n)
	}
	return said
}

// held describes what waits for a decision, for how long, and how to decide.
func held(s Status, h Hold) []string {
	until := formatTime(h.Until)
	if h.Approved {
		return []string{fmt.Sprintf("**Approved: %s**, plan `%s`. Those that a fresh read still calls for "+
			"are applied. The approval expires at %s.", approvedText(h), h.Plan, until)}
	}
	said := []string{fmt.Sprintf("**Held: %s**, plan `%s`, since %s. They wait until a person decides. Everything else "+
		"is applied.", h.Held().Text(), h.Plan, formatTime(h.Since))}
	if h.Reminded {
		said[0] = "**Half of the time has passed and nobody has decided. The plan expires at " + until + ".** " +
			said[0]
	}
	if p := s.Planned; p.Limit+p.Removals > 0 {
		said = append(said, fmt.Sprintf("The plan removes %d members, and %d were removed without approval in the "+
			"last 24 hours. The tenant's limit is %d, and half of the memberships of one group.", p.Removals, p.Recent,
			p.Limit))
	}
	if h.Additions > 0 {
		said = append(said, limitText("adds or takes back %d people, and %d were added", s.Planned.Additions))
	}
	if h.Changes > 0 {
		said = append(said, limitText("changes the name, email, external id or role of %d members, or takes a value from "+
			"them, and %d were changed so", s.Planned.Updates))
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

// limitText says which limit a part of the plan exceeds.
func limitText(does string, of guard.Result) string {
	text := fmt.Sprintf("The plan "+does+" without approval in the last 24 hours.", of.Planned, of.Recent)
	if of.Limit > 0 {
		text += fmt.Sprintf(" The tenant's limit is %d.", of.Limit)
	}
	return text
}

// approvedText says what was approved of a held plan.
func approvedText(h Hold) string {
	if h.Only != "" {
		return fmt.Sprintf("the %s of %s", h.Only, h.Held().Text())
	}
	return h.Held().Text()
}
