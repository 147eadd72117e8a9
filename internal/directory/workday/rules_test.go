package workday

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/fault"
)

// docs/rules.md section 5: a snapshot is complete only when its stated end was reached.
func TestCompleteness(t *testing.T) {
	t.Parallel()
	report := `{"Report_Entry":[{"a":1},{"a":2}]}`
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		kind    fault.Kind
	}{
		"zero users":                    {answering(200, `{"Report_Entry":[]}`), fault.KindEmptyDirectory},
		"a truncated body":              {answering(200, report[:len(report)-2]), fault.KindBodyTruncated},
		"a truncated body, announced":   {declare(10, report[:len(report)-2]), fault.KindBodyTruncated},
		"a whole report, but announced": {declare(10, report), fault.KindBodyTruncated},
		"a missing Report_Entry":        {answering(200, `{"Report_Data":[]}`), fault.KindReportEntryMissing},
		"an error page with status 200": {
			answering(200, `<!doctype html><html>We'll be back, canary`), fault.KindHTMLNotJSON,
		},
		"an error in JSON, status 200": {answering(200, `{"error":"canary"}`), fault.KindReportError},
		"an error after the rows": {
			answering(200, `{"Report_Entry":[{"a":1}],"errors":["canary"]}`), fault.KindReportError,
		},
		"data after the end": {answering(200, report+report), fault.KindTrailingData},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, c.kind, requireFault(t, connect(t, c.handler)).Kind)
		})
	}
}

// docs/rules.md section 6.
func TestFaults(t *testing.T) {
	t.Parallel()
	t.Run("401 / 403", func(t *testing.T) {
		t.Parallel()
		f := requireFault(t, connect(t, answering(401, "canary")))
		assert.Equal(t, fault.KindCredentialsRefused, f.Kind)
		assert.False(t, f.Retry)
		assert.Contains(t, f.Detail, credential)
		assert.Contains(t, f.Hint, "password has not expired")
		f = requireFault(t, connect(t, answering(403, "canary")))
		assert.Equal(t, fault.KindAccessForbidden, f.Kind)
		assert.False(t, f.Retry)
		assert.Contains(t, f.Detail, credential)
		assert.Contains(t, f.Hint, "Worker Data: Public Worker Reports")
	})
	t.Run(`404, "task submitted is not authorized", HTML or XML in place of JSON`, func(t *testing.T) {
		t.Parallel()
		hints := map[string]bool{}
		for _, c := range []struct {
			handler http.HandlerFunc
			kind    fault.Kind
		}{
			{answering(404, "canary"), fault.KindNotFound},
			{
				answering(500, `<e>Processing error occurred. The task submitted is not authorized. canary</e>`),
				fault.KindTaskNotAuthorized,
			},
			{answering(200, "<html>canary</html>"), fault.KindHTMLNotJSON},
			{answering(200, "<?xml version='1.0'?><wd:Report_Data>canary</wd:Report_Data>"), fault.KindXMLNotJSON},
			{answering(200, "canary,csv"), fault.KindNotJSON},
		} {
			f := requireFault(t, connect(t, c.handler))
			assert.Equal(t, c.kind, f.Kind)
			assert.False(t, f.Retry, c.kind)
			hints[f.Detail] = true
		}
		assert.Len(t, hints, 5, "each says something of its own")
		for _, status := range []int{200, 401, 403, 500} {
			f := requireFault(t, connect(t, answering(status, `{"error":"The task submitted is not authorized."}`)))
			assert.Equal(t, fault.KindTaskNotAuthorized, f.Kind, "status %d", status)
		}
	})
	t.Run("429", func(t *testing.T) {
		t.Parallel()
		for header, after := range map[string]time.Duration{"": 0, "7": 7 * time.Second, "100000": 15 * time.Minute} {
			f := requireFault(t, connect(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", header)
				w.WriteHeader(http.StatusTooManyRequests)
			}))
			assert.Equal(t, fault.KindRateLimited, f.Kind)
			assert.True(t, f.Retry)
			assert.Equal(t, after, f.After)
		}
		date := time.Now().Add(time.Minute).UTC().Format(http.TimeFormat)
		f := requireFault(t, connect(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", date)
			w.WriteHeader(http.StatusTooManyRequests)
		}))
		assert.InDelta(t, time.Minute, f.After, float64(5*time.Second))
	})
	t.Run("5xx, time-out, reset, truncated body", func(t *testing.T) {
		t.Parallel()
		silent := func(body string) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.WriteString(w, body)
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
			}
		}
		reset := func(body string) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				if body != "" {
					w.Header().Set("Content-Length", "100000")
					_, _ = io.WriteString(w, body)
					_ = http.NewResponseController(w).Flush()
				}
				connection, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				_ = connection.(*net.TCPConn).SetLinger(0)
				_ = connection.Close()
			}
		}
		for name, c := range map[string]struct {
			handler http.HandlerFunc
			kinds   []fault.Kind
		}{
			"500": {answering(500, "canary"), []fault.Kind{fault.KindServerError}},
			"502": {answering(502, "<html>canary"), []fault.Kind{fault.KindServerError}},
			"503": {answering(503, ""), []fault.Kind{fault.KindServerError}},
			"no headers": {
				func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
				[]fault.Kind{fault.KindFirstByteTimeout},
			},
			"headers and no body":  {silent(""), []fault.Kind{fault.KindFirstByteTimeout}},
			"a beginning, no rows": {silent(`{"Report_Entry":[`), []fault.Kind{fault.KindFirstByteTimeout}},
			"silence between rows": {silent(`{"Report_Entry":[{"a":1},{`), []fault.Kind{fault.KindIdleTimeout}},
			"reset before headers": {reset(""), []fault.Kind{fault.KindConnectionLost}},
			"reset in the body": {
				reset(`{"Report_Entry":[{"a":1},{`), []fault.Kind{fault.KindConnectionLost, fault.KindBodyTruncated},
			},
			"closed in the headers": {
				func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
				[]fault.Kind{fault.KindConnectionLost},
			},
			"a body cut short": {declare(1, `{"Report_Entry":[{"a":1}`), []fault.Kind{fault.KindBodyTruncated}},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				// Only who is silent is waited for in vain, so only the wait that is to end is short.
				waits := Timeouts{FirstByte: time.Minute, Idle: time.Minute}
				switch c.kinds[0] {
				case fault.KindFirstByteTimeout:
					waits.FirstByte = 300 * time.Millisecond
				case fault.KindIdleTimeout:
					waits.Idle = 300 * time.Millisecond
				}
				d := connect(t, c.handler, func(s *Options) { s.Timeouts = waits })
				f := requireFault(t, d)
				assert.Contains(t, c.kinds, f.Kind)
				assert.True(t, f.Retry)
			})
		}
	})
	t.Run("a report that takes 20 minutes to its first byte", func(t *testing.T) {
		t.Parallel()
		d, err := New(Options{Users: []string{"https://wd5.myworkday.com/users"}})
		require.NoError(t, err)
		assert.GreaterOrEqual(t, d.timeouts.FirstByte, 35*time.Minute)
		assert.LessOrEqual(t, d.timeouts.Connect, 30*time.Second)
		assert.Zero(t, d.client.Timeout, "a time-out of the client would be one of the whole request")
		transport, ok := d.client.Transport.(*http.Transport)
		require.True(t, ok)
		assert.Zero(t, transport.ResponseHeaderTimeout)
		assert.Equal(t, d.timeouts.Connect, transport.TLSHandshakeTimeout)

		// The same in small: the first row comes later than a pause between rows may last.
		for name, early := range map[string]string{"nothing": "", "headers": " ", "a beginning": `{"Report_Entry":[`} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				rest := `{"Report_Entry":[{"a":1}]}`
				if early == `{"Report_Entry":[` {
					rest = `{"a":1}]}`
				}
				const idle = 2 * time.Second
				d := connect(t, func(w http.ResponseWriter, _ *http.Request) {
					if early != "" {
						_, _ = io.WriteString(w, early)
						_ = http.NewResponseController(w).Flush()
					}
					<-time.After(idle + idle/4)
					_, _ = io.WriteString(w, rest)
				}, func(s *Options) { s.Timeouts = Timeouts{Connect: idle, FirstByte: time.Minute, Idle: idle} })
				rows, _, err := readUsers(t, d)
				require.NoError(t, err)
				assert.Len(t, rows, 1)
			})
		}
	})
}

