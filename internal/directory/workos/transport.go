package workos

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/time/rate"

	"github.com/rollcall/rollcall/internal/directory/httpfault"
	"github.com/rollcall/rollcall/internal/fault"
)

// largestPage is the largest answer that is read, in bytes.
const largestPage = 32 << 20

// transport stands under WorkOS's client. Each request waits for the directory's limiter, has a time of its own, and
// follows no redirect. Each answer is read to its end and looked at before the client sees it: a 200 must be whole JSON,
// and a list must have its entries and its statement of what follows, since the client would take anything else for the
// end of the list. Of an error only the status and the time to wait go on.
type transport struct {
	base    http.RoundTripper
	limiter *rate.Limiter
	time    time.Duration
}

func newTransport(limiter *rate.Limiter, perRequest time.Duration) *transport {
	return &transport{limiter: limiter, time: perRequest, base: &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: connectTime, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: connectTime,
		ForceAttemptHTTP2:   true,
		MaxIdleConns:        2,
		IdleConnTimeout:     30 * time.Second,
	}}
}

// broken is an answer that can't be used, or none within the time; which fault it is depends on what was asked for.
type broken struct{ fault func(fault.At) *fault.Fault }

func (broken) Error() string { return "unusable answer" }

func malformed(why string) error {
	return broken{func(at fault.At) *fault.Fault { return fault.PageMalformed(at, why) }}
}

// RoundTrip is http.RoundTripper's.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	if err := t.limiter.Wait(request.Context()); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(request.Context(), t.time)
	defer cancel()
	response, body, err := t.exchange(request.WithContext(ctx))
	if err != nil && request.Context().Err() == nil && ctx.Err() != nil {
		return nil, broken{func(at fault.At) *fault.Fault { return fault.IdleTimeout(at, t.time) }}
	}
	if err != nil {
		return nil, err
	}
	if body, err = check(request, response, body); err != nil {
		return nil, err
	}
	if after := httpfault.RetryAfter(response.Header, time.Now()); after > 0 {
		// The client reads seconds and no date.
		response.Header.Set("Retry-After", strconv.Itoa(int((after+time.Second-1)/time.Second)))
	} else {
		response.Header.Del("Retry-After")
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// exchange sends the request and reads the whole answer.
func (t *transport) exchange(request *http.Request) (*http.Response, []byte, error) {
	response, err := t.base.RoundTrip(request)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = response.Body.Close() }() // what matters of it was read
	body, err := io.ReadAll(io.LimitReader(response.Body, largestPage+1))
	switch {
	case err == nil:
	case response.StatusCode != http.StatusOK:
		body = nil // the status says enough
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, nil, broken{func(at fault.At) *fault.Fault { return fault.BodyTruncated(at, err) }}
	default:
		return nil, nil, err
	}
	return response, body, nil
}

// check returns what the client may see of an answer's body.
func check(request *http.Request, response *http.Response, body []byte) ([]byte, error) {
	switch status := response.StatusCode; {
	case status >= 300 && status < 400:
		return nil, broken{func(at fault.At) *fault.Fault {
			return fault.RedirectRefused(at, "WorkOS has no reason to redirect")
		}}
	case status >= 400:
		return nil, nil
	case status != http.StatusOK:
		return nil, broken{func(at fault.At) *fault.Fault { return httpfault.Status(at, status, 0) }}
	case len(body) > largestPage:
		return nil, malformed("it is larger than " + strconv.Itoa(largestPage>>20) + " MiB")
	}
	if text := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 1<<10)])); bytes.HasPrefix(text, []byte("<")) {
		if bytes.Contains(text, []byte("<html")) || bytes.Contains(text, []byte("<!doctype html")) {
			return nil, broken{fault.HTMLNotJSON}
		}
		return nil, broken{fault.XMLNotJSON}
	}
	isList := strings.HasSuffix(request.URL.Path, "/directory_users") || strings.HasSuffix(request.URL.Path, "/directory_groups")
	return body, whole(body, isList)
}

// whole checks that body is one whole JSON object, and with list that it has the parts of a list. A list whose
// list_metadata names no cursor is at its end (API reference, "Pagination").
func whole(body []byte, list bool) error {
	dec := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	kinds, err := topLevel(dec)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return broken{func(at fault.At) *fault.Fault { return fault.BodyTruncated(at, err) }}
	case err != nil:
		offset := dec.InputOffset()
		return broken{func(at fault.At) *fault.Fault { return fault.NotJSON(at, offset) }}
	case list && kinds["data"] != '[':
		return malformed("it has no list of entries")
	case list && kinds["list_metadata"] != '{':
		return malformed("it doesn't say what follows")
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return broken{fault.TrailingData}
	}
	return nil
}

var errNoObject = errors.New("not an object")

// topLevel reads one object and returns the kinds of its values by name.
func topLevel(dec *jsontext.Decoder) (map[string]jsontext.Kind, error) {
	start, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	if start.Kind() != '{' {
		return nil, errNoObject
	}
	kinds := map[string]jsontext.Kind{}
	for {
		token, err := dec.ReadToken()
		if err != nil || token.Kind() == '}' {
			return kinds, err
		}
		name := token.String()
		kinds[name] = dec.PeekKind()
		if err := dec.SkipValue(); err != nil {
			return nil, err
		}
	}
}
