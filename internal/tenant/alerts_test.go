package tenant_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/maintenance"
	"github.com/rollcall/rollcall/internal/tenant"
)

const signing = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

var hooks = environment(map[string]string{"SLACK": "https://hooks.slack.com/services/T/B/canary", "SIGNING": signing})

const told = `alerts:
  - {url: "${SLACK}", on: [failed, held, failed]}
  - {name: pager, url: "http://127.0.0.1:8080/canary", secret: "${SIGNING}"}
tenants:
  - {id: plain, schedule: {cron: "@hourly"}, workos: {directory: d, api_key: k}}
  - {id: own, schedule: {cron: "@hourly"}, workos: {directory: d, api_key: k}, alerts: [{url: "https://example.com/own"}]}
  - {id: silent, schedule: {cron: "@hourly"}, workos: {directory: d, api_key: k}, alerts: []}
`

func TestATenantsOwnAlertsReplaceThoseOfTheFile(t *testing.T) {
	t.Parallel()
	tenants, err := tenant.Parse(strings.NewReader(told), hooks)
	require.NoError(t, err)
	plain, own, silent := tenants[0], tenants[1], tenants[2]
	assert.Equal(t, []tenant.Alert{
		{Name: "1", On: []health.Condition{health.Failed, health.Held}}, {Name: "pager", On: health.Conditions()},
	}, plain.Alerts)
	assert.Equal(t, []tenant.Hook{
		{Name: "1", URL: "https://hooks.slack.com/services/T/B/canary"},
		{Name: "pager", URL: "http://127.0.0.1:8080/canary", Secret: signing},
	}, plain.Credentials.Hooks)
	assert.Equal(t, []tenant.Hook{{Name: "1", URL: "https://example.com/own"}}, own.Credentials.Hooks)
	assert.Empty(t, silent.Alerts)
	assert.Empty(t, silent.Credentials.Hooks)

	settings, err := plain.Settings()
	require.NoError(t, err)
	assert.NotContains(t, string(settings), "canary")
	assert.NotContains(t, string(settings), signing)
	back, err := tenant.FromSettings(settings)
	require.NoError(t, err)
	assert.Equal(t, plain.Alerts, back.Alerts)
	pager, found := plain.Credentials.Hook("pager")
	assert.True(t, found)
	assert.Equal(t, signing, pager.Secret)
	_, found = plain.Credentials.Hook("none")
	assert.False(t, found)
}

func TestAHookIsRedactedHoweverItIsPrinted(t *testing.T) {
	t.Parallel()
	hook := tenant.Hook{Name: "1", URL: "https://example.com/canary", Secret: "whsec_canary"}
	text, err := json.Marshal(hook)
	require.NoError(t, err)
	for _, said := range []string{string(text), fmt.Sprint(hook), fmt.Sprintf("%+v", &hook), hook.LogValue().String()} {
		assert.NotContains(t, said, "canary")
	}
}

func TestMaintenanceDefaultsToWorkdaysWindow(t *testing.T) {
	t.Parallel()
	on := func(directory, more string) []maintenance.Window {
		tenants, err := tenant.Parse(
			strings.NewReader("tenants:\n  - {id: acme, schedule: {cron: \"@hourly\"}, "+directory+more+"}\n"), hooks,
		)
		require.NoError(t, err)
		return tenants[0].Maintenance
	}
	const workday, workos = "workday: {users: https://h/u, groups: https://h/g, username: u, password: p}", "workos: {directory: d, api_key: k}"
	assert.Equal(t, []maintenance.Window{maintenance.Workday()}, on(workday, ""))
	assert.Empty(t, on(workday, ", maintenance: []"))
	assert.Empty(t, on(workos, ""))
	sunday := maintenance.Window{
		From: maintenance.Moment{Weekday: time.Sunday, Minute: 120},
		To:   maintenance.Moment{Weekday: time.Sunday, Minute: 270}, Timezone: "Europe/Paris",
	}
	assert.Equal(
		t, []maintenance.Window{sunday},
		on(workos, `, maintenance: [{from: "Sun 02:00", to: "Sun 04:30", timezone: Europe/Paris}]`),
	)
}

