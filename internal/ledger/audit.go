package ledger

import (
	"time"

	"github.com/google/uuid"
)

// AuditRow is an applied change as the audit stores it.
type AuditRow struct {
	Seq    int64 // ascending in a tenant, with gaps
	Run    uuid.UUID
	At     time.Time
	Op     string
	Member uuid.UUID         // uuid.Nil for a group's change
	Group  uuid.UUID         // uuid.Nil for a member's change
	Fields map[string][2]any // values before and after, by field; both are nil once the values are deleted
	Why    string
}
