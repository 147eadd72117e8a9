package check

import (
	"iter"

	"github.com/rollcall/rollcall/internal/roster"
)

// Missing returns the indexes of the people without a row in the report. A rejected row counts, and so does the row
// of a member whom the reference names though the row has another key now. Call it after KeepNamed and before
// Protect.
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

// hasRow reports whether a row has the person's key.
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

// matching yields the positions of the members with the person's key. It leaves out members whose grace time is
// over.
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
