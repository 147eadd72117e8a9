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

// happening is an event in a word, numbered by its place.
type happening string

const (
	ok        happening = "ok"
	failed    happening = "failed"
	byHand    happening = "failed by hand"
	asked     happening = "asked"
	excused   happening = "failed in the window"
	cancelled happening = "cancelled"
	held      happening = "held"
	heldOther happening = "others held"
	reminded  happening = "reminded"
	rejected  happening = "rejected"
	expired   happening = "expired"
	missed    happening = "missed"
	missedIn  happening = "missed in the window"
)

func all() []happening {
	return []happening{ok, failed, byHand, asked, excused, cancelled, held, heldOther, reminded, rejected, expired, missed, missedIn}
}

func (h happening) event(n int) health.Event {
	at := noon.Add(time.Duration(n) * time.Hour)
	e := health.Event{
		Tenant: "acme", Key: fmt.Sprint(n), Kind: health.Ended, At: at, Origin: run.Scheduled,
		Result: run.Result{Tenant: "acme", Run: fmt.Sprint("run ", n), Outcome: run.Applied, Started: at.Add(-time.Minute), Finished: at},
	}
	fails := func() {
		e.Result.Outcome, e.Result.Error = run.Failed, &run.ResultError{Kind: "not_found", Detail: "there is no such report", Hint: "look"}
	}
	holds := func(plan string, outcome run.Outcome) {
		e.Result.Outcome, e.Result.Held = outcome, &run.HeldPlan{Plan: plan, Removals: 40}
	}
	switch h {
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
	case asked:
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
		e.Kind, e.Due, e.InMaintenance, e.Result = health.Missed, at.Add(-time.Hour), h == missedIn, run.Result{}
	}
	return e
}

// word is an alert in a word.
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

func told(alerts []health.Alert) string {
	words := ""
	for _, a := range alerts {
		words += word(a) + ";"
	}
	return words
}

func TestWhatIsTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		steps []happening
		told  []string // after each step
	}{
		{"a tenant that is well", []happening{ok, ok}, []string{"", ""}},
		{"repeated failures, until one succeeds", []happening{failed, failed, failed, failed, ok, ok}, []string{"failed;", "", "quarantined;", "", "no longer quarantined;", ""}},
		{"one that passes", []happening{failed, ok, failed}, []string{"failed;", "no longer failed;", "failed;"}},
		{"repeated failures, until somebody resyncs", []happening{failed, failed, failed, asked, byHand, failed, failed, failed, ok}, []string{"failed;", "", "quarantined;", "", "", "", "", "quarantined;", "no longer quarantined;"}},
		{"by hand it is told but not counted", []happening{byHand, byHand, byHand, byHand, failed, failed, failed}, []string{"failed;", "", "", "", "", "", "quarantined;"}},
		{"in a window nothing counts", []happening{excused, excused, excused, excused, failed}, []string{"", "", "", "", "failed;"}},
		{"a window in between doesn't break the row", []happening{failed, failed, excused, failed}, []string{"failed;", "", "", "quarantined;"}},
		{"cancelled is neither", []happening{failed, failed, cancelled, failed}, []string{"failed;", "", "", "quarantined;"}},
		{"held is told once, though it is planned anew, and others", []happening{held, held, heldOther, held, ok}, []string{"held;", "", "", "", "no longer held;"}},
		{"a reminder is told once for each plan", []happening{held, reminded, reminded, rejected, held, reminded}, []string{"held;", "reminded;", "", "no longer held;", "held;", "reminded;"}},
		{"expired", []happening{held, expired, expired}, []string{"held;", "no longer held;", ""}},
		{"others are held when one is rejected", []happening{held, heldOther, rejected, ok}, []string{"held;", "", "", "no longer held;"}},
		{"a hold that is cancelled ends silently", []happening{held, cancelled, held}, []string{"held;", "", "held;"}},
		{"held and failing are two things", []happening{held, failed, held, rejected}, []string{"held;", "failed;", "no longer failed;", "no longer held;"}},
		{"held is no failure", []happening{failed, failed, failed, held}, []string{"failed;", "", "quarantined;", "no longer quarantined;held;"}},
		{"overdue is told once, and recovered when it ran", []happening{missed, missed, ok, missed}, []string{"overdue;", "", "no longer overdue;", "overdue;"}},
		{"overdue, and then it fails", []happening{missed, failed, ok}, []string{"overdue;", "failed;", "no longer failed;"}},
		{"overdue in the window is told afterwards", []happening{missedIn, missed}, []string{"", "overdue;"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var s health.State
			for n, step := range c.steps {
				var alerts []health.Alert
				s, alerts = s.After(step.event(n))
				require.Equal(t, c.told[n], told(alerts), "after %q, the %d.", step, n+1)
			}
		})
	}
}

