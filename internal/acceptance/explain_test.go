package acceptance_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/simulator"
)

func TestACheckTriesTheDirectoryBeforeTheFirstSync(t *testing.T) {
	t.Parallel()
	const tenant = "checked-acme"
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 120, Seed: 21})
	w.apply(tenant, "") // no worker: a check needs none
	printed := w.starter(0, "check", tenant)
	require.Contains(t, printed, "Verdict: ready")
	var checked struct {
		Verdict string
		Users   struct{ Rows int }
		Columns []struct {
			Column  string
			Fields  []string
			Example *string
		}
		Missing []struct{ Field, Likely, Policy string }
	}
	read := func(exit int) {
		checked.Missing = nil
		require.NoError(t, json.Unmarshal([]byte(w.starter(exit, "check", tenant, "-o", "json")), &checked))
	}
	read(0)
	for person := range w.simulator.Expected(tenant) {
		require.NotContains(t, printed, person.Email)
		require.NotContains(t, printed, person.ExternalID)
	}
	require.Empty(t, w.starter(0, "members", tenant, "-o", "json"), "nothing is written")
	require.Empty(t, w.starter(0, "runs", tenant, "-o", "json"))

	w.simulator.Inject(simulator.Fault{Tenant: tenant, Kind: simulator.BlankColumn, Column: "Email_-_Work"})
	read(1)
	require.Equal(t, "not_ready", checked.Verdict)
	require.Equal(t, "email", checked.Missing[0].Field)
	require.Equal(t, "Email_-_Work", checked.Missing[0].Likely)
	require.Equal(t, "Person Data: Work Contact Information", checked.Missing[0].Policy)

	w.simulator.Clear(tenant)
	w.simulator.Inject(simulator.Fault{Tenant: tenant, Kind: simulator.Status, Status: 401})
	before := w.simulator.Served(tenant, "").Requests
	require.Contains(t, w.starter(1, "check", tenant), "credentials_refused")
	require.Equal(t, before+1, w.simulator.Served(tenant, "").Requests, "an account can be locked by retries")
}
