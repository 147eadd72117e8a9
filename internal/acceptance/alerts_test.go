package acceptance_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	_ "modernc.org/sqlite" // driver of the worker's database

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/simulator"
	"github.com/rollcall/rollcall/workflows"
)

const signing = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// message is a webhook message.
type message struct {
	ID       string
	Text     string
	Metadata struct {
		Type    string         `json:"event_type"`
		Payload map[string]any `json:"event_payload"`
	}
	body string
}

func (m message) condition() string { return m.Metadata.Payload["condition"].(string) }

// receiver is a server that receives alerts and checks their signatures.
type receiver struct {
	*world
	server *httptest.Server
	mutex  sync.Mutex
	down   bool
	calls  int
	list   []message
}

func newReceiver(w *world) *receiver {
	w.Helper()
	r := &receiver{world: w}
	webhook, err := standardwebhooks.NewWebhook(signing)
	require.NoError(w, err)
	r.server = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		r.mutex.Lock()
		defer r.mutex.Unlock()
		r.calls++
		body, _ := io.ReadAll(in.Body)
		var m message
		if webhook.Verify(body, in.Header) != nil || in.URL.Path != "/"+canary || json.Unmarshal(body, &m) != nil {
			w.Errorf("an alert that can't be trusted: %s", body)
		}
		if r.down {
			out.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		m.ID, m.body = in.Header.Get("webhook-id"), string(body)
		r.list = append(r.list, m)
	}))
	w.Cleanup(r.server.Close)
	return r
}

// url returns the receiver's URL, which is a secret.
func (r *receiver) url() string { return r.server.URL + "/" + canary }

// yaml returns the alert's entry in tenants.yaml.
func (r *receiver) yaml() string {
	return fmt.Sprintf("    alerts: [{name: duty, url: %q, secret: %q}]\n", r.url(), signing)
}

// setDown makes the receiver respond with 503, or normally again.
func (r *receiver) setDown(down bool) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.down = down
}

// all returns the messages received so far.
func (r *receiver) all() []message {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return append([]message{}, r.list...)
}

func (r *receiver) conditions() string {
	var words []string
	for _, m := range r.all() {
		words = append(words, m.condition())
	}
	return strings.Join(words, " ")
}

// waitFor waits until exactly these conditions were received.
func (r *receiver) waitFor(want string) message {
	r.Helper()
	r.eventually(func() bool { return r.conditions() == want }, "heard "+want)
	list := r.all()
	return list[len(list)-1]
}

// applyEvery applies a tenant with a cron expression. The expression must not match during the test.
func (r *receiver) applyEvery(tenant, cron, more string) {
	r.Helper()
	access := r.simulator.Access(tenant)
	file := fmt.Sprintf("tenants:\n  - id: %s\n    schedule: {cron: %q, timezone: UTC, jitter: 0s, catchup: 10s}\n  "+
		"  workday:\n      users: %s\n      groups: %s\n"+
		"      username: %s\n      password: ${PLANTED_PASSWORD}\n%s%s", tenant, cron, access.Users, access.Groups, access.Username, r.yaml(), more)
	path := filepath.Join(r.home, tenant+".yaml")
	require.NoError(r, os.WriteFile(path, []byte(file), 0o600))
	r.starter(0, "apply", "-f", path)
}

// daily returns a cron expression with one tick a day, hours away from now.
func daily() string {
	return fmt.Sprintf("7 %d * * *", time.Now().UTC().Add(12*time.Hour).Hour())
}

// fireSchedule triggers the tenant's Schedule and returns the result of the sync.
func (w *world) fireSchedule(tenant string) run.Result {
	w.Helper()
	c := w.client()
	schedule := c.ScheduleClient().GetHandle(context.Background(), workflows.ScheduleID(tenant))
	before := len(w.ticks(schedule))
	time.Sleep(1100 * time.Millisecond) // the ids of ticks have a resolution of a second
	require.NoError(w, schedule.Trigger(context.Background(), client.ScheduleTriggerOptions{}))
	w.eventually(func() bool { return len(w.ticks(schedule)) > before }, "the Schedule never fired")
	after := w.ticks(schedule)
	var result run.Result
	started := after[len(after)-1].StartWorkflowResult
	if err := c.GetWorkflow(
		context.Background(), started.WorkflowID, "",
	).Get(context.Background(), &result); err != nil {
		result.Outcome = run.Failed
	}
	return result
}

// runWatch runs the watch for missed syncs once.
func (w *world) runWatch() {
	w.Helper()
	c := w.client()
	id := workflows.WatchID(w.queue)
	started, err := c.ExecuteWorkflow(
		context.Background(), client.StartWorkflowOptions{ID: id + "-now", TaskQueue: w.queue}, workflows.WatchName,
	)
	require.NoError(w, err)
	require.NoError(w, started.Get(context.Background(), nil))
}

