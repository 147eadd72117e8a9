// Package telemetry provides the worker's logs, metrics, traces and health checks.
//
// It lets no personal data out. A log record keeps only attributes with keys from a fixed list. An error is reduced to
// what Describe returns.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"go.temporal.io/sdk/temporal"

	"github.com/rollcall/rollcall/internal/fault"
)

// LogOptions configure a logger.
type LogOptions struct {
	Level  slog.Level
	Format string // "text" or "json"
}

// NewLogger returns a logger that writes redacted records to out.
func NewLogger(out io.Writer, settings LogOptions) *slog.Logger {
	options := &slog.HandlerOptions{Level: settings.Level}
	var handler slog.Handler = slog.NewTextHandler(out, options)
	if settings.Format == "json" {
		handler = slog.NewJSONHandler(out, options)
	}
	return slog.New(redactingHandler{handler})
}

// redactingHandler passes on only attributes with safe keys.
type redactingHandler struct{ next slog.Handler }

// Enabled implements slog.Handler.
func (r redactingHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return r.next.Enabled(ctx, level)
}

// Handle passes on the record with its attributes redacted.
func (r redactingHandler) Handle(ctx context.Context, record slog.Record) error {
	clean := slog.NewRecord(record.Time, record.Level, record.Message, record.PC)
	record.Attrs(func(attr slog.Attr) bool {
		clean.AddAttrs(redact(attr))
		return true
	})
	return r.next.Handle(ctx, clean)
}

// WithAttrs redacts the attributes once for all records of the new handler.
func (r redactingHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, attr := range attrs {
		clean[i] = redact(attr)
	}
	return redactingHandler{r.next.WithAttrs(clean)}
}

// WithGroup implements slog.Handler.
func (r redactingHandler) WithGroup(name string) slog.Handler {
	return redactingHandler{r.next.WithGroup(name)}
}

func redact(attr slog.Attr) slog.Attr {
	value := attr.Value.Resolve()
	if value.Kind() == slog.KindGroup {
		group := value.Group()
		clean := make([]slog.Attr, len(group))
		for i, inner := range group {
			clean[i] = redact(inner)
		}
		return slog.Attr{Key: attr.Key, Value: slog.GroupValue(clean...)}
	}
	if err, ok := value.Any().(error); ok {
		return slog.String(attr.Key, Describe(err))
	}
	if !isSafeKey(attr.Key) {
		return slog.String(attr.Key, "[redacted]")
	}
	return attr
}

// Describe returns the part of an error that may be shown. For a fault it is the kind and detail, for a Temporal
// application error the type and message. For any other error it is only the Go type, because the text may quote a
// database or a server.
func Describe(err error) string {
	if f, ok := fault.Of(err); ok {
		return f.Error()
	}
	var application *temporal.ApplicationError
	if errors.As(err, &application) {
		return application.Type() + ": " + application.Message()
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err.Error()
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return fmt.Sprintf("%T", err)
		}
		err = inner
	}
}

// isSafeKey reports whether an attribute may be logged: one of Rollcall's keys, or a key of Temporal's SDK for names
// and counts.
func isSafeKey(key string) bool {
	switch key {
	case "tenant", "run", "runs", "stage", "chunks", "values", "requests", "attempt", "batch", "plan", "outcome",
		"kind", "rows", "changes", "removals", "issues",
		"queue", "namespace", "address", "version", "signal", "duration", "types", "stack",
		"Namespace", "TaskQueue", "WorkerID", "WorkerType", "BuildID", "Identity", "WorkflowType", "WorkflowID",
		"RunID",
		"ActivityID", "ActivityType", "Attempt", "ScheduleID", "EventID", "EventType", "Count", "Counter", "TimerID",
		"SignalName", "QueryType", "UpdateName", "UpdateID", "Timeout", "StickyTaskQueue", "WorkerStopTimeout":
		return true
	}
	return false
}