func TestAnAlertSaysWhatItIsAbout(t *testing.T) {
	t.Parallel()
	var s health.State
	var last []health.Alert
	for n := range 3 {
		s, last = s.After(failed.event(n))
	}
	require.Equal(t, health.Alert{
		ID: last[0].ID, Tenant: "acme", Condition: health.Quarantined, At: noon.Add(2 * time.Hour), Run: "run 2", Outcome: run.Failed,
		Failures: 3, Error: &run.ResultError{Kind: "not_found", Detail: "there is no such report", Hint: "look"},
	}, last[0])
	require.Equal(t, &health.Quarantine{Since: noon.Add(2 * time.Hour), Tried: noon.Add(2*time.Hour - time.Minute)}, s.Quarantine)
	_, last = health.State{}.After(held.event(1))
	require.Equal(t, "one", last[0].Plan)
	require.Equal(t, 40, last[0].Removals)
	_, again := health.State{}.After(held.event(1))
	require.Equal(t, last, again, "the same id when it is worked out again")
}

// play plays any events.
func play(t *rapid.T) (s health.State, events []health.Event) {
	for n, step := range rapid.SliceOfN(rapid.SampledFrom(all()), 0, 30).Draw(t, "steps") {
		e := step.event(n)
		s, _ = s.After(e)
		events = append(events, e)
	}
	return s, events
}

func TestAnEventThatComesTwiceCountsOnce(t *testing.T) {
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

// picture is a state as people know it from what they are told.
type picture struct {
	told                             health.Condition
	quarantined, overdue, hold, half bool
}

func pictured(s health.State) picture {
	return picture{
		told: s.Announced, quarantined: s.Quarantine != nil, overdue: !s.Overdue.IsZero(), hold: s.Hold != nil,
		half: s.Hold != nil && s.Hold.Reminded,
	}
}

func TestOnlyAChangeIsToldAndEachForTheWorseIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var s health.State
		ids := map[string]bool{}
		for n, step := range rapid.SliceOfN(rapid.SampledFrom(all()), 0, 40).Draw(t, "steps") {
			before := pictured(s)
			var alerts []health.Alert
			s, alerts = s.After(step.event(n))
			after := pictured(s)
			words := told(alerts)
			for _, a := range alerts {
				require.False(t, ids[a.ID.String()], "each has an id of its own")
				ids[a.ID.String()] = true
			}
			require.False(t, len(alerts) > 0 && before == after, "%s is no change", words)
			for word, worse := range map[string]bool{
				"quarantined;":                           !before.quarantined && after.quarantined,
				"failed;":                                before.told == "" && after.told == health.Failed,
				"overdue;":                               !before.overdue && after.overdue,
				"held;":                                  !before.hold && after.hold && !after.half,
				"reminded;":                              !before.half && after.half,
				"no longer " + string(before.told) + ";": before.told != "" && after.told == "",
			} {
				require.Equal(t, worse, strings.HasPrefix(words, word) || strings.Contains(words, ";"+word), "%s after %s: %s", word, step, words)
			}
		}
	})
}

func TestASyncThatDoesNotFailMakesATenantWell(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, _ := play(t)
		s, _ = s.After(ok.event(100))
		s.Seen = nil
		require.Equal(t, health.State{}, s)
	})
}

func TestWhoAsksEndsAQuarantine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, _ := play(t)
		s, alerts := s.After(asked.event(100))
		require.Nil(t, s.Quarantine)
		require.Zero(t, s.Failures)
		require.Empty(t, alerts)
	})
}

