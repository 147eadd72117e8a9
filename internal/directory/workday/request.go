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

// newClient makes a client for one tenant. It has no time-out for a whole request, since only answer knows which
// silence is too long. Compression is ours to ask for, so that a damaged body is seen as one.
func newClient(waits Waits) *http.Client {
	return &http.Client{Transport: &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: waits.Connect, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: waits.Connect,
		DisableCompression:  true,
		DisableKeepAlives:   true, // two requests a sync, far apart
	}}
}

// mostRedirects is how many redirects within one host are followed.
const mostRedirects = 5

// follow decides on a redirect: the same host, over the same scheme, at a listed address, and not for ever.
func (d *Directory) follow(at fault.At) func(*http.Request, []*http.Request) error {
	return func(next *http.Request, via []*http.Request) error {
		from := via[0].URL
		switch {
		case next.URL.Scheme != from.Scheme || !strings.EqualFold(next.URL.Host, from.Host):
			return fault.RedirectRefused(at, "it leads to another host, port or scheme")
		case d.hosts.refuse(next.URL) != "":
			return fault.RedirectRefused(at, "it leads to an address that credentials must not be sent to")
		case len(via) > mostRedirects:
			return fault.RedirectRefused(at, "it leads in circles")
		}
		return nil
	}
}

// ask requests a report and returns its body once the status says that it is one.
func (d *Directory) ask(ctx context.Context, at fault.At, address *url.URL) (*answer, error) {
	if why := d.hosts.refuse(address); why != "" {
		return nil, fault.AddressRefused(at, why)
	}
	watched, cancel := context.WithCancelCause(ctx)
	a := &answer{ended: func() error { return context.Cause(watched) }, cancel: cancel, limit: d.waits.FirstByte, idle: d.waits.Idle}
	a.timer = time.AfterFunc(a.limit, func() { cancel(errSilent) })
	request, err := http.NewRequestWithContext(watched, http.MethodGet, address.String(), nil)
	if err != nil {
		a.close()
		return nil, fault.AddressRefused(at, "it is not a whole address")
	}
	request.SetBasicAuth(d.username, d.password)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Accept-Encoding", "gzip")
	request.Header.Set("User-Agent", "rollcall")
	client := *d.client
	client.CheckRedirect = d.follow(at)
	response, err := client.Do(request) //nolint:bodyclose // answer.close closes it
	if err != nil {
		defer a.close()
		a.failed = err
		return nil, a.why(ctx, at)
	}
	a.body = response.Body
	known := a.unpack(response.Header.Get("Content-Encoding"))
	if f := httpfault.Status(at, response.StatusCode, httpfault.RetryAfter(response.Header, time.Now())); f != nil {
		defer a.close()
		a.limit = min(a.limit, d.waits.Connect)
		if known && a.mentions(notAuthorized) {
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

// errSilent is the cause that a request ends with when the other side was silent for too long.
var errSilent = errors.New("silent for too long")

// answer is a report's body, unpacked, with a watch on the silences of the other side: the time that we take between
// two reads doesn't count.
type answer struct {
	ended  func() error // why the request's context ended
	cancel context.CancelCauseFunc
	timer  *time.Timer
	limit  time.Duration // how long the next read may take
	idle   time.Duration
	rows   bool // rows have begun to come
	body   io.ReadCloser
	packed bool
	plain  io.Reader // nil until the first read
	failed error     // what reading ended with, other than its end
}

// begun says that rows have begun to come: from now on a pause is idleness, not the making of the report.
func (a *answer) begun() { a.rows, a.limit = true, a.idle }

// watched is keep, which says so.
func (a *answer) watched(keep func(raw []byte) error) func(raw []byte) error {
	return func(raw []byte) error {
		a.begun()
		return keep(raw)
	}
}

func (a *answer) close() {
	a.timer.Stop()
	a.cancel(nil)
	if a.body != nil {
		_ = a.body.Close() // what matters of a body was read before
	}
}

// unpack notes the encoding, and tells whether it is a known one. The body isn't touched yet, so that its first byte is
// waited for where it is read.
func (a *answer) unpack(encoding string) bool {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
	case "gzip", "x-gzip":
		a.packed = true
	default:
		return false
	}
	return true
}

// Read reads unpacked bytes.
func (a *answer) Read(p []byte) (int, error) {
	if a.plain == nil {
		a.plain = watch{a}
		if a.packed {
			unpacked, err := gzip.NewReader(watch{a})
			if err != nil {
				a.fail(err)
				return 0, err
			}
			a.plain = unpacked
		}
	}
	n, err := a.plain.Read(p)
	a.fail(err)
	return n, err
}

func (a *answer) fail(err error) {
	if err != nil && !errors.Is(err, io.EOF) && a.failed == nil {
		a.failed = err
	}
}

// watch reads the body as it came, each read under the watch.
type watch struct{ *answer }

func (w watch) Read(p []byte) (int, error) {
	w.timer.Reset(w.limit)
	defer w.timer.Stop()
	return w.body.Read(p)
}

// why turns what reading ended with into a fault; or into ctx's cause, wrapped, when it was us who ended it.
func (a *answer) why(ctx context.Context, at fault.At) error {
	if ctx.Err() != nil {
		return fmt.Errorf("read %s: %w", at.Part, context.Cause(ctx))
	}
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(a.ended(), errSilent) && a.rows:
		return fault.IdleTimeout(at, a.limit)
	case errors.Is(a.ended(), errSilent):
		return fault.FirstByteTimeout(at, a.limit)
	case a.body != nil && errors.Is(a.failed, io.ErrUnexpectedEOF):
		return fault.BodyTruncated(at, a.failed)
	case errors.Is(a.failed, gzip.ErrHeader), errors.Is(a.failed, gzip.ErrChecksum), errors.As(a.failed, &corrupt):
		return fault.BodyDamaged(at, a.failed)
	}
	return httpfault.Exchange(at, a.failed)
}

// notAuthorized is Workday's sentence for a report that the user may not run. It comes with status 500 ("Processing
// error occurred. The task submitted is not authorized"; learningworkday.blogspot.com, 3 April 2025), and is looked for
// with every status, in XML, JSON and plain text.
var notAuthorized = []byte("task submitted is not authorized")

// mentions tells whether the beginning of an error page holds text.
func (a *answer) mentions(text []byte) bool {
	head, _ := io.ReadAll(io.LimitReader(a, 64<<10)) // whatever could be read of a page that is an error anyway
	return bytes.Contains(bytes.ToLower(head), text)
}
