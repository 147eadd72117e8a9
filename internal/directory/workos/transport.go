package workos

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/time/rate"

	"github.com/rollcall/rollcall/internal/directory/httpfault"
	"github.com/rollcall/rollcall/internal/fault"
)

// maxPageBytes is the size of the largest response.
const maxPageBytes = 32 << 20

// transport is the http.RoundTripper of WorkOS's client. Each request waits for the directory's limiter, has its own
// timeout and follows no redirect.
//
// transport reads each response to its end and checks it before the client sees it. A 200 response must be complete
// JSON. A list must have entries and pagination data, because the client would take anything else for the end of the
// list. Of an error, the client sees only the status and Retry-After.
type transport struct {
	base    http.RoundTripper
	limiter *rate.Limiter
	timeout time.Duration
}

func newTransport(limiter *rate.Limiter, perRequest time.Duration) *transport {
	return &transport{limiter: limiter, timeout: perRequest, base: &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: connectTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: connectTimeout,
		ForceAttemptHTTP2:   true,
		MaxIdleConns:        2,
		IdleConnTimeout:     30 * time.Second,
	}}
}

// responseError is the error for an unusable response, or for none in time. Its fault depends on the request.
type responseError struct{ fault func(fault.At) *fault.Fault }

func (responseError) Error() string { return "unusable answer" }

func malformed(why string) error {
	return responseError{func(at fault.At) *fault.Fault { return fault.PageMalformed(at, why) }}
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	if err := t.limiter.Wait(request.Context()); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(request.Context(), t.timeout)
	defer cancel()
	response, body, err := t.exchange(request.WithContext(ctx))
	if err != nil && request.Context().Err() == nil && ctx.Err() != nil {
		return nil, responseError{func(at fault.At) *fault.Fault { return fault.IdleTimeout(at, t.timeout) }}
	}
	if err != nil {
		return nil, err
	}
	if body, err = check(request, response, body); err != nil {
		return nil, err
	}
	if after := httpfault.RetryAfter(response.Header, time.Now()); after > 0 {
		// The client understands seconds but no date.
		response.Header.Set("Retry-After", strconv.Itoa(int((after+time.Second-1)/time.Second)))
	} else {
		response.Header.Del("Retry-After")
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// exchange sends the request and reads the complete response.
func (t *transport) exchange(request *http.Request) (*http.Response, []byte, error) {
	response, err := t.base.RoundTrip(request)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = response.Body.Close() }() // everything needed was read
	body, err := io.ReadAll(io.LimitReader(response.Body, maxPageBytes+1))
	switch {
	case err == nil:
	case response.StatusCode != http.StatusOK:
		body = nil // the status suffices
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, nil, responseError{func(at fault.At) *fault.Fault { return fault.BodyTruncated(at, err) }}
	default:
		return nil, nil, err
	}
	return response, body, nil
}

// check returns the part of a response's body that the client may see.
func check(request *http.Request, response *http.Response, body []byte) ([]byte, error) {
	switch status := response.StatusCode; {
	case status >= 300 && status < 400:
		return nil, responseError{func(at fault.At) *fault.Fault {
			return fault.RedirectRefused(at, "WorkOS has no reason to redirect")
		}}
	case status >= 400:
		return nil, nil
	case status != http.StatusOK:
		return nil, responseError{func(at fault.At) *fault.Fault { return httpfault.FromStatus(at, status, 0) }}
	case len(body) > maxPageBytes:
		return nil, malformed("it is larger than " + strconv.Itoa(maxPageBytes>>20) + " MiB")
	}
	if text := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 1<<10)])); bytes.HasPrefix(text, []byte("<")) {
		if bytes.Contains(text, []byte("<html")) || bytes.Contains(text, []byte("<!doctype html")) {
			return nil, responseError{fault.HTMLNotJSON}
		}
		return nil, responseError{fault.XMLNotJSON}
	}
	return readBody(body, request.URL.Path)
}
