package acceptance_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/simulator"
	"github.com/rollcall/rollcall/internal/wire"
	"github.com/rollcall/rollcall/workflows"
)

// findText returns the places of a text in the database: the bytes of its files, including free pages and the log, the
// columns of all tables, and decompressed chunks.
func (w *world) findText(text string) (found []string) {
	w.Helper()
	text = strings.ToLower(text)
	for table, rows := range w.content() {
		for _, row := range rows {
			if strings.Contains(strings.ToLower(row), text) {
				found = append(found, "table "+table)
			}
		}
	}
	rows, err := w.database().Query("SELECT stage, data FROM chunks")
	require.NoError(w, err)
	defer rows.Close()
	for rows.Next() {
		var stage string
		var data []byte
		require.NoError(w, rows.Scan(&stage, &data))
		plain, err := wire.Content(data)
		require.NoError(w, err)
		if strings.Contains(strings.ToLower(string(plain)), text) {
			found = append(found, "a chunk of "+stage)
		}
	}
	require.NoError(w, rows.Err())
	for _, file := range []string{"rollcall.db", "rollcall.db-wal"} {
		raw, err := os.ReadFile(filepath.Join(w.home, file))
		if err != nil && !os.IsNotExist(err) {
			require.NoError(w, err)
		}
		if bytes.Contains(bytes.ToLower(raw), []byte(text)) {
			found = append(found, "the file "+file)
		}
	}
	return found
}

// plantPerson makes every value of one person a canary, and makes that person the manager of two others.
func (w *world) plantPerson(tenant, city string) {
	w.Helper()
	put := func(person int, column, value string) {
		encoded, err := json.Marshal(value)
		require.NoError(w, err)
		w.simulator.Inject(simulator.Fault{
			Tenant: tenant, Endpoint: "users", Kind: simulator.BadValue, Person: person, Column: column, Value: encoded,
		})
	}
	for i, column := range []string{
		"Employee_ID", "First_Name", "Last_Name", "CF_Management_Level", "businessTitle", "Business_Unit",
		"Job_Function", "Office", "Country",
	} {
		put(0, column, fmt.Sprintf("%s%d", canary, i))
	}
	put(0, "Email_-_Work", "Kim."+canary+"@planted.example.com")
	put(0, "City", canary+city)
	put(0, "People_Manager", canary+"perhaps")
	for _, person := range []int{20, 21} {
		put(person, "Manager_Email", "kim."+canary+"@planted.example.com")
	}
}

func TestAnErasedPersonIsNowhereAndStaysOut(t *testing.T) {
	t.Parallel()
	const tenant, email = "erase-one", "kim." + canary + "@planted.example.com"
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 300, Seed: 8, Churn: -1})
	w.start()
	w.plantPerson(tenant, "before")
	w.apply(tenant, "")
	w.resync(0, tenant)
	w.starter(0, "preview", tenant)
	w.starter(0, "preview", tenant, "--levels", w.yaml("levels.yaml", "levels: {Director: Chief}\n"))
	w.simulator.Clear(tenant)
	w.plantPerson(tenant, "after")
	w.resync(0, tenant)
	w.simulator.Inject(simulator.Fault{Tenant: tenant, Endpoint: "users", Kind: simulator.RemovePeople, Percent: 20})
	held := w.resync(3, tenant)
	require.NotEmpty(t, w.findText(canary))
	last := w.lines("changes", tenant)
	after := fmt.Sprint(int(last[len(last)-1]["seq"].(float64)))

	status := w.starter(2, "erase", tenant, email)
	require.Empty(t, status)
	var erased struct {
		Request                        string
		Members, Managers, Memberships int
	}
	require.NoError(
		t, json.Unmarshal([]byte(w.starter(0, "erase", tenant, email, "--yes", "--by", "jo", "-o", "json")), &erased),
	)
	require.Equal(t, 1, erased.Members)
	require.Equal(t, 2, erased.Managers)
	w.eventually(func() bool { // the held plan is replaced
		look := w.status(tenant)
		return look.Hold != nil && look.Step == "holding" && look.Hold.Run.String() != held.Run
	}, "the held plan was not replaced")
	require.Equal(t, held.Held.Plan, w.status(tenant).Hold.Plan, "those who leave are the same")
	require.Empty(t, w.findText(canary))
	ops := map[string]int{}
	for _, change := range w.lines("changes", tenant, "--after", after) {
		ops[change["op"].(string)]++
	}
	require.Equal(t, map[string]int{"erased": 1, "updated": 2, "membership_removed": erased.Memberships}, ops)

	// Also erase one of the people whose removal is held.
	var leaver map[string]any
	var report struct{ Changes []map[string]any }
	require.NoError(
		t,
		json.Unmarshal(
			[]byte(w.starter(0, "report", tenant, w.status(tenant).Hold.Run.String(), "-o", "json")), &report,
		),
	)
	for _, member := range w.lines("members", tenant) {
		for _, change := range report.Changes {
			if change["part"] == "removals" && change["member"] == member["id"] && leaver == nil {
				leaver = member
			}
		}
	}
	require.NotNil(t, leaver)
	w.starter(0, "erase", tenant, leaver["id"].(string), "--yes")
	require.Empty(t, w.findText(leaver["email"].(string)))
	w.eventually(func() bool {
		look := w.status(tenant)
		return look.Hold != nil && look.Step == "holding" && look.Hold.Plan != held.Held.Plan
	}, "the plan without the leaver is another one")

	w.simulator.Clear(tenant)
	w.plantPerson(tenant, "again")
	next := w.resync(0, tenant)
	require.Equal(
		t, run.ChangeCounts{},
		run.ChangeCounts{Added: next.Changes.Added, Departed: next.Changes.Departed, Returned: next.Changes.Returned},
	)
	require.GreaterOrEqual(t, next.Rows.Rejected, 2)
	require.Equal(t, 298, w.active(tenant))
	require.Contains(t, w.starter(0, "report", tenant, "-o", "csv"), "manager_erased")
	require.Contains(t, w.starter(0, "report", tenant, "-o", "csv"), ",erased,")
	require.Contains(t, w.starter(0, "erase", tenant, "--list"), "2 people erased")
	require.Empty(t, w.findText(canary))
	require.Empty(t, w.findText(leaver["email"].(string)))

	for place, text := range w.histories(tenant) {
		require.NotContains(t, text, canary, "in %s", place)
		require.NotContains(t, text, leaver["email"].(string), "in %s", place)
	}
	log, err := os.ReadFile(w.log.Name())
	require.NoError(t, err)
	require.NotContains(t, string(log), canary)

	w.starter(0, "erase", tenant, email, "--lift")
	back := w.resync(0, tenant)
	require.Equal(t, 1, back.Changes.Added)
	require.Equal(t, 299, w.active(tenant))
	require.NotEmpty(t, w.findText(canary))
}

