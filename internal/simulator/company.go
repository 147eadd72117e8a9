package simulator

import (
	"iter"
	"slices"
	"strings"
	"sync"
	"time"
)

// Company generates one tenant's people and groups on every day. It stores nothing about a person. It is safe for
// concurrent use.
type Company struct {
	tenant   string
	domain   string
	seed     uint64
	founders int // people 0 to founders-1 exist on day 0
	churn    int // people with an event per day, per mille
	joinRate int // people who join per day, in thousandths
	managers int // people 0 to managers-1 have reports
	wheel    []slot

	mu         sync.Mutex
	guaranteed []guaranteedEvents // by day, from day 1
}

// span is the number of founders who report to each manager.
const span = 8

// dayZero is the date of day 0.
var dayZero = time.Date(2026, time.November, 2, 0, 0, 0, 0, time.UTC)

// NewCompany returns a company. founders is the number of people on day 0. churn is the number of people with an event
// per day, per mille and without joiners: 0 means 30, and a negative number means that nothing ever changes.
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

// total returns the number of people who joined up to a day.
func (c *Company) total(day int) int { return c.founders + day*c.joinRate/1000 }

// hired returns the day on which a person joined.
func (c *Company) hired(number int) int {
	if number < c.founders {
		return 0
	}
	return ((number-c.founders+1)*1000 + c.joinRate - 1) / c.joinRate
}

// People yields the people in the directory on a day, active and inactive, in the order of their numbers.
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

// Person returns a person by number. ok is false if the person has not joined yet or has left.
func (c *Company) Person(number, day int) (_ Person, ok bool) { return c.on(day).person(number) }

// view is a company on one day. It caches managers' emails, so it is not safe for concurrent use.
type view struct {
	*Company
	day        int
	total      int
	guaranteed []guaranteedEvents
	emails     [256]struct { // cache of managers' emails, by number
		number int // number plus 1; 0: empty
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
	p.City, p.Country, p.Office, p.Locale = at.City, at.Country, at.Office, at.Locale
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

// managerEmail returns the email of a person's manager, or of the next higher manager who has not left. A manager's
// number is lower than those of the reports, so there are no loops. Person 0 never leaves and has no manager.
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
