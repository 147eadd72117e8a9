// Package health tracks the condition of a tenant over its syncs. It decides when people get an alert and when the
// tenant is quarantined.
//
// A State changes by events: State.After returns the next state and the alerts to send. These laws must hold:
//
//   - An event that arrives twice counts once.
//   - Only a change of condition causes an alert.
//   - Every alert about a problem is followed by a Recovered alert when the problem ends.
//   - A failure in a maintenance window causes no alert and does not count.
//   - A sync that does not fail ends a quarantine, and so does a sync that an operator requests.
//
// The package is pure: it has no clock and no I/O. Times come with the events.
package health

import (
	"reflect"
	"slices"
	"time"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/run"
)

// QuarantineAfter is the number of failed scheduled syncs in a row after which a tenant is quarantined.
const QuarantineAfter = 3

// QuarantineInterval is the time between the syncs of a quarantined tenant.
const QuarantineInterval = 24 * time.Hour

// Status is the condition of a tenant. The zero Status is that of a healthy tenant.
type Status struct {
	Failures   int         `json:"failures,omitempty"`   // scheduled syncs that failed in a row
	Announced  Condition   `json:"told,omitempty"`       // Failed or Quarantined, from its alert to its recovery
	Quarantine *Quarantine `json:"quarantine,omitempty"` // nil: none
	Hold       *Hold       `json:"hold,omitempty"`       // nil: no alert about a held plan is active
	Degraded   bool        `json:"degraded,omitempty"`   // an alert about rejected rows is active
	Overdue    time.Time   `json:"overdue,omitzero"`     // when the sync of an active Overdue alert was due; zero: none

	Idle   time.Time `json:"idle,omitzero"`    // the last time at which no sync was expected
	Paused bool      `json:"paused,omitempty"` // at that time the Schedule was paused or missing

	Seen []string `json:"seen,omitempty"` // keys of the latest events, latest last
}

// Quarantine limits a tenant to one scheduled sync a day.
type Quarantine struct {
	Since    time.Time `json:"since"`
	Tried    time.Time `json:"tried"`              // when the last sync started
	Admitted string    `json:"admitted,omitempty"` // the tick that started it; "": the sync that caused the quarantine
}

// Hold is a held plan.
type Hold struct {
	Plan     string `json:"plan"`
	Reminded bool   `json:"reminded,omitempty"`
}

// seenLimit is the number of event keys that a State remembers.
const seenLimit = 64

// After returns the state after an event, and the alerts to send.
func (s Status) After(e Event) (Status, []Alert) {
	if e.Kind == Missed && e.InMaintenance {
		return s, nil // if it is still missing after the window, that is another event
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

// SameAs reports whether two states are equal, apart from the events that they remember.
func (s Status) SameAs(o Status) bool {
	s.Seen, o.Seen = nil, nil
	return reflect.DeepEqual(s, o)
}

func (s Status) ended(e Event) (Status, []Alert) {
	switch {
	case e.Result.Outcome != run.Failed:
		return s.succeeded(e)
	case canceled(e.Result): // an operator did that; it says nothing about the directory
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
	a := e.alert(s.Announced)
	a.Failures = s.Failures
	return s, []Alert{a}
}

func canceled(r run.Result) bool {
	return r.Error != nil && r.Error.Kind == string(fault.KindCanceled)
}

func (s Status) succeeded(e Event) (Status, []Alert) {
	var alerts []Alert
	was := s.Announced
	if was == "" && !s.Overdue.IsZero() {
		was = Overdue
	}
	if was != "" {
		alerts = append(alerts, e.recovered(was))
	}
	s.Failures, s.Announced, s.Quarantine, s.Overdue = 0, "", nil, time.Time{}
	switch rows := e.Result.Rows; {
	case rows.Read() == 0 || degraded(rows) == s.Degraded: // an undo reads no rows
	case s.Degraded:
		s.Degraded = false
		alerts = append(alerts, e.recovered(Degraded))
	default:
		s.Degraded = true
		alerts = append(alerts, e.alert(Degraded))
	}
	held := e.Result.Held
	switch {
	case e.Result.Outcome != run.Held && s.Hold != nil:
		s.Hold = nil
		alerts = append(alerts, e.recovered(Held))
	case e.Result.Outcome != run.Held || held == nil:
	case s.Hold == nil:
		s.Hold = &Hold{Plan: held.Plan}
		alerts = append(alerts, e.alert(Held))
	case s.Hold.Plan != held.Plan: // another plan is held: its reminder is due later
		s.Hold = &Hold{Plan: held.Plan}
	}
	return s, alerts
}

// degraded reports whether more than a tenth of the rows are rejected.
func degraded(rows run.RowCounts) bool { return 10*rows.Rejected > rows.Read() }

func (s Status) reminded(e Event) (Status, []Alert) {
	if e.Result.Held == nil || s.Hold != nil && s.Hold.Plan == e.Result.Held.Plan && s.Hold.Reminded {
		return s, nil
	}
	s.Hold = &Hold{Plan: e.Result.Held.Plan, Reminded: true}
	a := e.alert(Held)
	a.Reminder = true
	return s, []Alert{a}
}

// concluded ends a hold whose plan was not applied. If another plan is held now, the hold continues.
func (s Status) concluded(e Event) (Status, []Alert) {
	if s.Hold == nil || e.Result.Held != nil && e.Result.Held.Plan != s.Hold.Plan {
		return s, nil
	}
	s.Hold = nil
	if e.Result.Outcome != run.Rejected && e.Result.Outcome != run.Expired {
		return s, nil // canceled: the next sync makes a new plan
	}
	return s, []Alert{e.recovered(Held)}
}
