package roster

import "encoding/binary"

// Find finds the place of the member who knows a row. It waits for members as long as not many more have come than rows were
// found, as a report keeps to their order, more or less; and where it doesn't, as they may stand anywhere. Else it may not find a
// row though it is known: that nobody knows it is certain only when they are whole.
func (r *Recall) Find(row Hash) (place int, ok bool, err error) {
	for {
		if !r.whole && r.trail.next+nearby > r.Len() {
			if err := r.come(r.trail.next >= r.Len()); err != nil {
				return 0, false, err
			}
		}
		if place, ok = r.near(row); ok {
			break
		}
		if place, ok = r.lookUp(row); ok {
			r.trail.turn(place + 1)
			break
		}
		came, whole := r.Len(), r.whole
		if err := r.come(came < r.found+r.Lead || r.trail.turns >= patience); err != nil {
			return 0, false, err
		}
		if came == r.Len() && whole == r.whole {
			r.trail.lost++
			return 0, false, nil
		}
	}
	r.found++
	return place, true, nil
}

// FindAll finds the places of rows, which it adds to places, up to the first that isn't found.
func (r *Recall) FindAll(rows []Hash, places []int) ([]int, error) {
	for len(rows) > 0 {
		if r.whole && r.trail.lost >= patience {
			some := rows[:min(len(rows), atOnce)]
			before := len(places)
			if places = r.lookUpAll(some, places); len(places) < before+len(some) {
				return places, nil
			}
			rows = rows[len(some):]
			continue
		}
		place, ok, err := r.Find(rows[0])
		if !ok || err != nil {
			return places, err
		}
		places, rows = append(places, place), rows[1:]
	}
	return places, nil
}

// trail is where rows were found. Reports keep the order of members, mostly, so that a row is looked for after the one before:
// or, as some members stand apart, those who changed last behind all others in a table, after the one before that was
// elsewhere.
type trail struct {
	next, other int // places after those of the rows found last, here and elsewhere
	lost        int // rows, one after the other, that were at neither
	turns       int // of these, those that were elsewhere again
}

const (
	nearby   = 8  // places that are looked at, past members who have left or whose rows have changed
	patience = 16 // rows that may be lost before the order is given up, until it is found again
)

// keep goes on where rows were found before.
func (t *trail) keep(next int) { t.next, t.lost, t.turns = next, 0, 0 }

// turn goes on elsewhere.
func (t *trail) turn(next int) {
	t.next, t.other = next, t.next
	t.lost++
	t.turns++
}

// near looks for a row along the trail.
func (r *Recall) near(row Hash) (place int, ok bool) {
	t := &r.trail
	if t.next < r.Len() && r.members.at(t.next).row == row {
		t.keep(t.next + 1)
		return t.next - 1, true
	}
	if t.lost >= patience {
		return 0, false
	}
	if place, ok = r.within(row, t.next+1, t.next+nearby); ok {
		t.keep(place + 1)
	} else if place, ok = r.within(row, t.other, t.other+nearby); ok {
		t.other = t.next
		t.keep(place + 1)
	}
	return place, ok
}

// within looks for a row from a place on, up to another.
func (r *Recall) within(row Hash, from, to int) (place int, ok bool) {
	for place = from; place < min(to, r.Len()); place++ {
		if r.members.at(place).row == row {
			return place, true
		}
	}
	return 0, false
}

// slots are where members are found by their rows. A slot holds a member's place plus one, and above it bits of the row's
// hash, as many as there is room for: so nearly no row that nobody knows needs a look at a member. 0: empty.
type slots struct {
	held    []uint32
	members int // that have one
}

// first is the slot that a row is looked for in first.
func (s *slots) first(row Hash) int {
	return int(binary.LittleEndian.Uint64(row[:]) & uint64(len(s.held)-1)) //nolint:gosec // less than a length
}

// mark is what a row's slot has above the place.
func (s *slots) mark(row Hash) uint32 {
	return binary.LittleEndian.Uint32(row[4:]) &^ s.low()
}

// low are the bits of a place plus one: at least half of all slots are empty.
func (s *slots) low() uint32 { return uint32(len(s.held) - 1) } //nolint:gosec // places are less than 2^31

func (s *slots) after(slot int) int { return (slot + 1) & (len(s.held) - 1) }

// slot gives each member that has come a slot.
func (r *Recall) slot() {
	s := &r.slots
	if size := len(s.held); size < 2*r.Len() || size == 0 {
		for size = max(size, 1); size < 2*r.Len(); {
			size *= 2
		}
		s.held, s.members = make([]uint32, size), 0
	}
	for ; s.members < r.Len(); s.members++ {
		row := r.members.at(s.members).row
		slot := s.first(row)
		for s.held[slot] != 0 {
			slot = s.after(slot)
		}
		s.held[slot] = s.mark(row) | uint32(s.members+1) //nolint:gosec // come bounds it
	}
}

// lookUp looks a row up among the members that have come.
func (r *Recall) lookUp(row Hash) (place int, ok bool) {
	r.slot()
	s := &r.slots
	mark, low := s.mark(row), s.low()
	for slot := s.first(row); s.held[slot] != 0; slot = s.after(slot) {
		if held := s.held[slot]; held&^low == mark {
			if place = int(held&low) - 1; r.members.at(place).row == row {
				return place, true
			}
		}
	}
	return 0, false
}

// atOnce is how many rows lookUpAll asks for at once.
const atOnce = 64

// lookUpAll looks up to atOnce rows up as FindAll does. Where they are in no order each comes from memory that is far away,
// twice: so all are asked for before the first is waited for.
func (r *Recall) lookUpAll(rows []Hash, places []int) []int {
	r.slot()
	var held [atOnce]uint32
	var heads [atOnce]byte
	low := r.slots.low()
	for i := range rows {
		held[i] = r.slots.held[r.slots.first(rows[i])]
	}
	for i := range rows {
		if held[i]&^low == r.slots.mark(rows[i]) && held[i] != 0 {
			heads[i] = r.members.at(int(held[i]&low) - 1).row[0]
		}
	}
	for i := range rows {
		place, ok := int(held[i]&low)-1, held[i] != 0
		if ok && (heads[i] != rows[i][0] || r.members.at(place).row != rows[i]) {
			place, ok = r.lookUp(rows[i])
		}
		if !ok {
			break
		}
		if places = append(places, place); place == r.trail.next {
			r.trail.keep(place + 1) // in order again
		}
		r.trail.next = place + 1
	}
	return places
}
