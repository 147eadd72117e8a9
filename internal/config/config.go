// Package config reads what the worker and the starter take from the environment.
//
// Variables carry the prefix ROLLCALL_, but for those with a convention of their own: WORKOS_BASE_URL here, and
// TEMPORAL_* (address, namespace, TLS, API key, profiles), which Temporal's own loader reads as its CLI does. A value
// that doesn't parse stops the process with a message that names the variable and what it may be.
//
//go:generate go run ./cmd/document ../../docs/configuration.md
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/kelseyhightower/envconfig"
)

// Prefix is what the variables begin with, and an underscore.
const Prefix = "ROLLCALL"

// Config is the environment, checked. Each field's tags are its documentation: desc says what it is, its unit and what
// empty means; Document renders them.
type Config struct {
	Home        string `split_words:"true" default:"~/.local/share/rollcall" desc:"Folder that holds rollcall.db and the local key; made on first use, mode 0700. Empty: the default."`
	DatabaseURL string `split_words:"true" doc:"rollcall.db in ROLLCALL_HOME" desc:"Where members, runs and the audit are kept: sqlite:///path (one machine) or postgres://user@host/database. Empty: the default."`
	SecretsURL  string `split_words:"true" doc:"secrets.key in ROLLCALL_HOME" desc:"What seals tenants' credentials: a gocloud.dev/secrets URL, as awskms://…, gcpkms://…, azurekeyvault://…, hashivault://…, base64key://…. Empty: the local key file, mode 0600, made on first use."`
	TaskQueue   string `split_words:"true" default:"rollcall" desc:"Temporal task queue that the worker serves and the starter uses. Empty: the default."`

	WorkdayHosts hosts  `split_words:"true" default:"*.workday.com,*.myworkday.com" desc:"Hosts to which Workday credentials may be sent, separated by commas; *.name stands for every host below name. https only; plain http only for loopback names listed here. Empty: none."`
	MetricsAddr  string `split_words:"true" default:"127.0.0.1:9464" desc:"host:port at which the worker serves /metrics, /healthy and /ready. Empty: neither."`

	WebURL string `split_words:"true" doc:"none" desc:"Where Temporal's Web UI is, as https://temporal.example.com: alerts then link to the sync. Empty: they have no link."`

	LogLevel  slog.Level `split_words:"true" default:"info" desc:"Least level that is logged: debug, info, warn or error."`
	LogFormat LogFormat  `split_words:"true" default:"text" desc:"How a log line looks: text or json."`

	WorkosRate float64 `split_words:"true" default:"4" desc:"Requests a second to WorkOS's /directory_users, for each directory, over all that this worker reads. 4 is what WorkOS allows: several workers share it by each having its part. 0: the default."`

	WorkOSBaseURL string `envconfig:"WORKOS_BASE_URL" default:"https://api.workos.com" desc:"Where WorkOS answers; another one for trials. Empty: the default."`
}

// hosts are patterns of host names.
type hosts []string

// Decode reads a list separated by commas.
func (h *hosts) Decode(text string) error {
	*h = nil
	for host := range strings.SplitSeq(text, ",") {
		host = strings.ToLower(strings.TrimSpace(host))
		if host == "" {
			continue
		}
		if strings.ContainsAny(host, "/@ ") {
			return fmt.Errorf("%q is not a host name: write name, name:port or *.name, without https://", host)
		}
		*h = append(*h, host)
	}
	return nil
}

// LogFormat is how a log line looks.
type LogFormat string

// The formats.
const (
	Text LogFormat = "text"
	JSON LogFormat = "json"
)

// Decode reads a format's name.
func (f *LogFormat) Decode(text string) error {
	switch format := LogFormat(strings.ToLower(strings.TrimSpace(text))); format {
	case Text, JSON:
		*f = format
		return nil
	}
	return errors.New("write text or json")
}

// Load reads the process's environment.
func Load() (Config, error) {
	var c Config
	if err := envconfig.Process(Prefix, &c); err != nil {
		return Config{}, explain(err)
	}
	if err := c.settle(os.UserHomeDir); err != nil {
		return Config{}, err
	}
	return c, nil
}

// explain says which variable doesn't parse and why. The value isn't repeated: it may hold a password.
func explain(err error) error {
	var parse *envconfig.ParseError
	if !errors.As(err, &parse) {
		return fmt.Errorf("environment: %w", err)
	}
	if parse.TypeName == "slog.Level" {
		return fmt.Errorf("%s doesn't parse: write debug, info, warn or error", parse.KeyName)
	}
	return fmt.Errorf("%s doesn't parse: %w", parse.KeyName, parse.Err)
}

// settle fills in the defaults that follow from other values and checks what has a form.
func (c *Config) settle(userHome func() (string, error)) error {
	if c.Home == "" {
		c.Home = defaultOf("Home")
	}
	if rest, ok := strings.CutPrefix(c.Home, "~"); ok && (rest == "" || rest[0] == '/') {
		home, err := userHome()
		if err != nil {
			return fmt.Errorf("ROLLCALL_HOME begins with ~ but there is no home directory: set it to a path: %w", err)
		}
		c.Home = filepath.Join(home, rest)
	}
	home, err := filepath.Abs(c.Home)
	if err != nil {
		return fmt.Errorf("ROLLCALL_HOME: %w", err)
	}
	c.Home = home
	if c.DatabaseURL == "" {
		c.DatabaseURL = "sqlite://" + filepath.Join(c.Home, "rollcall.db")
	}
	if c.TaskQueue == "" {
		c.TaskQueue = defaultOf("TaskQueue")
	}
	if c.WorkOSBaseURL == "" {
		c.WorkOSBaseURL = defaultOf("WorkOSBaseURL")
	}
	return c.check()
}
