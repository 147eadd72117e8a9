package simulator

import (
	"fmt"
	"slices"

	"github.com/rollcall/rollcall/internal/simulator/culture"
)

// slot is the culture of one in 20 people, and the rank among the slots of that culture.
type slot struct{ culture, rank int }

func newWheel(c *Company) []slot {
	var wheel []slot
	for i, people := range culture.All {
		for rank := range people.Share {
			wheel = append(wheel, slot{i, rank})
		}
	}
	for i := len(wheel) - 1; i > 0; i-- {
		j := c.pick(drawWheel, i, 0, i+1)
		wheel[i], wheel[j] = wheel[j], wheel[i]
	}
	return wheel
}

// naming returns a person's name and the email before the @. Numbers map one to one to (culture, pair of names, round),
// so emails are unique without a list of them. After a rename the email has the number, for the same reason.
func (c *Company) naming(number, renames int) (first, last, local string) {
	s := c.wheel[number%len(c.wheel)]
	people := &culture.All[s.culture]
	index := number/len(c.wheel)*people.Share + s.rank
	pairs := len(people.Firsts) * max(len(people.Lasts), 1)
	round, pair := index/pairs, c.shuffled(index%pairs, pairs, s.culture)
	f := people.Firsts[pair%len(people.Firsts)]
	if len(people.Lasts) == 0 {
		if renames > 0 {
			f = people.Firsts[(pair+renames)%len(people.Firsts)]
		}
		return f.Text, f.Text, suffixed(f.Handle, round, number, renames)
	}
	place := pair / len(people.Firsts)
	if renames > 0 {
		place = (place + 1 + c.pick(drawRename, number, renames, len(people.Lasts)-1)) % len(people.Lasts)
	}
	l := people.Lasts[place]
	return f.Text, l.Text, suffixed(f.Handle+"."+l.Handle, round, number, renames)
}

func suffixed(local string, round, number, renames int) string {
	switch {
	case renames > 0:
		return fmt.Sprintf("%s.%d", local, number)
	case round > 0:
		return fmt.Sprintf("%s%d", local, round+1)
	}
	return local
}

// shuffled maps 0..n-1 one to one onto itself.
func (c *Company) shuffled(i, n, which int) int {
	step := c.pick(drawPair, which, 0, n) | 1
	for gcd(step, n) != 1 {
		step += 2
	}
	return (i*(step%n) + c.pick(drawPair, which, 1, n)) % n
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// workplace returns a person's workplace after a number of moves to other offices. The locale stays the same.
func (c *Company) workplace(number, moves int) culture.Place {
	places := culture.All[c.wheel[number%len(c.wheel)].culture].Places
	home := places[c.pick(drawPlace, number, 0, len(places))]
	if moves == 0 {
		return home
	}
	start := slices.IndexFunc(culture.Offices, func(p culture.Place) bool { return p.Office == home.Office })
	if start < 0 {
		start = c.pick(drawPlace, number, 1, len(culture.Offices))
	}
	to := culture.Offices[(start+moves)%len(culture.Offices)]
	return culture.Place{City: to.City, Country: to.Country, Office: to.Office, Locale: home.Locale}
}
