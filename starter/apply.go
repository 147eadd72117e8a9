package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/internal/directory/workday"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/internal/terminal"
)

func newApply(a *app) *cobra.Command {
	var file string
	var prune bool
	command := &cobra.Command{
		Use:   "apply -f FILE",
		Short: "Make tenants and their Schedules what tenants.yaml says",
		Long: `Makes tenants and their Schedules what tenants.yaml says, and prints what it changed. Applying the same file again
changes nothing. A paused Schedule stays paused. One Schedule for all tenants, once a day, starts the retention.

${NAME} in the file comes from the environment of this command; credentials are kept sealed. A tenant that is no longer in
the file goes on as it is, unless --prune drops its Schedule and credentials; its members are kept.`,
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
			if err := a.warnLapsed(tenants, time.Now()); err != nil {
				return err
			}
			return a.apply(command.Context(), tenants, prune)
		},
	}
	command.Flags().StringVarP(&file, "file", "f", "", "tenants.yaml; - reads the standard input")
	command.Flags().BoolVar(&prune, "prune", false, "drop Schedule and credentials of tenants that are not in the file; members are kept")
	return command
}

// tenantsFile reads and checks tenants.yaml.
func (a *app) tenantsFile(path string) ([]tenant.Tenant, error) {
	from := a.env.stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }() // only read
		from = file
	}
	tenants, err := tenant.Parse(from, a.env.lookup)
	var problems tenant.Problems
	if errors.As(err, &problems) {
		return nil, fmt.Errorf("%s: %s, nothing was changed:\n%w", path, terminal.Count(len(problems), "problem", "problems"), problems)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return tenants, a.checkAddresses(path, tenants)
}

// checkAddresses refuses reports on hosts to which no credentials may be sent: their syncs could only fail.
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
				refused = append(refused, fmt.Errorf("%s: tenants[%s].workday.%s: %w (ROLLCALL_WORKDAY_HOSTS)", path, t.ID, report.key, explained(err)))
			}
		}
	}
	return errors.Join(refused...)
}

// applied is what apply did: its JSON.
type applied struct {
	SearchAttributes []string        `json:"search_attributes"` // registered now
	Watch            string          `json:"watch"`             // the Schedule that looks for overdue syncs: created, updated, unchanged
	Retention        string          `json:"retention"`         // that of the retention, likewise
	Tenants          []appliedTenant `json:"tenants"`
}

// appliedTenant is what was done to one tenant.
type appliedTenant struct {
	Tenant string   `json:"tenant"`
	Change string   `json:"change"` // created, updated, unchanged, dropped; kept: not in the file, and left alone
	What   []string `json:"what"`   // of: settings, credentials, schedule
	Paused bool     `json:"paused"`
}

// The changes to a tenant.
const (
	tenantCreated   = "created"
	tenantUpdated   = "updated"
	tenantUnchanged = "unchanged"
	tenantDropped   = "dropped"
	tenantKept      = "kept"
)

func (a *app) apply(ctx context.Context, tenants []tenant.Tenant, prune bool) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	p := putter{taskQueue: c.TaskQueue}
	if p.store, err = a.store(ctx); err != nil {
		return err
	}
	if p.keeper, err = tenant.OpenKeeper(ctx, c.SecretsURL, c.Home); err != nil {
		return err
	}
	defer func() { _ = p.keeper.Close() }() // nothing is written by it
	if p.client, err = a.client(ctx); err != nil {
		return err
	}
	var done applied
	done.SearchAttributes, err = putAttributes(ctx, p.client, a.namespace)
	if err != nil {
		return err
	}
	if done.Watch, err = putUpkeep(ctx, p.client, watching(c.TaskQueue)); err == nil {
		done.Retention, err = putUpkeep(ctx, p.client, retaining(c.TaskQueue))
	}
	if err != nil {
		return errors.Join(a.printApplied(done), err)
	}
	done.Tenants, err = p.all(ctx, tenants, prune)
	// What was done is said even when something failed on the way.
	return errors.Join(a.printApplied(done), err)
}

// putter puts tenants in place.
type putter struct {
	store     *store.Store
	keeper    *tenant.Keeper
	client    client.Client
	taskQueue string
}

