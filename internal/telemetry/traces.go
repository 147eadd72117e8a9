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

// Traces sends spans of workflows and activities by OTLP over HTTP. A nil Traces sends nothing.
type Traces struct{ provider *sdktrace.TracerProvider }

// OpenTraces configures Traces from OpenTelemetry's variables, such as OTEL_EXPORTER_OTLP_ENDPOINT. It returns nil if
// no endpoint is set. See https://opentelemetry.io/docs/specs/otel/protocol/exporter/.
func OpenTraces(ctx context.Context, environment func(name string) (string, bool)) (*Traces, error) {
	if !isSet(environment, "OTEL_EXPORTER_OTLP_ENDPOINT") && !isSet(environment, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") {
		return nil, nil //nolint:nilnil // a nil Traces sends nothing
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("send traces (OTEL_EXPORTER_OTLP_*): %w", err)
	}
	service := resource.NewSchemaless(attribute.String("service.name", "rollcall-worker"))
	// OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES
	if named, err := resource.Merge(service, resource.Environment()); err == nil {
		service = named
	}
	return &Traces{sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(service))}, nil
}

func isSet(environment func(string) (string, bool), name string) bool {
	value, _ := environment(name)
	return value != ""
}

// Interceptors returns the interceptors of Temporal's client that record the spans.
func (t *Traces) Interceptors() ([]interceptor.ClientInterceptor, error) {
	if t == nil {
		return nil, nil
	}
	tracing, err := opentelemetry.NewTracingInterceptor(opentelemetry.TracerOptions{
		Tracer: t.provider.Tracer("rollcall"), DisableBaggage: true, AllowInvalidParentSpans: true,
		SpanStarter: func(
			ctx context.Context, tracer trace.Tracer, name string, options ...trace.SpanStartOption,
		) trace.Span {
			_, span := tracer.Start(ctx, name, options...)
			return &redactedSpan{Span: span}
		},
	})
	if err != nil {
		return nil, fmt.Errorf("trace workflows: %w", err)
	}
	return []interceptor.ClientInterceptor{tracing}, nil
}

// Close sends the remaining spans until ctx ends.
func (t *Traces) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("send the last traces: %w", err)
	}
	return nil
}

// redactedSpan records only the part of an error that Describe returns.
type redactedSpan struct {
	trace.Span
	failure string
}

// RecordError saves the description of err for the call of SetStatus that follows.
func (s *redactedSpan) RecordError(err error, _ ...trace.EventOption) {
	if err != nil {
		s.failure = Describe(err)
	}
}

// SetStatus replaces the description, which is the error's text.
func (s *redactedSpan) SetStatus(code codes.Code, _ string) { s.Span.SetStatus(code, s.failure) }
