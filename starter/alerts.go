package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/alert"
	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/settings"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/internal/terminal"
	"github.com/rollcall/rollcall/workflows"
)

func newAlerts(a *app) *cobra.Command {
	var test bool
	limit := 20
	command := &cobra.Command{
		Use:   "alerts TENANT",
		Short: "Show a tenant's webhooks and its latest alerts",
		Long: `Shows the webhooks of a tenant with their conditions, and the alerts that were sent or will be sent.
URLs are stored encrypted, so it shows the names from tenants.yaml. Each alert is sent once, when
the tenant's condition changes to failed, quarantined, overdue, held or recovered.

With --test it sends a test message from this machine to each webhook. The exit status is 1 if a
message was not delivered.`,
		Example: `  starter alerts acme
  starter alerts acme --test
  starter alerts acme -o json | jq '.told[] | select(.condition == "held")'`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			if limit < 1 {
				return usagef("--limit must be at least 1")
			}
			if test {
				return a.testAlerts(command.Context(), args[0])
			}
			return a.alerts(command.Context(), args[0], limit)
		},
	}
	command.Flags().BoolVar(&test, "test", false, "send a test message to each webhook")
	command.Flags().IntVar(&limit, "limit", limit, "how many of the latest alerts to show")
	return command
}

// alertList is the JSON output of alerts.
type alertList struct {
	Tenant string         `json:"tenant"`
	To     []tenant.Alert `json:"to"`
	Sent   []sentAlert    `json:"told"` // latest first
}

// sentAlert is an alert with the time when its delivery began.
type sentAlert struct {
	health.Alert
	Sent *time.Time `json:"told"` // null: not sent yet
}

func (a *app) alerts(ctx context.Context, id string, limit int) error {
	t, err := a.currentSettings(ctx, id)
	if err != nil {
		return err
	}
	alerts, err := a.db.Alerts(ctx, id, limit)
	if err != nil {
		return fmt.Errorf("alerts of %s: %w", id, err)
	}
	list := alertList{Tenant: id, To: append([]tenant.Alert{}, t.Alerts...), Sent: []sentAlert{}}
	for _, each := range alerts {
		list.Sent = append(list.Sent, sentAlert{each.Alert, nullable.Time(each.TakenAt)})
	}
	if a.format == jsonFormat {
		return a.writeJSON(list)
	}
	return a.printAlerts(list)
}

func (a *app) printAlerts(list alertList) error {
	if len(list.To) == 0 {
		err := a.print("%s has no webhooks: see `alerts` of tenants.yaml in docs/operations.md.\n", list.Tenant)
		if err != nil {
			return err
		}
	}
	for _, to := range list.To {
		names := make([]string, len(to.On))
		for i, c := range to.On {
			names[i] = string(c)
		}
		if err := a.print("to %s: %s\n", terminal.Printable(to.Name), strings.Join(names, ", ")); err != nil {
			return err
		}
	}
	for _, each := range list.Sent {
		state := ""
		if each.Sent == nil {
			state = " (not sent yet)"
		}
		text := terminal.Printable(alert.Text(each.Alert))
		if err := a.print("%s%s  %s\n", terminal.Time(each.At), state, text); err != nil {
			return err
		}
	}
	return nil
}

// currentSettings returns the settings of a tenant. Its error is that of checkTenant if there is no such tenant.
func (a *app) currentSettings(ctx context.Context, id string) (tenant.Tenant, error) {
	if err := a.checkTenant(ctx, id); err != nil {
		return tenant.Tenant{}, err
	}
	t, _, err := settings.Load(ctx, a.db, id)
	return t, err
}

// hookTest is the JSON output of alerts --test.
type hookTest struct {
	Tenant string  `json:"tenant"`
	To     string  `json:"to"`
	Error  *string `json:"error"` // null: delivered
}

func (a *app) testAlerts(ctx context.Context, id string) error {
	t, err := a.currentSettings(ctx, id)
	if err != nil {
		return err
	}
	if len(t.Alerts) == 0 {
		return fmt.Errorf("%s has no webhooks in tenants.yaml", id)
	}
	opener, closeKeeper, err := a.opener(ctx)
	if err != nil {
		return err
	}
	defer closeKeeper()
	credentials, err := opener.Credentials(ctx, id)
	if err != nil {
		return withHint(err)
	}
	number, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("make an id: %w", err)
	}
	options, _ := a.temporalOptions() // a test works without Temporal; the link then uses the default namespace
	body, err := alert.Body(health.Alert{ID: number, Tenant: id, Condition: health.Test, At: time.Now()},
		alert.Link(a.settings.WebURL, namespaceOf(options), workflows.SyncID(id)))
	if err != nil {
		return err
	}
	sender := alert.NewSender()
	var failed []error
	for _, hook := range credentials.Hooks {
		err := withHint(sender.Send(ctx, hook, number, body))
		if err != nil {
			failed = append(failed, err)
		}
		if err := a.printHookTest(hookTest{Tenant: id, To: hook.Name}, err); err != nil {
			return err
		}
	}
	return errors.Join(failed...)
}

// printHookTest prints the result of one test. As text it prints no failure: the command's error has it.
func (a *app) printHookTest(tested hookTest, failed error) error {
	switch {
	case a.format == jsonFormat && failed != nil:
		tested.Error = nullable.Of(failed.Error())
		fallthrough
	case a.format == jsonFormat:
		return a.writeJSON(tested)
	case failed == nil:
		return a.print("%s: delivered\n", terminal.Printable(tested.To))
	}
	return nil
}
