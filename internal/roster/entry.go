package roster

import "github.com/google/uuid"

// Entry is one member in the tenant's index. It holds only what matching and the rules about the whole roster need
// of every member, so that an index of a million members fits in memory. Package check looks up the rest for the
// few members whose rows share a key with other rows (check.Lookup).
type Entry struct {
	Member      uuid.UUID
	External    uint64 // Key of the external id
	Kind        uint64 // Key of the external kind
	Email       uint64 // Key of the email
	Manager     uint64 // Key of the manager's email
	State       EntryState
	HasRow      bool // the member has a known row: Known.Row is not zero
	HasWarnings bool // that row had warnings: Known.Issues is not zero
}

// EntryState is the state of a member in an Entry.
type EntryState uint8

// The states. A member whose grace time is over matches no row.
const (
	StateActive EntryState = iota
	StateInactive
	StateDeparted  // within the grace time
	StateGraceOver // departed longer ago than the grace time
)

// Present reports whether the member counts as present in the directory.
func (s EntryState) Present() bool { return s <= StateInactive }
