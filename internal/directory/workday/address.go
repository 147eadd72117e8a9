package workday

import (
	"net"
	"net/url"
	"strings"

	"github.com/rollcall/rollcall/internal/endpoint"
	"github.com/rollcall/rollcall/internal/fault"
)

// Address checks the URL of a report and returns the URL that will be requested. allowed is as in Settings.Hosts. Its
// error is a *fault.Fault of kind address_refused that doesn't contain the URL.
func Address(raw string, allowed []string) (string, error) {
	if allowed == nil {
		allowed = DefaultHosts()
	}
	u, err := reportAddress(fault.At{Source: source, Part: "the report"}, raw, allowed)
	if err != nil {
		return "", err
	}
	return u.String(), nil
}

// reportAddress returns raw with format=json. It replaces any other format (simplexml, csv, gdata), because only that
// parameter differs. It refuses the URL of a description (wsdl, xsd), which is not a report.
func reportAddress(at fault.At, raw string, allowed hosts) (*url.URL, error) {
	u, err := allowed.parse(at, raw)
	if err != nil {
		return nil, err
	}
	query := []string{}
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		name, _, _ := strings.Cut(part, "=")
		switch strings.ToLower(name) {
		case "", "format":
		case "wsdl", "xsd":
			return nil, fault.AddressRefused(
				at, "it leads to a description of the web service (wsdl, xsd) and not to the report",
			)
		default:
			query = append(query, part)
		}
	}
	u.RawQuery = strings.Join(append(query, "format=json"), "&")
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// hosts is a list of allowed hosts; see Settings.Hosts.
type hosts []string

// parse returns the URL of an address to which credentials may be sent.
func (h hosts) parse(at fault.At, raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Host == "" {
		return nil, fault.AddressRefused(at, "it is not a whole address")
	}
	if reason := h.denyReason(u); reason != "" {
		return nil, fault.AddressRefused(at, reason)
	}
	return u, nil
}

// denyReason returns why credentials must not be sent to u, or "" if they may.
func (h hosts) denyReason(u *url.URL) string {
	switch {
	case u.User != nil:
		return "it holds a user name or password"
	case !endpoint.Secure(u):
		return "it doesn't start with https://"
	case !h.contains(u):
		return "its host is not on the list of allowed hosts"
	}
	return ""
}

// contains reports whether u's host and port are listed.
func (h hosts) contains(u *url.URL) bool {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	defaultPort := port == "" || u.Scheme == "https" && port == "443" || endpoint.Loopback(host)
	for _, entry := range h {
		name, wanted := cutPort(strings.ToLower(strings.TrimSpace(entry)))
		if wanted != port && (wanted != "" || !defaultPort) {
			continue
		}
		if suffix, ok := strings.CutPrefix(name, "*."); ok && suffix != "" {
			if strings.HasSuffix(host, "."+suffix) {
				return true
			}
		} else if name == host {
			return true
		}
	}
	return false
}

// cutPort splits "name:port", "[v6]:port", "name", "[v6]" or "v6".
func cutPort(entry string) (name, port string) {
	if name, port, err := net.SplitHostPort(entry); err == nil {
		return name, port
	}
	return strings.Trim(entry, "[]"), ""
}
