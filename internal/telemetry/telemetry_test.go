package telemetry_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/telemetry"
)

func TestALogRecordHoldsNoPersonalData(t *testing.T) {
	t.Parallel()
	const secret = "jane.doe@example.com"
	cases := []struct {
		name string
		log  func(*slog.Logger)
		want string
	}{
		{"an unknown key", func(l *slog.Logger) { l.Info("read", "email", secret) }, "[redacted]"},
		{
			"the same in a group", func(l *slog.Logger) { l.Info("read", slog.Group("row", "email", secret)) },
			"[redacted]",
		},
		{"the same with With", func(l *slog.Logger) { l.With("email", secret).Info("read") }, "[redacted]"},
		{"an error of unknown kind", func(l *slog.Logger) {
			l.Error("apply", "Error", fmt.Errorf("apply: %w", errors.New("duplicate "+secret)))
		}, "*errors.errorString"},
		{"a fault's cause", func(l *slog.Logger) {
			l.Error(
				"apply", "Error",
				&fault.Fault{Kind: "throttled", Detail: "429 from the directory", Cause: errors.New(secret)},
			)
		}, "throttled: 429 from the directory"},
		{"a Temporal error's cause", func(l *slog.Logger) {
			l.Error("apply", "Error", temporal.NewApplicationErrorWithCause("stopped", "stalled", errors.New(secret)))
		}, "stalled: stopped"},
		{"a known key", func(l *slog.Logger) { l.Info("read", "rows", 12) }, "rows=12"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			c.log(telemetry.NewLogger(&out, telemetry.LogOptions{Format: "text"}))
			require.NotContains(t, out.String(), secret)
			require.Contains(t, out.String(), c.want)
		})
	}
}
