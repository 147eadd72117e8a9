package activities_test

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/maintenance"
	"github.com/rollcall/rollcall/internal/run"
)

// alertHarness is a harness with a hook named duty. It implements the ports Hooks and Schedules.
type alertHarness struct {
	*harness
	mutex   sync.Mutex
	heard   []health.Alert
	watched []activities.Watched
	seen    map[string]activities.Expectation
	asked   int
}

func withAlerts(o *harness) *alertHarness {
	d := &alertHarness{harness: o}
	o.do.Hooks, o.do.Schedules = d, d
	return d
}

func (d *alertHarness) Names(context.Context, string, health.Condition) ([]string, error) {
	return []string{"duty"}, nil
}

func (d *alertHarness) Send(_ context.Context, name string, alert health.Alert, _ string) error {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if name != "duty" {
		return errors.New("nobody of this name")
	}
	d.heard = append(d.heard, alert)
	return nil
}

func (d *alertHarness) Cadence(context.Context, string) (activities.Cadence, error) {
	return hourly(), nil
}

func (d *alertHarness) Watched(context.Context) iter.Seq2[activities.Watched, error] {
	return func(yield func(activities.Watched, error) bool) {
		for _, w := range d.watched {
			state, err := d.kept.Condition(context.Background(), w.Tenant)
			w.State = state
			if !yield(w, err) {
				return
			}
		}
	}
}

func (d *alertHarness) Expectation(_ context.Context, tenant string) (activities.Expectation, error) {
	d.asked++
	return d.seen[tenant], nil
}

func hourly() activities.Cadence {
	return activities.Cadence{
		Next:      func(after time.Time) time.Time { return after.Truncate(time.Hour).Add(time.Hour) },
		Tolerance: 10 * time.Minute,
	}
}

func (d *alertHarness) conditions() (words []health.Condition) {
	for _, alert := range d.heard {
		words = append(words, alert.Condition)
	}
	return words
}

func TestEachChangeOfConditionSendsOneAlert(t *testing.T) {
	t.Parallel()
	o := open(t)
	d := withAlerts(o)
	o.origin = run.Scheduled
	o.source.users = people(4)
	o.sync(run.Applied)
	require.Empty(t, d.heard)
	o.source.refuse = notFound
	for range 4 {
		o.fails(fault.KindNotFound)
	}
	require.Equal(t, []health.Condition{health.Failed, health.Quarantined}, d.conditions())
	require.Equal(t, 3, d.heard[1].Failures)
	require.Equal(t, "not_found", d.heard[1].Error.Kind)

	o.origin = run.Manual
	o.fails(fault.KindNotFound)
	state, err := o.kept.Condition(t.Context(), acme)
	require.NoError(t, err)
	require.Nil(t, state.Quarantine, "somebody asked")
	o.source.refuse = nil
	_, err = o.round("Preview")
	require.NoError(t, err)
	require.Len(t, d.heard, 2, "a preview says nothing of a tenant's condition")
	o.sync(run.Unchanged)
	require.Equal(t, []health.Condition{health.Failed, health.Quarantined, health.Recovered}, d.conditions())
	require.Equal(t, health.Quarantined, d.heard[2].Was)
}

func (u *unreliable) AddEvent(ctx context.Context, e health.Event) (alerts []health.Alert, err error) {
	return alerts, u.write(func() (err error) { alerts, err = u.Store.AddEvent(ctx, e); return err })
}

func (u *unreliable) TakeAlert(ctx context.Context, id uuid.UUID, at time.Time) error {
	return u.write(func() error { return u.Store.TakeAlert(ctx, id, at) })
}

// third plays the third failure in a row, and then a sync that succeeds.
func third(t *testing.T, u *unreliable) *alertHarness {
	o := open(t)
	u.Store = o.kept
	o.do.Runs, o.do.Stages, o.do.Ledger, o.do.Conditions = u, u, u, u
	d := withAlerts(o)
	for n := range 2 {
		_, err := o.kept.AddEvent(t.Context(), health.Event{
			Tenant: acme, Key: strconv.Itoa(n), Kind: health.Ended, Origin: run.Scheduled,
			Result: run.Result{Outcome: run.Failed},
		})
		require.NoError(t, err)
	}
	o.origin, o.source.users, o.source.refuse = run.Scheduled, people(2), notFound
	o.fails(fault.KindNotFound)
	o.source.refuse = nil
	o.sync(run.Applied)
	return d
}

