package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/log"

	"github.com/rollcall/rollcall/internal/config"
	"github.com/rollcall/rollcall/internal/control"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/source"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/tenant"
)

// environment is what run needs from the process besides its arguments.
type environment struct {
	lookup  func(name string) (string, bool) // returns one variable
	environ func() []string                  // returns all variables, for Temporal's configuration
	config  func() (config.Config, error)
	stdin   io.Reader
}

// app holds the connections that commands share. Each is opened when a command first needs it.
type app struct {
	env    environment
	out    io.Writer
	errOut io.Writer
	format string // of the result, from the flag -o

	settings  *config.Config
	db        *store.Store
	temporal  client.Client
	namespace string // of temporal
}

func (a *app) close() {
	if a.temporal != nil {
		a.temporal.Close()
	}
	if a.db != nil {
		if err := a.db.Close(); err != nil {
			fmt.Fprintln(a.errOut, "Error: close the database:", err)
		}
	}
}

// config returns the configuration that the environment holds.
func (a *app) config() (config.Config, error) {
	if a.settings == nil {
		c, err := a.env.config()
		if err != nil {
			return config.Config{}, err
		}
		a.settings = &c
	}
	return *a.settings, nil
}

// store returns the open database.
func (a *app) store(ctx context.Context) (*store.Store, error) {
	if a.db != nil {
		return a.db, nil
	}
	c, err := a.config()
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, c.DatabaseURL)
	var refused *database.OpenError
	if errors.As(err, &refused) && refused.Hint != "" {
		return nil, fmt.Errorf("%w; %s", err, refused.Hint)
	}
	if err != nil {
		return nil, err
	}
	a.db = db
	return db, nil
}

// client returns a connected Temporal client.
func (a *app) client(ctx context.Context) (client.Client, error) {
	if a.temporal != nil {
		return a.temporal, nil
	}
	options, err := a.temporalOptions()
	if err != nil {
		return nil, err
	}
	options.Identity = "starter" // shown in histories; the default would name the operator's machine
	// Errors are returned, so nothing needs to be logged.
	options.Logger = log.NewStructuredLogger(slog.New(slog.DiscardHandler))
	c, err := client.DialContext(ctx, options)
	if err != nil {
		address := options.HostPort
		if address == "" {
			address = client.DefaultHostPort
		}
		return nil, fmt.Errorf("connect to Temporal at %s (TEMPORAL_ADDRESS): %w", address, err)
	}
	a.temporal, a.namespace = c, namespaceOf(options)
	return c, nil
}

// temporalOptions reads the settings of the connection to Temporal from the environment.
func (a *app) temporalOptions() (client.Options, error) {
	options, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{EnvLookup: temporalEnv{a.env}})
	if err != nil {
		return client.Options{}, fmt.Errorf("read the Temporal configuration (TEMPORAL_*): %w", err)
	}
	return options, nil
}

func namespaceOf(options client.Options) string {
	if options.Namespace == "" {
		return client.DefaultNamespace
	}
	return options.Namespace
}

// temporalEnv gives Temporal's configuration access to the environment.
type temporalEnv struct{ env environment }

// Environ returns all variables as "name=value".
func (e temporalEnv) Environ() []string { return e.env.environ() }

// LookupEnv returns the value of one variable, and whether it is set.
func (e temporalEnv) LookupEnv(name string) (string, bool) { return e.env.lookup(name) }

// control returns a Control that is connected to Temporal and the database.
func (a *app) control(ctx context.Context) (control.Control, error) {
	db, err := a.store(ctx)
	if err != nil {
		return control.Control{}, err
	}
	c, err := a.client(ctx)
	if err != nil {
		return control.Control{}, err
	}
	return control.Control{Store: db, Temporal: c, TaskQueue: a.settings.TaskQueue}, nil
}

// keeper returns the keeper of the key that encrypts credentials. The caller closes it.
func (a *app) keeper(ctx context.Context) (*tenant.Keeper, error) {
	c, err := a.config()
	if err != nil {
		return nil, err
	}
	keeper, err := tenant.OpenKeeper(ctx, c.SecretsURL, c.Home)
	if err != nil {
		return nil, fmt.Errorf("open the key that encrypts credentials (ROLLCALL_SECRETS_URL): %w", err)
	}
	return keeper, nil
}

// opener returns an Opener of directories with the same settings as the worker's. The caller calls closeKeeper.
func (a *app) opener(ctx context.Context) (opener source.Opener, closeKeeper func(), err error) {
	keeper, err := a.keeper(ctx)
	if err != nil {
		return source.Opener{}, nil, err
	}
	return source.Opener{
		Tenants: a.db, Keeper: keeper, WorkdayHosts: a.settings.WorkdayHosts, WorkOSBaseURL: a.settings.WorkOSBaseURL,
		Limiters: workos.NewLimiters(a.settings.WorkosRate),
	}, func() { _ = keeper.Close() }, nil // nothing is written, so nothing can be lost
}