// backdateRuns moves the times of the tenant's last run and apply into the past.
func (w *world) backdateRuns(tenant string, by time.Duration) {
	w.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.home, "rollcall.db")+"?_pragma=busy_timeout(10000)")
	require.NoError(w, err)
	defer db.Close()
	for _, statement := range []string{
		`UPDATE runs SET started_at = started_at - $1, finished_at = finished_at - $1 WHERE tenant = $2`,
		`UPDATE tenants SET updated_at = updated_at - $1 WHERE id = $2`,
	} {
		_, err := db.Exec(statement, by.Microseconds(), tenant)
		require.NoError(w, err)
	}
}

func TestRepeatedFailuresQuarantineATenant(t *testing.T) {
	t.Parallel()
	t.Run("repeated failures", func(t *testing.T) {
		t.Parallel()
		const tenant = "alerts-ladder"
		w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 30, Seed: 3, Churn: -1})
		r := newReceiver(w)
		r.applyEvery(tenant, daily(), "    maintenance: []\n")
		w.start()
		require.Equal(t, run.Applied, w.fireSchedule(tenant).Outcome)

		w.simulator.Inject(simulator.Fault{
			Tenant: tenant, Kind: simulator.Status, Status: http.StatusForbidden, Body: `{"message":"` + canary + `"}`,
		})
		require.Equal(t, run.Failed, w.fireSchedule(tenant).Outcome)
		first := r.waitFor("failed")
		require.Contains(t, first.Text, "the sync failed. Workday accepts")
		require.Equal(t, "access_forbidden", first.Metadata.Payload["kind"])
		require.Equal(t, "rollcall_alert", first.Metadata.Type)
		require.Equal(t, run.Failed, w.fireSchedule(tenant).Outcome)
		// The worker is killed right after the third failure, maybe before the alert. The alert is still sent once.
		require.Equal(t, run.Failed, w.fireSchedule(tenant).Outcome)
		w.stop(syscall.SIGKILL)
		w.start()
		third := r.waitFor("failed quarantined")
		require.Equal(t, 3.0, third.Metadata.Payload["failures"])
		require.NotEqual(t, first.ID, third.ID)

		// A quarantined tenant is tried once a day. Other ticks end at once, without an error.
		runs := len(w.lines("runs", tenant))
		require.Equal(t, run.Quarantined, w.fireSchedule(tenant).Outcome)
		require.Equal(t, run.Quarantined, w.fireSchedule(tenant).Outcome)
		require.Len(t, w.lines("runs", tenant), runs)
		w.waitForListed(
			2, `RollcallTenant = "`+tenant+`" AND RollcallOutcome = "quarantined" AND ExecutionStatus = "Completed"`,
		)
		require.Contains(t, w.starter(0, "status", tenant), tenant+" is quarantined since ")
		require.Contains(t, w.starter(0, "tenants"), ", quarantined")
		var line struct {
			Quarantined struct{ Since, Next time.Time }
		}
		require.NoError(t, json.Unmarshal([]byte(w.starter(0, "tenants", "-o", "json")), &line))
		require.WithinDuration(t, time.Now(), line.Quarantined.Since, timeout)
		require.Greater(t, time.Until(line.Quarantined.Next), 11*time.Hour)
		require.Contains(t, w.get("http://"+w.metrics+"/metrics"), `rollcall_quarantined{tenant="`+tenant+`"} 1`)

		// A resync ends the quarantine at once, although it fails too.
		w.resync(1, tenant)
		require.NotContains(t, w.starter(0, "status", tenant), "quarantined")
		require.Equal(t, run.Failed, w.fireSchedule(tenant).Outcome)
		require.Equal(t, "failed quarantined", r.conditions())
		w.simulator.Clear(tenant)
		require.Equal(t, run.Unchanged, w.fireSchedule(tenant).Outcome)
		last := r.waitFor("failed quarantined recovered")
		require.Equal(t, "quarantined", last.Metadata.Payload["was"])
		require.Contains(t, w.get("http://"+w.metrics+"/metrics"), `rollcall_quarantined{tenant="`+tenant+`"} 0`)
		require.Contains(t, w.starter(0, "alerts", tenant), "to duty: quarantined, failed, overdue, held, degraded, recovered\n")
		w.requireAlertsPrivate(r, tenant)
	})
}

// requireAlertsPrivate requires that no alert has personal data, and that the receiver's URL appears nowhere.
func (w *world) requireAlertsPrivate(r *receiver, tenant string) {
	w.Helper()
	secrets := []string{canary, signing, w.simulator.Access(tenant).Password}
	for person := range w.simulator.Expected(tenant) {
		secrets = append(secrets, person.Email)
	}
	log, err := os.ReadFile(w.log.Name())
	require.NoError(w, err)
	places := w.histories(tenant)
	places["the worker's log"], places["the metrics"] = string(log), w.get("http://"+w.metrics+"/metrics")
	for _, m := range r.all() {
		places["alert "+m.ID] = m.body
	}
	for place, text := range places {
		for _, secret := range secrets {
			require.NotContains(w, text, secret, "in %s", place)
		}
	}
}

