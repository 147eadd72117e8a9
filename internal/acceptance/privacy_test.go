package acceptance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/proto"

	"github.com/rollcall/rollcall/internal/simulator"
)

// canary marks every planted value.
const canary = "qzkanari"

func TestNothingPersonalLeavesTheStore(t *testing.T) {
	t.Parallel()
	for _, kind := range []simulator.Kind{simulator.Workday, simulator.WorkOS} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			tenant := "private-" + string(kind)
			w := newWorld(t, simulator.Tenant{ID: tenant, Kind: kind, People: 120, Seed: 12, Rate: -1})
			w.plant(tenant, kind)
			traces := w.collectTraces()
			w.start()
			w.apply(tenant, "    protected:\n      - {email: "+canary+"protected@example.com, reason: "+canary+"why}\n")
			w.starter(0, "resync", tenant, "--by", canary+"by@example.com", "--reason", canary+"reason", "--wait")
			w.starter(0, "preview", tenant)
			w.simulator.Advance(tenant, 2)
			changed := w.resync(0, tenant)
			w.starter(
				3, "undo", tenant, changed.Run, "--by", canary+"by@example.com", "--reason", canary+"reason", "--wait",
			)
			w.starter(
				0, "approve", tenant, w.status(tenant).Hold.Plan, "--by", canary+"by@example.com", "--note",
				canary+"note",
			)
			w.eventually(func() bool { return !w.status(tenant).Open }, "the undo is applied")
			require.Positive(t, w.status(tenant).Result.Changes.Total())
			w.simulator.Inject(simulator.Fault{
				Tenant: tenant, Kind: simulator.Status, Status: http.StatusForbidden,
				Body: `{"message":"` + canary + `body"}`,
			})
			w.resync(1, tenant)
			w.simulator.Clear(tenant)
			w.apply(tenant, "    sentinels: ["+canary+"sentinel@example.com, "+canary+"id]\n")
			require.Equal(t, "sentinel_missing", w.resync(1, tenant).Error.Kind)

			kept := w.starter(0, "members", tenant, "-o", "json") + w.starter(0, "report", tenant, "-o", "json")
			require.Contains(t, kept, canary, "what was planted must have been read")

			secrets := []string{canary, strings.ToUpper(canary)}
			access := w.simulator.Access(tenant)
			for _, secret := range []string{access.Username, access.Password, access.APIKey} {
				if secret != "" {
					secrets = append(secrets, secret)
				}
			}
			for person := range w.simulator.Expected(tenant) {
				secrets = append(secrets, person.Email)
			}
			places := w.histories(tenant)
			log, err := os.ReadFile(w.log.Name())
			require.NoError(t, err)
			require.NotEmpty(t, log)
			places["the worker's log"] = string(log)
			places["the metrics"] = w.get("http://" + w.metrics + "/metrics")
			require.Contains(t, places["the metrics"], "temporal_")
			w.stop(syscall.SIGTERM) // sends the last traces
			places["the traces"] = traces()
			require.Contains(t, places["the traces"], "RunActivity:FetchUsers")
			require.Contains(t, places["the traces"], "forbidden", "a failed read is traced, too")
			for place, text := range places {
				for _, secret := range secrets {
					require.NotContains(t, text, secret, "in %s", place)
				}
			}
		})
	}
}

// plant puts a canary into every field of one person, and into invalid values of others.
func (w *world) plant(tenant string, kind simulator.Kind) {
	w.Helper()
	columns := []string{
		"First_Name", "Last_Name", "Email_-_Work", "CF_Management_Level", "businessTitle", "Business_Unit",
		"Job_Function",
		"People_Manager", "Manager_Email", "City", "Country", "Office", "Locale", "Status", "Cost_Center",
	}
	if kind == simulator.WorkOS {
		columns = []string{
			"first_name", "last_name", "email", "management_level", "job_title", "business_unit", "job_function",
			"people_manager", "manager_email", "city", "country", "office", "locale", "cost_center_name",
		}
	}
	for i, column := range columns {
		value := fmt.Sprintf("%s%d", canary, i)
		if strings.Contains(strings.ToLower(column), "email") {
			value += "@planted.example.com"
		}
		encoded, err := json.Marshal(value)
		require.NoError(w, err)
		for _, person := range []int{5, 20 + i} { // one person with all of them, and one person each
			w.simulator.Inject(simulator.Fault{
				Tenant: tenant, Endpoint: "users", Kind: simulator.BadValue, Person: person, Column: column,
				Value: encoded,
			})
		}
	}
	w.simulator.Inject(simulator.Fault{ // an invalid address
		Tenant: tenant, Endpoint: "users", Kind: simulator.BadValue, Person: 60, Column: columns[2],
		Value: json.RawMessage(`"` + canary + `broken@@"`),
	})
}

// collectTraces makes the worker send its traces to the test. The result returns all traces received so far.
func (w *world) collectTraces() func() string {
	w.Helper()
	var mu sync.Mutex
	var all strings.Builder
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = io.Copy(&all, r.Body) // OTLP's protobuf contains texts unencoded
	}))
	w.Cleanup(collector.Close)
	w.settings = append(w.settings, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL)
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		return all.String()
	}
}

// histories returns the tenant's workflow histories and their list entries.
func (w *world) histories(tenant string) map[string]string {
	w.Helper()
	ctx := context.Background()
	c := w.client()
	places := map[string]string{}
	var listed *workflowservice.ListWorkflowExecutionsResponse
	w.eventually(func() (done bool) {
		var err error
		listed, err = c.ListWorkflow(
			ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: fmt.Sprintf("RollcallTenant = %q", tenant)},
		)
		return err == nil && len(listed.GetExecutions()) >= 4
	}, "the tenant's executions are listed")
	for _, execution := range listed.GetExecutions() {
		name := execution.GetExecution().GetWorkflowId() + "/" + execution.GetExecution().GetRunId()
		history := &strings.Builder{}
		events := c.GetWorkflowHistory(
			ctx, execution.GetExecution().GetWorkflowId(), execution.GetExecution().GetRunId(), false, 0,
		)
		for events.HasNext() {
			event, err := events.Next()
			require.NoError(w, err)
			raw, err := proto.Marshal(event) // contains payloads unencoded
			require.NoError(w, err)
			history.Write(raw)
		}
		raw, err := proto.Marshal(execution)
		require.NoError(w, err)
		history.Write(raw)
		places["the history of "+name] = history.String()
	}
	return places
}

func (w *world) get(url string) string {
	w.Helper()
	response, err := http.Get(url)
	require.NoError(w, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(w, err)
	return string(body)
}
