package ledger

import "github.com/google/uuid"

// Claim announces a plan before its first batch is applied.
type Claim struct {
	Tenant     string
	Run        uuid.UUID
	Plan       string // the plan's id; a run may have several, as a held one beside what was applied at once
	Generation int64  // the generation of the State from which the plan was made
	Changes    int    // the number of changes in all batches
	Batches    int
}
