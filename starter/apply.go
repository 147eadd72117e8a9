package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/directory/workday"
	"github.com/rollcall/rollcall/internal/provision"
	"github.com/rollcall/rollcall/internal/tenant"
)

func newApply(a *app) *cobra.Command {
	var file string
	var prune bool
	command := &cobra.Command{
		Use:   "apply -f FILE",
		Short: "Make tenants and their Schedules what tenants.yaml says",
		Long: `Makes tenants and their Schedules what tenants.yaml says, and prints what it changed. A second
apply of the same file changes nothing. A paused Schedule stays paused. Two more Schedules serve
all tenants: one looks for overdue syncs, one starts the retention once a day.

${NAME} in the file is the variable NAME in the environment of this command. Credentials are
stored sealed. A tenant that is no longer in the file stays as it is, unless --prune drops its
Schedule and credentials; its members are kept.`,
		Example: `  starter apply -f tenants.yaml
  ACME_WORKDAY_PASSWORD=... starter apply -f tenants.yaml
  starter apply -f tenants.yaml --prune
  sops -d tenants.enc.yaml | starter apply -f -`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if file == "" {
				return usagef("say which file: starter apply -f tenants.yaml")
			}
			tenants, err := a.tenantsFile(file)
			if err != nil {
				return err
			}
			if err := a.warnExpired(tenants, time.Now()); err != nil {
				return err
			}
			return a.apply(command.Context(), tenants, prune)
		},
	}
	command.Flags().StringVarP(&file, "file", "f", "", "tenants.yaml; - reads the standard input")
	command.Flags().BoolVar(&prune, "prune", false,
		"drop Schedule and credentials of tenants that are not in the file; members are kept")
	return command
}

// tenantsFile reads and checks tenants.yaml.
func (a *app) tenantsFile(path string) (tenants []tenant.Tenant, err error) {
	err = a.parseFile(path, "nothing was changed", func(from io.Reader) (err error) {
		tenants, err = tenant.Parse(from, a.env.lookup)
		return err
	})
	if err != nil {
		return nil, err
	}
	return tenants, a.checkAddresses(path, tenants)
}

// checkAddresses refuses reports on hosts that may get no credentials. Their syncs could only fail.
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
		for _, report := range []struct{ key, url string }{{"users", t.Workday.Users}, {"groups", t.Workday.Groups}} {
			if _, err := workday.Address(report.url, c.WorkdayHosts); err != nil {
				refused = append(refused, fmt.Errorf("%s: tenants[%s].workday.%s: %w (ROLLCALL_WORKDAY_HOSTS)",
					path, t.ID, report.key, withHint(err)))
			}
		}
	}
	return errors.Join(refused...)
}

// warnLapsed warns of protections that have ended. It is no error: a file that was right yesterday must not fail today.
func (a *app) warnExpired(tenants []tenant.Tenant, now time.Time) error {
	for _, t := range tenants {
		lapsed, err := t.Lapsed(now)
		if err != nil {
			return err
		}
		if len(lapsed) > 0 {
			fmt.Fprintf(a.errOut, "Warning: tenants[%s]: the last day has passed of %s: protected no more; "+
				"take them out or give a later day\n", t.ID, strings.Join(lapsed, ", "))
		}
	}
	return nil
}

func (a *app) apply(ctx context.Context, tenants []tenant.Tenant, prune bool) error {
	db, err := a.store(ctx)
	if err != nil {
		return err
	}
	keeper, err := a.keeper(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = keeper.Close() }() // it writes nothing
	c, err := a.client(ctx)
	if err != nil {
		return err
	}
	attributes, err := provision.SearchAttributes(ctx, c, a.namespace)
	if err != nil {
		return err
	}
	p := provision.Provisioner{Store: db, Keeper: keeper, Temporal: c, TaskQueue: a.settings.TaskQueue}
	done, err := p.Apply(ctx, tenants, prune)
	done.SearchAttributes = append([]string{}, attributes...)
	// What was done is printed also after an error.
	return errors.Join(a.write(done, done.Text), err)
}
