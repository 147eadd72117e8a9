package check

import (
	"slices"

	"github.com/rollcall/rollcall/internal/roster"
)

// links are what people decided about external ids of the report's kind, by the key of the folded id: ids that differ in
// letter case only are the same id.
type links struct {
	together map[uint64][]linkedID
	apart    map[uint64][]int32 // positions of the members whose id it isn't
}

// linkedID is an id that is that of a member by a link.
type linkedID struct {
	pos      int32
	external uint64
	rank     int
}

// Of several rows of a linked member, that of the lowest rank is used.
const (
	rankDecided = iota
	rankOwn     // the member's own id
	rankFormer  // and above: ids that the member had before, from the newest
)

// linkedRow is a row whose id a link names.
type linkedRow struct {
	row    int32
	folded uint64 // key of the folded id
}

// rankedRow is a row of a linked member.
type rankedRow struct {
	row  rowRef
	rank int
}

// newLinks returns the links that apply. It leaves out those of members who are gone.
func (c *Check) newLinks(list []roster.Link) links {
	l := links{together: map[uint64][]linkedID{}, apart: map[uint64][]int32{}}
	for i, link := range list {
		pos, ok := c.index.ByMember(link.Member)
		if !ok || c.kind == 0 || link.Kind != 0 && link.Kind != c.kind ||
			c.index.state(pos) == roster.StateGraceOver {
			continue
		}
		at := int32(pos) //nolint:gosec // the index bounds it
		if link.Apart {
			l.apart[link.Folded] = append(l.apart[link.Folded], at)
			continue
		}
		rank := rankDecided
		if link.Former {
			rank = rankFormer + i
		}
		l.together[link.Folded] = append(l.together[link.Folded], linkedID{at, link.External, rank})
	}
	return l
}

// appendLinked appends a row if a link names its id.
func (l *links) appendLinked(rows []linkedRow, u *roster.User) []linkedRow {
	if len(l.together) == 0 && len(l.apart) == 0 || u.ExternalID == "" {
		return rows
	}
	folded := roster.Key(roster.Fold(u.ExternalID))
	if len(l.together[folded]) == 0 && len(l.apart[folded]) == 0 {
		return rows
	}
	return append(rows, linkedRow{int32(u.Row), folded}) //nolint:gosec // rows are bounded
}

// ownLinked gives the rows whose ids links name to the members whose they are, or to nobody.
func (c *Check) ownLinked() {
	for _, at := range c.linked {
		place, ok := c.staged.find(int(at.row))
		if !ok {
			continue
		}
		row, p := c.staged.row(place), c.stagedRef(place)
		if id, linked := c.linkOf(row, at.folded); linked {
			c.ownByLink(row, p, id)
		} else if apart := c.links.apart[at.folded]; len(apart) > 0 && !c.held(row, apart...) {
			row.owner = -1
			row.flags = row.flags&^flagByID | flagMoved
			c.unlinked[p] = apart
		}
	}
}

func (c *Check) ownByLink(row stagedRow, p rowRef, id linkedID) {
	if row.owner != id.pos {
		row.flags |= flagMoved
	}
	row.owner = id.pos
	row.flags |= flagByID
	if c.memberExternal(int(id.pos)) == row.external {
		id.rank = min(id.rank, rankOwn)
	} else {
		row.flags |= flagRelinked | flagLinked | flagMoved
	}
	c.ranked[id.pos] = append(c.ranked[id.pos], rankedRow{p, id.rank})
}

// linkOf returns the link by which a row is a member's. A row with the id in other letter case counts if no other row has
// the id. Such a row, and one with a former id, is that of a present member who has exactly its id.
func (c *Check) linkOf(row stagedRow, folded uint64) (id linkedID, ok bool) {
	for _, id := range c.links.together[folded] {
		if id.external == row.external {
			return id, id.rank < rankFormer || !c.held(row, id.pos)
		}
	}
	ids := c.links.together[folded]
	if len(ids) != 1 || c.held(row, ids[0].pos) || c.otherSpelling(row, folded, ids[0].external) {
		return linkedID{}, false
	}
	return ids[0], true
}

// held reports whether a present member other than those at except has exactly the id of a row.
func (c *Check) held(row stagedRow, except ...int32) bool {
	for pos := range c.index.ByExternal(c.kind, row.external) {
		if c.index.state(pos).Present() && !slices.Contains(except, int32(pos)) { //nolint:gosec // the index bounds it
			return true
		}
	}
	return false
}

// otherSpelling reports whether a row has the id of the link, or another row that no present member has by its very id has
// it in another letter case.
func (c *Check) otherSpelling(row stagedRow, folded, linked uint64) (found bool) {
	c.eachWithExternal(linked, func(rowRef) bool {
		found = true
		return false
	})
	return found || slices.ContainsFunc(c.linked, func(other linkedRow) bool {
		if other.folded != folded {
			return false
		}
		place, ok := c.staged.find(int(other.row))
		return ok && *c.staged.external.At(place) != row.external && !c.held(c.staged.row(place))
	})
}

// heedLinks supersedes all rows of a linked member but those of the best rank, and marks the rows that are kept apart from
// members. While such a row is there, these members stay.
func (c *Check) heedLinks() {
	for pos, rows := range c.ranked {
		c.rank(int(pos), rows)
	}
	for p, members := range c.unlinked {
		if *c.mark(p)&markDeparted != 0 {
			continue
		}
		*c.mark(p) |= markUnlinked
		for _, pos := range members {
			c.memberMarks[pos] |= memberPresent
		}
	}
}

// rank supersedes the rows of a linked member but those of the best rank that is there.
func (c *Check) rank(pos int, rows []rankedRow) {
	c.eachWithExternal(c.memberExternal(pos), func(p rowRef) bool {
		if c.owner(p) == pos && !slices.ContainsFunc(rows, func(r rankedRow) bool { return r.row == p }) {
			rows = append(rows, rankedRow{p, rankOwn})
		}
		return true
	})
	best, used := -1, noRow
	for _, r := range rows {
		if *c.mark(r.row)&markDeparted == 0 && (best < 0 || r.rank < best) {
			best, used = r.rank, r.row
		}
	}
	if best < 0 {
		return
	}
	if c.externalOf(used) != c.memberExternal(pos) {
		c.memberMarks[pos] |= memberStays
	}
	for _, r := range rows {
		if r.rank > best {
			*c.mark(r.row) |= markSuperseded
			c.outranked[r.row] = int32(pos) //nolint:gosec // the index bounds it
		}
	}
}
