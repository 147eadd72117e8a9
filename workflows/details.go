package workflows

import (
	"fmt"
	"strings"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/run"
)

// details are a workflow's current details: Markdown for the Web UI, so that a sync can be followed without our tools.
func details(s Status) string {
	result := s.Result
	head := "**" + s.Step.words() + "**"
	if result.Outcome != "" && s.Step == Done {
		head += ": " + string(result.Outcome)
	}
	head += " · tenant `" + result.Tenant + "`"
	if result.Run != "" {
		head += " · run `" + result.Run + "`"
	}
	paragraphs := []string{head}
	if result.Error != nil {
		paragraphs = append(paragraphs, fmt.Sprintf("**%s**: %s", result.Error.Kind, result.Error.Detail), result.Error.Hint)
	}
	if result.Held != nil {
		paragraphs = append(paragraphs, held(s)...)
	}
	return strings.Join(append(paragraphs, counts(s)), "\n\n")
}

// held says what is withheld, why, and how it gets applied.
func held(s Status) []string {
	h := s.Result.Held
	return []string{
		fmt.Sprintf("**Held: %d removals**, plan `%s`. The plan removes %d members and %d were removed in the last 24 hours; "+
			"the tenant's limit is %d, and half of the memberships of one group. Everything else is applied.",
			h.Removals, h.Plan, s.Planned.Removals, s.Planned.Recent, s.Planned.Limit),
		"If the directory is wrong, put it right there and resync. If the removals are right, raise `guard` in tenants.yaml, " +
			"run `starter apply` and resync.",
	}
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
		line("Rows", fmt.Sprintf("%d accepted, %d rejected, %d with warnings", rows.Accepted, rows.Rejected, rows.Warnings))
	}
	if planned := s.Planned.Changes; planned.Total() > 0 {
		line("Planned", list(planned))
		line("Batches", fmt.Sprintf("%d of %d applied", s.Planned.Applied, s.Planned.Batches))
	}
	if changes := result.Changes; changes.Total() > 0 {
		line("Applied", list(changes))
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

// list names the counts that aren't zero.
func list(c run.ChangeCounts) string {
	var parts []string
	for _, each := range []struct {
		count int
		name  string
	}{
		{c.Added, "added"},
		{c.Updated, "updated"},
		{c.Deactivated, "deactivated"},
		{c.Reactivated, "reactivated"},
		{c.Departed, "departed"},
		{c.Returned, "returned"},
		{c.Deleted, "deleted"},
		{c.GroupsAdded, "groups added"},
		{c.GroupsUpdated, "groups updated"},
		{c.GroupsRemoved, "groups removed"},
		{c.MembershipsAdded, "memberships added"},
		{c.MembershipsRemoved, "memberships removed"},
	} {
		if each.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", each.count, each.name))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// Summaries of activities, fixed when they are scheduled: what they are about to do.

func validateSummary(users activities.FetchUsersResult, groups activities.FetchGroupsResult) string {
	return fmt.Sprintf("Check %d users (%d rows new or changed) and %d groups", users.Users, users.Staged, groups.Groups)
}

func diffSummary(rows run.RowCounts) string {
	return fmt.Sprintf("Work out changes: %d rows accepted, %d rejected", rows.Accepted, rows.Rejected)
}

func guardSummary(p activities.Plan) string {
	return fmt.Sprintf("Weigh %d removals of members against the limit", p.Leaving)
}

func applySummary(in activities.ApplyInput, batches int) string {
	if in.To-in.From == 1 {
		return fmt.Sprintf("Apply %s: batch %d of %d", in.Part, in.To, batches)
	}
	return fmt.Sprintf("Apply %s: batches %d to %d of %d", in.Part, in.From+1, in.To, batches)
}

// words are what a step is in words.
func (s Step) words() string {
	switch s {
	case Beginning:
		return "Beginning"
	case Fetching:
		return "Reading the directory"
	case Validating:
		return "Checking what was read"
	case Diffing:
		return "Working out what changed"
	case Guarding:
		return "Weighing removals against the limit"
	case Adding:
		return "Applying additions, updates and returns"
	case Removing:
		return "Applying removals"
	case Finishing:
		return "Recording the outcome"
	case Done:
		return "Done"
	default:
		return string(s)
	}
}
