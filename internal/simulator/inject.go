package simulator

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Inject adds a fault and returns its id. It panics if the fault is invalid.
func (s *Simulator) Inject(f Fault) int {
	id, err := s.inject(f)
	if err != nil {
		panic("simulator: " + err.Error())
	}
	return id
}

func (s *Simulator) inject(f Fault) (int, error) {
	if err := f.check(); err != nil {
		return 0, err
	}
	if f.Tenant != "" && s.tenants[f.Tenant] == nil {
		return 0, fmt.Errorf("no tenant %q", f.Tenant)
	}
	return s.faults.add(f), nil
}

// Lift removes a fault by id.
func (s *Simulator) Lift(id int) {
	s.faults.remove(func(f Fault) bool { return f.ID == id })
}

// Clear removes all faults of a tenant, or all faults for "".
func (s *Simulator) Clear(tenant string) {
	s.faults.remove(func(f Fault) bool { return tenant == "" || f.Tenant == tenant })
}

// injector holds the faults and selects those of a request.
type injector struct {
	mu     sync.Mutex
	last   int
	faults []*Fault
}

func (in *injector) add(f Fault) int {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.last++
	f.ID = in.last
	in.faults = append(in.faults, &f)
	return f.ID
}

func (in *injector) remove(gone func(Fault) bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.faults = slices.DeleteFunc(in.faults, func(f *Fault) bool { return gone(*f) })
}

// standing returns the faults of a tenant that hit any number of requests from now on.
func (in *injector) standing(tenant string) faults {
	in.mu.Lock()
	defer in.mu.Unlock()
	var found faults
	for _, f := range in.faults {
		if (f.Tenant == "" || f.Tenant == tenant) && f.Skip == 0 && f.Times == 0 {
			found = append(found, *f)
		}
	}
	return found
}

// take returns the faults for one request and counts the hits. continued is true for a page after the first.
func (in *injector) take(tenant, endpoint string, continued bool) faults {
	in.mu.Lock()
	defer in.mu.Unlock()
	var taken faults
	in.faults = slices.DeleteFunc(in.faults, func(f *Fault) bool {
		switch {
		case f.Tenant != "" && f.Tenant != tenant, f.Endpoint != "" && f.Endpoint != endpoint,
			f.Kind == SameCursor && !continued:
			return false
		case f.Skip > 0:
			f.Skip--
			return false
		}
		taken = append(taken, *f)
		if f.Times == 0 {
			return false
		}
		f.Times--
		return f.Times == 0
	})
	return taken
}

// faultyWriter is a ResponseWriter that applies faults.
type faultyWriter struct {
	http.ResponseWriter
	wait        func(time.Duration) error // fails if the request has ended
	faults      faults
	remaining   int // bytes before the body is cut off; negative: no limit
	kind        FaultKind
	cutOff      bool // the body was cut off
	drip        Fault
	contentType string // overrides the content type unless ""
}

// cut is the error of a write after the body was cut off.
type cut struct{}

func (cut) Error() string { return "cut by a fault" }

func newFaultyWriter(ctx context.Context, w http.ResponseWriter, fs faults) *faultyWriter {
	wait := func(d time.Duration) error { return sleep(ctx, d) }
	out := &faultyWriter{ResponseWriter: w, wait: wait, faults: fs, remaining: -1}
	for _, kind := range []FaultKind{Truncated, Short, Reset} {
		if f, ok := fs.find(kind); ok {
			out.remaining, out.kind = f.Bytes, kind
		}
	}
	out.drip, _ = fs.find(SlowDrip)
	if fs.has(WrongType) {
		out.contentType = "application/octet-stream"
	}
	return out
}

// WriteHeader sends the header, with another content type if a fault requires it.
func (w *faultyWriter) WriteHeader(status int) {
	if w.contentType != "" {
		w.Header().Set("Content-Type", w.contentType)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write sends data up to the limit of the faults.
func (w *faultyWriter) Write(data []byte) (int, error) {
	if w.cutOff {
		return 0, cut{}
	}
	if w.remaining < 0 {
		return w.send(data)
	}
	if len(data) <= w.remaining {
		w.remaining -= len(data)
		return w.send(data)
	}
	n, err := w.send(data[:w.remaining])
	w.remaining = 0
	if err != nil {
		return n, err
	}
	w.cut()
	return n, cut{}
}

func (w *faultyWriter) cut() {
	w.cutOff = true
	if w.kind == Short {
		return
	}
	w.Flush()
	if w.kind == Truncated {
		panic(http.ErrAbortHandler)
	}
	w.reset()
}

// reset resets the connection, so the client's next read fails.
func (w *faultyWriter) reset() {
	conn, _, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // only makes the close a reset
	}
	_ = conn.Close()
}

// Flush sends buffered data. A failure shows in the next write.
func (w *faultyWriter) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

func (w *faultyWriter) send(data []byte) (sent int, err error) {
	if w.drip.Bytes == 0 {
		return w.ResponseWriter.Write(data) //nolint:gosec // a test chose it
	}
	for piece := range slices.Chunk(data, w.drip.Bytes) {
		n, err := w.ResponseWriter.Write(piece)
		sent += n
		if err != nil {
			return sent, err
		}
		w.Flush()
		if err := w.wait(w.drip.Delay); err != nil {
			return sent, err
		}
	}
	return sent, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

const (
	loginPage = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form method=\"post\">Please sign " +
		"in.</form></body></html>\n"
	xmlFault = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<wd:Report_Data " +
		"xmlns:wd=\"urn:com.workday.report/Report\"></wd:Report_Data>\n"
	errorBody         = `{"error":"Processing error occurred.","message":"The service is not available at this time."}`
	notAuthorizedBody = `{"error":"Processing error occurred. The task submitted is not authorized."}`
)

// replaceAnswer sends a fault's response in place of the service's own, and reports whether it did.
func (w *faultyWriter) replaceAnswer(defaultBody func(status int) []byte) bool {
	if f, ok := w.faults.find(SlowStart); ok && w.wait(f.Delay) != nil {
		return true
	}
	if w.kind == Reset && w.remaining == 0 {
		w.reset()
		return true
	}
	for _, f := range w.faults {
		switch f.Kind {
		case Status:
			if f.RetryAfter > 0 {
				w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
			}
			w.answer(f.Status, "application/json", f.body(string(defaultBody(f.Status))))
		case HTML:
			w.answer(http.StatusOK, "text/html; charset=utf-8", f.body(loginPage))
		case XML:
			w.answer(http.StatusOK, "text/xml; charset=utf-8", f.body(xmlFault))
		case ErrorPage:
			w.answer(http.StatusOK, "application/json", f.body(errorBody))
		case NotAuthorized:
			w.answer(http.StatusInternalServerError, "application/json", f.body(notAuthorizedBody))
		default:
			continue
		}
		return true
	}
	return false
}

// body returns the fault's body, or the default.
func (f Fault) body(usual string) []byte {
	if f.Body != "" {
		return []byte(f.Body)
	}
	return []byte(usual)
}

// answer sends a response. It ignores errors of the client.
func (w *faultyWriter) answer(status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
