// Package alert sends alerts to webhooks: it formats, signs and sends messages. A message contains ids, counts and
// fixed texts, but no personal data.
//
// The body is that of a Slack incoming webhook. It has text for people, and the same content as metadata for programs.
// Slack does not show metadata. Signatures and ids follow Standard Webhooks (standardwebhooks.com). A message can
// arrive twice; receivers recognise the second one by its webhook-id.
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

// message is the body of a Slack incoming webhook.
type message struct {
	Text     string   `json:"text"`
	Metadata metadata `json:"metadata"`
}

// metadata is Slack's message metadata. Slack requires a flat payload without nulls.
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
	Removals  int              `json:"removals,omitempty"` // held, like the next two
	Additions int              `json:"additions,omitempty"`
	Updates   int              `json:"held_changes,omitempty"`
	Until     string           `json:"until,omitempty"`
	Failures  int              `json:"failures,omitempty"`
	Changes   int              `json:"changes,omitempty"`
	Rejected  int              `json:"rejected,omitempty"`
	Rows      int              `json:"rows,omitempty"`
	Kind      string           `json:"kind,omitempty"`
	Detail    string           `json:"detail,omitempty"`
	Hint      string           `json:"hint,omitempty"`
	Due       string           `json:"due,omitempty"`
	URL       string           `json:"url,omitempty"`
}

// Body returns the message of an alert as JSON. The link leads to the tenant's sync in the Web UI; "" omits it. Body
// fails only if an alert cannot be encoded.
func Body(a health.Alert, link string) ([]byte, error) {
	p := payload{
		ID: a.ID.String(), Tenant: a.Tenant, Condition: a.Condition, Was: a.Was, Reminder: a.Reminder,
		At: timestamp(a.At), Run: a.Run,
		Outcome: a.Outcome, Plan: a.Plan, Removals: a.Removals, Until: timestamp(a.Until), Failures: a.Failures,
		Changes:  a.Changes,
		Rejected: a.Rejected, Rows: a.Rows, Due: timestamp(a.Due), URL: link,
	}
	if a.Held != nil {
		p.Additions, p.Updates = a.Held.Additions, a.Held.Changes
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

// Text returns an alert as plain text for people.
func Text(a health.Alert) string {
	head := a.Tenant + ": "
	switch a.Condition {
	case health.Failed:
		return head + "the sync failed. " + failureText(a)
	case health.Quarantined:
		return head + fmt.Sprintf("quarantined after %d failed scheduled syncs in a row: it syncs once a day until "+
			"a sync succeeds or you run "+
			"`starter resync %s`. ", a.Failures, a.Tenant) + failureText(a)
	case health.Overdue:
		return head + fmt.Sprintf("a sync was due %s and did not run. Check that workers run, and see `starter "+
			"tenants`.", timeText(a.Due))
	case health.Held:
		return head + heldText(a)
	case health.Degraded:
		return head + fmt.Sprintf("%d of %d rows are rejected, more than a tenth. Their members stay unchanged, and nobody new "+
			"is added by them. See `starter report %s`.", a.Rejected, a.Rows, a.Tenant)
	case health.Recovered:
		return head + recoveredText(a)
	case health.Test:
		return head + "this is a test message."
	default:
		return head + string(a.Condition)
	}
}

func failureText(a health.Alert) string {
	if a.Error == nil {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("%s (%s). %s", strings.TrimSuffix(a.Error.Detail, "."), a.Error.Kind,
		a.Error.Hint))
}

func heldText(a health.Alert) string {
	text := fmt.Sprintf("%s held for a decision, plan %s. ", waiting(a), a.Plan)
	if a.Reminder {
		text = fmt.Sprintf("reminder: half of the time to decide has passed. %s held, plan %s. ",
			waiting(a), a.Plan)
	}
	if !a.Until.IsZero() {
		text += "It expires " + timeText(a.Until) + ". "
	}
	return text + fmt.Sprintf("See `starter report %[1]s`. Decide with `starter approve %[1]s %[2]s --by WHO` or "+
		"`starter reject`.", a.Tenant, a.Plan)
}

// waiting says what is held, with its verb.
func waiting(a health.Alert) string {
	held := run.HeldPlan{Removals: a.Removals}
	if a.Held != nil {
		held = *a.Held
	}
	if held.Total() == 1 {
		return held.Text() + " is"
	}
	return held.Text() + " are"
}

// recoveredText says which condition ended, and why.
func recoveredText(a health.Alert) string {
	switch {
	case a.Was != health.Held:
		return fmt.Sprintf("recovered (was %s): the sync ended as %s.", a.Was, a.Outcome)
	case a.Outcome == run.Expired:
		return fmt.Sprintf("plan %s expired without a decision: it was not applied.", a.Plan)
	case a.Outcome == run.Rejected:
		return fmt.Sprintf("plan %s was rejected: it was not applied.", a.Plan)
	default:
		return fmt.Sprintf("the hold has ended: the sync ended as %s, with %d changes.", a.Outcome, a.Changes)
	}
}

// Link returns the URL of a workflow in the Web UI. Base is the address of the Web UI, such as
// https://temporal.example.com. If base is "", Link returns "".
func Link(base, namespace, workflow string) string {
	if base == "" {
		return ""
	}
	return strings.TrimSuffix(base, "/") + "/namespaces/" + url.PathEscape(namespace) + "/workflows/" +
		url.PathEscape(workflow)
}

// escape escapes Slack's markup. Names of columns come from a customer, and could otherwise mention a whole channel.
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

func timeText(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

// timestamp formats a time for programs. The zero time is "".
func timestamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}