func TestAHeldPlanSendsAnAlertAndAReminder(t *testing.T) {
	t.Parallel()
	const tenant = "alerts-held"
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 300, Seed: 8, Churn: -1})
	r := newReceiver(w)
	w.start()
	r.applyEvery(tenant, daily(), "    guard: {hold: 2m}\n")
	w.resync(0, tenant)
	w.removePeople(tenant, 20)
	held := w.resync(3, tenant)
	first := r.waitFor("held")
	require.Equal(t, held.Held.Plan, first.Metadata.Payload["plan"])
	require.Contains(
		t, first.Text, fmt.Sprintf("%d removals are held for a decision, plan %s", held.Held.Removals, held.Held.Plan),
	)
	before := w.status(tenant).Hold
	w.tick(tenant, func() bool { s := w.status(tenant); return s.Step == "holding" && s.Hold.Run != before.Run })
	require.Equal(t, true, r.waitFor("held held").Metadata.Payload["reminder"])
	last := r.waitFor("held held recovered")
	require.Equal(t, "expired", last.Metadata.Payload["outcome"])
	require.Contains(t, last.Text, "expired without a decision")
	w.requireAlertsPrivate(r, tenant)
}

func TestAMissedSyncSendsAnAlert(t *testing.T) {
	t.Parallel()
	const tenant = "alerts-overdue"
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 30, Seed: 3, Churn: -1})
	r := newReceiver(w)
	r.applyEvery(tenant, daily(), "    maintenance: []\n")
	w.start()
	w.resync(0, tenant)
	w.runWatch()
	require.Empty(t, r.conditions())

	// While the Schedule is paused, no sync is missed.
	w.starter(0, "pause", tenant)
	w.backdateRuns(tenant, 48*time.Hour)
	w.runWatch()
	require.Empty(t, r.conditions())
	w.starter(0, "unpause", tenant)
	w.runWatch() // sees the end of the pause
	w.runWatch()
	require.Empty(t, r.conditions())

	// The Schedule is deleted.
	schedule := w.client().ScheduleClient().GetHandle(context.Background(), workflows.ScheduleID(tenant))
	require.NoError(t, schedule.Delete(context.Background()))
	w.forgetIdle(tenant)
	w.runWatch()
	overdue := r.waitFor("overdue")
	require.NotEmpty(t, overdue.Metadata.Payload["due"])
	w.runWatch()
	require.Contains(t, w.starter(0, "tenants"), "overdue since")
	r.applyEvery(tenant, daily(), "    maintenance: []\n")
	require.Equal(t, run.Unchanged, w.fireSchedule(tenant).Outcome)
	require.Equal(t, "overdue", r.waitFor("overdue recovered").Metadata.Payload["was"])
}

// forgetIdle removes from the tenant's condition the last time at which no sync was expected, as if that were long ago.
func (w *world) forgetIdle(tenant string) {
	w.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.home, "rollcall.db")+"?_pragma=busy_timeout(10000)")
	require.NoError(w, err)
	defer db.Close()
	_, err = db.Exec(`UPDATE conditions SET state = json_remove(state, '$.idle') WHERE tenant = $1`, tenant)
	require.NoError(w, err)
}

func TestADeadWebhookDelaysNoSyncAndIsRetried(t *testing.T) {
	t.Parallel()
	const tenant = "alerts-dead"
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 30, Seed: 3, Churn: -1})
	r := newReceiver(w)
	r.applyEvery(tenant, daily(), "    maintenance: []\n")
	require.Contains(t, w.starter(0, "alerts", tenant, "--test"), "duty: delivered")
	r.waitFor("test")
	r.setDown(true)
	w.starter(1, "alerts", tenant, "--test")
	w.start()
	w.simulator.Inject(simulator.Fault{Tenant: tenant, Kind: simulator.Status, Status: http.StatusUnauthorized})
	w.resync(1, tenant)
	w.simulator.Clear(tenant)
	require.Equal(t, run.Applied, w.resync(0, tenant).Outcome)
	w.eventually(func() bool {
		r.mutex.Lock()
		defer r.mutex.Unlock()
		return r.calls >= 4
	}, "both alerts were tried")
	r.setDown(false)
	w.eventually(func() bool { return len(r.all()) == 3 }, "all three are delivered")
	require.Contains(t, r.conditions(), "failed")
	require.Contains(t, r.conditions(), "recovered")
}

func TestFailuresInAMaintenanceWindowNeitherAlertNorCount(t *testing.T) {
	t.Parallel()
	const tenant = "alerts-window"
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 30, Seed: 3, Churn: -1})
	r := newReceiver(w)
	now := time.Now().UTC()
	r.applyEvery(tenant, daily(), fmt.Sprintf("    maintenance: [{from: %q, to: %q}]\n",
		now.Add(-24*time.Hour).Format("Mon 15:04"), now.Add(24*time.Hour).Format("Mon 15:04")))
	w.start()
	w.simulator.Inject(simulator.Fault{Tenant: tenant, Kind: simulator.Status, Status: http.StatusForbidden})
	for range 4 {
		require.Equal(t, run.Failed, w.fireSchedule(tenant).Outcome)
	}
	r.applyEvery(tenant, daily(), "    maintenance: []\n")
	require.Equal(t, run.Failed, w.fireSchedule(tenant).Outcome)
	require.Equal(t, 1.0, r.waitFor("failed").Metadata.Payload["failures"], "those before don't count")
}