// The running sync does not add the erased person again.
func TestAnErasureWaitsForTheRunningSync(t *testing.T) {
	t.Parallel()
	const tenant, email = "erase-busy", "kim." + canary + "@planted.example.com"
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 100, Seed: 9, Churn: -1})
	w.start()
	w.plantPerson(tenant, "before")
	w.apply(tenant, "")
	w.resync(0, tenant)
	w.simulator.Clear(tenant)
	w.plantPerson(tenant, "after")
	w.simulator.Inject(simulator.Fault{
		Tenant: tenant, Endpoint: "users", Kind: simulator.SlowStart, Times: 1, Delay: 4 * time.Second,
	})
	w.starter(0, "resync", tenant)
	w.eventually(func() bool { return w.status(tenant).Step == "fetching" }, "the sync reads")
	w.starter(0, "erase", tenant, email, "--yes")
	require.Equal(t, "applied", w.lines("runs", tenant)[0]["result"].(map[string]any)["outcome"], "it ended by itself")
	require.Empty(t, w.findText(canary))
	w.resync(0, tenant)
	require.Empty(t, w.findText(canary))
}

func TestAScheduleStartsRetention(t *testing.T) {
	t.Parallel()
	const tenant = "retained"
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 60, Seed: 3, Churn: -1})
	w.start()
	w.plantPerson(tenant, "old")
	w.apply(tenant, "    retention: 24h\n")
	first := w.resync(0, tenant)
	w.edit("UPDATE runs SET started_at = started_at - 200000000000")
	w.edit("UPDATE changes SET at = at - 200000000000")
	w.edit("UPDATE requests SET at = at - 200000000000")
	queue := filepath.Base(w.home) + w.Name()
	schedule := w.client().ScheduleClient().GetHandle(context.Background(), workflows.RetentionID(queue))
	require.NoError(t, schedule.Trigger(t.Context(), client.ScheduleTriggerOptions{}))
	w.eventually(func() bool {
		return strings.Contains(w.starter(0, "report", tenant, first.Run), "were dropped on")
	}, "the old run's rows are dropped")
	for _, change := range w.lines("changes", tenant) {
		for _, pair := range change["fields"].(map[string]any) {
			require.Equal(t, []any{nil, nil}, pair)
		}
	}
	report := w.starter(0, "report", tenant, first.Run, "-o", "json")
	require.NotContains(t, report, "acceptance", "who asked")
	require.Contains(t, report, fmt.Sprintf(`"added":%d`, first.Changes.Added), "counts stay")
	require.Contains(t, w.starter(0, "members", tenant, "-o", "json"), canary, "members stay")
	require.Equal(t, run.Unchanged, w.resync(0, tenant).Outcome, "what is known is still known")
	require.Contains(t, w.get("http://"+w.metrics+"/metrics"), "rollcall_retention_values")
	w.eventually(func() bool {
		log, err := os.ReadFile(w.log.Name())
		return err == nil && bytes.Contains(log, []byte("dropped what is past its retention"))
	}, "the log says so")
}
