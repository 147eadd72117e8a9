package workflows

import (
	"fmt"
	"time"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/run"
)

func formatTime(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

// The summary of an activity is fixed when the activity is scheduled. It says what the activity will do.

func validateSummary(read activities.Read) string {
	return fmt.Sprintf("Check %d users (%d rows new or changed) and %d groups",
		read.Users.Users, read.Users.Staged, read.Groups.Groups)
}

func diffSummary(rows run.RowCounts) string {
	return fmt.Sprintf("Work out changes: %d rows accepted, %d rejected", rows.Accepted, rows.Rejected)
}

func guardSummary(p activities.Plan) string {
	return fmt.Sprintf("Check %d removals of members against the limit", p.Leaving)
}

func recordSummary(outcome run.Outcome) string { return "Record the outcome: " + string(outcome) }

func applySummary(in activities.ApplyInput, batches int) string {
	if in.To-in.From == 1 {
		return fmt.Sprintf("Apply %s: batch %d of %d", in.Part, in.To, batches)
	}
	return fmt.Sprintf("Apply %s: batches %d to %d of %d", in.Part, in.From+1, in.To, batches)
}

// title describes a step to people.
func (s Step) title() string {
	switch s {
	case Beginning:
		return "Beginning"
	case Fetching:
		return "Reading the directory"
	case Validating:
		return "Checking what was read"
	case Diffing:
		return "Working out what changed"
	case Reversing:
		return "Working out how to undo the run"
	case Guarding:
		return "Checking removals against the limit"
	case Adding:
		return "Applying additions, updates and returns"
	case Removing:
		return "Applying removals"
	case Finishing:
		return "Recording the outcome"
	case Holding:
		return "Removals wait for a decision"
	case Done:
		return "Done"
	default:
		return string(s)
	}
}
