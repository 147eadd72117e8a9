package workday

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"

	"github.com/rollcall/rollcall/internal/directory/httpfault"
	"github.com/rollcall/rollcall/internal/fault"
)

// newClient returns a client without a timeout for the whole request, because body limits each read instead. The
// package asks for compression itself, so it can tell a damaged body from a broken connection.
func newClient(timeouts Timeouts) *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: timeouts.Connect, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: timeouts.Connect,
		DisableCompression:  true,
		DisableKeepAlives:   true, // a sync makes two requests, far apart
	}}
}

// maxRedirects limits the redirects within one host.
const maxRedirects = 5

// checkRedirect returns the redirect policy: the same scheme and host, an allowed address, at most maxRedirects.
func (d *Directory) checkRedirect(at fault.At) func(*http.Request, []*http.Request) error {
	return func(next *http.Request, via []*http.Request) error {
		from := via[0].URL
		switch {
		case next.URL.Scheme != from.Scheme || !strings.EqualFold(next.URL.Host, from.Host):
			return fault.RedirectRefused(at, "it leads to another host, port or scheme")
		case d.hosts.denyReason(next.URL) != "":
			return fault.RedirectRefused(at, "it leads to an address that credentials must not be sent to")
		case len(via) > maxRedirects:
			return fault.RedirectRefused(at, "it redirects too often")
		}
		return nil
	}
}

// get requests a report and returns its body if the status is 200. If an access token is refused, it tries a new one,
// once: a token may be revoked before it expires.
func (d *Directory) get(ctx context.Context, at fault.At, address *url.URL) (*body, error) {
	if reason := d.hosts.denyReason(address); reason != "" {
		return nil, fault.AddressRefused(at, reason)
	}
	if d.tokens == nil {
		return d.request(ctx, at, address, func(r *http.Request) { r.SetBasicAuth(d.username, d.password) })
	}
	var response *body
	refused := ""
	for try := range 2 {
		token, err := d.tokens.token(ctx, refused)
		if err != nil {
			return nil, err
		}
		response, err = d.request(ctx, at, address, func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer "+token)
		})
		if known, is := fault.Of(err); try > 0 || !is || known.Kind != fault.KindCredentialsRefused {
			return response, err
		}
		refused = token
	}
	return response, nil
}

// request requests a report with the credentials that authorize sets.
func (d *Directory) request(
	ctx context.Context, at fault.At, address *url.URL, authorize func(*http.Request),
) (*body, error) {
	requestCtx, cancel := context.WithCancelCause(ctx)
	a := &body{
		cause: func() error { return context.Cause(requestCtx) }, cancel: cancel, readTimeout: d.timeouts.FirstByte,
		idleTimeout: d.timeouts.Idle,
	}
	a.timer = time.AfterFunc(a.readTimeout, func() { cancel(errTimeout) })
	request, err := http.NewRequestWithContext(requestCtx, http.MethodGet, address.String(), nil)
	if err != nil {
		a.close()
		return nil, fault.AddressRefused(at, "it is not a whole address")
	}
	authorize(request)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Accept-Encoding", "gzip")
	request.Header.Set("User-Agent", "rollcall")
	client := *d.client
	client.CheckRedirect = d.checkRedirect(at)
	response, err := client.Do(request) //nolint:bodyclose // body.close closes it
	if err != nil {
		defer a.close()
		a.err = err
		return nil, a.fault(ctx, at)
	}
	a.raw = response.Body
	known := a.setEncoding(response.Header.Get("Content-Encoding"))
	if f := httpfault.FromStatus(at, response.StatusCode, httpfault.RetryAfter(response.Header, time.Now())); f != nil {
		defer a.close()
		a.readTimeout = min(a.readTimeout, d.timeouts.Connect)
		if known && a.contains(notAuthorized) {
			return nil, fault.TaskNotAuthorized(at)
		}
		return nil, f
	}
	if !known {
		defer a.close()
		return nil, fault.EncodingUnsupported(at)
	}
	return a, nil
}

