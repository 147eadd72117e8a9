package health

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/run"
)

// Kind is the kind of an event.
type Kind string

// Values of Kind.
const (
	Requested    Kind = "asked"      // a sync that an operator requested began
	Ended        Kind = "ended"      // a sync ended, or began to hold a plan
	Reminded     Kind = "reminded"   // half of a hold's time has passed
	Concluded    Kind = "concluded"  // a hold ended, and its plan was not applied
	Missed       Kind = "missed"     // a sync was due and did not run
	NoneExpected Kind = "unexpected" // no sync is expected now: one is open, or the Schedule is paused
)

// Event is something that happened to a tenant's syncs.
type Event struct {
	Tenant string
	Key    string // identifies the event: events with the same key count once; "" always counts
	Kind   Kind
	At     time.Time

	Origin        run.Origin // of Ended
	Result        run.Result // of Ended, Reminded (with the held plan), Concluded
	InMaintenance bool       // of Ended and Missed: it happened in a maintenance window
	Until         time.Time  // of Ended and Reminded: when the held plan expires
	Due           time.Time  // of Missed: when the sync was due
	Paused        bool       // of NoneExpected: the Schedule is paused or missing
}

// Condition is a state of a tenant that people get alerts about.
type Condition string

// Values of Condition.
const (
	Held        Condition = "held"
	Failed      Condition = "failed"
	Quarantined Condition = "quarantined"
	Overdue     Condition = "overdue"  // a sync was due and did not run
	Degraded    Condition = "degraded" // more than a tenth of the rows are rejected
	Recovered   Condition = "recovered"

	Test Condition = "test" // a test message
)

// Conditions returns the conditions that tenants.yaml can name, worst first.
func Conditions() []Condition {
	return []Condition{Quarantined, Failed, Overdue, Held, Degraded, Recovered}
}

// Alert is a change of a tenant's condition that people get a message about. It has no personal data.
type Alert struct {
	ID        uuid.UUID `json:"id"` // the same for every delivery of the alert
	Tenant    string    `json:"tenant"`
	Condition Condition `json:"condition"`
	Was       Condition `json:"was,omitempty"`      // of Recovered: the condition that ended
	Reminder  bool      `json:"reminder,omitempty"` // of Held: half of the time has passed
	At        time.Time `json:"at"`

	Run      string           `json:"run,omitempty"`
	Outcome  run.Outcome      `json:"outcome,omitempty"`
	Plan     string           `json:"plan,omitempty"`
	Removals int              `json:"removals,omitempty"` // held
	Held     *run.HeldPlan    `json:"held,omitempty"`     // all that is held; an earlier release stored only Removals
	Until    time.Time        `json:"until,omitzero"`     // when the plan expires
	Failures int              `json:"failures,omitempty"` // failed scheduled syncs in a row
	Changes  int              `json:"changes,omitempty"`  // applied
	Rejected int              `json:"rejected,omitempty"` // rows
	Rows     int              `json:"rows,omitempty"`     // rows read
	Error    *run.ResultError `json:"error,omitempty"`
	Due      time.Time        `json:"due,omitzero"`
}

func (e Event) alert(c Condition) Alert {
	a := Alert{
		Tenant: e.Tenant, Condition: c, At: e.At, Run: e.Result.Run, Outcome: e.Result.Outcome, Until: e.Until,
		Changes: e.Result.Changes.Total(), Rejected: e.Result.Rows.Rejected, Rows: e.Result.Rows.Read(), Error: e.Result.Error, Due: e.Due,
	}
	if held := e.Result.Held; held != nil {
		a.Plan, a.Removals, a.Held = held.Plan, held.Removals, held
	}
	a.ID = e.id(c, "")
	return a
}

func (e Event) recovered(was Condition) Alert {
	a := e.alert(Recovered)
	a.Was, a.ID = was, e.id(Recovered, was)
	return a
}

// id derives the id of an alert from its content, so that a retry gets the same id.
func (e Event) id(c, was Condition) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceURL,
		[]byte(strings.Join([]string{"rollcall:alert", e.Tenant, e.Key, string(c), string(was)}, "\n")))
}
