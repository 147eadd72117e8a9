package roster

import "github.com/google/uuid"

// Entry is one member in the tenant's index: all that matching and the rules about the whole roster need of everybody,
// and no more, so that an index of a million fits in memory and is read quickly. What else there is to know of the few
// whose rows share a key with others, the census asks for (Look).
type Entry struct {
	Member      uuid.UUID
	External    uint64 // Key of the external id
	Kind        uint64 // Key of the external kind
	Email       uint64 // Key of the email
	Manager     uint64 // Key of the manager's email
	State       State
	HasRow      bool // a row: Known.Row is not zero
	HasWarnings bool // that row had warnings: Known.Issues is not zero
}

// State is a member's state in an Entry.
type State uint8

// The states. Gone is departed with the grace time run out: such a member matches nobody any more.
const (
	StateActive State = iota
	StateInactive
	StateDeparted
	StateGraceOver
)

// Present tells whether the directory is taken to have the member.
func (s State) Present() bool { return s <= StateInactive }
