package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/control"
	"github.com/rollcall/rollcall/internal/directory/workday"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/provision"
	"github.com/rollcall/rollcall/internal/tenant"
)

func newApply(a *app) *cobra.Command {
	var file string
	var prune, dropCustom bool
	command := &cobra.Command{
		Use:   "apply -f FILE",
		Short: "Create and update tenants and Schedules from tenants.yaml",
		Long: `Creates and updates tenants and their Schedules from tenants.yaml, and prints what changed. Applying
the same file twice changes nothing. A paused Schedule stays paused. Two more Schedules serve all
tenants: one looks for overdue syncs, and one starts the retention once a day.

${NAME} in the file stands for the environment variable NAME. Credentials are stored encrypted. A
tenant that is missing from the file stays unchanged. With --prune its Schedule and credentials are
dropped; its members are kept.

A custom field that a tenant's fields no longer name keeps its values, which nothing shows. With
--drop-custom they are removed, and the audit says so.`,
		Example: `  starter apply -f tenants.yaml
  ACME_WORKDAY_PASSWORD=... starter apply -f tenants.yaml
  starter apply -f tenants.yaml --prune
  sops -d tenants.enc.yaml | starter apply -f -`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if file == "" {
				return usagef("missing -f: name the file, as in `starter apply -f tenants.yaml`")
			}
			tenants, err := a.tenantsFile(file)
			if err != nil {
				return err
			}
			if err := a.warnExpired(tenants, time.Now()); err != nil {
				return err
			}
			return a.apply(command.Context(), tenants, prune, dropCustom)
		},
	}
	command.Flags().StringVarP(&file, "file", "f", "", "tenants.yaml; - reads the standard input")
	command.Flags().BoolVar(&prune, "prune", false,
		"drop Schedule and credentials of tenants that are missing from the file; members are kept")
	command.Flags().BoolVar(&dropCustom, "drop-custom", false,
		"remove the values of custom fields that a tenant's fields no longer name; waits for open syncs")
	return command
}

// tenantsFile reads and checks tenants.yaml.
func (a *app) tenantsFile(path string) (tenants []tenant.Tenant, err error) {
	err = a.parseFile(path, "nothing was changed", func(input io.Reader) (err error) {
		tenants, err = tenant.Parse(input, a.env.lookup)
		return err
	})
	if err != nil {
		return nil, err
	}
	return tenants, a.checkAddresses(path, tenants)
}

// checkAddresses returns an error if a report's host may not receive credentials. Its syncs could only fail.
func (a *app) checkAddresses(path string, tenants []tenant.Tenant) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	var refused []error
	for _, t := range tenants {
		if t.Workday == nil {
			continue
		}
		addresses := []struct{ key, url string }{{"users", t.Workday.Users}, {"groups", t.Workday.Groups}}
		if t.Workday.OAuth != nil {
			addresses = append(addresses, struct{ key, url string }{"oauth.token_url", t.Workday.OAuth.TokenURL})
		}
		for _, report := range addresses {
			if _, err := workday.Address(report.url, c.WorkdayHosts); err != nil {
				refused = append(refused, fmt.Errorf("%s: tenants[%s].workday.%s: %w (ROLLCALL_WORKDAY_HOSTS)",
					path, t.ID, report.key, withHint(err)))
			}
		}
	}
	return errors.Join(refused...)
}

// warnExpired warns of protections that have expired. That is not an error: a file that was valid yesterday must not
// fail today.
func (a *app) warnExpired(tenants []tenant.Tenant, now time.Time) error {
	for _, t := range tenants {
		expired, err := t.ExpiredProtections(now)
		if err != nil {
			return err
		}
		if len(expired) > 0 {
			fmt.Fprintf(a.errOut, "Warning: tenants[%s]: these protections have expired: %s. "+
				"Remove them or set a later day\n", t.ID, strings.Join(expired, ", "))
		}
	}
	return nil
}

func (a *app) apply(ctx context.Context, tenants []tenant.Tenant, prune, dropCustom bool) error {
	db, err := a.store(ctx)
	if err != nil {
		return err
	}
	keeper, err := a.keeper(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = keeper.Close() }() // nothing is written, so nothing can be lost
	c, err := a.client(ctx)
	if err != nil {
		return err
	}
	attributes, err := provision.SearchAttributes(ctx, c, a.namespace)
	if err != nil {
		return err
	}
	p := provision.Provisioner{Store: db, Keeper: keeper, Temporal: c, TaskQueue: a.settings.TaskQueue}
	if dropCustom {
		p.DropCustom = func(ctx context.Context, t tenant.Tenant) (ledger.CustomDropped, error) {
			return control.DropCustom(ctx, db, t.ID, t.Custom)
		}
	}
	done, err := p.Apply(ctx, tenants, prune)
	done.SearchAttributes = append([]string{}, attributes...)
	// After an error, print what was done before it.
	return errors.Join(a.write(done, done.Text), err)
}
