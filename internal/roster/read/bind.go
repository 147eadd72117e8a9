package read

import (
	"slices"

	"github.com/rollcall/rollcall/internal/roster"
)

// Bind chooses the column of each field. filled holds the number of rows that fill each column.
//
// A column that the tenant maps comes first; of several the one that serves the fewest fields. A field that the
// tenant maps gets no usual column, because nothing else may replace a column that was chosen on purpose. Any other
// field stays with the column that it was last read from. A field that never had one gets the best of its usual columns.
//
// A usual column is ignored if another one of the field is filled in more than twice as many rows: a few values in
// a new column must not empty the field for everybody else. The column that the field was last read from stays though,
// so that a name that a later release knows never takes its place. A column without a value in any row is never bound, so
// it clears nothing. A usual status column is ignored, unless it was used before, if fewer than half of its values are
// words that the status may have.
//
// If a field would be read from another column than last time, Bindings.Changes has it. A required field and the
// external id are read from it nevertheless. Any other field isn't read.
//
// A custom field is read from the column that the tenant names, if a row fills it. Bindings.Custom has these fields.
//
// A column of the scope, or for primary, is one that a row fills, too. Bindings.Unscoped has the others of the scope. If
// a column for primary was read last time and there is none now, Bindings.LostPrimary has its name.
func Bind(of roster.Mappings, columns *Columns, filled []int) roster.Bindings {
	c := newChooser(of.Fields, columns, filled)
	c.chooseScope(of.Scope)
	c.choosePrimary(of.Primary, columns)
	for f := range roster.Fields() {
		if !f.Derived() && f != roster.Custom {
			c.choose(f)
		}
	}
	if c.bindings.Fields.Has(roster.ManagementLevel) {
		c.bindings.Fields = c.bindings.Fields.With(roster.Role)
		c.bindings.By[roster.Role] = c.bindings.By[roster.ManagementLevel]
	}
	if custom := columns.bindCustom(of.Custom, filled); len(custom) > 0 {
		c.bindings.Fields, c.bindings.Custom = c.bindings.Fields.With(roster.Custom), custom
		c.bindings.By[roster.Custom] = roster.Binding{Column: columns.Custom.Cell, Name: roster.Custom.String()}
	}
	return c.bindings
}

// chooser chooses columns for fields.
type chooser struct {
	mapped   map[string][]roster.Field
	last     map[string]string
	present  []candidate // columns with a value
	bindings roster.Bindings
}

// candidate is a column that may be bound.
type candidate struct {
	roster.Binding
	key      string
	mapped   []roster.Field
	isMapped bool
	filled   int  // rows with a value
	foreign  bool // fewer than half of them have a word that the status may have
}

func newChooser(fields roster.FieldMap, columns *Columns, filled []int) *chooser {
	c := &chooser{mapped: fields.ByColumnKey(), last: columns.Last}
	for number, name := range columns.real {
		if number < len(filled) && filled[number] > 0 {
			own, isMapped := c.mapped[roster.ColumnKey(name)]
			c.present = append(c.present, candidate{
				Binding: roster.Binding{Column: number, Name: name},
				key:     roster.UsualKey(name), mapped: own, isMapped: isMapped, filled: filled[number],
				foreign: 2*columns.known(number, filled) < filled[number],
			})
		}
	}
	if !slices.ContainsFunc(c.present, func(c candidate) bool { return c.key == roster.IdpColumn }) {
		c.present = slices.DeleteFunc(c.present, func(c candidate) bool {
			return !c.isMapped && c.key == roster.StateColumn
		})
	}
	return c
}