func TestEachChangeOfConditionSendsOneAlertWhicheverWriteFails(t *testing.T) {
	t.Parallel()
	counting := &unreliable{}
	want := []health.Condition{health.Quarantined, health.Recovered}
	require.Equal(t, want, third(t, counting).conditions())
	require.Greater(t, counting.writes, 15)
	stride := 1
	if testing.Short() {
		stride = 5
	}
	for cut := 1; cut <= counting.writes; cut += stride {
		for _, after := range []bool{false, true} {
			d := third(t, &unreliable{cut: cut, after: after})
			require.Equal(t, want, d.conditions(), "write %d, after: %t", cut, after)
			kept, err := d.kept.Alerts(t.Context(), acme, 0)
			require.NoError(t, err)
			require.Len(t, kept, 3, "and the one before")
			state, err := d.kept.Condition(t.Context(), acme)
			require.NoError(t, err)
			require.Zero(t, state.Failures)
		}
	}
}

func TestFailuresInAMaintenanceWindowSendNoAlerts(t *testing.T) {
	t.Parallel()
	o := open(t)
	d := withAlerts(o)
	o.origin = run.Scheduled
	o.source.users = people(4)
	now := time.Now().UTC()
	o.rules.Maintenance = []maintenance.Window{{
		From: maintenance.Moment{Weekday: now.Add(-24 * time.Hour).Weekday()},
		To:   maintenance.Moment{Weekday: now.Add(48 * time.Hour).Weekday()}, Timezone: "UTC",
	}}
	o.source.refuse = notFound
	for range 4 {
		o.fails(fault.KindNotFound)
	}
	require.Empty(t, d.heard)
	o.rules.Maintenance = nil
	o.fails(fault.KindNotFound)
	require.Equal(t, []health.Condition{health.Failed}, d.conditions())
}

func TestAlertsReportAHoldAndItsEnd(t *testing.T) {
	t.Parallel()
	o := open(t)
	d := withAlerts(o)
	o.source.users = people(30)
	o.sync(run.Applied)
	o.source.users = people(15)
	held := o.sync(run.Held)
	require.Equal(t, []health.Condition{health.Held}, d.conditions())
	require.Equal(t, held.Held.Plan, d.heard[0].Plan)
	require.Equal(t, 15, d.heard[0].Removals)
	o.sync(run.Held)
	require.Len(t, d.heard, 1, "the replanned sync still holds")
	o.source.users = people(30)
	o.sync(run.Unchanged)
	require.Equal(t, []health.Condition{health.Held, health.Recovered}, d.conditions())
}

// look runs Watch at a time.
func (d *alertHarness) look(at time.Time) activities.WatchResult {
	d.t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	d.do.Now = func() time.Time { return at }
	env.RegisterActivity(d.do.Watch)
	value, err := env.ExecuteActivity(d.do.Watch, activities.WatchInput{})
	require.NoError(d.t, err)
	var result activities.WatchResult
	require.NoError(d.t, value.Get(&result))
	return result
}

func TestWatchFindsOverdueSyncs(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name    string
		watched activities.Watched
		seen    activities.Expectation
		at      time.Time
		overdue int
		asked   int
	}{
		{"not due yet", activities.Watched{Last: noon}, activities.Expectation{}, noon.Add(59 * time.Minute), 0, 0},
		{
			"due, within the tolerance",
			activities.Watched{Last: noon},
			activities.Expectation{},
			noon.Add(70 * time.Minute), 0, 0,
		},
		{"beyond it", activities.Watched{Last: noon}, activities.Expectation{}, noon.Add(71 * time.Minute), 1, 1},
		{
			"a sync is open",
			activities.Watched{Last: noon},
			activities.Expectation{Open: true},
			noon.Add(71 * time.Minute), 0, 1,
		},
		{
			"paused",
			activities.Watched{Last: noon},
			activities.Expectation{Paused: true},
			noon.Add(71 * time.Minute), 0,
			1,
		},
		{
			"applied since",
			activities.Watched{Last: noon, Applied: noon.Add(time.Hour)},
			activities.Expectation{},
			noon.Add(71 * time.Minute), 0, 0,
		},
		{"never begun", activities.Watched{Applied: noon}, activities.Expectation{}, noon.Add(71 * time.Minute), 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := withAlerts(open(t))
			c.watched.Tenant, c.watched.Cadence = acme, hourly()
			d.watched, d.seen = []activities.Watched{c.watched}, map[string]activities.Expectation{acme: c.seen}
			result := d.look(c.at)
			require.Equal(t, c.overdue, result.Overdue)
			require.Len(t, result.Alerts, c.overdue)
			require.Equal(t, c.asked, d.asked)
			require.Zero(t, d.look(c.at).Overdue, "told once")
		})
	}
}

