package httpfault

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/fault"
)

var at = fault.At{Source: "Workday", Part: "the user report", Credential: "the password", Check: "Check the group."}

func TestRetryAfterIsInSecondsOrADateAndCapped(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"":                              0,
		"0":                             0,
		"7":                             7 * time.Second,
		" 30 ":                          30 * time.Second,
		"-5":                            0,
		"soon":                          0,
		"1.5":                           0,
		"86400":                         MaxRetryAfter,
		"4294967295":                    MaxRetryAfter,
		"99999999999999999999":          0,
		"Mon, 23 Nov 2026 12:01:00 GMT": time.Minute,
		"Mon, 23 Nov 2026 11:59:00 GMT": 0,
		"Tue, 24 Nov 2026 12:00:00 GMT": MaxRetryAfter,
	} {
		assert.Equal(t, want, RetryAfter(http.Header{"Retry-After": {text}}, now), "%q", text)
	}
}

func TestEveryStatusExceptOKIsAFault(t *testing.T) {
	t.Parallel()
	assert.Nil(t, FromStatus(at, 200, 0))
	for status, kind := range map[int]fault.Kind{
		204: fault.KindRequestRefused, 302: fault.KindRequestRefused, 400: fault.KindRequestRefused,
		401: fault.KindCredentialsRefused,
		403: fault.KindAccessForbidden, 404: fault.KindNotFound, 408: fault.KindServerError, 410: fault.KindNotFound,
		422: fault.KindRequestRefused, 429: fault.KindRateLimited, 500: fault.KindServerError,
		502: fault.KindServerError,
		503: fault.KindServerError, 504: fault.KindServerError, 599: fault.KindServerError,
	} {
		assert.Equal(t, kind, FromStatus(at, status, 0).Kind, "%d", status)
	}
	assert.Equal(t, time.Minute, FromStatus(at, 429, time.Minute).After)
	assert.Equal(t, time.Minute, FromStatus(at, 503, time.Minute).After)
}

func TestEachKindOfErrorHasItsOwnFault(t *testing.T) {
	t.Parallel()
	wrap := func(err error) error { return &url.Error{Op: "Get", URL: "https://x?secret=1", Err: err} }
	for name, c := range map[string]struct {
		err  error
		kind fault.Kind
	}{
		"no such host": {
			wrap(&net.OpError{Op: "dial", Err: &net.DNSError{Name: "x", IsNotFound: true}}), fault.KindHostUnresolved,
		},
		"name server timeout": {wrap(&net.DNSError{IsTimeout: true}), fault.KindHostUnresolved},
		"refused":             {wrap(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), fault.KindUnreachable},
		"reset":               {wrap(&net.OpError{Op: "read", Err: syscall.ECONNRESET}), fault.KindConnectionLost},
		"closed":              {wrap(io.EOF), fault.KindConnectionLost},
		"unknown authority":   {wrap(x509.UnknownAuthorityError{}), fault.KindTLSFailed},
		"a fault stays":       {wrap(fault.RedirectRefused(at, "why")), fault.KindRedirectRefused},
		"anything else":       {errors.New("odd"), fault.KindConnectionLost},
	} {
		f := FromError(at, fmt.Errorf("wrapped: %w", c.err))
		assert.Equal(t, c.kind, f.Kind, name)
		assert.NotContains(t, f.Error()+f.Hint, "secret", name)
	}
}

func TestAnUntrustedCertificateIsNotRetried(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	server.Config.ErrorLog = nil
	t.Cleanup(server.Close)
	client := &http.Client{Transport: &http.Transport{}}
	response, err := client.Get(server.URL)
	if err == nil {
		require.NoError(t, response.Body.Close())
	}
	require.Error(t, err)
	f := FromError(at, err)
	assert.Equal(t, fault.KindTLSFailed, f.Kind)
	assert.False(t, f.Retry)
}
