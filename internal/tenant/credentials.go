package tenant

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
)

const redacted = "[redacted]"

// Credentials are the secrets of a tenant. Printing, logging or marshalling them yields "[redacted]".
type Credentials struct {
	Username string // Workday
	Password string // Workday
	APIKey   string // WorkOS

	ClientSecret string // Workday's API client, with RefreshToken
	RefreshToken string
	PrivateKey   string // Workday's API client: PEM of an RSA key, instead of the two

	Hooks []Hook // destinations of the tenant's alerts, in the order of the alerts
}

// Equal reports whether c and other hold the same secrets.
func (c Credentials) Equal(other Credentials) bool {
	return c.Username == other.Username && c.Password == other.Password && c.APIKey == other.APIKey &&
		c.ClientSecret == other.ClientSecret && c.RefreshToken == other.RefreshToken && c.PrivateKey == other.PrivateKey &&
		slices.Equal(c.Hooks, other.Hooks)
}

// Hook returns the hook with a name. ok is false if there is none.
func (c Credentials) Hook(name string) (hook Hook, ok bool) {
	if i := slices.IndexFunc(c.Hooks, func(h Hook) bool { return h.Name == name }); i >= 0 {
		return c.Hooks[i], true
	}
	return Hook{}, false
}

// String returns "[redacted]".
func (Credentials) String() string { return redacted }

// Format writes "[redacted]" for every verb.
func (Credentials) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) } // fmt ignores errors too

// LogValue returns "[redacted]".
func (Credentials) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "[redacted]". JSON and YAML use it.
func (Credentials) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// String returns "[redacted]".
func (Hook) String() string { return redacted }

// Format writes "[redacted]" for every verb.
func (Hook) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) } // fmt ignores errors too

// LogValue returns "[redacted]".
func (Hook) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "[redacted]". JSON and YAML use it.
func (Hook) MarshalText() ([]byte, error) { return []byte(redacted), nil }
