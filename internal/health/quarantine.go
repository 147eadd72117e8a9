package health

import "time"

// NextTick is the first tick of a tenant's Schedule after a moment; zero: there is none.
type NextTick func(after time.Time) time.Time

// Admit tells whether a tick may sync, and the state that follows. Of a quarantined tenant one tick a day may: the last one within 24
// hours of the last try, so that tries stay a day apart however often ticks come, and none is left out where they come once
// a day and now and then some minutes, or in spring an hour, early. Asked again for the same tick it answers the same.
func (s State) Admit(tick string, at time.Time, next NextTick) (State, bool) {
	q := s.Quarantine
	switch {
	case q == nil || q.Admitted == tick:
		return s, true
	case !q.due(at, next):
		return s, false
	}
	s.Quarantine = &Quarantine{Since: q.Since, Tried: at, Admitted: tick}
	return s, true
}

// due tells whether the tick after this one would come more than a day after the last try.
func (q Quarantine) due(at time.Time, next NextTick) bool {
	following := next(at)
	return following.IsZero() || following.After(q.Tried.Add(QuarantineInterval))
}

// NextTry is when the next try is; zero: the Schedule has no tick any more.
func (q Quarantine) NextTry(next NextTick) time.Time {
	t := next(q.Tried)
	for !t.IsZero() && !q.due(t, next) {
		t = next(t)
	}
	return t
}

// NextDue is when a sync is due, the last having ended then, or begun where it hasn't ended; zero: never.
func (s State) NextDue(last time.Time, next NextTick) time.Time {
	if s.Idle.After(last) {
		last = s.Idle
	}
	if last.IsZero() {
		return time.Time{}
	}
	if q := s.Quarantine; q != nil {
		if try := q.NextTry(next); try.IsZero() || try.After(last) {
			return try
		}
	}
	return next(last)
}