// docs/rules.md section 6, "Sources".
func TestSources(t *testing.T) {
	t.Parallel()
	t.Run("a body that came whole and isn't JSON", func(t *testing.T) {
		t.Parallel()
		rows := func(third string) string { return `{"Report_Entry":[{"a":1},{"a":2},` + third + `,{"a":4}]}` }
		start := len(`{"Report_Entry":[{"a":1},{"a":2},`)
		for name, c := range map[string]struct {
			body  string
			place string
		}{
			"a number with leading zeros":       {rows(`{"a":0003}`), place(start+7, "row 3")},
			"a number with leading zeros, deep": {rows(`{"b":[{"a":007}]}`), place(start+13, "row 3")},
			"a quotation mark":                  {rows(`{"a":"the "Lead""}`), place(start+12, "row 3")},
			"a quotation mark in a name":        {rows(`{"a"b":1}`), place(start+5, "row 3")},
			"a line break":                      {rows("{\"a\":\"x\ny\"}"), place(start+8, "row 3")},
			"a tab":                             {rows("{\"a\":\"\t\"}"), place(start+7, "row 3")},
			"a word that JSON doesn't have":     {rows(`{"a":NaN}`), place(start+6, "row 3")},
			"no value":                          {rows(``), place(start+1, "row 3")},
			"the first row":                     {`{"Report_Entry":[{"a":01}]}`, place(24, "row 1")},
			"no comma between rows":             {`{"Report_Entry":[{"a":1}{"a":2}]}`, place(25, "row 2")},
			"before the rows":                   {`{"at":01,"Report_Entry":[{"a":1}]}`, place(8, "outside the rows")},
			"after the rows":                    {`{"Report_Entry":[{"a":1}],"at":01}`, place(33, "outside the rows")},
		} {
			f := requireFault(t, connect(t, answering(200, c.body)))
			assert.Equal(t, fault.KindBodyInvalid, f.Kind, name)
			assert.False(t, f.Retry, name)
			assert.Contains(t, f.Detail, c.place, name)
			assert.Contains(t, f.Hint, "Look at that row in Workday", name)
			assert.NotContains(t, f.Hint, "proxy", name)

			f = requireFault(t, connect(t, declare(10, c.body)))
			assert.Equal(t, fault.KindBodyTruncated, f.Kind, "%s, and the body ends early", name)
			assert.True(t, f.Retry, name)
		}
	})
}

func place(position int, row string) string { return fmt.Sprintf("at byte %d (%s)", position, row) }
