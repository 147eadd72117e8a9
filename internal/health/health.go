// Package health is how a tenant's syncs are doing, from one to the next: what its people are told, and when it is quarantined.
//
// State is folded from events: State.After(e) is the next state and what is to be told. The laws: an event that comes twice
// counts once; nothing is told but a change; what is told bad is told recovered in the end; nothing that falls into a
// maintenance window is told or counted; a sync that doesn't fail, or one that somebody asks for, ends a quarantine. It is pure:
// times come with the events.
package health

import (
	"reflect"
	"slices"
	"time"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/run"
)

// QuarantineAfter is how many scheduled syncs in a row fail until the tenant is quarantined.
const QuarantineAfter = 3

// QuarantineInterval is how far apart the tries of a quarantined tenant are.
const QuarantineInterval = 24 * time.Hour

// State is a tenant's. The zero State is that of a tenant that is well.
type State struct {
	Failures   int         `json:"failures,omitempty"`   // scheduled syncs that failed, in a row
	Announced       Condition   `json:"told,omitempty"`       // Failed or Quarantined, until a sync doesn't fail
	Quarantine *Quarantine `json:"quarantine,omitempty"` // nil: none
	Hold       *Hold       `json:"hold,omitempty"`       // nil: nothing that people were told of is held
	Overdue    time.Time   `json:"overdue,omitzero"`     // when the sync was due of which people were told; zero: none

	Idle   time.Time `json:"idle,omitzero"`    // when it was last seen that no sync was to be expected
	Paused bool      `json:"paused,omitempty"` // and that was because its Schedule was paused, or gone

	Seen []string `json:"seen,omitempty"` // keys of the last events, the latest last
}

// Quarantine is one try a day.
type Quarantine struct {
	Since    time.Time `json:"since"`
	Tried    time.Time `json:"tried"`              // when the last try was
	Admitted string    `json:"admitted,omitempty"` // the tick that it was; "": the sync that led into quarantine
}

// Hold is a plan that is held.
type Hold struct {
	Plan     string `json:"plan"`
	Reminded bool   `json:"reminded,omitempty"`
}

// seenLimit is how many events are known again when they come twice.
const seenLimit = 64

// After is the state after an event, and what is to be told.
func (s State) After(e Event) (State, []Alert) {
	if e.Kind == Missed && e.InMaintenance {
		return s, nil // it may be told when the window is over
	}
	if e.Key != "" {
		if slices.Contains(s.Seen, e.Key) {
			return s, nil
		}
		s.Seen = append(slices.Clone(s.Seen[max(0, len(s.Seen)+1-seenLimit):]), e.Key)
	}
	switch e.Kind {
	case Requested:
		s.Failures, s.Quarantine = 0, nil
	case Ended:
		return s.ended(e)
	case Reminded:
		return s.reminded(e)
	case Concluded:
		return s.concluded(e)
	case Missed:
		if !s.Overdue.IsZero() {
			return s, nil
		}
		s.Overdue = e.Due
		return s, []Alert{e.alert(Overdue)}
	case NoneExpected:
		s.Idle, s.Paused = e.At, e.Paused
	}
	return s, nil
}

// SameAs tells whether a state says the same as another, whatever events they have seen.
func (s State) SameAs(o State) bool {
	s.Seen, o.Seen = nil, nil
	return reflect.DeepEqual(s, o)
}

func (s State) ended(e Event) (State, []Alert) {
	switch {
	case e.Result.Outcome != run.Failed:
		return s.succeeded(e)
	case canceled(e.Result): // somebody did that: it says nothing of the directory
		s.Hold = nil
		return s, nil
	case e.InMaintenance:
		return s, nil
	}
	s.Overdue = time.Time{}
	if e.Origin == run.Scheduled {
		s.Failures++
	}
	switch {
	case s.Failures >= QuarantineAfter && s.Quarantine == nil:
		s.Quarantine, s.Announced = &Quarantine{Since: e.At, Tried: e.Result.Started}, Quarantined
	case s.Announced == "":
		s.Announced = Failed
	default:
		return s, nil
	}
	told := e.alert(s.Announced)
	told.Failures = s.Failures
	return s, []Alert{told}
}

func canceled(r run.Result) bool {
	return r.Error != nil && r.Error.Kind == string(fault.KindCanceled)
}

func (s State) succeeded(e Event) (State, []Alert) {
	var told []Alert
	was := s.Announced
	if was == "" && !s.Overdue.IsZero() {
		was = Overdue
	}
	if was != "" {
		told = append(told, e.recovered(was))
	}
	s.Failures, s.Announced, s.Quarantine, s.Overdue = 0, "", nil, time.Time{}
	held := e.Result.Held
	switch {
	case e.Result.Outcome != run.Held && s.Hold != nil:
		s.Hold = nil
		told = append(told, e.recovered(Held))
	case e.Result.Outcome != run.Held || held == nil:
	case s.Hold == nil:
		s.Hold = &Hold{Plan: held.Plan}
		told = append(told, e.alert(Held))
	case s.Hold.Plan != held.Plan: // held still, though others: the clock begins anew
		s.Hold = &Hold{Plan: held.Plan}
	}
	return s, told
}

func (s State) reminded(e Event) (State, []Alert) {
	if e.Result.Held == nil || s.Hold != nil && s.Hold.Plan == e.Result.Held.Plan && s.Hold.Reminded {
		return s, nil
	}
	s.Hold = &Hold{Plan: e.Result.Held.Plan, Reminded: true}
	told := e.alert(Held)
	told.Reminder = true
	return s, []Alert{told}
}

// concluded ends a hold of which nothing is applied. Where others are held by now, the hold goes on.
func (s State) concluded(e Event) (State, []Alert) {
	if s.Hold == nil || e.Result.Held != nil && e.Result.Held.Plan != s.Hold.Plan {
		return s, nil
	}
	s.Hold = nil
	if e.Result.Outcome != run.Rejected && e.Result.Outcome != run.Expired {
		return s, nil // cancelled: the next sync plans it anew
	}
	return s, []Alert{e.recovered(Held)}
}
