package workos

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdk "github.com/workos/workos-go/v9"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/fault"
)

type interceptor = func(w http.ResponseWriter, r *http.Request, asked int) bool

// respondAt sends a response to request number n of a read.
func respondAt(n, status int, body string) interceptor {
	return func(w http.ResponseWriter, _ *http.Request, asked int) bool {
		return asked == n && answer(w, status, body)
	}
}

const cursorPage = `{"data":[],"list_metadata":{"before":null,"after":"directory_user_00150"}}`

// docs/rules.md section 5: a snapshot is complete only when every page to the end was read and the stated end was reached.
func TestCompleteness(t *testing.T) {
	t.Parallel()
	user := `{"id":"u","directory_id":"` + id + `","idp_id":"1"}`
	for name, c := range map[string]struct {
		spoil interceptor
		kind  fault.Kind
	}{
		"an empty page that still has a next cursor":       {respondAt(2, 200, cursorPage), fault.KindEmptyPage},
		"a first page that is empty and has a next cursor": {respondAt(1, 200, cursorPage), fault.KindEmptyPage},
		"the cursor of the page itself": {
			respondAt(2, 200, `{"data":[`+user+`],"list_metadata":{"after":"directory_user_00099"}}`),
			fault.KindCursorRepeated,
		},
		"an empty cursor": {
			respondAt(2, 200, `{"data":[`+user+`],"list_metadata":{"after":""}}`), fault.KindCursorRepeated,
		},
		"a truncated body": {
			respondAt(2, 200, `{"data":[`+user), fault.KindBodyTruncated,
		},
		"a truncated body, announced":                        {truncated, fault.KindBodyTruncated},
		"an empty body":                                      {respondAt(2, 200, ``), fault.KindBodyTruncated},
		"an empty object, which the client takes for an end": {respondAt(2, 200, `{}`), fault.KindPageMalformed},
		"an error with status 200": {
			respondAt(2, 200, `{"message":"canary","code":"x"}`), fault.KindPageMalformed,
		},
		"entries without a statement of what follows": {
			respondAt(2, 200, `{"data":[`+user+`]}`), fault.KindPageMalformed,
		},
		"a statement without entries": {
			respondAt(2, 200, `{"data":null,"list_metadata":{"after":null}}`), fault.KindPageMalformed,
		},
		"an error page with status 200": {
			respondAt(2, 200, `<!DOCTYPE html><html>canary`), fault.KindHTMLNotJSON,
		},
		"XML with status 200": {
			respondAt(2, 200, `<?xml version="1.0"?><e>canary</e>`), fault.KindXMLNotJSON,
		},
		"text with status 200": {respondAt(2, 200, `canary`), fault.KindNotJSON},
		"data after the end": {
			respondAt(2, 200, `{"data":[],"list_metadata":{}}{}`), fault.KindTrailingData,
		},
		"no content": {respondAt(2, 204, ``), fault.KindRequestRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(250, 0)
			f.intercept = c.spoil
			s := recorder{}
			sealed, err := s.readUsers(t, connect(t, f))
			assert.Equal(t, c.kind, requireFault(t, sealed, err).Kind)
		})
	}
	t.Run("zero users", func(t *testing.T) {
		t.Parallel()
		s := recorder{}
		sealed, err := s.readUsers(t, connect(t, newFake(0, 0)))
		assert.Equal(t, fault.KindEmptyDirectory, requireFault(t, sealed, err).Kind)
	})
	t.Run("a directory whose state is not linked at the end", func(t *testing.T) {
		t.Parallel()
		f := newFake(3, 2)
		f.state = func(asked int) string {
			if asked%2 == 0 {
				return "unlinked"
			}
			return "linked"
		}
		s, d := recorder{}, connect(t, f)
		sealed, err := s.readUsers(t, d)
		assert.Equal(t, fault.KindDirectoryNotLinked, requireFault(t, sealed, err).Kind)
		s = recorder{}
		sealed, err = s.readGroups(t, d)
		assert.Equal(t, fault.KindDirectoryNotLinked, requireFault(t, sealed, err).Kind)
	})
	t.Run("the same for groups and for the users of a group", func(t *testing.T) {
		t.Parallel()
		for _, kind := range []string{"/directory_groups", "group=directory_group_001"} {
			f := fakeWithGroups()
			f.intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
				return strings.Contains(r.URL.String(), kind) && answer(w, 200, cursorPage)
			}
			s := recorder{}
			sealed, err := s.readGroups(t, connect(t, f))
			assert.Equal(t, fault.KindEmptyPage, requireFault(t, sealed, err).Kind)
		}
	})
	t.Run("an empty last page after a full one is a stated end", func(t *testing.T) {
		t.Parallel()
		f := newFake(200, 0)
		f.intercept = func(w http.ResponseWriter, r *http.Request, asked int) bool {
			switch asked {
			case 2:
				send(w, object{"data": f.users[100:], "list_metadata": object{"after": "directory_user_00199"}})
				return true
			case 3:
				return answer(w, 200, `{"data":[],"list_metadata":{"before":"x","after":null}}`)
			}
			return false
		}
		s := recorder{}
		sealed, err := s.readUsers(t, connect(t, f))
		require.NoError(t, err)
		n, _ := sealed.Rows()
		assert.Equal(t, 200, n)
	})
}

