package tenant

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
)

const redacted = "[redacted]"

// Credentials open a tenant's directory, and where its alerts go. Printed, logged or marshalled by mistake they say nothing.
type Credentials struct {
	Username string // Workday
	Password string // Workday
	APIKey   string // WorkOS

	Hooks []Hook // of the tenant's alerts, in their order
}

// Equal tells whether they are the same.
func (c Credentials) Equal(other Credentials) bool {
	return c.Username == other.Username && c.Password == other.Password && c.APIKey == other.APIKey && slices.Equal(c.Hooks, other.Hooks)
}

// Hook is the one of that name.
func (c Credentials) Hook(name string) (Hook, bool) {
	if i := slices.IndexFunc(c.Hooks, func(h Hook) bool { return h.Name == name }); i >= 0 {
		return c.Hooks[i], true
	}
	return Hook{}, false
}

// String says nothing.
func (Credentials) String() string { return redacted }

// Format says nothing, whatever the verb.
func (Credentials) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) } // fmt ignores errors too

// LogValue says nothing.
func (Credentials) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText says nothing, in JSON and YAML alike.
func (Credentials) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// String says nothing.
func (Hook) String() string { return redacted }

// Format says nothing, whatever the verb.
func (Hook) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) } // fmt ignores errors too

// LogValue says nothing.
func (Hook) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText says nothing, in JSON and YAML alike.
func (Hook) MarshalText() ([]byte, error) { return []byte(redacted), nil }
