package health_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/run"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// step names a kind of event. Its position in a sequence numbers the event.
type step string

const (
	ok        step = "ok"
	failed    step = "failed"
	byHand    step = "failed resync"
	requested step = "requested"
	excused   step = "failed in the window"
	cancelled step = "cancelled"
	held      step = "held"
	heldOther step = "another plan held"
	reminded  step = "reminded"
	rejected  step = "rejected"
	expired   step = "expired"
	missed    step = "missed"
	missedIn  step = "missed in the window"
	degraded  step = "many rows rejected"
	tenth     step = "a tenth of the rows rejected"
	undone    step = "undone"
)

func all() []step {
	return []step{
		ok, failed, byHand, requested, excused, cancelled, held, heldOther, reminded, rejected, expired,
		missed, missedIn, degraded, tenth, undone,
	}
}

func (s step) event(n int) health.Event {
	at := noon.Add(time.Duration(n) * time.Hour)
	e := health.Event{
		Tenant: "acme", Key: fmt.Sprint(n), Kind: health.Ended, At: at, Origin: run.Scheduled,
		Result: run.Result{
			Tenant: "acme", Run: fmt.Sprint("run ", n), Outcome: run.Applied,
			Started: at.Add(-time.Minute), Finished: at,
		},
	}
	fails := func() {
		e.Result.Outcome, e.Result.Error = run.Failed,
			&run.ResultError{Kind: "not_found", Detail: "there is no such report", Hint: "look"}
	}
	holds := func(plan string, outcome run.Outcome) {
		e.Result.Outcome, e.Result.Held = outcome, &run.HeldPlan{Plan: plan, Removals: 40}
	}
	switch s {
	case ok:
		e.Result.Rows.Accepted = 100
	case degraded:
		e.Result.Rows = run.RowCounts{Accepted: 80, Departed: 9, Rejected: 11}
	case tenth:
		e.Result.Rows = run.RowCounts{Accepted: 90, Rejected: 10}
	case failed:
		fails()
	case byHand:
		fails()
		e.Origin = run.Manual
	case excused:
		fails()
		e.InMaintenance = true
	case cancelled:
		fails()
		e.Result.Error.Kind = "canceled"
	case requested:
		e.Kind, e.Result = health.Requested, run.Result{}
	case held:
		holds("one", run.Held)
	case heldOther:
		holds("two", run.Held)
	case reminded:
		e.Kind = health.Reminded
		holds("one", run.Held)
	case rejected:
		e.Kind = health.Concluded
		holds("one", run.Rejected)
	case expired:
		e.Kind = health.Concluded
		holds("one", run.Expired)
	case missed, missedIn:
		e.Kind, e.Due, e.InMaintenance, e.Result = health.Missed, at.Add(-time.Hour), s == missedIn, run.Result{}
	}
	return e
}

// word describes an alert in one or two words.
func word(a health.Alert) string {
	switch {
	case a.Was != "":
		return "no longer " + string(a.Was)
	case a.Reminder:
		return "reminded"
	default:
		return string(a.Condition)
	}
}

func words(alerts []health.Alert) string {
	text := ""
	for _, a := range alerts {
		text += word(a) + ";"
	}
	return text
}

