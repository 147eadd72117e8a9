package ledger

import "github.com/rollcall/rollcall/internal/plan"

// The stages of a run. Each holds what one step leaves for the next. The parts of a plan are stages too.
const (
	StageUsers      = "users"       // rows that aren't known, and the positions of known rows
	StageUsersAgain = "users_again" // all rows, if the first read could not rely on known rows
	StageGroups     = "groups"
	StageRoster     = "roster" // its seal also seals StageIssues
	StageIssues     = "issues"
	StagePlan       = "plan"   // no chunks; its seal also seals the plan's parts
	StageReplay     = "replay" // no chunks; its summary is the result of a preview that simulated levels
)

// StageNames returns the names of all stages that a run may have.
func StageNames() []string {
	names := []string{StageUsers, StageUsersAgain, StageGroups, StageRoster, StageIssues, StagePlan, StageReplay}
	for _, part := range append(plan.Parts(), plan.PartLeft) {
		names = append(names, string(part))
	}
	return names
}