// truncated sends less than its Content-Length.
func truncated(w http.ResponseWriter, _ *http.Request, asked int) bool {
	if asked != 2 {
		return false
	}
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, `{"data":[],"list_metadata":{}}`)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// docs/rules.md section 6.
func TestFaults(t *testing.T) {
	t.Parallel()
	read := func(t *testing.T, handler http.Handler) *fault.Fault {
		t.Helper()
		s := recorder{}
		sealed, err := s.readUsers(t, connect(t, handler))
		return requireFault(t, sealed, err)
	}
	all := func(status int, header, value string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(header, value)
			answer(w, status, `{"code":"canary","message":"canary"}`)
		})
	}
	t.Run("401 / 403", func(t *testing.T) {
		t.Parallel()
		for status, kind := range map[int]fault.Kind{
			401: fault.KindCredentialsRefused, 403: fault.KindAccessForbidden,
		} {
			f := read(t, all(status, "X", ""))
			assert.Equal(t, kind, f.Kind)
			assert.False(t, f.Retry)
			assert.Contains(t, f.Detail, "the WorkOS API key")
			assert.Contains(t, f.Hint, "dashboard")
		}
	})
	t.Run(`404, "task submitted is not authorized", HTML or XML in place of JSON`, func(t *testing.T) {
		t.Parallel()
		for kind, handler := range map[fault.Kind]http.Handler{
			fault.KindNotFound: all(404, "X", ""),
			fault.KindHTMLNotJSON: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				answer(w, 200, "<html>canary")
			}),
			fault.KindXMLNotJSON: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				answer(w, 200, "<x>canary</x>")
			}),
		} {
			f := read(t, handler)
			assert.Equal(t, kind, f.Kind)
			assert.False(t, f.Retry)
		}
		// The message about the task is Workday's only. Statuses 401, 403 and 404 are tested above.
		assert.Equal(t, fault.KindRequestRefused, read(t, all(422, "X", "")).Kind)
	})
	t.Run("429", func(t *testing.T) {
		t.Parallel()
		for value, after := range map[string]time.Duration{
			"": 0, "7": 7 * time.Second, "86400": 15 * time.Minute, "soon": 0,
		} {
			f := read(t, all(429, "Retry-After", value))
			assert.Equal(t, fault.KindRateLimited, f.Kind)
			assert.True(t, f.Retry)
			assert.Equal(t, after, f.After)
		}
		f := read(t, all(429, "Retry-After", time.Now().Add(time.Minute).UTC().Format(http.TimeFormat)))
		assert.InDelta(t, time.Minute, f.After, float64(5*time.Second))
	})
	t.Run("5xx, time-out, reset, truncated body", func(t *testing.T) {
		t.Parallel()
		for _, status := range []int{500, 502, 503, 504} {
			f := read(t, all(status, "Retry-After", "3"))
			assert.Equal(t, fault.KindServerError, f.Kind)
			assert.True(t, f.Retry)
			assert.Equal(t, 3*time.Second, f.After)
		}
		f := read(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
		assert.Equal(t, fault.KindConnectionLost, f.Kind)
		assert.True(t, f.Retry)

		for name, begin := range map[string]string{"silent": "", "silent in its body": `{"id":`} {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if begin != "" {
					_, _ = io.WriteString(w, begin)
					_ = http.NewResponseController(w).Flush()
				}
				<-r.Context().Done()
			}))
			t.Cleanup(server.Close)
			client := sdk.NewClient(apiKey, sdk.WithBaseURL(server.URL), sdk.WithMaxRetries(0),
				sdk.WithHTTPClient(&http.Client{
					Transport: newTransport(NewLimiters(1e6).forDirectory(id), 500*time.Millisecond),
				}))
			s := recorder{}
			sealed, err := s.readUsers(t, &Directory{id: id, client: client.DirectorySync()})
			f := requireFault(t, sealed, err)
			assert.Equal(t, fault.KindIdleTimeout, f.Kind, name)
			assert.True(t, f.Retry)
		}

		closed := httptest.NewServer(http.NotFoundHandler())
		address := closed.URL
		closed.Close()
		d, err := New(Options{Directory: id, APIKey: apiKey, BaseURL: address})
		require.NoError(t, err)
		s := recorder{}
		sealed, err := s.readUsers(t, d)
		assert.Equal(t, fault.KindUnreachable, requireFault(t, sealed, err).Kind)
	})
	t.Run("each request is tried once", func(t *testing.T) {
		t.Parallel()
		asked := 0
		read(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked++
			w.WriteHeader(http.StatusServiceUnavailable)
		}))
		assert.Equal(t, 1, asked)
	})
}