func TestAlertsOfASequence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		steps []step
		want  []string // alerts after each step
	}{
		{"a healthy tenant", []step{ok, ok}, []string{"", ""}},
		{
			"repeated failures, until one succeeds",
			[]step{failed, failed, failed, failed, ok, ok},
			[]string{"failed;", "", "quarantined;", "", "no longer quarantined;", ""},
		},
		{"a failure, then a success", []step{failed, ok, failed}, []string{"failed;", "no longer failed;", "failed;"}},
		{"repeated failures, until a resync", []step{
			failed, failed, failed, requested, byHand, failed, failed, failed,
			ok,
		}, []string{"failed;", "", "quarantined;", "", "", "", "", "quarantined;", "no longer quarantined;"}},
		{"a failed resync causes an alert but does not count", []step{
			byHand, byHand, byHand, byHand, failed, failed,
			failed,
		}, []string{"failed;", "", "", "", "", "", "quarantined;"}},
		{
			"nothing counts in a maintenance window",
			[]step{excused, excused, excused, excused, failed},
			[]string{"", "", "", "", "failed;"},
		},
		{
			"a maintenance window does not reset the count",
			[]step{failed, failed, excused, failed},
			[]string{"failed;", "", "", "quarantined;"},
		},
		{
			"a canceled sync neither fails nor succeeds",
			[]step{failed, failed, cancelled, failed},
			[]string{"failed;", "", "", "quarantined;"},
		},
		{
			"a hold causes one alert, even if the plan changes",
			[]step{held, held, heldOther, held, ok},
			[]string{"held;", "", "", "", "no longer held;"},
		},
		{
			"each plan has one reminder",
			[]step{held, reminded, reminded, rejected, held, reminded},
			[]string{"held;", "reminded;", "", "no longer held;", "held;", "reminded;"},
		},
		{"expired", []step{held, expired, expired}, []string{"held;", "no longer held;", ""}},
		{
			"another plan is held when one is rejected",
			[]step{held, heldOther, rejected, ok},
			[]string{"held;", "", "", "no longer held;"},
		},
		{"a canceled hold ends without an alert", []step{held, cancelled, held}, []string{"held;", "", "held;"}},
		{
			"held and failed are independent",
			[]step{held, failed, held, rejected},
			[]string{"held;", "failed;", "no longer failed;", "no longer held;"},
		},
		{
			"a held sync has not failed",
			[]step{failed, failed, failed, held},
			[]string{"failed;", "", "quarantined;", "no longer quarantined;held;"},
		},
		{
			"overdue causes one alert, and the next sync recovers",
			[]step{missed, missed, ok, missed},
			[]string{"overdue;", "", "no longer overdue;", "overdue;"},
		},
		{"overdue, then failed", []step{missed, failed, ok}, []string{"overdue;", "failed;", "no longer failed;"}},
		{
			"more than a tenth of the rows rejected",
			[]step{ok, tenth, degraded, degraded, undone, failed, degraded, tenth, degraded},
			[]string{"", "", "degraded;", "", "", "failed;", "no longer failed;", "no longer degraded;", "degraded;"},
		},
		{
			"overdue in a maintenance window causes an alert after it",
			[]step{missedIn, missed},
			[]string{"", "overdue;"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var s health.Status
			for n, step := range c.steps {
				var alerts []health.Alert
				s, alerts = s.After(step.event(n))
				require.Equal(t, c.want[n], words(alerts), "after %q, the %d.", step, n+1)
			}
		})
	}
}

func TestAnAlertHasItsDetails(t *testing.T) {
	t.Parallel()
	var s health.Status
	var last []health.Alert
	for n := range 3 {
		s, last = s.After(failed.event(n))
	}
	require.Equal(t, health.Alert{
		ID: last[0].ID, Tenant: "acme", Condition: health.Quarantined, At: noon.Add(2 * time.Hour), Run: "run 2",
		Outcome:  run.Failed,
		Failures: 3, Error: &run.ResultError{Kind: "not_found", Detail: "there is no such report", Hint: "look"},
	}, last[0])
	require.Equal(t, &health.Quarantine{Since: noon.Add(2 * time.Hour), Tried: noon.Add(2*time.Hour - time.Minute)},
		s.Quarantine)
	_, last = health.Status{}.After(held.event(1))
	require.Equal(t, "one", last[0].Plan)
	require.Equal(t, 40, last[0].Removals)
	_, again := health.Status{}.After(held.event(1))
	require.Equal(t, last, again, "the same event gives the same id")
}

// play draws any sequence of events, and returns it with the last state.
func play(t *rapid.T) (s health.Status, events []health.Event) {
	for n, step := range rapid.SliceOfN(rapid.SampledFrom(all()), 0, 30).Draw(t, "steps") {
		e := step.event(n)
		s, _ = s.After(e)
		events = append(events, e)
	}
	return s, events
}

func TestAnEventThatArrivesTwiceCountsOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, events := play(t)
		for _, e := range events {
			after, alerts := s.After(e)
			require.Empty(t, alerts)
			require.Equal(t, s, after)
		}
	})
}

// picture is the part of a state that people know from alerts.
type picture struct {
	announced                        health.Condition
	quarantined, overdue, hold, half bool
	degraded                         bool
}

func pictured(s health.Status) picture {
	return picture{
		announced: s.Announced, quarantined: s.Quarantine != nil, overdue: !s.Overdue.IsZero(), hold: s.Hold != nil,
		half: s.Hold != nil && s.Hold.Reminded, degraded: s.Degraded,
	}
}

func TestAlertsFollowChangesForTheWorse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var s health.Status
		ids := map[string]bool{}
		for n, step := range rapid.SliceOfN(rapid.SampledFrom(all()), 0, 40).Draw(t, "steps") {
			before := pictured(s)
			var alerts []health.Alert
			s, alerts = s.After(step.event(n))
			after := pictured(s)
			got := words(alerts)
			for _, a := range alerts {
				require.False(t, ids[a.ID.String()], "each has an id of its own")
				ids[a.ID.String()] = true
			}
			require.False(t, len(alerts) > 0 && before == after, "%s is no change", got)
			for word, worse := range map[string]bool{
				"quarantined;": !before.quarantined && after.quarantined,
				"failed;":      before.announced == "" && after.announced == health.Failed,
				"overdue;":     !before.overdue && after.overdue,
				"held;":        !before.hold && after.hold && !after.half,
				"reminded;":    !before.half && after.half,
				"degraded;":    !before.degraded && after.degraded,
				"no longer " + string(before.announced) + ";": before.announced != "" && after.announced == "",
			} {
				require.Equal(t, worse, strings.HasPrefix(got, word) || strings.Contains(got, ";"+word),
					"%s after %s: %s", word, step, got)
			}
		}
	})
}

func TestASyncThatDoesNotFailMakesATenantHealthy(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, _ := play(t)
		s, _ = s.After(ok.event(100))
		s.Seen = nil
		require.Equal(t, health.Status{}, s)
	})
}

func TestARequestEndsAQuarantine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, _ := play(t)
		s, alerts := s.After(requested.event(100))
		require.Nil(t, s.Quarantine)
		require.Zero(t, s.Failures)
		require.Empty(t, alerts)
	})
}

func TestNothingCountsInAMaintenanceWindow(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, _ := play(t)
		for n, next := range []step{excused, missedIn} {
			after, alerts := s.After(next.event(100 + n))
			require.Empty(t, alerts)
			after.Seen = s.Seen
			require.Equal(t, s, after)
		}
	})
}

func TestTheNumberOfRememberedEventsIsBounded(t *testing.T) {
	t.Parallel()
	var s health.Status
	for n := range 500 {
		s, _ = s.After(ok.event(n))
	}
	require.Len(t, s.Seen, 64)
}

func ticks(t require.TestingT, expression, zone string) health.NextTick {
	place, err := time.LoadLocation(zone)
	require.NoError(t, err)
	schedule, err := cron.ParseStandard(expression)
	require.NoError(t, err)
	return func(after time.Time) time.Time { return schedule.Next(after.In(place)) }
}

func quarantined(tried time.Time) health.Status {
	return health.Status{
		Failures: 3, Announced: health.Quarantined,
		Quarantine: &health.Quarantine{Since: tried, Tried: tried},
	}
}