func (p *putter) all(ctx context.Context, tenants []tenant.Tenant, prune bool) ([]appliedTenant, error) {
	done := make([]appliedTenant, 0, len(tenants))
	for _, t := range tenants {
		one, err := p.put(ctx, t)
		if err != nil {
			return done, err
		}
		done = append(done, one)
	}
	rows, err := p.store.Tenants(ctx)
	if err != nil {
		return done, fmt.Errorf("tenants: %w", err)
	}
	for _, row := range rows {
		if slices.ContainsFunc(tenants, func(t tenant.Tenant) bool { return t.ID == row.ID }) {
			continue
		}
		if !prune {
			done = append(done, appliedTenant{Tenant: row.ID, Change: tenantKept})
			continue
		}
		// The Schedule goes first, so that no tick finds a tenant without credentials.
		if err := dropSchedule(ctx, p.client, row.ID); err != nil {
			return done, err
		}
		if err := p.store.DropTenant(ctx, row.ID); err != nil {
			return done, fmt.Errorf("drop tenant %s: %w", row.ID, err)
		}
		done = append(done, appliedTenant{Tenant: row.ID, Change: tenantDropped, What: []string{"credentials", "schedule"}})
	}
	return done, nil
}

// put puts one tenant into the store and then its Schedule in place, so that a tick finds its tenant.
func (p *putter) put(ctx context.Context, t tenant.Tenant) (appliedTenant, error) {
	done := appliedTenant{Tenant: t.ID, Change: tenantUnchanged, What: []string{}}
	kept, err := p.store.Tenant(ctx, t.ID)
	isNew := errors.Is(err, store.ErrNotFound)
	if err != nil && !isNew {
		return done, fmt.Errorf("tenant %s: %w", t.ID, err)
	}
	settings, err := t.Settings()
	if err != nil {
		return done, err
	}
	next := store.Tenant{ID: t.ID, Name: t.Name, Settings: settings}
	if isNew || kept.Dropped || kept.Name != t.Name || !bytes.Equal(kept.Settings, settings) {
		done.What = append(done.What, "settings")
	}
	if next.Sealed, err = p.seal(ctx, t, kept.Sealed); err != nil {
		return done, err
	}
	if next.Sealed != nil {
		done.What = append(done.What, "credentials")
	}
	if len(done.What) > 0 {
		if _, err := p.store.PutTenant(ctx, next); err != nil {
			return done, fmt.Errorf("tenant %s: %w", t.ID, err)
		}
	}
	schedule, paused, err := putSchedule(ctx, p.client, t, p.taskQueue)
	if err != nil {
		return done, err
	}
	if done.Paused = paused; schedule != scheduleSame {
		done.What = append(done.What, "schedule")
	}
	switch {
	case isNew || kept.Dropped:
		done.Change = tenantCreated
	case len(done.What) > 0:
		done.Change = tenantUpdated
	}
	return done, nil
}

// seal seals a tenant's credentials; nil when those that are kept are the same.
func (p *putter) seal(ctx context.Context, t tenant.Tenant, sealed []byte) ([]byte, error) {
	if len(sealed) > 0 {
		kept, err := p.keeper.Open(ctx, t.ID, sealed)
		if err == nil && kept.Equal(t.Credentials) {
			return nil, nil
		}
		if err != nil && !errors.Is(err, tenant.ErrUnsealed) {
			return nil, err
		}
	}
	return p.keeper.Seal(ctx, t.ID, t.Credentials)
}

func (a *app) printApplied(done applied) error {
	if a.format == jsonFormat {
		if done.SearchAttributes == nil {
			done.SearchAttributes = []string{}
		}
		return a.writeJSON(done)
	}
	var page strings.Builder
	if len(done.SearchAttributes) > 0 {
		fmt.Fprintf(&page, "search attributes registered: %s\n", strings.Join(done.SearchAttributes, ", "))
	}
	changed := len(done.SearchAttributes) > 0
	for _, own := range []struct{ what, change string }{{"watch for overdue syncs", done.Watch}, {"retention", done.Retention}} {
		if own.change == scheduleCreated || own.change == scheduleUpdated {
			fmt.Fprintf(&page, "%s: %s\n", own.what, own.change)
			changed = true
		}
	}
	for _, t := range done.Tenants {
		changed = changed || t.Change != tenantUnchanged && t.Change != tenantKept
		fmt.Fprintf(&page, "%s: %s\n", t.Tenant, t.describe())
	}
	if !changed {
		page.WriteString("Nothing changed.\n")
	}
	if _, err := io.WriteString(a.out, page.String()); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

func (t appliedTenant) describe() string {
	words := t.Change
	switch t.Change {
	case tenantUpdated:
		words += " (" + strings.Join(t.What, ", ") + ")"
	case tenantDropped:
		words += " (Schedule and credentials; members are kept)"
	case tenantKept:
		words = "not in the file, goes on as it is; --prune drops it"
	}
	if t.Paused {
		words += "; its Schedule stays paused"
	}
	return words
}
