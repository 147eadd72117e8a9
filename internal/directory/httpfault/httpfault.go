// Package httpfault turns what goes wrong between us and a directory's HTTP service into faults. It looks at kinds of
// errors, statuses and Retry-After, and takes no text from the other side, since that may hold anything.
package httpfault

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall/rollcall/internal/fault"
)

// LongestWait caps a Retry-After: what asks for more is asked again then.
const LongestWait = 15 * time.Minute

// Exchange is the fault for an exchange that broke before an answer's headers, or while its body was read.
func Exchange(at fault.At, err error) *fault.Fault {
	if f, ok := fault.Of(err); ok {
		return f
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return fault.HostUnresolved(at, err)
	}
	if untrusted(err) {
		return fault.TLSFailed(at, err)
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return fault.Unreachable(at, err)
	}
	// A handshake that takes too long has no type of its own (net/http: TLS handshake timeout); a read that does is ours.
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return fault.Unreachable(at, err)
	}
	return fault.ConnectionLost(at, err)
}

func untrusted(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		authority    x509.UnknownAuthorityError
		hostname     x509.HostnameError
		invalid      x509.CertificateInvalidError
		record       tls.RecordHeaderError
		alert        tls.AlertError
	)
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &hostname) ||
		errors.As(err, &invalid) || errors.As(err, &record) || errors.As(err, &alert)
}

// Status is the fault for an answer's status, nil for 200.
func Status(at fault.At, status int, after time.Duration) *fault.Fault {
	switch {
	case status == http.StatusOK:
		return nil
	case status == http.StatusUnauthorized:
		return fault.CredentialsRefused(at)
	case status == http.StatusForbidden:
		return fault.AccessForbidden(at)
	case status == http.StatusNotFound, status == http.StatusGone:
		return fault.NotFound(at)
	case status == http.StatusTooManyRequests:
		return fault.RateLimited(at, after)
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		return fault.ServerError(at, status, after)
	}
	return fault.RequestRefused(at, status)
}

// RetryAfter is how long an answer asks to wait: its Retry-After in seconds or as a date, at most LongestWait, and 0
// when it has none that makes sense. Source: RFC 9110, section 10.2.3.
func RetryAfter(header http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(text, 10, 32); err == nil {
		return min(time.Duration(seconds)*time.Second, LongestWait)
	}
	if date, err := http.ParseTime(text); err == nil {
		return min(max(date.Sub(now), 0), LongestWait)
	}
	return 0
}
