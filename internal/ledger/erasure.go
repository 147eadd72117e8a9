package ledger

import (
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/erasure"
)

// Erasure is what somebody asked for: that a person's data be erased.
type Erasure struct {
	Tenant  string
	ID      uuid.UUID        // the request's
	Subject *erasure.Subject // who it is; nil once it is done
	At      time.Time
	DoneAt  time.Time // zero until it is done
}

// Erased counts what was taken out.
type Erased struct {
	Members     int `json:"members"`
	Memberships int `json:"memberships"`
	Managers    int `json:"managers"` // members who had them as their manager
}
