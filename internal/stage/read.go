package stage

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
)

// Read is the result of the steps that read the directory.
type Read struct {
	Users  UsersRead  `json:"users"`
	Groups GroupsRead `json:"groups"`
}

// UsersRead is the result of a complete read of users. An incomplete read has no result.
type UsersRead struct {
	Stage  string `json:"stage"` // stage with the rows; "": none, see Known
	Users  int    `json:"users"`
	Staged int    `json:"staged"` // rows that were not known
	Digest string `json:"digest"`

	Known *AllKnown `json:"known,omitempty"` // set if nothing was staged
}

// EachRow reports whether each row was read in order to be judged, known or not.
func (u UsersRead) EachRow() bool { return u.Staged == u.Users }

// AllKnown describes users whose rows are all known. Everything else follows from the tenant's members and state.
type AllKnown struct {
	Source roster.Source `json:"source"`
	Filled []int         `json:"filled"` // rows in which each of the state's columns had a value
}

// GroupsRead is the result of a complete read of groups.
type GroupsRead struct {
	Groups      int    `json:"groups"`
	Memberships int    `json:"memberships"` // listed by group; 0 if users' rows name their groups
	Digest      string `json:"digest"`

	// Ours is the digest of the tenant's own groups if the directory has the same ones, so that nothing was staged.
	// Otherwise it is "".
	Ours string `json:"ours,omitempty"`

	// Others says that the known rows were judged by other groups, so that the names in them are resolved anew.
	Others bool `json:"others,omitempty"`
}

// LastVerdict returns the verdict on the snapshot that was applied last, or nil if it isn't stored.
func LastVerdict(ctx context.Context, store ReadStore, state ledger.State) (*RosterSummary, error) {
	last, err := store.Stage(ctx, state.LastRun, ledger.StageRoster)
	switch {
	case errors.Is(err, ledger.ErrNotFound), err == nil && !last.Sealed:
		return nil, nil //nolint:nilnil // there is none
	case err != nil:
		return nil, fmt.Errorf("read stage %s: %w", ledger.StageRoster, err)
	}
	summary, err := Summary[RosterSummary](last)
	return &summary, err
}