// choose binds f, unless nothing is fit for it.
func (c *chooser) choose(f roster.Field) {
	last := c.last[f.String()]
	if serves, mapped := c.mapped[roster.ColumnKey(last)]; mapped && !slices.Contains(serves, f) {
		last = "" // the tenant's map says that the column isn't for f
	}
	if own, ok := c.own(f); ok {
		c.bind(f, own)
		return
	}
	if isMappedTo(c.mapped, f) {
		c.lose(f, last, "")
		return
	}
	if !f.Usual() { // only the tenant's map can say that it is read
		return
	}
	best, before := c.usual(f, last)
	switch {
	case before != nil:
		c.bind(f, *before)
	case best == nil:
		c.lose(f, last, "")
	case last == "":
		c.bind(f, *best)
	default:
		if f.Required() || f == roster.ExternalID {
			c.bind(f, *best)
		}
		c.lose(f, last, best.Name)
	}
}

// chooseScope finds the columns of the scope.
func (c *chooser) chooseScope(scope roster.Scope) {
	for _, name := range scope.Columns() {
		at := slices.IndexFunc(c.present, func(one candidate) bool {
			return roster.ColumnKey(one.Name) == roster.ColumnKey(name)
		})
		if at < 0 {
			c.bindings.Unscoped = append(c.bindings.Unscoped, name)
			continue
		}
		if c.bindings.Scope == nil {
			c.bindings.Scope = map[string]int{}
		}
		c.bindings.Scope[name] = c.present[at].Column
	}
}

// choosePrimary finds the column that says which row of a worker counts.
func (c *chooser) choosePrimary(name string, columns *Columns) {
	if name == "" {
		return
	}
	at := slices.IndexFunc(c.present, func(one candidate) bool {
		return roster.ColumnKey(one.Name) == roster.ColumnKey(name)
	})
	if at < 0 {
		c.bindings.LostPrimary = c.last[primaryName]
		return
	}
	found := c.present[at].Binding
	c.bindings.Primary = &roster.PrimaryColumn{Binding: found, Yes: columns.saysYes(found.Column)}
}

func (c *chooser) bind(f roster.Field, to candidate) {
	c.bindings.Fields, c.bindings.By[f] = c.bindings.Fields.With(f), to.Binding
}

// lose notes that f isn't read from its last column any more. to is the column that would take its place, or "". An
// external id in another column is another kind of id, which the rules for kinds handle.
func (c *chooser) lose(f roster.Field, last, to string) {
	if last == "" || f == roster.ExternalID {
		return
	}
	if to != "" || f.Decides() {
		c.bindings.Changes = append(c.bindings.Changes, roster.ColumnChange{Field: f, From: last, To: to})
	}
}

// own returns the best column that the tenant maps to f.
func (c *chooser) own(f roster.Field) (best candidate, ok bool) {
	for _, one := range c.present {
		if slices.Contains(one.mapped, f) && (!ok || one.before(len(one.mapped), best, len(best.mapped))) {
			best, ok = one, true
		}
	}
	return best, ok
}

// usual returns the best usual column of f, and the one that f was last read from, if it still has a value.
func (c *chooser) usual(f roster.Field, last string) (best, before *candidate) {
	var fit []candidate
	most := 0
	for _, one := range c.present {
		if one.isMapped || !slices.Contains(f.UsualColumns(), one.key) {
			continue
		}
		if isLast := last != "" && roster.UsualKey(last) == one.key; f == roster.Status && one.foreign && !isLast {
			c.bindings.Foreign = append(c.bindings.Foreign, one.Name)
			continue
		}
		fit, most = append(fit, one), max(most, one.filled)
	}
	for i := range fit {
		one := &fit[i]
		if last != "" && one.key == roster.UsualKey(last) && (before == nil || one.Name == last) {
			before = one
		}
		if 2*one.filled < most {
			continue
		}
		rank := slices.Index(f.UsualColumns(), one.key)
		if best == nil || one.before(rank, *best, slices.Index(f.UsualColumns(), best.key)) {
			best = one
		}
	}
	return best, before
}

// before reports whether c, with the given rank, is better than other. Columns of one rank are ordered by name.
func (c candidate) before(rank int, other candidate, otherRank int) bool {
	return rank < otherRank || rank == otherRank && c.Name < other.Name
}

func isMappedTo(mapped map[string][]roster.Field, f roster.Field) bool {
	for _, fields := range mapped {
		if slices.Contains(fields, f) {
			return true
		}
	}
	return false
}
