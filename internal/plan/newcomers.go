package plan

import (
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Newcomers are the users of one chunk of the roster where all of them are new, and their rows name no groups: then what
// the plan says of them is that they are added, and the roster says the rest. A first load's plan is nearly nothing else.
type Newcomers struct {
	Chunk  int         `json:"chunk"` // its number
	Users  int         `json:"users"`
	Digest roster.Hash `json:"digest"` // of their additions, as a part's ID counts them
}

// MostNewcomers is the most of them that a batch may have.
const MostNewcomers = 2 * ChunkSize

// NewcomersOf are all users of a chunk, if they are newcomers.
func NewcomersOf(number int, users []roster.User) (n Newcomers, ok bool) {
	n = Newcomers{Chunk: number, Users: len(users)}
	var sum digest
	for i := range users {
		u := &users[i]
		if !u.New || len(u.Groups) > 0 && !u.Kept.Has(roster.Groups) {
			return Newcomers{}, false
		}
		sum.add(addition(u.Member))
	}
	n.Digest = roster.Hash(sum)
	return n, 0 < len(users) && len(users) <= MostNewcomers
}

func addition(member uuid.UUID) Change { return Change{Verb: Add, Member: member} }

// AddNewcomers adds newcomers, as a batch of their own: as if Add were given what Diff says of them.
func (b *Builder) AddNewcomers(n Newcomers) error {
	if err := b.flush(PartAdditions); err != nil {
		return err
	}
	p := b.parts[PartAdditions]
	p.sheet.Roster, p.sheet.changes = n.Chunk+1, n.Users
	p.digest = digest(roster.Hash(p.digest).Plus(n.Digest))
	p.summary.Counts.Added += n.Users
	return b.flush(PartAdditions)
}

// Additions are the changes of a batch of newcomers, who are users.
func (room *Room) Additions(users []roster.User) ([]Change, error) {
	return room.Changes(Input{Users: users})
}
