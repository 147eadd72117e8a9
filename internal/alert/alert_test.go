package alert_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/alert"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/tenant"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

var (
	noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	id   = uuid.MustParse("01a20928-b9b0-74e5-8a9c-4baad448e3cd")
)

func TestTextOfEachAlert(t *testing.T) {
	t.Parallel()
	refused := &run.ResultError{Kind: "credentials_refused", Detail: "Workday refused the password", Hint: "Check it."}
	for _, c := range []struct {
		name  string
		alert health.Alert
		want  string
	}{
		{
			"failed",
			health.Alert{Condition: health.Failed, Error: refused},
			"acme: the sync failed. Workday refused the password (credentials_refused). Check it.",
		},
		{
			"quarantined",
			health.Alert{Condition: health.Quarantined, Failures: 3, Error: refused},
			"acme: quarantined after 3 failed scheduled syncs in a row: it syncs once a day until a sync succeeds " +
				"or you run `starter resync acme`. Workday refused the password (credentials_refused). Check it.",
		},
		{
			"overdue",
			health.Alert{Condition: health.Overdue, Due: noon},
			"acme: a sync was due 2026-11-23 12:00 UTC and did not run. Check that workers run, and see `starter " +
				"tenants`.",
		},
		{
			"degraded",
			health.Alert{Condition: health.Degraded, Rejected: 11, Rows: 100},
			"acme: 11 of 100 rows are rejected, more than a tenth. Their members stay unchanged, and nobody new is added by " +
				"them. See `starter report acme`.",
		},
		{
			"held",
			health.Alert{Condition: health.Held, Plan: "ab12", Removals: 40, Until: noon},
			"acme: 40 removals are held for a decision, plan ab12. It expires 2026-11-23 12:00 UTC. See `starter " +
				"report acme`. Decide with `starter approve acme ab12 --by WHO` or `starter reject`.",
		},
		{
			"reminded",
			health.Alert{Condition: health.Held, Reminder: true, Plan: "ab12", Removals: 1},
			"acme: reminder: half of the time to decide has passed. 1 removal is held, plan ab12. See `starter " +
				"report acme`. Decide with `starter approve acme ab12 --by WHO` or `starter reject`.",
		},
		{
			"recovered",
			health.Alert{Condition: health.Recovered, Was: health.Quarantined, Outcome: run.Unchanged},
			"acme: recovered (was quarantined): the sync ended as unchanged.",
		},
		{
			"approved",
			health.Alert{Condition: health.Recovered, Was: health.Held, Outcome: run.Applied, Changes: 40},
			"acme: the hold has ended: the sync ended as applied, with 40 changes.",
		},
		{
			"rejected",
			health.Alert{Condition: health.Recovered, Was: health.Held, Outcome: run.Rejected, Plan: "ab12"},
			"acme: plan ab12 was rejected: it was not applied.",
		},
		{
			"expired",
			health.Alert{Condition: health.Recovered, Was: health.Held, Outcome: run.Expired, Plan: "ab12"},
			"acme: plan ab12 expired without a decision: it was not applied.",
		},
		{"a test", health.Alert{Condition: health.Test}, "acme: this is a test message."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.alert.Tenant = "acme"
			require.Equal(t, c.want, alert.Text(c.alert))
		})
	}
}

func TestABodyHasTextForPeopleAndMetadataForPrograms(t *testing.T) {
	t.Parallel()
	body, err := alert.Body(health.Alert{
		ID: id, Tenant: "acme", Condition: health.Failed, At: noon, Run: "r1", Outcome: run.Failed, Failures: 1,
		Error: &run.ResultError{Kind: "column_missing", Detail: "is <!channel> & <b> the email?", Hint: "map it"},
	}, "https://temporal.example.com/namespaces/default/workflows/sync-acme")
	require.NoError(t, err)
	require.JSONEq(t, `{
		"text": "acme: the sync failed. is &lt;!channel&gt; &amp; &lt;b&gt; the email? (column_missing). map it\n<https://temporal.example.com/namespaces/default/workflows/sync-acme|Temporal>",
		"metadata": {"event_type": "rollcall_alert", "event_payload": {
			"id": "01a20928-b9b0-74e5-8a9c-4baad448e3cd", "tenant": "acme", "condition": "failed", "at": "2026-11-23T12:00:00Z", "run": "r1",
			"outcome": "failed", "failures": 1, "kind": "column_missing", "detail": "is <!channel> & <b> the email?", "hint": "map it",
			"url": "https://temporal.example.com/namespaces/default/workflows/sync-acme"}}}`, string(body))
}

