package plan

import (
	"iter"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// Identity holds what no two members may share: the email, and among present members the external id, each as a
// roster.Key.
type Identity struct {
	Email, Kind, External uint64
	Present               bool // active or inactive
}

// IdentityOf returns a member's identity. nil has the zero Identity.
func IdentityOf(m *roster.Member) Identity {
	if m == nil {
		return Identity{}
	}
	return Identity{
		Email: roster.Key(m.Values[roster.Email]), Kind: roster.Key(m.ExternalKind), External: roster.Key(m.ExternalID),
		Present: m.Values[roster.Status] != roster.Departed,
	}
}

// claims returns what no other member may have.
func (i Identity) claims() (claims []claim) {
	if i.Email != 0 {
		claims = append(claims, claim{key: i.Email})
	}
	if i.Present && i.External != 0 {
		claims = append(claims, claim{i.Kind, i.External, true})
	}
	return claims
}

// claim is an email, or an external id of a kind.
type claim struct {
	kind, key uint64
	external  bool
}

// Clashes returns the members in wanted who can't get their wanted identity, because another present member has the
// email or the external id and keeps it. If the others get theirs, no two of them share one, provided that no two
// members did before. entries are all members with their current identities. An error in entries is returned.
func Clashes(entries iter.Seq2[roster.Entry, error], wanted map[uuid.UUID]Identity) (map[uuid.UUID]bool, error) {
	c := clashes{
		current: map[uuid.UUID]Identity{}, wanted: wanted, blocked: map[uuid.UUID]bool{},
		holders: map[claim][]uuid.UUID{}, seekers: map[claim][]uuid.UUID{},
	}
	for id, identity := range wanted {
		for _, of := range identity.claims() {
			c.seekers[of] = append(c.seekers[of], id)
		}
	}
	for e, err := range entries {
		if err != nil {
			return nil, err
		}
		now := Identity{
			Email: e.Email, Kind: e.Kind, External: e.External,
			Present: e.State == roster.StateActive || e.State == roster.StateInactive,
		}
		if _, is := wanted[e.Member]; is {
			c.current[e.Member] = now
		}
		if !now.Present {
			continue // a departed member gives its email away
		}
		for _, of := range now.claims() {
			if c.seekers[of] != nil {
				c.holders[of] = append(c.holders[of], e.Member)
			}
		}
	}
	return c.resolve(), nil
}

// clashes is the state of Clashes.
type clashes struct {
	current map[uuid.UUID]Identity
	wanted  map[uuid.UUID]Identity
	blocked map[uuid.UUID]bool
	holders map[claim][]uuid.UUID // members who have it
	seekers map[claim][]uuid.UUID // members who should get it
}

// resolve finds the blocked members. A blocked member keeps what others may need, so those are checked again.
func (c *clashes) resolve() map[uuid.UUID]bool {
	todo := slices.SortedFunc(maps.Keys(c.wanted), byID)
	for len(todo) > 0 {
		id := todo[0]
		todo = todo[1:]
		if c.blocked[id] || !c.isBlocked(id) {
			continue
		}
		c.blocked[id] = true
		for _, of := range c.current[id].claims() {
			todo = append(todo, slices.SortedFunc(slices.Values(c.seekers[of]), byID)...)
		}
	}
	return c.blocked
}

// isBlocked reports whether another member will have what id should get.
func (c *clashes) isBlocked(id uuid.UUID) bool {
	var has []claim
	if now := c.current[id]; now.Present { // a departed member may have an email that somebody else has too
		has = now.claims()
	}
	for _, of := range c.wanted[id].claims() {
		if slices.Contains(has, of) {
			continue // the member has it already
		}
		for _, other := range c.holders[of] {
			if _, moves := c.wanted[other]; other != id && (!moves || c.blocked[other]) {
				return true
			}
		}
		for _, other := range c.seekers[of] {
			if other != id && !c.blocked[other] {
				return true
			}
		}
	}
	return false
}
