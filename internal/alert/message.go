// Package alert tells people of changes of a tenant's condition, by webhooks: what a message says, how it is signed and how it
// is sent. A message holds ids, counts and words of Rollcall's own, and nothing personal.
//
// The body is that of a Slack incoming webhook: text for people, and in metadata, which Slack keeps for apps and doesn't show, the
// same for programs. Signing and ids follow Standard Webhooks (standardwebhooks.com): whoever receives a message twice, by
// webhook-id, has it once.
package alert

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/run"
)

// message is a body: what Slack's incoming webhooks take.
type message struct {
	Text     string   `json:"text"`
	Metadata metadata `json:"metadata"`
}

// metadata is Slack's message metadata. Its payload is flat, and without nulls.
type metadata struct {
	Type    string  `json:"event_type"`
	Payload payload `json:"event_payload"`
}

const eventType = "rollcall_alert"

// payload is an alert for programs.
type payload struct {
	ID        string           `json:"id"`
	Tenant    string           `json:"tenant"`
	Condition health.Condition `json:"condition"`
	Was       health.Condition `json:"was,omitempty"`
	Reminder  bool             `json:"reminder,omitempty"`
	At        string           `json:"at"`
	Run       string           `json:"run,omitempty"`
	Outcome   run.Outcome      `json:"outcome,omitempty"`
	Plan      string           `json:"plan,omitempty"`
	Removals  int              `json:"removals,omitempty"`
	Until     string           `json:"until,omitempty"`
	Failures  int              `json:"failures,omitempty"`
	Changes   int              `json:"changes,omitempty"`
	Rejected  int              `json:"rejected,omitempty"`
	Kind      string           `json:"kind,omitempty"`
	Detail    string           `json:"detail,omitempty"`
	Hint      string           `json:"hint,omitempty"`
	Due       string           `json:"due,omitempty"`
	URL       string           `json:"url,omitempty"`
}

// Body is the message that tells an alert. link leads to the tenant's sync in the Web UI; "" where there is none.
func Body(a health.Alert, link string) ([]byte, error) {
	p := payload{
		ID: a.ID.String(), Tenant: a.Tenant, Condition: a.Condition, Was: a.Was, Reminder: a.Reminder, At: timestamp(a.At), Run: a.Run,
		Outcome: a.Outcome, Plan: a.Plan, Removals: a.Removals, Until: timestamp(a.Until), Failures: a.Failures, Changes: a.Changes,
		Rejected: a.Rejected, Due: timestamp(a.Due), URL: link,
	}
	if e := a.Error; e != nil {
		p.Kind, p.Detail, p.Hint = e.Kind, e.Detail, e.Hint
	}
	text := escape(Text(a))
	if link != "" {
		text += "\n<" + link + "|Temporal>"
	}
	body, err := json.Marshal(message{Text: text, Metadata: metadata{Type: eventType, Payload: p}})
	if err != nil {
		return nil, fmt.Errorf("write the message: %w", err)
	}
	return body, nil
}

// Text says an alert in words, as plain text.
func Text(a health.Alert) string {
	head := a.Tenant + ": "
	switch a.Condition {
	case health.Failed:
		return head + "the sync failed. " + failureText(a)
	case health.Quarantined:
		return head + fmt.Sprintf("quarantined, as %d scheduled syncs in a row have failed: one try a day until one succeeds, or somebody runs "+
			"`starter resync %s`. ", a.Failures, a.Tenant) + failureText(a)
	case health.Overdue:
		return head + fmt.Sprintf("a sync was due %s and did not run. See whether workers run, and `starter tenants`.", timeText(a.Due))
	case health.Held:
		return head + heldText(a)
	case health.Recovered:
		return head + recoveredText(a)
	case health.Test:
		return head + "this is a test: alerts arrive here."
	default:
		return head + string(a.Condition)
	}
}

func failureText(a health.Alert) string {
	if a.Error == nil {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("%s (%s). %s", strings.TrimSuffix(a.Error.Detail, "."), a.Error.Kind, a.Error.Hint))
}

func heldText(a health.Alert) string {
	text := fmt.Sprintf("%s held for a decision, plan %s. ", removalsText(a.Removals), a.Plan)
	if a.Reminder {
		text = fmt.Sprintf("nobody has decided yet, and half of the time is over: %s held, plan %s. ", removalsText(a.Removals), a.Plan)
	}
	if !a.Until.IsZero() {
		text += "It expires " + timeText(a.Until) + ". "
	}
	return text + fmt.Sprintf("Who: `starter report %s`. Then `starter approve %s %s --by WHO`, or `starter reject`.", a.Tenant, a.Tenant, a.Plan)
}

func removalsText(n int) string {
	if n == 1 {
		return "1 removal is"
	}
	return fmt.Sprintf("%d removals are", n)
}

// recoveredText says what is over, and how.
func recoveredText(a health.Alert) string {
	switch {
	case a.Was != health.Held:
		return fmt.Sprintf("recovered (was %s): the sync ended as %s.", a.Was, a.Outcome)
	case a.Outcome == run.Expired:
		return fmt.Sprintf("nobody decided about plan %s in time: it expired, and nobody was removed.", a.Plan)
	case a.Outcome == run.Rejected:
		return fmt.Sprintf("plan %s was rejected: nobody was removed.", a.Plan)
	default:
		return fmt.Sprintf("nothing is held any more: the sync ended as %s, with %d changes.", a.Outcome, a.Changes)
	}
}

// Link leads to a tenant's sync in the Web UI at base, as https://temporal.example.com; "" where base is.
func Link(base, namespace, workflow string) string {
	if base == "" {
		return ""
	}
	return strings.TrimSuffix(base, "/") + "/namespaces/" + url.PathEscape(namespace) + "/workflows/" + url.PathEscape(workflow)
}

// escape keeps text from being read as Slack's markup, as a mention of a whole channel: the names of columns are a customer's.
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

func timeText(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

// timestamp is a time for programs; "" where there is none.
func timestamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}
