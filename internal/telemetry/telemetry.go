// Package telemetry is how a running Rollcall shows itself: logs, metrics and health. Nothing personal passes it: a log
// record carries only attributes from one list of keys, and of an error only what was written to be read.
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

// Settings say how to log.
type Settings struct {
	Level  slog.Level
	Format string // "text" or "json"
}

// NewLogger writes records to out, with redaction.
func NewLogger(out io.Writer, settings Settings) *slog.Logger {
	options := &slog.HandlerOptions{Level: settings.Level}
	var handler slog.Handler = slog.NewTextHandler(out, options)
	if settings.Format == "json" {
		handler = slog.NewJSONHandler(out, options)
	}
	return slog.New(redacting{handler})
}

// redacting lets through only attributes whose key is in allowed.
type redacting struct{ next slog.Handler }

// Enabled asks the next handler.
func (r redacting) Enabled(ctx context.Context, level slog.Level) bool {
	return r.next.Enabled(ctx, level)
}

// Handle passes the record on with every attribute redacted that isn't known to be harmless.
func (r redacting) Handle(ctx context.Context, record slog.Record) error {
	clean := slog.NewRecord(record.Time, record.Level, record.Message, record.PC)
	record.Attrs(func(attr slog.Attr) bool {
		clean.AddAttrs(redact(attr))
		return true
	})
	return r.next.Handle(ctx, clean)
}

// WithAttrs redacts once what every record of the new handler will carry.
func (r redacting) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, attr := range attrs {
		clean[i] = redact(attr)
	}
	return redacting{r.next.WithAttrs(clean)}
}

// WithGroup groups what follows.
func (r redacting) WithGroup(name string) slog.Handler { return redacting{r.next.WithGroup(name)} }

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
	if !allowed(attr.Key) {
		return slog.String(attr.Key, "[redacted]")
	}
	return attr
}

// Describe says of an error what may be shown: a fault's kind and detail, a Temporal application error's message, and
// of any other error only its type, since its text may hold what a database or a server answered.
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

// allowed is the one list of keys: ours, and those of Temporal's SDK that name things and count.
func allowed(key string) bool {
	switch key {
	case "tenant", "run", "runs", "stage", "chunks", "values", "requests", "attempt", "batch", "plan", "outcome", "kind", "rows", "changes", "removals", "issues",
		"queue", "namespace", "address", "version", "signal", "duration", "types", "stack",
		"Namespace", "TaskQueue", "WorkerID", "WorkerType", "BuildID", "Identity", "WorkflowType", "WorkflowID", "RunID",
		"ActivityID", "ActivityType", "Attempt", "ScheduleID", "EventID", "EventType", "Count", "Counter", "TimerID",
		"SignalName", "QueryType", "UpdateName", "UpdateID", "Timeout", "StickyTaskQueue", "WorkerStopTimeout":
		return true
	}
	return false
}