func TestAQuarantinedTenantSyncsOnceADay(t *testing.T) {
	t.Parallel()
	const la = "America/Los_Angeles"
	for _, c := range []struct {
		name, cron, zone string
		jitter           time.Duration
		from             time.Time
		days, tries      int
	}{
		{"every half hour", "*/30 * * * *", "UTC", 0, noon, 10, 10},
		{"every half hour, delayed by up to 20 minutes", "*/30 * * * *", "UTC", 20 * time.Minute, noon, 10, 10},
		{"every minute", "* * * * *", "UTC", 0, noon, 10, 10},
		{"once a day", "0 3 * * *", "UTC", 0, noon.Add(-9 * time.Hour), 10, 10},
		{"once a day, delayed by up to an hour", "0 3 * * *", "UTC", time.Hour, noon.Add(-9 * time.Hour), 10, 10},
		{"once a day, over the short night", "0 3 * * *", la, 0, time.Date(2026, 3, 5, 11, 0, 0, 0, time.UTC), 10, 10},
		{"once a day, over the long night", "0 4 * * *", la, 0, time.Date(2026, 10, 29, 11, 0, 0, 0, time.UTC), 10, 10},
		{"twice a day", "0 8,20 * * *", "UTC", time.Minute, noon.Add(-4 * time.Hour), 10, 10},
		{"once a week", "0 3 * * 1", "UTC", time.Hour, noon.Add(-9 * time.Hour), 28, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			next, s, tries := ticks(t, c.cron, c.zone), quarantined(c.from), 0
			n := 0
			for tick := next(c.from); !tick.After(c.from.Add(time.Duration(c.days)*health.QuarantineInterval +
				2*time.Hour)); tick = next(tick) {
				n++
				at := tick
				if c.jitter > 0 {
					at = at.Add(c.jitter * time.Duration(n*7%11) / 11)
				}
				before := s
				var may bool
				s, may = s.Admit(fmt.Sprint(n), at, next)
				again, same := s.Admit(fmt.Sprint(n), at.Add(time.Second), next)
				require.Equal(t, may, same, "a second call")
				require.Equal(t, s, again)
				if may {
					tries++
					require.WithinDuration(t, tick, before.Quarantine.NextTry(next), 0, "NextTry said so")
				}
			}
			require.Equal(t, c.tries, tries)
		})
	}
}

func TestSyncsInQuarantineAreADayApart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		minutes := rapid.IntRange(1, 59).Draw(t, "minutes")
		next := ticks(t, fmt.Sprintf("*/%d * * * *", minutes), "UTC")
		s := quarantined(noon.Add(-time.Duration(rapid.IntRange(0, 3600).Draw(t, "before")) * time.Second))
		at := s.Quarantine.Tried
		for n := range 3 * 1440 / minutes {
			tick := next(at)
			at = tick.Add(time.Duration(rapid.IntRange(0, 59).Draw(t, "late")) * time.Second)
			last := s.Quarantine.Tried
			var may bool
			if s, may = s.Admit(fmt.Sprint(n), at, next); may {
				require.Greater(t, at.Sub(last), health.QuarantineInterval-time.Hour)
				require.Less(t, at.Sub(last), health.QuarantineInterval+time.Hour)
			}
		}
	})
}

func TestATenantWithoutQuarantineIsAdmitted(t *testing.T) {
	t.Parallel()
	never := func(time.Time) time.Time { return time.Time{} }
	_, may := health.Status{Failures: 2, Announced: health.Failed}.Admit("1", noon, never)
	require.True(t, may)
	_, may = quarantined(noon).Admit("1", noon.Add(time.Minute), never)
	require.True(t, may, "there is no later tick")
}

func TestNextDue(t *testing.T) {
	t.Parallel()
	next := ticks(t, "*/30 * * * *", "UTC")
	for _, c := range []struct {
		name  string
		state health.Status
		last  time.Time
		want  time.Time
	}{
		{"after the last one", health.Status{}, noon.Add(time.Second), noon.Add(30 * time.Minute)},
		{"never, without a last sync", health.Status{}, time.Time{}, time.Time{}},
		{
			"after the time when none was expected",
			health.Status{Idle: noon.Add(time.Hour)},
			noon,
			noon.Add(90 * time.Minute),
		},
		{"in quarantine, a day later", quarantined(noon), noon, noon.Add(health.QuarantineInterval)},
		{
			"after a resync in quarantine that began later", quarantined(noon), noon.Add(25 * time.Hour),
			noon.Add(25*time.Hour + 30*time.Minute),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.WithinDuration(t, c.want, c.state.NextDue(c.last, next), 0)
		})
	}
}
