package ledger

import (
	"time"

	"github.com/google/uuid"
)

// AuditRow is a change that was applied.
type AuditRow struct {
	Seq    int64 // ascending in a tenant, with gaps
	Run    uuid.UUID
	At     time.Time
	Op     string
	Member uuid.UUID         // uuid.Nil for a group's change
	Group  uuid.UUID         // uuid.Nil for a member's change
	Fields map[string][2]any // before and after; both nil once the member is deleted
	Why    string
}
