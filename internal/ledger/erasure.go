package ledger

import (
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/erasure"
)

// Erasure is a request to erase a person's data.
type Erasure struct {
	Tenant  string
	ID      uuid.UUID        // the request's id
	Subject *erasure.Subject // the person; nil once the erasure is done
	At      time.Time
	DoneAt  time.Time // zero until it is done
}

// Erased counts the rows that an erasure deleted or changed.
type Erased struct {
	Members     int `json:"members"`
	Memberships int `json:"memberships"`
	Managers    int `json:"managers"` // members whose manager the person was
}
