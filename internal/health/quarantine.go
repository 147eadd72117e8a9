package health

import "time"

// NextTick returns the first tick of a tenant's Schedule after a time. It returns the zero time if there is none.
type NextTick func(after time.Time) time.Time

// Admit returns the state after a tick, and whether the tick may sync. A quarantined tenant may sync at one tick a day:
// the last tick within 24 hours of the last sync. So syncs are about a day apart, however often ticks come. A daily
// tick is never skipped, even if it comes some minutes early, or an hour early when daylight saving time begins. For
// the same tick, Admit always returns the same answer.
func (s Status) Admit(tick string, at time.Time, next NextTick) (Status, bool) {
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

// due reports whether the tick after this one would come more than a day after the last sync.
func (q Quarantine) due(at time.Time, next NextTick) bool {
	following := next(at)
	return following.IsZero() || following.After(q.Tried.Add(QuarantineInterval))
}

// NextTry returns when a quarantined tenant syncs next. It returns the zero time if the Schedule has no more ticks.
func (q Quarantine) NextTry(next NextTick) time.Time {
	t := next(q.Tried)
	for !t.IsZero() && !q.due(t, next) {
		t = next(t)
	}
	return t
}

// NextDue returns when the next sync is due. Last is when the last sync ended, or when it began if it is open. NextDue
// returns the zero time if none is due.
func (s Status) NextDue(last time.Time, next NextTick) time.Time {
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
