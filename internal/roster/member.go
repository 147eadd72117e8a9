package roster

import (
	"time"

	"github.com/google/uuid"
)

// The states of a member, as in Values[Status].
const (
	Active   = "active"
	Inactive = "inactive"
	Departed = "departed"
)

// Member is the profile that we keep of one person of one tenant.
type Member struct {
	ID           uuid.UUID
	Version      int64  // counts the changes applied to it, from 1
	ExternalID   string // "" when not known
	ExternalKind string // source and id column, as "workday:Employee_ID"; "" when ExternalID is
	Values       Values
	DepartedAt   time.Time // zero unless departed
	CreatedAt    time.Time
	UpdatedAt    time.Time
	Known        Known // what the index keeps of the row that made it what it is
}

// Known is what the index remembers of the directory row that a member was last brought in step with. The zero
// Known matches no row: the member is departed, or a change of it is withheld, or its row must be judged anew.
type Known struct {
	Row     Hash       // of the raw row; zero: none
	Columns uint64     // bits of the columns filled in that row, numbered by Columns.Names
	Issues  WarningSet // warnings that the row had
	Content uint64     // hash of what the row says, normalised: equal for rows that differ only in columns that no field uses
}

// Group is a group as we keep it.
type Group struct {
	ID   uuid.UUID
	Key  string // WorkOS group id, else the name
	Name string
}

// Membership is one member in one group.
type Membership struct {
	Group  uuid.UUID
	Member uuid.UUID
}
