package roster

import "github.com/google/uuid"

// Entry is one member in the tenant's index: all that fetching, matching and the rules about the whole roster need,
// and no more, so that an index of a million fits in memory.
type Entry struct {
	Member   uuid.UUID
	Known    Known
	External uint64 // Key of the external id
	Kind     uint64 // Key of the external kind
	Email    uint64 // Key of the email
	Manager  uint64 // Key of the manager's email
	State    State
}

// State is a member's state in an Entry.
type State uint8

// The states. Gone is departed with the grace time run out: such a member matches nobody any more.
const (
	StateActive State = iota
	StateInactive
	StateDeparted
	StateGone
)

// present tells whether the directory is taken to have the member.
func (s State) present() bool { return s <= StateInactive }