func TestProblemsOfAlertsAndMaintenanceDoNotContainTheURL(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, want string }{
		"no list": {
			one("alerts: https://h/canary"),
			`line 5: tenants[acme].alerts: write a list, as [{url: "${SLACK_URL}"}]; [] means none`,
		},
		"no address": {
			one("alerts: [{on: [failed]}]"),
			"line 5: tenants[acme].alerts[0].url: is missing: where to send alerts, as ${NAME} of an environment " +
				"variable",
		},
		"an address that is none": {
			one("alerts: [{url: canary}]"),
			"line 5: tenants[acme].alerts[0].url: is not a URL: it begins with https://",
		},
		"plain http": {
			one("alerts: [{url: http://h/canary}]"), "line 5: tenants[acme].alerts[0].url: must begin with https://",
		},
		"a password in the address": {
			one("alerts: [{url: https://u:canary@h}]"),
			"line 5: tenants[acme].alerts[0].url: remove user name and password from the URL",
		},
		"a condition there is not": {
			one("alerts: [{url: https://h, on: [broken]}]"),
			`line 5: tenants[acme].alerts[0].on: there is no condition "broken": write some of quarantined, failed, overdue, held, degraded, recovered`,
		},
		"no condition": {
			one("alerts: [{url: https://h, on: []}]"),
			"line 5: tenants[acme].alerts[0].on: is empty: write some of quarantined, failed, overdue, held, " +
				"degraded, recovered, or leave it out for all",
		},
		"a secret that is none": {
			one("alerts: [{url: https://h, secret: canary}]"),
			"line 5: tenants[acme].alerts[0].secret: write whsec_ and at least 24 random bytes in base64: echo " +
				"whsec_$(openssl rand -base64 32)",
		},
		"a short secret": {
			one("alerts: [{url: https://h, secret: whsec_Y2FuYXJ5}]"),
			"line 5: tenants[acme].alerts[0].secret: write whsec_ and at least 24 random bytes in base64: echo " +
				"whsec_$(openssl rand -base64 32)",
		},
		"a name twice": {
			one("alerts: [{url: https://h}, {url: https://h, name: 1}]"),
			`line 5: tenants[acme].alerts[1].name: another alert has the name "1": give each its own`,
		},
		"a key that there is not": {
			one("alerts: [{url: https://h, onn: [failed]}]"),
			"line 5: tenants[acme].alerts[0].onn: is not a key here: did you mean on?",
		},
		"of all tenants": {
			"alerts: [{url: x}]\ntenants: []", "line 1: alerts[0].url: is not a URL: it begins with https://",
		},
		"a window that is none": {
			one("maintenance: [{from: tonight, to: Sat 06:00}]"),
			`line 5: tenants[acme].maintenance[0].from: write a day and a time of the day, as "Fri 18:00"`,
		},
		"a window without end": {
			one("maintenance: [{from: Fri 18:00}]"),
			`line 5: tenants[acme].maintenance[0].to: is missing: as "Fri 18:00"`,
		},
		"a window of no time": {
			one("maintenance: [{from: Fri 18:00, to: Fri 18:00}]"),
			"line 5: tenants[acme].maintenance[0]: from and to are the same moment: for a whole week take the " +
				"tenant out of the schedule by `starter pause`",
		},
		"a window of nowhere": {
			one("maintenance: [{from: Fri 18:00, to: Sat 06:00, timezone: Mars}]"),
			`line 5: tenants[acme].maintenance[0]: "Mars" is not a time zone: write an IANA name, as America/Toronto or UTC`,
		},
		"a window that is no mapping": {
			one("maintenance: Fri 18:00"),
			`line 5: tenants[acme].maintenance: write a list, as [{from: "Fri 18:00", to: "Sat 06:00", timezone: America/Los_Angeles}]; [] means none`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := tenant.Parse(strings.NewReader(c.file), hooks)
			require.EqualError(t, err, c.want)
		})
	}
}
