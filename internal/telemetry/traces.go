package telemetry

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"
)

// Traces are spans of workflows and activities, sent by OTLP over HTTP.
type Traces struct{ provider *sdktrace.TracerProvider }

// OpenTraces sends spans to where OpenTelemetry's own variables say (OTEL_EXPORTER_OTLP_ENDPOINT, _HEADERS, _TIMEOUT
// and the like, or the same for traces only). Without an endpoint it is nil: nothing is traced.
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/
func OpenTraces(ctx context.Context, environment func(name string) (string, bool)) (*Traces, error) {
	if !given(environment, "OTEL_EXPORTER_OTLP_ENDPOINT") && !given(environment, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") {
		return nil, nil //nolint:nilnil // a nil Traces is one that traces nothing
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("send traces (OTEL_EXPORTER_OTLP_*): %w", err)
	}
	service := resource.NewSchemaless(attribute.String("service.name", "rollcall-worker"))
	if named, err := resource.Merge(service, resource.Environment()); err == nil { // OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES
		service = named
	}
	return &Traces{sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(service))}, nil
}

func given(environment func(string) (string, bool), name string) bool {
	value, _ := environment(name)
	return value != ""
}

// Interceptors are what the client and its workers trace by.
func (t *Traces) Interceptors() ([]interceptor.ClientInterceptor, error) {
	if t == nil {
		return nil, nil
	}
	tracing, err := opentelemetry.NewTracingInterceptor(opentelemetry.TracerOptions{
		Tracer: t.provider.Tracer("rollcall"), DisableBaggage: true, AllowInvalidParentSpans: true,
		SpanStarter: func(ctx context.Context, tracer trace.Tracer, name string, options ...trace.SpanStartOption) trace.Span {
			_, span := tracer.Start(ctx, name, options...)
			return &redactedSpan{Span: span}
		},
	})
	if err != nil {
		return nil, fmt.Errorf("trace workflows: %w", err)
	}
	return []interceptor.ClientInterceptor{tracing}, nil
}

// Close sends what waits; it has until ctx ends.
func (t *Traces) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}

// redactedSpan tells of an error only what was written to be read.
type redactedSpan struct {
	trace.Span
	failure string
}

// RecordError keeps what may be told for SetStatus, which follows.
func (s *redactedSpan) RecordError(err error, _ ...trace.EventOption) {
	if err != nil {
		s.failure = Describe(err)
	}
}

// SetStatus leaves out the error's own words.
func (s *redactedSpan) SetStatus(code codes.Code, _ string) { s.Span.SetStatus(code, s.failure) }
