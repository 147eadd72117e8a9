package roster

import "iter"

// Somebody is a person whom a tenant's settings name, by the Key of one thing: a round needs no more of them, and keeps
// no names.
type Somebody struct {
	External uint64 `json:"external,omitempty"` // of the external id, whatever its kind
	Email    uint64 `json:"email,omitempty"`
}

// Missing are the places in the list of those of whom the report has no row. Any row counts, a rejected one too, and that
// of a member who is known by the key though the row has another now. It comes after KeepNamed and before Protect.
func (f *Findings) Missing(people []Somebody) []int {
	var missing []int
	for i, who := range people {
		if !f.census.present(who) {
			missing = append(missing, i)
		}
	}
	return missing
}

func (c *Census) present(who Somebody) bool {
	if c.hasRow(who) {
		return true
	}
	for pos := range c.index.named(who) {
		if c.holds[pos]&holdOwned != 0 {
			return true
		}
	}
	return false
}

// hasRow tells whether a row has the key.
func (c *Census) hasRow(who Somebody) bool {
	found := false
	row := func(person) bool {
		found = true
		return false
	}
	c.eachWithExternal(who.External, row)
	c.eachWithEmail(who.Email, row)
	return found
}

// named are the positions of those members, not gone, who have the key.
func (ix *Index) named(who Somebody) iter.Seq[int] {
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
