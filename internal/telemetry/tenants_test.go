package telemetry_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/telemetry"
)

func TestTheMetricsOfTenantsAreReadOnEachScrape(t *testing.T) {
	t.Parallel()
	metrics, err := telemetry.NewMetrics(slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	var away error
	metrics.AddTenants(func(context.Context) ([]telemetry.TenantHealth, error) {
		return []telemetry.TenantHealth{
			{Tenant: "acme", Succeeded: time.Unix(1_700_000_000, 0)},
			{Tenant: "globex", Failures: 4, Quarantined: true},
		}, away
	})
	server, err := metrics.Serve("127.0.0.1:0", func(context.Context) error { return nil })
	require.NoError(t, err)
	defer func() { require.NoError(t, server.Close(context.Background())) }()
	scrape := func() string {
		response, err := http.Get("http://" + server.Address() + "/metrics")
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, response.StatusCode)
		return string(body)
	}
	seen := scrape()
	for _, line := range []string{
		`rollcall_last_success_timestamp_seconds{tenant="acme"} 1.7e+09`,
		`rollcall_last_success_timestamp_seconds{tenant="globex"} 0`,
		`rollcall_failed_syncs{tenant="globex"} 4`, `rollcall_quarantined{tenant="acme"} 0`,
		`rollcall_quarantined{tenant="globex"} 1`,
	} {
		require.Contains(t, seen, line)
	}
	away = errors.New("the database is away")
	seen = scrape()
	require.NotContains(t, seen, "rollcall_quarantined{")
	require.Contains(t, seen, "go_goroutines", "the other metrics are exported")
}
