package tenant_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/tenant"
)

func TestDurationsMayBeWrittenInDays(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"7d": 7 * day, "0d": 0, "1d12h": 36 * time.Hour, "2d30m": 2*day + 30*time.Minute, "90s": 90 * time.Second,
		"106750d": 106_750 * day,
	} {
		got, err := tenant.ParseDuration(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "d", "1.5d", "-1d", "+1d", "1d-2h", "1d+2h", "1d24h", "1h2d", "1d2d", "1d2", "106751d", "1D"} {
		_, err := tenant.ParseDuration(text)
		assert.Error(t, err, text)
	}
}

func TestEveryDurationOfTheFileMayBeInDays(t *testing.T) {
	t.Parallel()
	tenants, err := tenant.Parse(strings.NewReader(
		one("grace: 7d\nstall: 1d\ncompare: 2d\nretention: 1d12h\nguard: {hold: 3d}")), secrets)
	require.NoError(t, err)
	of := tenants[0]
	assert.Equal(t, []tenant.Duration{hours(168), hours(24), hours(48), hours(36), hours(72)},
		[]tenant.Duration{of.Grace, of.Stall, of.Compare, of.Retention, of.Guard.Hold})
	settings, err := of.Settings()
	require.NoError(t, err)
	assert.Contains(t, string(settings), `"grace":"168h0m0s"`, "an earlier release can read it")
}
