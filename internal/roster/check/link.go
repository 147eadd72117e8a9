package check

import (
	"slices"

	"github.com/rollcall/rollcall/internal/roster"
)

// links are what people decided about external ids of the report's kind.
type links struct {
	together map[uint64]int32   // position of the member whose id it is, by key of the id
	apart    map[uint64][]int32 // positions of the members whose id it isn't, by key of the id
}

// newLinks returns the links that apply. It leaves out those of members who are gone.
func (c *Check) newLinks(list []roster.Link) links {
	l := links{together: map[uint64]int32{}, apart: map[uint64][]int32{}}
	for _, link := range list {
		pos, ok := c.index.ByMember(link.Member)
		if !ok || c.kind == 0 || link.Kind != 0 && link.Kind != c.kind ||
			c.index.state(pos) == roster.StateGraceOver {
			continue
		}
		if link.Apart {
			l.apart[link.External] = append(l.apart[link.External], int32(pos))
		} else {
			l.together[link.External] = int32(pos)
		}
	}
	return l
}

// assumeLinked finds the owner of a row by a link.
func (c *Check) assumeLinked(row stagedRow) (linked bool) {
	pos, linked := c.links.together[row.external]
	if linked {
		row.owner = pos
		row.flags |= flagByID
		if c.memberExternal(int(pos)) != row.external {
			row.flags |= flagRelinked | flagLinked | flagMoved
		}
	}
	return linked
}

// isApart reports whether an external id isn't that of a member.
func (c *Check) isApart(external uint64, pos int) bool {
	return slices.Contains(c.links.apart[external], int32(pos))
}

// heedLinks supersedes the other rows of members who have a linked row, and marks the rows that are kept apart from a
// member and belong to nobody. While such a row is there, that member stays.
func (c *Check) heedLinks() {
	for external, pos := range c.links.together {
		there := slices.ContainsFunc(c.external.find(external), func(i uint32) bool {
			return c.staged.at(int(i)).status != statusDeparted
		})
		own := c.memberExternal(int(pos))
		if !there || own == external {
			continue
		}
		c.memberMarks[pos] |= memberStays
		c.eachWithExternal(own, func(p rowRef) bool {
			if c.owner(p) == int(pos) {
				*c.mark(p) |= markSuperseded
			}
			return true
		})
	}
	for external, members := range c.links.apart {
		for _, i := range c.external.find(external) {
			r := c.staged.at(int(i))
			if r.flags&flagByID != 0 || r.status == statusDeparted {
				continue
			}
			r.mark |= markUnlinked
			for _, pos := range members {
				c.memberMarks[pos] |= memberPresent
			}
		}
	}
}
