package check

import (
	"iter"

	"github.com/rollcall/rollcall/internal/roster"
)

// Missing are the places in the list of those of whom the report has no row. Any row counts, a rejected one too, and that
// of a member who is known by the key though the row has another now. It comes after KeepNamed and before Protect.
func (f *Findings) Missing(people []roster.PersonRef) []int {
	var missing []int
	for i, who := range people {
		if !f.check.present(who) {
			missing = append(missing, i)
		}
	}
	return missing
}

func (c *Check) present(who roster.PersonRef) bool {
	if c.hasRow(who) {
		return true
	}
	for pos := range c.index.matching(who) {
		if c.memberMarks[pos]&memberPresent != 0 {
			return true
		}
	}
	return false
}

// hasRow tells whether a row has the key.
func (c *Check) hasRow(who roster.PersonRef) bool {
	found := false
	row := func(rowRef) bool {
		found = true
		return false
	}
	c.eachWithExternal(who.External, row)
	c.eachWithEmail(who.Email, row)
	return found
}

// named are the positions of those members, not gone, who have the key.
func (ix *Index) matching(who roster.PersonRef) iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, pos := range ix.byExternal.find(who.External) {
			if !yield(int(pos)) {
				return
			}
		}
		for _, pos := range ix.byEmail.find(who.Email) {
			if !yield(int(pos)) {
				return
			}
		}
	}
}
