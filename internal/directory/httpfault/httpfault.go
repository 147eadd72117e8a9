// Package httpfault maps HTTP errors and statuses of a directory's service to faults. It never copies text from the
// service into a fault, because that text may hold personal data.
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

// MaxRetryAfter is the longest Retry-After that is honoured.
const MaxRetryAfter = 15 * time.Minute

// FromError returns the fault for an error of sending a request or of reading its response. If err already wraps a
// fault, FromError returns that fault.
func FromError(at fault.At, err error) *fault.Fault {
	if f, ok := fault.Of(err); ok {
		return f
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return fault.HostUnresolved(at, err)
	}
	if isTLSError(err) {
		return fault.TLSFailed(at, err)
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return fault.Unreachable(at, err)
	}
	// The TLS handshake timeout of net/http has no exported type. Callers handle read timeouts before this.
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return fault.Unreachable(at, err)
	}
	return fault.ConnectionLost(at, err)
}

func isTLSError(err error) bool {
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

// FromStatus returns the fault for a response's status, or nil for 200. after is the delay that the response asked for.
func FromStatus(at fault.At, status int, after time.Duration) *fault.Fault {
	switch {
	case status == http.StatusOK:
		return nil
	case status == http.StatusUnauthorized:
		return fault.CredentialsRefused(at)
	case status == http.StatusForbidden:
		return fault.AccessForbidden(at)
	case status == http.StatusNotFound, status == http.StatusGone:
		return fault.NotFound(at, status)
	case status == http.StatusTooManyRequests:
		return fault.RateLimited(at, after)
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		return fault.ServerError(at, status, after)
	}
	return fault.RequestRefused(at, status)
}

// RetryAfter returns the delay in a Retry-After header, given in seconds or as a date (RFC 9110, section 10.2.3). It is
// at most MaxRetryAfter, and 0 if the header is missing or invalid.
func RetryAfter(header http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(text, 10, 32); err == nil {
		return min(time.Duration(seconds)*time.Second, MaxRetryAfter)
	}
	if date, err := http.ParseTime(text); err == nil {
		return min(max(date.Sub(now), 0), MaxRetryAfter)
	}
	return 0
}
