package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"
)

// Probe checks whether the worker can work. It returns nil or the reason why not. Each request of /ready calls it.
type Probe func(context.Context) error

// Metrics holds the metrics of Temporal's SDK, the Go runtime, the process and the tenants.
type Metrics struct {
	registry *prometheus.Registry
	provider *metric.MeterProvider
	log      *slog.Logger
}

// NewMetrics returns metrics in a new registry. It logs failures to record a metric to log.
func NewMetrics(log *slog.Logger) (*Metrics, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	reader, err := exporter.New(exporter.WithRegisterer(registry))
	if err != nil {
		return nil, fmt.Errorf("make metrics: %w", err)
	}
	return &Metrics{registry: registry, provider: metric.NewMeterProvider(metric.WithReader(reader)), log: log}, nil
}

// Handler returns the metrics handler for Temporal's client and worker.
func (m *Metrics) Handler() client.MetricsHandler {
	return opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{
		Meter:   m.provider.Meter("rollcall"),
		OnError: func(err error) { m.log.Warn("a metric was not recorded", "Error", err) },
	})
}

// Server serves /metrics, /healthy (always 200) and /ready (200 if the probe succeeds, otherwise 503).
type Server struct {
	http *http.Server
	addr net.Addr
	done chan error
}

// Serve starts a server on address, such as "127.0.0.1:9464". It fails if it can't listen. The caller closes the
// server.
func (m *Metrics) Serve(address string, ready Probe) (*Server, error) {
	var listen net.ListenConfig
	listener, err := listen.Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for metrics on %s: %w", address, err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthy", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "healthy") })
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		if err := ready(ctx); err != nil {
			http.Error(w, Describe(err), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	server := &Server{
		http: &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second},
		addr: listener.Addr(),
		done: make(chan error, 1),
	}
	go func() { server.done <- server.http.Serve(listener) }()
	return server, nil
}

// Address returns the address that the server listens on.
func (s *Server) Address() string { return s.addr.String() }

// Close stops the server. Open requests may continue until ctx ends.
func (s *Server) Close(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil {
		return fmt.Errorf("stop serving metrics: %w", err)
	}
	if err := <-s.done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve metrics: %w", err)
	}
	return nil
}
