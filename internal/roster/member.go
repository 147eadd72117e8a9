package roster

import (
	"encoding/hex"
	"time"

	"github.com/google/uuid"
)

// The states of a member, as in Values[Status].
const (
	Active   = "active"
	Inactive = "inactive"
	Departed = "departed"
)

// Member is our profile of one person of one tenant.
type Member struct {
	ID           uuid.UUID
	Version      int64  // number of changes applied, from 1
	ExternalID   string // "" if unknown
	ExternalKind string // source and id column, as in "workday:Employee_ID"; "" if ExternalID is ""
	Values       Values
	DepartedAt   time.Time // zero unless departed
	CreatedAt    time.Time
	UpdatedAt    time.Time
	Known        Known // the row that the member matches
}

// Known describes the directory row that a member matches. The zero Known matches no row: the member has departed,
// one of its changes is withheld, or its row must be judged again.
type Known struct {
	Row     Hash       // of the raw row; zero: none
	Columns uint64     // mask of the columns that the row fills, numbered as in read.Columns
	Custom  uint64     // mask of the custom fields that the row fills, numbered as in read.Columns
	Issues  WarningSet // warnings of the row
	Content uint64     // ContentHash of the row: columns that no field uses don't count
}

// Group is a group on our side.
type Group struct {
	ID   uuid.UUID
	Key  string // the WorkOS group id, else the name
	Name string
}

// GroupsDigest is equal for the same groups of a tenant, in any order.
func GroupsDigest(groups []Group) string {
	var digest Hash
	for _, group := range groups {
		digest = digest.Plus(HashTexts("ours", group.Key, group.Name))
	}
	return hex.EncodeToString(digest[:])
}

// Membership says that a member is in a group.
type Membership struct {
	Group  uuid.UUID
	Member uuid.UUID
}
