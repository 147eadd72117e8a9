package check

import (
	"cmp"
	"slices"

	"github.com/rollcall/rollcall/internal/roster"
)

// unknownID is an accepted row whose external id no member has. It may be that of a member under a new id.
type unknownID struct {
	row     int32
	folded  uint64    // key of the id without case
	details [3]uint64 // keys of the row's details; 0: it says nothing
}

// person is what a comparison with a row needs of a member.
type person struct {
	known   roster.Known
	name    uint32
	folded  uint64 // key of the external id without case
	details [3]uint64
}

// details are the fields in which two records of one person agree.
func details(v *roster.Values) (keys [3]uint64) {
	for i, f := range [...]roster.Field{roster.Country, roster.BusinessUnit, roster.StartDate} {
		keys[i] = roster.Key(v[f])
	}
	return keys
}

func personOf(m *roster.Member) person {
	return person{
		known: m.Known, name: shortName(&m.Values), folded: roster.Key(roster.Fold(m.ExternalID)),
		details: details(&m.Values),
	}
}

// appendUnknown appends a row whose external id no member has.
func (c *Check) appendUnknown(rows []unknownID, u *roster.User, r stagedRow) []unknownID {
	if r.external == 0 || c.index.Len() == 0 {
		return rows
	}
	if r.owner >= 0 && (r.flags&flagByID != 0 || len(c.links.together) == 0) {
		return rows // a member without an external id may have a linked row
	}
	said := u.Values
	for f := range u.Kept.All() {
		if int(f) < roster.ValueCount {
			said[f] = ""
		}
	}
	return append(rows, unknownID{
		row: int32(u.Row), folded: roster.Key(roster.Fold(u.ExternalID)), details: details(&said),
	})
}

// relink finds the members to whom rows with an unknown external id belong:
//
//   - The row has the email and both names of a member whose own id is in no row, or whose row says inactive or
//     departed.
//   - The row has the member's id in other letter case, and the email or both names.
//
// If two members fit, or the member departed before and the row contradicts a detail, it is unclear: the row isn't
// used, and these members stay as they are.
func (c *Check) relink(lookUp Lookup) error {
	rows := c.unowned()
	if len(rows) == 0 {
		return nil
	}
	byFolded, err := c.lookUpCandidates(lookUp, rows)
	if err != nil {
		return err
	}
	taken := map[int]bool{}
	for _, at := range rows {
		fits := c.fitting(at, byFolded)
		p := c.stagedRef(at.place)
		switch {
		case len(fits) == 0, c.owner(p) >= 0:
		case len(fits) > 1, c.contradicts(at, fits[0]):
			*c.mark(p) |= markUnclear
			c.unclear[p] = fits
		case !taken[fits[0]]:
			taken[fits[0]] = true
			c.relinkTo(p, fits[0])
		}
	}
	return nil
}

// unowned is a row that belongs to no member.
type unowned struct {
	unknownID
	place int // in staged
}

// unowned returns the rows with an unknown external id that match no member, active ones first.
func (c *Check) unowned() []unowned {
	var rows []unowned
	for _, u := range c.unknown {
		place, ok := c.staged.find(int(u.row))
		if _, apart := c.unlinked[c.stagedRef(place)]; ok && !apart && c.staged.at(place).owner < 0 {
			rows = append(rows, unowned{u, place})
		}
	}
	ended := func(at unowned) int {
		if c.active(c.stagedRef(at.place)) {
			return 0
		}
		return 1
	}
	slices.SortFunc(rows, func(a, b unowned) int {
		return cmp.Or(cmp.Compare(ended(a), ended(b)), cmp.Compare(a.row, b.row))
	})
	return rows
}

// relinkable reports whether a row under another external id may belong to a member.
func (c *Check) relinkable(pos int) bool {
	return c.memberExternal(pos) != 0 && c.memberMarks[pos]&memberStays == 0 &&
		c.index.state(pos) != roster.StateGraceOver
}

// lookUpCandidates looks up the members to whom rows may belong. It returns them by the key of their folded id, if some
// row may have an id in another case.
func (c *Check) lookUpCandidates(lookUp Lookup, rows []unowned) (map[uint64][]int, error) {
	var positions []int32
	for pos := range c.index.Len() {
		if c.relinkable(pos) && c.memberMarks[pos]&memberIDTaken == 0 {
			positions = append(positions, int32(pos))
		}
	}
	for _, at := range rows {
		for pos := range c.index.ByEmail(*c.staged.email.At(at.place)) {
			if c.relinkable(pos) {
				positions = append(positions, int32(pos))
			}
		}
	}
	slices.Sort(positions)
	positions = slices.Compact(positions)
	if err := c.lookUp(lookUp, positions); err != nil {
		return nil, err
	}
	byFolded := map[uint64][]int{}
	for _, pos := range positions {
		if c.memberMarks[pos]&memberIDTaken == 0 {
			key := c.lookedUp[pos].folded
			byFolded[key] = append(byFolded[key], int(pos))
		}
	}
	rowsWith := map[uint64]int{}
	for _, at := range rows {
		if rowsWith[at.folded]++; rowsWith[at.folded] == 2 {
			delete(byFolded, at.folded) // neither of two rows whose ids differ in case only is the member's for sure
		}
	}
	return byFolded, nil
}

// fitting returns the positions of the members to whom a row may belong.
func (c *Check) fitting(at unowned, byFolded map[uint64][]int) []int {
	email, name := *c.staged.email.At(at.place), *c.staged.names.At(at.place)
	var fits []int
	for pos := range c.index.ByEmail(email) {
		if c.relinkable(pos) && name != 0 && c.lookedUp[int32(pos)].name == name {
			fits = append(fits, pos)
		}
	}
	for _, pos := range byFolded[at.folded] {
		sameEmail := email != 0 && *c.index.email.At(pos) == email
		if (sameEmail || name != 0 && c.lookedUp[int32(pos)].name == name) && !slices.Contains(fits, pos) {
			fits = append(fits, pos)
		}
	}
	return fits
}

// contradicts reports whether a row differs in a detail from a member who departed in an earlier sync.
func (c *Check) contradicts(at unowned, pos int) bool {
	member := c.lookedUp[int32(pos)]
	if c.index.state(pos) != roster.StateDeparted || member.folded == at.folded {
		return false
	}
	for i, detail := range at.details {
		if detail != 0 && member.details[i] != 0 && detail != member.details[i] {
			return true
		}
	}
	return false
}

// relinkTo gives the rows with the external id of p to a member. The ended rows with the member's own id are superseded.
func (c *Check) relinkTo(p rowRef, pos int) {
	c.eachWithExternal(c.memberExternal(pos), func(ended rowRef) bool {
		if c.owner(ended) == pos { // else it is linked to another member
			*c.mark(ended) |= markSuperseded
		}
		return true
	})
	for _, i := range c.external.find(c.externalOf(p)) {
		r := c.staged.at(int(i))
		r.owner = int32(pos)
		r.flags |= flagRelinked | flagMoved
	}
}