func TestInAWindowNothingCounts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, _ := play(t)
		for n, step := range []happening{excused, missedIn} {
			after, alerts := s.After(step.event(100 + n))
			require.Empty(t, alerts)
			after.Seen = s.Seen
			require.Equal(t, s, after)
		}
	})
}

func TestWhatIsRememberedStaysSmall(t *testing.T) {
	t.Parallel()
	var s health.State
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

func quarantined(tried time.Time) health.State {
	return health.State{Failures: 3, Announced: health.Quarantined, Quarantine: &health.Quarantine{Since: tried, Tried: tried}}
}

func TestAQuarantinedTenantHasOneTryADay(t *testing.T) {
	t.Parallel()
	const la = "America/Los_Angeles"
	for _, c := range []struct {
		name, cron, zone string
		jitter           time.Duration
		from             time.Time
		days, tries      int
	}{
		{"ticks each half hour", "*/30 * * * *", "UTC", 0, noon, 10, 10},
		{"each half hour, put off by up to 20 minutes", "*/30 * * * *", "UTC", 20 * time.Minute, noon, 10, 10},
		{"each minute", "* * * * *", "UTC", 0, noon, 10, 10},
		{"once a day", "0 3 * * *", "UTC", 0, noon.Add(-9 * time.Hour), 10, 10},
		{"once a day, put off by up to an hour", "0 3 * * *", "UTC", time.Hour, noon.Add(-9 * time.Hour), 10, 10},
		{"once a day, over the short night", "0 3 * * *", la, 0, time.Date(2026, 3, 5, 11, 0, 0, 0, time.UTC), 10, 10},
		{"once a day, over the long night", "0 4 * * *", la, 0, time.Date(2026, 10, 29, 11, 0, 0, 0, time.UTC), 10, 10},
		{"twice a day", "0 8,20 * * *", "UTC", time.Minute, noon.Add(-4 * time.Hour), 10, 10},
		{"once a week", "0 3 * * 1", "UTC", time.Hour, noon.Add(-9 * time.Hour), 28, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			next, s, tries := ticks(t, c.cron, c.zone), quarantined(c.from), 0
			n := 0
			for tick := next(c.from); !tick.After(c.from.Add(time.Duration(c.days)*health.QuarantineInterval + 2*time.Hour)); tick = next(tick) {
				n++
				at := tick
				if c.jitter > 0 {
					at = at.Add(c.jitter * time.Duration(n*7%11) / 11)
				}
				before := s
				var may bool
				s, may = s.Admit(fmt.Sprint(n), at, next)
				again, same := s.Admit(fmt.Sprint(n), at.Add(time.Second), next)
				require.Equal(t, may, same, "asked again")
				require.Equal(t, s, again)
				if may {
					tries++
					require.WithinDuration(t, tick, before.Quarantine.NextTry(next), 0, "as it was said")
				}
			}
			require.Equal(t, c.tries, tries)
		})
	}
}

func TestTriesAreADayApart(t *testing.T) {
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

func TestWhoIsNotQuarantinedIsAdmitted(t *testing.T) {
	t.Parallel()
	never := func(time.Time) time.Time { return time.Time{} }
	_, may := health.State{Failures: 2, Announced: health.Failed}.Admit("1", noon, never)
	require.True(t, may)
	_, may = quarantined(noon).Admit("1", noon.Add(time.Minute), never)
	require.True(t, may, "there is no later tick")
}

func TestWhenASyncIsExpected(t *testing.T) {
	t.Parallel()
	next := ticks(t, "*/30 * * * *", "UTC")
	for _, c := range []struct {
		name  string
		state health.State
		last  time.Time
		want  time.Time
	}{
		{"after the last one", health.State{}, noon.Add(time.Second), noon.Add(30 * time.Minute)},
		{"never, where there was none", health.State{}, time.Time{}, time.Time{}},
		{"not before it was seen that none is", health.State{Idle: noon.Add(time.Hour)}, noon, noon.Add(90 * time.Minute)},
		{"when the next try is", quarantined(noon), noon, noon.Add(health.QuarantineInterval)},
		{"after a resync in quarantine that began later", quarantined(noon), noon.Add(25 * time.Hour), noon.Add(25*time.Hour + 30*time.Minute)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.WithinDuration(t, c.want, c.state.NextDue(c.last, next), 0)
		})
	}
}