// errTimeout is the cause of a request that was cancelled because a read took too long.
var errTimeout = errors.New("no data within the timeout")

// body is a report's decompressed body. It limits the time of each read, but not the caller's time between two reads.
type body struct {
	cause       func() error // why the request's context ended
	cancel      context.CancelCauseFunc
	timer       *time.Timer
	readTimeout time.Duration // how long the next read may take
	idleTimeout time.Duration
	started     bool // rows have begun to come
	raw         io.ReadCloser
	gzipped     bool
	decoded     io.Reader // nil until the first read
	err         error     // what reading ended with, other than its end
}

// start records that rows have started, so the idle timeout applies from here on.
func (a *body) start() { a.started, a.readTimeout = true, a.idleTimeout }

// startBefore returns a function that calls start and then handle.
func (a *body) startBefore(handle func(raw []byte) error) func(raw []byte) error {
	return func(raw []byte) error {
		a.start()
		return handle(raw)
	}
}

func (a *body) close() {
	a.timer.Stop()
	a.cancel(nil)
	if a.raw != nil {
		_ = a.raw.Close() // everything needed was read before
	}
}

// setEncoding records the content encoding and reports whether it is supported. It doesn't read from the body yet.
func (a *body) setEncoding(encoding string) bool {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
	case "gzip", "x-gzip":
		a.gzipped = true
	default:
		return false
	}
	return true
}

// Read reads decompressed bytes.
func (a *body) Read(p []byte) (int, error) {
	if a.decoded == nil {
		a.decoded = timedReader{a}
		if a.gzipped {
			unpacked, err := gzip.NewReader(timedReader{a})
			if err != nil {
				a.fail(err)
				return 0, err
			}
			a.decoded = unpacked
		}
	}
	n, err := a.decoded.Read(p)
	a.fail(err)
	return n, err
}

func (a *body) fail(err error) {
	if err != nil && !errors.Is(err, io.EOF) && a.err == nil {
		a.err = err
	}
}

// timedReader reads the body as it was sent, and limits the time of each read.
type timedReader struct{ *body }

func (w timedReader) Read(p []byte) (int, error) {
	w.timer.Reset(w.readTimeout)
	defer w.timer.Stop()
	return w.raw.Read(p)
}

// fault returns the fault for the error that reading ended with. If ctx ended, it returns ctx's cause wrapped.
func (a *body) fault(ctx context.Context, at fault.At) error {
	if ctx.Err() != nil {
		return fmt.Errorf("read %s: %w", at.Part, context.Cause(ctx))
	}
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(a.cause(), errTimeout) && a.started:
		return fault.IdleTimeout(at, a.readTimeout)
	case errors.Is(a.cause(), errTimeout):
		return fault.FirstByteTimeout(at, a.readTimeout)
	case a.raw != nil && errors.Is(a.err, io.ErrUnexpectedEOF):
		return fault.BodyTruncated(at, a.err)
	case errors.Is(a.err, gzip.ErrHeader), errors.Is(a.err, gzip.ErrChecksum), errors.As(a.err, &corrupt):
		return fault.BodyDamaged(at, a.err)
	}
	return httpfault.FromError(at, a.err)
}

// notAuthorized is part of Workday's message for a report that the user may not run: "Processing error occurred. The
// task submitted is not authorized" (learningworkday.blogspot.com, 3 April 2025). Workday sends it with status 500. The
// package looks for it with every status, in XML, JSON and plain text.
var notAuthorized = []byte("task submitted is not authorized")

// contains reports whether the first 64 KiB of an error page contain text.
func (a *body) contains(text []byte) bool {
	head, _ := io.ReadAll(io.LimitReader(a, 64<<10)) // the response is an error already
	return bytes.Contains(bytes.ToLower(head), text)
}
