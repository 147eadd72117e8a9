package simulator

import "slices"

// event is a change of a person on a day.
type event int

const (
	changeTitle event = iota
	changeUnit
	changePlace
	changeLevel
	changeManager
	changeName
	changeClub
	goOnLeave
	leave
	eventCount

	comeBack = eventCount // return from leave
)

// odds are the shares of the events, in percent.
var odds = [eventCount]int{24, 15, 15, 8, 8, 7, 9, 8, 6}

// state is a person's history up to a day: how often each thing changed.
type state struct {
	present     bool
	inactive    bool
	wasInactive bool // was inactive at some time
	titles      int
	units       int
	places      int
	promotions  int
	managers    int
	renames     int
	clubs       uint8 // for each of the first eight clubs, a bit: membership is inverted
	clubMoves   int
	returns     int
	left        int // day of leaving
	changed     int // day of the last event
}

// guaranteedEvents holds, for one day, the person to whom each event is guaranteed to happen if it can, or -1. So even
// a small company has every event on every day.
type guaranteedEvents [eventCount + 1]int

// minGuaranteed is the smallest company with guaranteed events. They would dominate in a smaller one.
const minGuaranteed = 50

// onLeave reports whether a founder is on leave on day 0. One in 50 is, so somebody can come back every day.
func (c *Company) onLeave(number int) bool {
	return c.churn > 0 && number > 0 && number < c.founders && number%50 == 1+c.pick(drawLeave, 0, 0, 49)
}

func (c *Company) guaranteedUpTo(day int) []guaranteedEvents {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.guaranteed) < day {
		c.guaranteed = append(c.guaranteed, c.chooseGuaranteed(len(c.guaranteed)+1))
	}
	return c.guaranteed[:max(day, 0)]
}

func (c *Company) chooseGuaranteed(day int) guaranteedEvents {
	var a guaranteedEvents
	for e := range a {
		a[e] = -1
	}
	if c.churn == 0 || c.founders < minGuaranteed {
		return a
	}
	a[comeBack] = (day-1)%(c.founders/50)*50 + 1 + c.pick(drawLeave, 0, 0, 49)
	for e := range eventCount {
		number := 1 + c.pick(drawPick, day, int(e), c.founders-1)
		for slices.Contains(a[:], number) || c.onLeave(number) {
			number = 1 + number%(c.founders-1)
		}
		a[e] = number
	}
	return a
}

// state replays a person's days. The events of a day depend only on the seed, the number and the day, so other people
// don't matter.
func (v *view) state(number int) state {
	from := v.hired(number)
	s := state{present: true, changed: from}
	if v.onLeave(number) {
		s.inactive, s.wasInactive = true, true
	}
	if v.churn == 0 || number == 0 {
		return s
	}
	for day := from + 1; day <= v.day; day++ {
		if e, ok := v.event(number, day, s); ok {
			v.apply(&s, e, number, day)
		}
	}
	return s
}

// event returns the event of a day for a person in a state, if any.
func (v *view) event(number, day int, s state) (event, bool) {
	roll := v.draw(drawDay, number, day)
	switch {
	case !s.present:
		// Two in five return, some within the usual grace time and some after it.
		rehirable := v.pick(drawRehire, number, s.returns, 5) < 2
		return comeBack, rehirable && day >= s.left+3 && roll%20 == 0
	case s.inactive:
		return comeBack, roll%12 == 0 || v.guaranteed[day-1][comeBack] == number
	}
	for e := range eventCount {
		if v.guaranteed[day-1][e] == number {
			return e, true
		}
	}
	if int(roll%1000) >= v.churn {
		return 0, false
	}
	choice := int(roll >> 32 % 100)
	for e, share := range odds {
		if choice < share {
			return event(e), true
		}
		choice -= share
	}
	return 0, false
}

func (v *view) apply(s *state, e event, number, day int) {
	s.changed = day
	switch e {
	case changeTitle:
		s.titles++
	case changeUnit:
		s.units++
	case changePlace:
		s.places++
	case changeLevel:
		s.promotions++
		s.titles++
	case changeManager:
		s.managers++
	case changeName:
		s.renames++
	case changeClub:
		s.clubMoves++
		s.clubs ^= 1 << v.pick(drawClub, number, -s.clubMoves, foundingClubs)
	case goOnLeave:
		s.inactive, s.wasInactive = true, true
	case leave:
		s.present, s.left = false, day
	case comeBack:
		if !s.present {
			s.returns++
		}
		s.present, s.inactive = true, false
	}
}
