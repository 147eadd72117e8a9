// Command worker runs Rollcall's workflows and activities: it reads directories and updates members in the store.
//
// It takes no arguments and reads its configuration from the environment (docs/configuration.md). On SIGTERM or Ctrl-C
// it stops gracefully. Running activities either finish or stop early, so that another worker resumes them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
	_ "time/tzdata" // time zones, where the machine has none

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/alert"
	"github.com/rollcall/rollcall/internal/config"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/source"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/telemetry"
	"github.com/rollcall/rollcall/internal/tenant"
	_ "github.com/rollcall/rollcall/internal/tenant/drivers" // key services by URL
	"github.com/rollcall/rollcall/workflows"
)

// environment provides configuration to run.
type environment struct {
	config   func() (config.Config, error)
	temporal envconfig.EnvLookup // also for OpenTelemetry's variables
}

func main() {
	tuneCollector()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, environment{config: config.Load, temporal: envconfig.EnvLookupOS}, os.Args[1:], os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
	}
	os.Exit(status(err))
}

var errUsage = errors.New("worker takes no arguments: set environment variables, see docs/configuration.md")

// status returns the exit status for an error of run.
func status(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		return 2
	default:
		return 1
	}
}

const (
	stopTimeout       = 20 * time.Second // limits running activities after a request to stop
	stepTimeout       = 12 * time.Second // when an activity stops itself after such a request, early enough to report it
	heartbeatInterval = 5 * time.Second
	maxSteps          = 32 // concurrent activities of a task queue
)

// run runs the worker until ctx ends.
func run(ctx context.Context, env environment, args []string, out io.Writer) error {
	if len(args) > 0 {
		return errUsage
	}
	settings, err := env.config()
	if err != nil {
		return err
	}
	logger := telemetry.NewLogger(out, telemetry.LogOptions{Level: settings.LogLevel, Format: string(settings.LogFormat)})
	db, err := store.Open(ctx, settings.DatabaseURL)
	if err != nil {
		return fmt.Errorf("open the database (ROLLCALL_DATABASE_URL): %w", err)
	}
	defer db.Close() //nolint:errcheck // every transaction has been committed or rolled back by then
	keeper, err := tenant.OpenKeeper(ctx, settings.SecretsURL, settings.Home)
	if err != nil {
		return fmt.Errorf("open the key that seals credentials (ROLLCALL_SECRETS_URL): %w", err)
	}
	defer keeper.Close() //nolint:errcheck // nothing is written through it
	metrics, err := telemetry.NewMetrics(logger)
	if err != nil {
		return err
	}
	metrics.AddTenants(healthOf(db))
	traces, err := telemetry.OpenTraces(ctx, env.temporal.LookupEnv)
	if err != nil {
		return err
	}
	defer closeTraces(traces, logger)
	temporal, err := connect(ctx, env, logger, metrics, traces)
	if err != nil {
		return err
	}
	defer temporal.Close()
	closeServer, err := serve(settings.MetricsAddr, metrics, db, temporal)
	if err != nil {
		return err
	}
	defer closeServer()
	return work(ctx, temporal, settings.TaskQueue, logger, wire(db, keeper, temporal, settings))
}

// closeTraces sends the last spans for at most five seconds. Spans that can't be sent are lost.
func closeTraces(traces *telemetry.Traces, logger *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := traces.Close(ctx); err != nil {
		logger.Warn("traces are lost", "Error", err)
	}
}

func connect(
	ctx context.Context, env environment, logger *slog.Logger, metrics *telemetry.Metrics, traces *telemetry.Traces,
) (client.Client, error) {
	options, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{EnvLookup: env.temporal})
	if err != nil {
		return nil, fmt.Errorf("configuration of the connection to Temporal (TEMPORAL_*): %w", err)
	}
	options.Logger = log.NewStructuredLogger(logger)
	options.MetricsHandler = metrics.Handler()
	if options.Interceptors, err = traces.Interceptors(); err != nil {
		return nil, err
	}
	connected, err := client.DialContext(ctx, options)
	if err != nil {
		address := options.HostPort
		if address == "" {
			address = client.DefaultHostPort
		}
		return nil, fmt.Errorf("connect to Temporal at %s: %w. Is a server running there? Set TEMPORAL_ADDRESS to "+
			"where it is, "+
			"or start one with `temporal server start-dev`", address, err)
	}
	return connected, nil
}

// wire creates the activities with their dependencies.
func wire(
	db *store.Store, keeper *tenant.Keeper, temporal client.Client, settings config.Config,
) *activities.Activities {
	opener := source.Opener{
		Tenants: db, Keeper: keeper, WorkdayHosts: settings.WorkdayHosts, WorkOSBaseURL: settings.WorkOSBaseURL,
		Limiters: workos.NewLimiters(settings.WorkosRate),
	}
	d := directories{opener, db}
	return &activities.Activities{
		Tenants: d, Directories: d, Runs: db, Stages: db, Members: db, Ledger: db, Decisions: db, Audit: db,
		Conditions: db, Erasures: db, Retention: db,
		Schedules: schedules{opener, db, temporal}, Hooks: hooks{opener, alert.NewSender(), settings.WebURL},
		HeartbeatInterval: heartbeatInterval, StopAfter: stepTimeout,
	}
}

// work serves the task queue until ctx ends or the worker fails fatally.
func work(
	ctx context.Context, temporal client.Client, queue string, logger *slog.Logger, a *activities.Activities,
) error {
	fatal := make(chan error, 3)
	options := worker.Options{
		WorkerStopTimeout:                  stopTimeout,
		MaxConcurrentActivityExecutionSize: maxSteps,
		MaxHeartbeatThrottleInterval:       heartbeatInterval, // so that an activity learns of its cancellation soon
		DefaultHeartbeatThrottleInterval:   heartbeatInterval,
		OnFatalError:                       func(err error) { fatal <- err },
	}
	steps := worker.New(temporal, queue, options)
	workflows.Register(steps)
	workflows.RegisterActivities(steps, a)
	workers := []worker.Worker{steps}
	options.DisableWorkflowWorker = true
	for _, queue := range []string{workflows.ReadQueue(queue), workflows.DecidedQueue(queue)} {
		reads := worker.New(temporal, queue, options)
		workflows.RegisterReads(reads, a)
		workers = append(workers, reads)
	}
	var stopping sync.WaitGroup
	defer stopping.Wait()
	for _, w := range workers {
		if err := w.Start(); err != nil {
			return fmt.Errorf("start working on task queue %s: %w", queue, err)
		}
		defer stopping.Go(w.Stop)
	}
	logger.InfoContext(ctx, "working", "queue", queue)
	select {
	case <-ctx.Done():
		logger.InfoContext(ctx, "stopping", "queue", queue)
		return nil
	case err := <-fatal:
		return fmt.Errorf("work on task queue %s: %w", queue, err)
	}
}
