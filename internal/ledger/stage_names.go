package ledger

import "github.com/rollcall/rollcall/internal/plan"

// The stages of a run, each what one step leaves for the next. A plan's parts are stages of their own names.
const (
	StageUsers      = "users"       // rows that the index didn't know, and where the known ones were
	StageUsersAgain = "users_again" // all rows, where the first read could not rely on what is known
	StageGroups     = "groups"
	StageRoster     = "roster" // its seal is also that of StageIssues
	StageIssues     = "issues"
	StagePlan       = "plan"   // no chunks: its seal is that of the plan's parts
	StageReplay     = "replay" // no chunks: what came of a preview that simulated levels
)

// StageNames are all stages that a run may have.
func StageNames() []string {
	names := []string{StageUsers, StageUsersAgain, StageGroups, StageRoster, StageIssues, StagePlan, StageReplay}
	for _, part := range append(plan.Parts(), plan.PartLeft) {
		names = append(names, string(part))
	}
	return names
}