func TestALinkLeadsToTheSync(t *testing.T) {
	t.Parallel()
	require.Equal(t, "http://localhost:8233/namespaces/a%20b/workflows/sync-acme",
		alert.Link("http://localhost:8233/", "a b", "sync-acme"))
	require.Empty(t, alert.Link("", "default", "sync-acme"))
}

// receiver answers with a given status and records the requests.
func receiver(t *testing.T, answer http.HandlerFunc) (hook tenant.Hook, got func() (http.Header, string)) {
	t.Helper()
	var header http.Header
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header = r.Header.Clone()
		body, _ = io.ReadAll(r.Body)
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return tenant.Hook{Name: "slack", URL: server.URL + "/canary", Secret: secret},
		func() (http.Header, string) { return header, string(body) }
}

func TestAMessageIsSignedByStandardWebhooks(t *testing.T) {
	t.Parallel()
	hook, got := receiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	require.NoError(t, alert.NewSender().Send(t.Context(), hook, id, []byte(`{"text":"hello"}`)))
	header, body := got()
	webhook, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	require.NoError(t, webhook.Verify([]byte(body), header))
	require.Error(t, webhook.Verify([]byte(body+" "), header))
	require.Equal(t, "msg_"+id.String(), header.Get("webhook-id"))
	require.Equal(t, "application/json", header.Get("Content-Type"))
	require.JSONEq(t, `{"text":"hello"}`, body)

	hook.Secret = ""
	require.NoError(t, alert.NewSender().Send(t.Context(), hook, id, []byte(`{}`)))
	header, _ = got()
	require.Empty(t, header.Get("webhook-signature"), "Slack wants none")
	require.NotEmpty(t, header.Get("webhook-id"))
}

func TestEachFailureIsRetriedOrNot(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		retry  bool
		after  time.Duration
		detail string
	}{
		{
			"gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }, false, 0,
			"status 410",
		},
		{"a server error", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "canary", http.StatusBadGateway)
		}, true, 0, "status 502"},
		{"too many", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusTooManyRequests)
		}, true, 30 * time.Second, "status 429"},
		{"a redirect, which is not followed", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				panic("it was followed")
			}
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, true, 0, "status 307"},
		{
			"no answer", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, true, 0,
			"the connection failed",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			hook, _ := receiver(t, c.answer)
			err := alert.NewSender().Send(t.Context(), hook, id, []byte(`{}`))
			f, ok := fault.Of(err)
			require.True(t, ok, "%v", err)
			require.Equal(t, c.retry, f.Retry)
			require.Equal(t, c.after, f.After)
			require.Contains(t, f.Detail, c.detail)
			require.NotContains(t, f.Detail+f.Hint, "canary")
		})
	}
}

func TestNothingIsSentToAForbiddenAddress(t *testing.T) {
	t.Parallel()
	for name, hook := range map[string]tenant.Hook{
		"plain http":            {Name: "1", URL: "http://example.com/canary", Secret: secret},
		"another scheme":        {Name: "1", URL: "file:///etc/canary"},
		"no address":            {Name: "1"},
		"a secret that is none": {Name: "1", URL: "https://127.0.0.1:1/canary", Secret: "whsec_canary!"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := alert.NewSender().Send(t.Context(), hook, id, []byte(`{}`))
			f, ok := fault.Of(err)
			require.True(t, ok)
			require.False(t, f.Retry)
			require.NotContains(t, f.Detail, "canary")
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, alert.NewSender().Send(ctx, tenant.Hook{URL: "http://127.0.0.1:1"}, id, nil), context.Canceled)
}

func TestAPayloadIsFlat(t *testing.T) {
	t.Parallel()
	body, err := alert.Body(health.Alert{
		ID: id, Tenant: "acme", Condition: health.Held, At: noon, Removals: 4,
		Until: noon,
	}, "")
	require.NoError(t, err)
	var message struct {
		Metadata struct {
			Payload map[string]any `json:"event_payload"`
		}
	}
	require.NoError(t, json.NewDecoder(strings.NewReader(string(body))).Decode(&message))
	for key, value := range message.Metadata.Payload {
		switch value.(type) {
		case string, float64, bool:
		default:
			t.Errorf("%s is a %T", key, value)
		}
	}
}
