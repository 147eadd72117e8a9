package simulator

import (
	"iter"
	"slices"
	"strconv"

	"github.com/rollcall/rollcall/internal/simulator/culture"
)

// Group is a group of the directory. Its number never changes.
type Group struct {
	Number int    `json:"number"`
	Name   string `json:"name"`
	since  int    // day of creation
}

// Groups are business units, offices and clubs. People join and leave clubs. The first eight clubs always exist. Every
// two weeks another club is founded, and it exists for four weeks.
const (
	foundingClubs = 8
	clubEvery     = 14
	clubLife      = 28

	firstOffice = 100
	firstClub   = 1000
)

var clubNames = [foundingClubs]string{
	"Women in Tech", "Parents & Carers", "Running Club", "Diversité et inclusion", "Mentors 2026",
	"Neuer Kollegenkreis",
	"新入社員", "Book \"Circle\", Tuesdays",
}

func clubName(k int) string {
	if k < foundingClubs {
		return clubNames[k]
	}
	return "Cohort " + strconv.Itoa(k-foundingClubs+1)
}

func unitGroup(name string) string   { return "Team " + name }
func officeGroup(name string) string { return "Office " + name }

// clubs yields the numbers of the clubs that exist on a day.
func (c *Company) clubs(day int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for k := range foundingClubs {
			if !yield(k) {
				return
			}
		}
		if c.churn == 0 {
			return
		}
		for k := max(0, (day-clubLife)/clubEvery); k < day/clubEvery; k++ {
			if founded := (k + 1) * clubEvery; day < founded+clubLife && !yield(foundingClubs+k) {
				return
			}
		}
	}
}

func (c *Company) inClub(number, club int, flips uint8) bool {
	member := c.pick(drawClub, number, club, 12) == 0
	if club < foundingClubs && flips&(1<<club) != 0 {
		return !member
	}
	return member
}

// Groups returns the groups that exist on a day, including empty ones, in the order of their numbers.
func (c *Company) Groups(day int) []Group {
	var groups []Group
	for i, u := range units {
		groups = append(groups, Group{Number: i, Name: unitGroup(u.name)})
	}
	for i, p := range culture.Offices {
		groups = append(groups, Group{Number: firstOffice + i, Name: officeGroup(p.Office)})
	}
	for k := range c.clubs(day) {
		groups = append(
			groups, Group{Number: firstClub + k, Name: clubName(k), since: max(0, k-foundingClubs+1) * clubEvery},
		)
	}
	return groups
}

// group returns a group by number, if it exists on a day.
func (c *Company) group(number, day int) (Group, bool) {
	groups := c.Groups(day)
	i, ok := slices.BinarySearchFunc(groups, number, func(g Group, n int) int { return g.Number - n })
	if !ok {
		return Group{}, false
	}
	return groups[i], true
}

// isIn reports whether a person in a state belongs to a group. It is faster than generating the person.
func (c *Company) isIn(number int, s state, g Group) bool {
	switch {
	case g.Number >= firstClub:
		return c.inClub(number, g.Number-firstClub, s.clubs)
	case g.Number >= firstOffice:
		return c.workplace(number, s.places).Office == culture.Offices[g.Number-firstOffice].Office
	}
	return c.unit(number, s.units) == g.Number
}
