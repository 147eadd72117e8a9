package simulator

import "strings"

// unit is a business unit with its job functions.
type unit struct {
	name  string
	works []work
}

type work struct {
	function string
	titles   []string
}

var units = []unit{
	{"Consulting", []work{
		{"Engineering", []string{"Solutions Engineer", "Software Engineer", "Data Engineer"}},
		{"Advisory", []string{"Consultant", "Change Consultant"}},
	}},
	{"Product & Technology", []work{
		{"Engineering", []string{"Software Engineer", "Site Reliability Engineer", "QA Engineer"}},
		{"Design", []string{"Product Designer", "UX Researcher"}},
		{"Product Management", []string{"Product Owner", "Technical Writer"}},
	}},
	{"Banque privée", []work{
		{"Gestion de patrimoine", []string{"Conseiller", "Gestionnaire patrimonial"}},
		{"Risk", []string{"Credit Analyst", "Model Validator"}},
	}},
	{"Sales", []work{
		{"Account Management", []string{"Account Executive", "Customer Success Partner"}},
		{"Sales Operations", []string{"Deal Desk Specialist", ""}},
	}},
	{"People & Culture", []work{
		{"Talent", []string{"Recruiter", "Learning Partner"}},
		{"Total Rewards", []string{"Compensation Specialist"}},
	}},
	{"Finance", []work{
		{"Accounting", []string{"Accountant", "Payroll Specialist"}},
		{"", []string{"Treasury Specialist"}},
	}},
	{"R&D \"Skunkworks\"", []work{
		{"Research", []string{"Research Scientist", "Lab Technician (night shift)"}},
	}},
	{"カスタマーサポート", []work{
		{"Support", []string{"Support Engineer", "サポート担当"}},
	}},
}

// assignment returns a person's unit, function and title after a number of changes. Titles and functions may be empty.
func (c *Company) assignment(number int, s state, rank int) (unitName, function, title string) {
	u := units[c.unit(number, s.units)]
	w := u.works[c.pick(drawUnit, number, s.units+1000, len(u.works))]
	// The title always differs from the previous one.
	title = w.titles[(c.pick(drawTitle, number, s.units, len(w.titles))+s.titles)%len(w.titles)]
	if title == "" {
		return u.name, w.function, ""
	}
	return u.name, w.function, titlePrefix(rank, s.titles/len(w.titles)) + title
}

// unit returns the index of a person's unit. Each move leads to another unit.
func (c *Company) unit(number, moves int) int {
	return (c.pick(drawUnit, number, 0, len(units)) + moves) % len(units)
}

// titlePrefix makes titles differ after a person held all titles of a function.
func titlePrefix(rank, round int) string {
	prefix := ""
	switch {
	case rank == rankExecutive:
		prefix = "Chief "
	case rank >= rankVP:
		prefix = "VP, "
	case rank >= rankDirector:
		prefix = "Director, "
	case rank >= rankManager:
		prefix = "Manager, "
	}
	return prefix + strings.Repeat("Senior ", round)
}

// Ranks are indexes of ladder.
const (
	rankIC        = 4
	rankManager   = 5
	rankDirector  = 7
	rankVP        = 9
	rankSVP       = 10
	rankExecutive = 11
	rankOdd       = -1 // an unknown level
)

// ladder holds the management levels: first the role, then other spellings of it.
var ladder = [][]string{
	{"Student", "STUDENT"},
	{"Intern", "intern"},
	{"Analyst", "ANALYST"},
	{"Associate", "associate"},
	{"Individual Contributor", "IC", "individual contributor"},
	{"Manager", "MANAGER"},
	{"Sr. Manager", "Senior Manager", "Sr Manager", "senior manager"},
	{"Director", "director"},
	{"Sr. Director", "Senior Director", "Sr Director"},
	{"VP", "Vice President", "vice president", "Vice President (VP)"},
	{"SVP", "Senior Vice President", "Sr. Vice President", "SVP / Senior Vice President"},
	{"Executive", "EXECUTIVE"},
}

var oddLevels = []string{"Fellow", "Distinguished Engineer", "M4", "Professional 3", "Kadermitglied"}

// level returns the management level as written in the directory, and its role.
func (c *Company) level(number, rank int) (written, role string) {
	if rank == rankOdd {
		odd := oddLevels[c.pick(drawLevel, number, 1, len(oddLevels))]
		return odd, odd
	}
	spellings := ladder[rank]
	if c.pick(drawSpelling, number, rank, 3) > 0 {
		return spellings[0], spellings[0]
	}
	return spellings[c.pick(drawSpelling, number, rank+100, len(spellings))], spellings[0]
}

// rank returns a person's rank after a number of promotions.
func (c *Company) rank(number, promotions int) int {
	if number == 0 {
		return rankExecutive
	}
	if number >= c.managers {
		switch roll := c.pick(drawLevel, number, 0, 100); {
		case roll < 2:
			return min(0+promotions, rankIC)
		case roll < 7:
			return min(1+promotions, rankIC)
		case roll < 20:
			return min(2+promotions, rankIC)
		case roll < 45:
			return min(3+promotions, rankIC)
		case roll < 97:
			return rankIC
		}
		return rankOdd
	}
	rank := rankSVP
	switch c.height(number) {
	case 1:
		rank = rankManager + c.pick(drawLevel, number, 0, 2)
	case 2:
		rank = rankDirector + c.pick(drawLevel, number, 0, 2)
	case 3:
		rank = rankVP
	}
	return min(rank+promotions, rankSVP)
}

// height returns the number of levels below a manager in the founders' tree.
func (c *Company) height(number int) int {
	height := 0
	for number < c.managers {
		number = number*span + 1
		height++
	}
	return height
}
