// Package endpoint says to which addresses a secret may be sent.
package endpoint

import (
	"net"
	"net/url"
	"strings"
)

// Secure reports whether a secret may be sent to u: by https, or by plain http to this machine.
func Secure(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && Loopback(u.Hostname())
}

// Loopback reports whether host is this machine: "localhost" or a loopback address. A name below localhost isn't,
// because a resolver may ask the network for it (RFC 6761, section 6.3, only says that it should not).
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
