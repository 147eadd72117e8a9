// Package config reads the configuration of the worker and the starter from the environment.
//
// Variables have the prefix ROLLCALL_, except WORKOS_BASE_URL and TEMPORAL_*. Temporal's own loader reads the latter
// (address, namespace, TLS, API key, profiles), as its command line does. A value that doesn't parse stops the process
// with a message that names the variable and the allowed values.
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

// Prefix is the prefix of the variables, without the underscore.
const Prefix = "ROLLCALL"

// Config is the validated environment. The tags of a field are its documentation, which Document renders. The tag desc
// gives the meaning, the unit and what an empty value means.
type Config struct {
	Home        string `split_words:"true" default:"~/.local/share/rollcall" desc:"Folder that holds rollcall.db and the local key; made on first use, mode 0700. Empty: the default."`
	DatabaseURL string `split_words:"true" doc:"rollcall.db in ROLLCALL_HOME" desc:"Database of members, runs and the audit: sqlite:///path (one machine) or postgres://user@host/database. Empty: the default."`
	SecretsURL  string `split_words:"true" doc:"secrets.key in ROLLCALL_HOME" desc:"Key that seals tenants' credentials: a gocloud.dev/secrets URL, such as awskms://…, gcpkms://…, azurekeyvault://…, hashivault://…, base64key://…. Empty: the local key file, mode 0600, made on first use."`
	TaskQueue   string `split_words:"true" default:"rollcall" desc:"Temporal task queue that the worker serves and the starter uses. Empty: the default."`

	WorkdayHosts hosts  `split_words:"true" default:"*.workday.com,*.myworkday.com" desc:"Hosts to which Workday credentials may be sent, separated by commas; *.name stands for every host below name. https only; plain http only for loopback names listed here. Empty: none."`
	MetricsAddr  string `split_words:"true" default:"127.0.0.1:9464" desc:"host:port at which the worker serves /metrics, /healthy and /ready. Empty: neither."`

	WebURL string `split_words:"true" doc:"none" desc:"Base URL of Temporal's Web UI, such as https://temporal.example.com, for links in alerts. Empty: alerts have no link."`

	LogLevel  slog.Level `split_words:"true" default:"info" desc:"Minimum level of log records: debug, info, warn or error."`
	LogFormat LogFormat  `split_words:"true" default:"text" desc:"Format of log lines: text or json."`

	WorkosRate float64 `split_words:"true" default:"4" desc:"Requests a second to WorkOS's /directory_users, for each directory, over all that this worker reads. WorkOS allows 4; several workers must divide it among them. 0: the default."`

	WorkOSBaseURL string `envconfig:"WORKOS_BASE_URL" default:"https://api.workos.com" desc:"Base URL of WorkOS's API; another one for tests. Empty: the default."`
}

type hosts []string

// Decode parses a comma-separated list. It implements envconfig.Decoder.
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

// LogFormat is the format of log lines.
type LogFormat string

// The log formats.
const (
	Text LogFormat = "text"
	JSON LogFormat = "json"
)

// Decode parses the name of a format. It implements envconfig.Decoder.
func (f *LogFormat) Decode(text string) error {
	switch format := LogFormat(strings.ToLower(strings.TrimSpace(text))); format {
	case Text, JSON:
		*f = format
		return nil
	}
	return errors.New("write text or json")
}

// Load reads and validates the process's environment. Its error names the variables and never contains a value.
func Load() (Config, error) {
	var c Config
	if err := envconfig.Process(Prefix, &c); err != nil {
		return Config{}, explain(err)
	}
	if err := c.setDefaults(os.UserHomeDir); err != nil {
		return Config{}, err
	}
	return c, nil
}

// explain returns an error with the variable that doesn't parse and the reason, but without the value, which may hold a
// password.
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

// setDefaults sets the defaults that depend on other values, and validates all values.
func (c *Config) setDefaults(userHome func() (string, error)) error {
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
