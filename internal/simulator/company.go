package simulator

import (
	"iter"
	"slices"
	"strings"
	"sync"
	"time"
)

// Company is one tenant's people, groups and what becomes of them. It is a function of its settings: nothing is kept
// of a person, and it is safe for concurrent use.
type Company struct {
	tenant   string
	domain   string
	seed     uint64
	founders int // numbers 0 to founders-1 are there on day 0
	churn    int // per mille of the people to whom something happens in a day
	joinRate    int // thousandths of a person who join in a day
	managers   int // numbers 0 to bosses-1 manage somebody
	wheel    []slot

	mu   sync.Mutex
	guaranteed []guaranteedEvents // for each day from 1, whom something surely happens to
}

// span is how many people report to one manager, among the founders.
const span = 8

// dayZero is the date of day 0; a day is a date.
var dayZero = time.Date(2026, time.November, 2, 0, 0, 0, 0, time.UTC)

// NewCompany is a company of so many founders. Churn is per mille of the people to whom something happens in a day,
// joiners apart: 0 means 30, a negative number that nothing ever happens.
func NewCompany(tenant string, seed uint64, founders, churn int) *Company {
	if churn == 0 {
		churn = 30
	}
	c := &Company{
		tenant: tenant, domain: tenant + ".example", founders: max(founders, 0), churn: max(churn, 0),
		managers: max((founders-2)/span+1, 1),
	}
	c.seed = mix(seed)
	for _, b := range []byte(tenant) {
		c.seed = mix(c.seed ^ uint64(b))
	}
	if c.churn > 0 {
		c.joinRate = max(c.founders*c.churn/4, 1000)
	}
	c.wheel = newWheel(c)
	return c
}

// total is how many people were ever there, up to a day.
func (c *Company) total(day int) int { return c.founders + day*c.joinRate/1000 }

// hired is the day on which a number joined.
func (c *Company) hired(number int) int {
	if number < c.founders {
		return 0
	}
	return ((number-c.founders+1)*1000 + c.joinRate - 1) / c.joinRate
}

// People are those who stand in the directory on a day, active and inactive, in order of their numbers.
func (c *Company) People(day int) iter.Seq[Person] {
	return func(yield func(Person) bool) {
		v := c.on(day)
		for number := range v.total {
			if p, ok := v.person(number); ok && !yield(p) {
				return
			}
		}
	}
}

// Person is who has that number; false when nobody has, yet or any more.
func (c *Company) Person(number, day int) (Person, bool) { return c.on(day).person(number) }

// view is a company on one day. It remembers managers, so it is for one goroutine.
type view struct {
	*Company
	day    int
	total  int
	guaranteed   []guaranteedEvents
	emails [256]struct { // of managers, by number
		number int // its own plus 1; 0 is nobody
		email  string
	}
}

func (c *Company) on(day int) *view {
	return &view{Company: c, day: day, total: c.total(day), guaranteed: c.guaranteedUpTo(day)}
}

func (v *view) person(number int) (Person, bool) {
	if number < 0 || number >= v.total {
		return Person{}, false
	}
	s := v.state(number)
	if !s.present {
		return Person{}, false
	}
	return v.describe(number, s), true
}

func (v *view) describe(number int, s state) Person {
	p := Person{
		Number: number, ExternalID: externalID(number), Status: "active", PeopleManager: "no",
		updated: s.changed, alwaysActive: !s.wasInactive && s.returns == 0,
	}
	var local string
	p.FirstName, p.LastName, local = v.naming(number, s.renames)
	p.Email = local + "@" + v.domain
	rank := v.rank(number, s.promotions)
	p.ManagementLevel, p.Role = v.level(number, rank)
	p.BusinessUnit, p.JobFunction, p.JobTitle = v.assignment(number, s, rank)
	at := v.workplace(number, s.places)
	p.City, p.Country, p.Office, p.Locale = at.city, at.country, at.office, at.locale
	if s.inactive {
		p.Status = "inactive"
	}
	if number < v.managers {
		p.PeopleManager = "yes"
	} else if v.pick(drawEmpty, number, 0, 20) == 0 {
		p.PeopleManager = ""
	}
	if v.pick(drawEmpty, number, 1, 25) == 0 {
		p.City = ""
	}
	p.ManagerEmail = v.managerEmail(number, s.managers)
	p.Groups = v.groupsOf(p, s.clubs)
	return p
}

// managerEmail is the email of a person's manager, or of the next above who is still there. A manager's number is
// always lower than the number of who reports to them, so there are no loops; 0 never leaves and has none.
func (v *view) managerEmail(number, moves int) string {
	for number > 0 {
		number = v.manager(number, moves)
		known := &v.emails[number%len(v.emails)]
		if known.number == number+1 {
			return known.email
		}
		s := v.state(number)
		if s.present {
			_, _, local := v.naming(number, s.renames)
			known.number, known.email = number+1, local+"@"+v.domain
			return known.email
		}
		moves = s.managers
	}
	return ""
}

func (v *view) manager(number, moves int) int {
	switch {
	case moves > 0:
		return v.pick(drawManager, number, moves, min(number, v.managers))
	case number < v.founders:
		return (number - 1) / span
	}
	return v.pick(drawManager, number, 0, min(number, v.managers))
}

func (v *view) groupsOf(p Person, flips uint8) []string {
	names := []string{unitGroup(p.BusinessUnit)}
	if p.Office != "" {
		names = append(names, officeGroup(p.Office))
	}
	for k := range v.clubs(v.day) {
		if v.inClub(p.Number, k, flips) {
			names = append(names, clubName(k))
		}
	}
	slices.SortFunc(names, strings.Compare)
	return names
}
