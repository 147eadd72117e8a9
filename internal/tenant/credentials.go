package tenant

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Credentials open a tenant's directory. Printed, logged or marshalled by mistake they say nothing.
type Credentials struct {
	Username string // Workday
	Password string // Workday
	APIKey   string // WorkOS
}

// String says nothing.
func (Credentials) String() string { return redacted }

// Format says nothing, whatever the verb.
func (Credentials) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) } // fmt ignores errors too

// LogValue says nothing.
func (Credentials) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText says nothing, in JSON and YAML alike.
func (Credentials) MarshalText() ([]byte, error) { return []byte(redacted), nil }