func TestWatchCountsFromTheEndOfAPause(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	d := withAlerts(open(t))
	d.watched = []activities.Watched{{Tenant: acme, Last: noon, Cadence: hourly()}}
	d.seen = map[string]activities.Expectation{acme: {Paused: true}}
	for hours := range 48 {
		require.Zero(t, d.look(noon.Add(time.Duration(hours)*time.Hour)).Overdue)
	}
	d.seen = nil
	unpaused := noon.Add(48 * time.Hour).Add(50 * time.Minute)
	for _, later := range []time.Duration{0, 5 * time.Minute, 15 * time.Minute} {
		require.Zero(t, d.look(unpaused.Add(later)).Overdue, "%s after it", later)
	}
	require.Equal(t, 1, d.look(unpaused.Add(21*time.Minute)).Overdue)
}

func TestWatchSendsNoAlertsInAMaintenanceWindow(t *testing.T) {
	t.Parallel()
	friday := time.Date(2026, 11, 20, 18, 0, 0, 0, time.FixedZone("PST", -8*3600))
	d := withAlerts(open(t))
	cadence := hourly()
	cadence.Maintenance = []maintenance.Window{maintenance.Workday()}
	d.watched = []activities.Watched{{Tenant: acme, Last: friday.Add(-time.Hour), Cadence: cadence}}
	require.Zero(t, d.look(friday.Add(6*time.Hour)).Overdue)
	require.Equal(t, 1, d.look(friday.Add(12*time.Hour)).Overdue)
}

func TestWatchDeliversForgottenAlerts(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	d := withAlerts(open(t))
	require.Empty(t, d.look(noon).Alerts)
	made, err := d.kept.AddEvent(t.Context(), health.Event{
		Tenant: acme, Key: "ended", Kind: health.Ended, At: noon, Origin: run.Scheduled,
		Result: run.Result{Outcome: run.Failed},
	})
	require.NoError(t, err)
	want := []activities.Announcement{{Alert: made[0].ID, Tenant: acme, Condition: health.Failed}}
	require.Empty(t, d.look(noon.Add(time.Minute)).Alerts, "the sync that made it may be about to")
	require.Equal(t, want, d.look(noon.Add(5*time.Minute)).Alerts)
	require.Empty(t, d.look(noon.Add(25*time.Hour)).Alerts, "nobody would want it any more")
	require.NoError(t, d.kept.TakeAlert(t.Context(), made[0].ID, noon))
	require.Empty(t, d.look(noon.Add(5*time.Minute)).Alerts)
	require.Empty(t, d.look(noon.Add(31*24*time.Hour)).Alerts)
	_, err = d.kept.Alert(t.Context(), acme, made[0].ID)
	require.Error(t, err, "it is kept for 30 days")
}

func TestNoAlertIsStartedWithoutHooks(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.origin = run.Scheduled
	o.source.users, o.source.refuse = people(4), notFound
	o.during = func(env *testsuite.TestWorkflowEnvironment) {
		env.SetOnChildWorkflowStartedListener(func(*workflow.Info, workflow.Context, converter.EncodedValues) {
			t.Error("an alert is started")
		})
	}
	o.fails(fault.KindNotFound)
	kept, err := o.kept.Alerts(t.Context(), acme, 0)
	require.NoError(t, err)
	require.Len(t, kept, 1, "it is kept all the same")
	require.NotZero(t, kept[0].TakenAt, "and Watch leaves it alone")
}

func TestADeletedAlertIsNotSent(t *testing.T) {
	t.Parallel()
	d := withAlerts(open(t))
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(d.do.Take)
	env.RegisterActivity(d.do.Tell)
	value, err := env.ExecuteActivity(d.do.Take, activities.TakeInput{Tenant: acme, Alert: uuid.New()})
	require.NoError(t, err)
	var taken activities.TakeResult
	require.NoError(t, value.Get(&taken))
	require.Empty(t, taken.Hooks)
	_, err = env.ExecuteActivity(d.do.Tell, activities.TellInput{Tenant: acme, Alert: uuid.New(), Hook: "duty"})
	require.NoError(t, err)
	require.Empty(t, d.heard)
}

func notFound(int) error {
	return fault.NotFound(fault.At{Source: "Workday", Part: "the user report"}, 404)
}
