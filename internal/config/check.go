package config

import (
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// check reports all invalid values at once. Errors don't contain a value, because a URL may hold a password.
func (c *Config) check() error {
	return errors.Join(
		checkDatabase(c.DatabaseURL),
		checkSecrets(c.SecretsURL),
		checkAddr(c.MetricsAddr),
		checkWorkOS(c.WorkOSBaseURL),
		checkRate(c.WorkosRate),
		checkWeb(c.WebURL),
	)
}

func checkDatabase(text string) error {
	const want = "ROLLCALL_DATABASE_URL doesn't parse: write sqlite:///path/to/file or postgres://user@host/database"
	switch scheme, rest, _ := strings.Cut(text, "://"); scheme {
	case "sqlite":
		if !strings.HasPrefix(rest, "/") {
			return errors.New(want + "; a SQLite path is absolute, so there are three slashes")
		}
	case "postgres", "postgresql":
		if _, err := url.Parse(text); err != nil {
			return errors.New(want)
		}
	default:
		return errors.New(want)
	}
	return nil
}

func checkSecrets(text string) error {
	if text == "" {
		return nil
	}
	switch scheme, _, _ := strings.Cut(text, "://"); scheme {
	case "awskms", "gcpkms", "azurekeyvault", "hashivault", "base64key":
		return nil
	}
	return errors.New("ROLLCALL_SECRETS_URL doesn't parse: write awskms://…, gcpkms://…, azurekeyvault://…, " +
		"hashivault://… or base64key://…, or leave it out for the local key file")
}

func checkAddr(text string) error {
	if text == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(text)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return errors.New("ROLLCALL_METRICS_ADDR doesn't parse: write host:port or :port, or leave it empty for no " +
			"metrics")
	}
	return nil
}

func checkWorkOS(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return errors.New("WORKOS_BASE_URL doesn't parse: write https://host, without a user name")
	}
	return nil
}

func checkRate(perSecond float64) error {
	if perSecond < 0 || perSecond > 1e9 {
		return errors.New("ROLLCALL_WORKOS_RATE doesn't parse: write a number of requests a second, as 4 or 0.5")
	}
	return nil
}

func checkWeb(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || (u.Scheme != "https" && u.Scheme != "http") {
		return errors.New("ROLLCALL_WEB_URL doesn't parse: write https://host, as shown in the browser before " +
			"/namespaces")
	}
	return nil
}
