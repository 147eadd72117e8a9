package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/internal/alert"
	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/internal/terminal"
	"github.com/rollcall/rollcall/workflows"
)

func newAlerts(a *app) *cobra.Command {
	var test bool
	limit := 20
	command := &cobra.Command{
		Use:   "alerts TENANT",
		Short: "Show where a tenant's alerts go and what was told",
		Long: `Shows where alerts of a tenant go (by the names of tenants.yaml: addresses are kept sealed), of what, and which were told or
are to be. An alert is told once, when the tenant's condition changes: failed, quarantined, overdue, held, recovered.

With --test it sends a test message to each of them, from this machine and at once: exit status 1 when one could not be told.`,
		Example: `  starter alerts acme
  starter alerts acme --test
  starter alerts acme -o json | jq '.told[] | select(.condition == "held")'`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			if limit < 1 {
				return usagef("--limit is at least 1")
			}
			if test {
				return a.testAlerts(command.Context(), args[0])
			}
			return a.alerts(command.Context(), args[0], limit)
		},
	}
	command.Flags().BoolVar(&test, "test", false, "send a test message to each")
	command.Flags().IntVar(&limit, "limit", limit, "how many of the last alerts to show")
	return command
}

// alertList is where alerts go and which were told: its JSON.
type alertList struct {
	Tenant string         `json:"tenant"`
	To     []tenant.Alert `json:"to"`
	Told   []toldAlert    `json:"told"` // the latest first
}

// toldAlert is an alert, and since when it is being told.
type toldAlert struct {
	health.Alert
	Told *time.Time `json:"told"` // null: not yet
}

func (a *app) alerts(ctx context.Context, id string, limit int) error {
	t, err := a.alerting(ctx, id)
	if err != nil {
		return err
	}
	kept, err := a.kept.Alerts(ctx, id, limit)
	if err != nil {
		return fmt.Errorf("alerts of %s: %w", id, err)
	}
	list := alertList{Tenant: id, To: append([]tenant.Alert{}, t.Alerts...), Told: []toldAlert{}}
	for _, each := range kept {
		list.Told = append(list.Told, toldAlert{each.Alert, nullable.Time(each.TakenAt)})
	}
	if a.format == jsonFormat {
		return a.writeJSON(list)
	}
	return a.printAlerts(list)
}

func (a *app) printAlerts(list alertList) error {
	if len(list.To) == 0 {
		if err := a.print("Alerts of %s go nowhere: see `alerts` of tenants.yaml in docs/operations.md.\n", list.Tenant); err != nil {
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
	for _, each := range list.Told {
		state := ""
		if each.Told == nil {
			state = " (not told yet)"
		}
		if err := a.print("%s%s  %s\n", terminal.Time(each.At), state, terminal.Printable(alert.Text(each.Alert))); err != nil {
			return err
		}
	}
	return nil
}

// alerting are the settings of a tenant that is kept.
func (a *app) alerting(ctx context.Context, id string) (tenant.Tenant, error) {
	if err := a.current(ctx, id); err != nil {
		return tenant.Tenant{}, err
	}
	return a.settingsOf(ctx, id)
}

// triedAlert is how a test went: its JSON.
type triedAlert struct {
	Tenant string  `json:"tenant"`
	To     string  `json:"to"`
	Error  *string `json:"error"` // null: it was told
}

func (a *app) testAlerts(ctx context.Context, id string) error {
	t, err := a.alerting(ctx, id)
	if err != nil {
		return err
	}
	if len(t.Alerts) == 0 {
		return fmt.Errorf("alerts of %s go nowhere: tenants.yaml names none for it", id)
	}
	opener, closeKeeper, err := a.opener(ctx)
	if err != nil {
		return err
	}
	defer closeKeeper()
	credentials, err := opener.Credentials(ctx, id)
	if err != nil {
		return explained(err)
	}
	number, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("make an id: %w", err)
	}
	body, err := alert.Body(health.Alert{ID: number, Tenant: id, Condition: health.Test, At: time.Now()},
		alert.Link(a.settings.WebURL, a.webNamespace(), workflows.SyncID(id)))
	if err != nil {
		return err
	}
	sender := alert.NewSender()
	var failed []error
	for _, hook := range credentials.Hooks {
		err := explained(sender.Send(ctx, hook, number, body))
		if err != nil {
			failed = append(failed, err)
		}
		if err := a.printTried(triedAlert{Tenant: id, To: hook.Name}, err); err != nil {
			return err
		}
	}
	return errors.Join(failed...)
}

// printTried says how a test went; as text only what was told, since the others are the command's error.
func (a *app) printTried(tried triedAlert, failed error) error {
	switch {
	case a.format == jsonFormat && failed != nil:
		tried.Error = nullable.Of(failed.Error())
		fallthrough
	case a.format == jsonFormat:
		return a.writeJSON(tried)
	case failed == nil:
		return a.print("%s: told\n", terminal.Printable(tried.To))
	}
	return nil
}

// webNamespace is the namespace that links lead to; a test message goes without Temporal, so it is only read from the configuration.
func (a *app) webNamespace() string {
	if options, err := a.temporalOptions(); err == nil && options.Namespace != "" {
		return options.Namespace
	}
	return client.DefaultNamespace
}