// docs/rules.md section 6, "Sources".
func TestSources(t *testing.T) {
	t.Parallel()
	// Each body is a page of users, of groups and of the users of a group.
	paths := map[string]func(*recorder, *testing.T, *Directory) (directory.Sealed, error){
		"directory=": (*recorder).readUsers, "/directory_groups?": (*recorder).readGroups, "group=": (*recorder).readGroups,
	}
	readBody := func(t *testing.T, path, body string) *fault.Fault {
		t.Helper()
		f := fakeWithGroups()
		f.intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
			return strings.Contains(r.URL.String(), path) && answer(w, 200, body)
		}
		s := recorder{}
		sealed, err := paths[path](&s, t, connect(t, f))
		return requireFault(t, sealed, err)
	}
	t.Run("a body that came whole and isn't JSON", func(t *testing.T) {
		t.Parallel()
		entries := func(second string) string {
			return `{"data":[{"id":"u","directory_id":"` + id + `"},` + second + `],"list_metadata":{"after":null}}`
		}
		start := len(entries("")) - len(`],"list_metadata":{"after":null}}`)
		for path := range paths {
			for body, place := range map[string]string{
				entries(`{"a":007}`):                                  fmt.Sprintf("at byte %d (row 2)", start+7),
				entries(`{"a":"the "Lead""}`):                         fmt.Sprintf("at byte %d (row 2)", start+12),
				entries("{\"a\":\"x\ny\"}"):                           fmt.Sprintf("at byte %d (row 2)", start+8),
				`{"at":NaN,"data":[],"list_metadata":{"after":null}}`: "at byte 7 (outside the rows)",
			} {
				f := readBody(t, path, body)
				assert.Equal(t, fault.KindBodyInvalid, f.Kind, body)
				assert.False(t, f.Retry)
				assert.Contains(t, f.Detail, place, body)
				f = readBody(t, path, entries(`{"a":7}`)[:start+5])
				assert.Equal(t, fault.KindBodyTruncated, f.Kind, "the body ends early")
				assert.True(t, f.Retry)
			}
		}
	})
	t.Run("a row that is null, not an object, or over the limit", func(t *testing.T) {
		t.Parallel()
		long := func(n int) string { return `{"x":"` + strings.Repeat("x", n) + `"}` }
		fits := long(rowLimit - len(`{"idp_id":"7","x":""}`))
		for name, entry := range map[string]string{
			"null": `null`, "a text": `"jane"`, "a number": `7`, "a list": `[]`, "another type": `{"id":"u","email":["a"]}`,
			"over the limit": `{"id":"u","directory_id":"` + id + `","idp_id":"7","custom_attributes":` + long(rowLimit) + `}`,
			"at the limit":   `{"id":"u","directory_id":"` + id + `","idp_id":"7","custom_attributes":` + fits + `}`,
		} {
			f := fakeWithGroups()
			f.intercept = respondAt(1, 200, `{"data":[`+entry+`,{"id":"u","directory_id":"`+id+`","idp_id":"1"}],`+
				`"list_metadata":{"after":null}}`)
			s := recorder{}
			sealed, err := s.readUsers(t, connect(t, f))
			require.NoError(t, err, name)
			rows, _ := sealed.Rows()
			assert.Equal(t, 2, rows)
			assert.Equal(t, `{"idp_id":"1"}`, s.rows[1])
			if name == "at the limit" {
				assert.Len(t, s.rows[0], rowLimit)
			} else {
				assert.Equal(t, "null", s.rows[0], name)
			}
		}
	})
	t.Run("WorkOS refuses a cursor", func(t *testing.T) {
		t.Parallel()
		for _, status := range []int{400, 404, 422} {
			for path := range paths {
				f := newFake(250, 150)
				for n := range f.users {
					f.members["directory_group_000"] = append(f.members["directory_group_000"], n)
				}
				f.intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
					return strings.Contains(r.URL.String(), path) && r.URL.Query().Has("after") && answer(w, status, "canary")
				}
				s := recorder{}
				sealed, err := paths[path](&s, t, connect(t, f))
				assert.Equal(t, fault.KindCursorRefused, requireFault(t, sealed, err).Kind, "%d %s", status, path)
			}
		}
	})
	t.Run("a number in WorkOS's custom attributes", func(t *testing.T) {
		t.Parallel()
		for _, number := range []string{
			"0", "7", "-7", "9007199254740992", "9007199254740993", "-9007199254740993", "123456789012345678901234567890",
			"1.0", "1000.00", "0.1000000000000000055511151231257827", "1e400", "-0", "1E-2",
		} {
			f := newFake(1, 0)
			f.intercept = respondAt(1, 200, `{"data":[{"id":"u","directory_id":"`+id+`","custom_attributes":{"n":`+number+
				`,"list":[`+number+`],"object":{"n": `+number+`},"text":"1\"2\\","yes":true}}],"list_metadata":{"after":null}}`)
			s := recorder{}
			_, err := s.readUsers(t, connect(t, f))
			require.NoError(t, err)
			want := `"` + number + `"`
			assert.Equal(t, []string{
				`{"list":[` + want + `],"n":` + want + `,"object":{"n":` + want + `},"text":"1\"2\\","yes":true}`,
			}, s.rows)
		}
	})
	t.Run("advice", func(t *testing.T) {
		t.Parallel()
		hints := map[string]string{}
		check := func(name string, handler http.Handler) {
			s := recorder{}
			sealed, err := s.readUsers(t, connect(t, handler))
			f := requireFault(t, sealed, err)
			assert.NotRegexp(t, "(?i)workday|report|polic|integration system user|format=json", f.Error()+f.Hint, name)
			assert.Empty(t, hints[f.Hint], "%s: %s", name, f.Hint)
			hints[f.Hint] = name
		}
		for _, status := range []int{
			201, 202, 204, 206, 302, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 413, 421, 422, 423, 425, 426, 429, 431,
			451, 500, 501, 502, 503, 504, 520, 599,
		} {
			check(fmt.Sprint(status), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		}
		for name, body := range map[string]string{
			"a web page": "<!doctype html><html>canary</html>", "not JSON": `{"data":canary}`, "cut off": `{"data":[`,
			"something follows": `{"data":[],"list_metadata":{}}{}`,
		} {
			f := newFake(3, 0)
			f.intercept = respondAt(1, 200, body)
			check(name, f)
		}
		for _, body := range []string{"<e>canary</e>", "canary"} {
			f := newFake(3, 0)
			f.intercept = respondAt(1, 200, body)
			s := recorder{}
			sealed, err := s.readUsers(t, connect(t, f))
			assert.Equal(t, "a web page", hints[requireFault(t, sealed, err).Hint])
		}
		check("nobody", newFake(0, 0))
		unlinked := newFake(3, 0)
		unlinked.state = func(int) string { return "unlinked" }
		check("unlinked", unlinked)
	})
}
