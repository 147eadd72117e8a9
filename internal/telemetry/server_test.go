package telemetry_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/telemetry"
)

func TestTheServerServesMetricsHealthAndReadiness(t *testing.T) {
	t.Parallel()
	metrics, err := telemetry.NewMetrics(slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	metrics.Handler().Counter("rollcall_syncs").Inc(3)
	var missing error
	server, err := metrics.Serve("127.0.0.1:0", func(context.Context) error { return missing })
	require.NoError(t, err)
	defer func() { require.NoError(t, server.Close(context.Background())) }()

	get := func(path string) (int, string) {
		response, err := http.Get("http://" + server.Address() + path)
		require.NoError(t, err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(body)
	}
	status, body := get("/metrics")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "rollcall_syncs{")
	require.Contains(t, body, "go_goroutines")
	status, _ = get("/healthy")
	require.Equal(t, http.StatusOK, status)
	status, _ = get("/ready")
	require.Equal(t, http.StatusOK, status)
	missing = &fault.Fault{Kind: "store_unavailable", Detail: "the database does not answer"}
	status, body = get("/ready")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, body, "the database does not answer")
}
