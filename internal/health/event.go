package health

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/run"
)

// Kind is a kind of event.
type Kind string

// The kinds.
const (
	Requested      Kind = "asked"      // somebody asked for a sync, and it began
	Ended      Kind = "ended"      // a sync ended, or began to hold
	Reminded   Kind = "reminded"   // half of a hold's time is over
	Concluded  Kind = "concluded"  // a hold ended, and nothing of it is applied
	Missed     Kind = "missed"     // a sync should have run and did not
	NoneExpected Kind = "unexpected" // no sync is to be expected at the moment: one is open, or the Schedule is paused
)

// Event is something that happened to a tenant's syncs.
type Event struct {
	Tenant string
	Key    string // names it: what comes again with the same key counts once; "" is never known again
	Kind   Kind
	At     time.Time

	Origin  run.Origin // of Ended
	Result  run.Result // of Ended, Reminded (what is held), Concluded
	InMaintenance bool       // of Ended and Missed: it falls into a maintenance window
	Until   time.Time  // of Ended and Reminded: when what is held expires
	Due     time.Time  // of Missed: when it should have run
	Paused  bool       // of Unexpected
}

// Condition is what people are told of.
type Condition string

// The conditions.
const (
	Held        Condition = "held"
	Failed      Condition = "failed"
	Quarantined Condition = "quarantined"
	Overdue     Condition = "overdue" // a sync should have run and did not
	Recovered   Condition = "recovered"

	Test Condition = "test" // somebody tries whether alerts arrive
)

// Conditions are those that can be asked for, the worst first.
func Conditions() []Condition { return []Condition{Quarantined, Failed, Overdue, Held, Recovered} }

// Alert is a change of a tenant's condition, to be told. It holds nothing personal.
type Alert struct {
	ID        uuid.UUID `json:"id"` // the same whenever and however often it is told
	Tenant    string    `json:"tenant"`
	Condition Condition `json:"condition"`
	Was       Condition `json:"was,omitempty"`      // of Recovered: what is over
	Reminder  bool      `json:"reminder,omitempty"` // of Held: half of the time is over
	At        time.Time `json:"at"`

	Run      string           `json:"run,omitempty"`
	Outcome  run.Outcome      `json:"outcome,omitempty"`
	Plan     string           `json:"plan,omitempty"`
	Removals int              `json:"removals,omitempty"` // held
	Until    time.Time        `json:"until,omitzero"`     // when the plan expires
	Failures int              `json:"failures,omitempty"` // scheduled syncs, in a row
	Changes  int              `json:"changes,omitempty"`  // applied
	Rejected int              `json:"rejected,omitempty"` // rows
	Error    *run.ResultError `json:"error,omitempty"`
	Due      time.Time        `json:"due,omitzero"`
}

func (e Event) alert(c Condition) Alert {
	a := Alert{
		Tenant: e.Tenant, Condition: c, At: e.At, Run: e.Result.Run, Outcome: e.Result.Outcome, Until: e.Until,
		Changes: e.Result.Changes.Total(), Rejected: e.Result.Rows.Rejected, Error: e.Result.Error, Due: e.Due,
	}
	if held := e.Result.Held; held != nil {
		a.Plan, a.Removals = held.Plan, held.Removals
	}
	a.ID = e.id(c, "")
	return a
}

func (e Event) recovered(was Condition) Alert {
	a := e.alert(Recovered)
	a.Was, a.ID = was, e.id(Recovered, was)
	return a
}

// id follows from what is told, so that it is the same when it is worked out again.
func (e Event) id(c, was Condition) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(strings.Join([]string{"rollcall:alert", e.Tenant, e.Key, string(c), string(was)}, "\n")))
}
