package workday

import (
	"net"
	"net/url"
	"strings"

	"github.com/rollcall/rollcall/internal/fault"
)

// Address checks the address of a report and returns it as it will be asked for. hosts is as in Settings. The error is a
// *fault.Fault of the kind address_refused, which doesn't repeat the address.
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

// reportAddress is raw with format=json. A report's other formats (simplexml, csv, gdata ...) are the same address with
// another value, so such an address is put right; one of a description (wsdl, xsd) is not a report's, and is refused.
func reportAddress(at fault.At, raw string, allowed hosts) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Host == "" {
		return nil, fault.AddressRefused(at, "it is not a whole address")
	}
	if why := allowed.refuse(u); why != "" {
		return nil, fault.AddressRefused(at, why)
	}
	query := []string{}
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		name, _, _ := strings.Cut(part, "=")
		switch strings.ToLower(name) {
		case "", "format":
		case "wsdl", "xsd":
			return nil, fault.AddressRefused(at, "it leads to a description of the web service (wsdl, xsd) and not to the report")
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

// refuse says why credentials must not be sent to u; "" when they may.
func (h hosts) refuse(u *url.URL) string {
	loopback := isLoopback(u.Hostname())
	switch {
	case u.User != nil:
		return "it holds a user name or password"
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback):
		return "it doesn't start with https://"
	case !h.list(u):
		return "its host is not on the list of allowed hosts"
	}
	return ""
}

// list tells whether u's host and port are listed.
func (h hosts) list(u *url.URL) bool {
	host, port := strings.ToLower(u.Hostname()), u.Port()
	usual := port == "" || u.Scheme == "https" && port == "443" || isLoopback(host)
	for _, entry := range h {
		name, wanted := cutPort(strings.ToLower(strings.TrimSpace(entry)))
		if wanted != port && (wanted != "" || !usual) {
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

// cutPort cuts "name:port", "[v6]:port", "name", "[v6]" or "v6".
func cutPort(entry string) (name, port string) {
	if name, port, err := net.SplitHostPort(entry); err == nil {
		return name, port
	}
	return strings.Trim(entry, "[]"), ""
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
