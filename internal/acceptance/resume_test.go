package acceptance_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/simulator"
)

// 250 people are three pages. A fault costs only the request that it hits: no other page is read twice.
func TestAReadOfWorkOSResumesAtTheFailedPage(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"429 with Retry-After": {Kind: simulator.Status, Status: http.StatusTooManyRequests, RetryAfter: 2},
		"500":                  {Kind: simulator.Status, Status: http.StatusInternalServerError},
		"a truncated body":     {Kind: simulator.Truncated, Bytes: 2000},
		"a reset":              {Kind: simulator.Reset, Bytes: 2000},
		"an empty page":        {Kind: simulator.EmptyPage},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := "resumed-" + string(fault.Kind) + "-acme"
			if fault.Status == http.StatusTooManyRequests {
				tenant = "resumed-limited-acme"
			}
			tenant = dashed(tenant)
			w := newWorld(
				t,
				simulator.Tenant{
					ID: tenant, Kind: simulator.WorkOS, People: 250, Seed: 51, Rate: -1, KeepInactive: true, Churn: -1,
				},
			)
			w.apply(tenant, "")
			w.start()
			fault.Tenant, fault.Endpoint, fault.Skip, fault.Times = tenant, simulator.Users, 1, 1
			w.simulator.Inject(fault)
			require.Equal(t, run.Applied, w.resync(0, tenant).Outcome)
			served := w.simulator.Served(tenant, simulator.Users)
			require.Equal(t, 1, served.Faulty)
			require.Equal(t, 3+served.Faulty, served.Requests)
			w.requireSynced(tenant)
			require.Equal(t, run.Unchanged, w.resync(0, tenant).Outcome)
		})
	}
}

func dashed(text string) string {
	out := []byte(text)
	for i := range out {
		if out[i] == '_' {
			out[i] = '-'
		}
	}
	return string(out)
}
