package workday

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/fault"
)

const (
	user   = "ISU_10KC"
	secret = "canary-password"
)

// connect serves both reports by handler and connects a Directory to it.
func connect(tb testing.TB, handler http.HandlerFunc, change ...func(*Options)) *Directory {
	tb.Helper()
	server := httptest.NewServer(handler)
	tb.Cleanup(server.Close)
	s := Options{
		Users: []string{server.URL + "/users?format=simplexml"}, Groups: server.URL + "/groups", Username: user, Password: secret,
		Hosts: []string{"127.0.0.1"},
	}
	for _, c := range change {
		c(&s)
	}
	d, err := New(s)
	require.NoError(tb, err)
	return d
}

func answering(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// readUsers reads all users; rows are copied.
func readUsers(t *testing.T, d *Directory) (rows []string, sealed directory.Sealed, err error) {
	t.Helper()
	sealed, err = d.Users(t.Context(), "", 1, func(page directory.Page) error {
		assert.Equal(t, len(rows)+1, page.First)
		assert.Empty(t, page.Next)
		for _, row := range page.Rows {
			rows = append(rows, string(row))
		}
		return nil
	})
	return rows, sealed, err
}

// requireFault reads users and returns the fault. It checks that the read is not sealed and the fault holds no secret.
func requireFault(t *testing.T, d *Directory) *fault.Fault {
	t.Helper()
	_, sealed, err := readUsers(t, d)
	require.Error(t, err)
	_, ok := sealed.Rows()
	assert.False(t, ok, "sealed")
	f, ok := fault.Of(err)
	require.True(t, ok, "%v", err)
	assert.NotContains(t, f.Error()+f.Hint, "canary")
	assert.NotContains(t, f.Error()+f.Hint, "127.0.0.1")
	return f
}

func TestAReportIsReadRowByRow(t *testing.T) {
	t.Parallel()
	d := connect(t, func(w http.ResponseWriter, r *http.Request) {
		name, password, _ := r.BasicAuth()
		assert.Equal(t, []string{user, secret}, []string{name, password})
		assert.Equal(t, "format=json", r.URL.RawQuery)
		assert.Equal(t, "gzip", r.Header.Get("Accept-Encoding"))
		_, _ = io.WriteString(w, `{"Report_Entry":[{"a":1},{"a":2}]}`)
	})
	rows, sealed, err := readUsers(t, d)
	require.NoError(t, err)
	assert.Equal(t, []string{`{"a":1}`, `{"a":2}`}, rows)
	n, ok := sealed.Rows()
	assert.True(t, ok)
	assert.Equal(t, 2, n)
	assert.False(t, d.Source().ListsMembers())
}

func TestGroupsKeepTheirRowNumbersAndBlankNames(t *testing.T) {
	t.Parallel()
	var body strings.Builder
	body.WriteString(`{"Report_Entry":[{"Group_Name":"  Mentors "},{"Other":"x"},{"Group_Name":""}`)
	for i := range groupsPerPage {
		fmt.Fprintf(&body, `,{"Group_Name":"G%d"}`, i)
	}
	d := connect(t, answering(200, body.String()+"]}"))
	var groups []directory.Group
	sealed, err := d.Groups(t.Context(), "", 1, func(page directory.Page) error {
		assert.Equal(t, len(groups)+1, page.First)
		groups = append(groups, page.Groups...)
		return nil
	})
	require.NoError(t, err)
	n, _ := sealed.Rows()
	assert.Equal(t, groupsPerPage+3, n)
	assert.Equal(t, []directory.Group{{Row: 1, Name: "Mentors"}, {Row: 2}, {Row: 3}, {Row: 4, Name: "G0"}}, groups[:4])
	assert.Equal(
		t, directory.Group{Row: groupsPerPage + 3, Name: fmt.Sprint("G", groupsPerPage-1)}, groups[groupsPerPage+2],
	)
}

func TestTheTenantsOwnColumnNamesTheGroups(t *testing.T) {
	t.Parallel()
	d := connect(
		t, answering(200, `{"Report_Entry":[{"Name":"no","Squad":"Mentors"}]}`),
		func(s *Options) { s.GroupColumns = []string{"Squad"} },
	)
	_, err := d.Groups(t.Context(), "", 1, func(page directory.Page) error {
		assert.Equal(t, []directory.Group{{Row: 1, Name: "Mentors"}}, page.Groups)
		return nil
	})
	require.NoError(t, err)
}

func TestAGroupReportThatNamesNoGroupListsItsColumns(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"Team_Title":"A","Owner":"x"},{"Team_Title":"B"}`: `"Owner", "Team_Title"`,
		`{"Group_Name":""},{"Labels":{"Title":"A"}}`:        `"Labels.Title"`,
		`{}`:   "Nothing was changed. Add the column group_name",
		`null`: "Nothing was changed. Add the column group_name",
	} {
		d := connect(t, answering(200, `{"Report_Entry":[`+body+`]}`))
		_, err := d.Groups(t.Context(), "", 1, func(directory.Page) error { return nil })
		f, ok := fault.Of(err)
		require.True(t, ok, "%s: %v", body, err)
		assert.Equal(t, fault.KindColumnMissing, f.Kind)
		assert.Contains(t, f.Hint, want, body)
	}
}

func TestAGroupRowThatCannotBeReadIsAGroupWithoutName(t *testing.T) {
	t.Parallel()
	long := `{"Group_Name":"` + strings.Repeat("x", DefaultRowLimit) + `"}`
	for _, row := range []string{`"B"`, `null`, `7`, `[]`, long} {
		d := connect(t, answering(200, `{"Report_Entry":[{"Group_Name":"A"},`+row+`]}`))
		_, err := d.Groups(t.Context(), "", 1, func(page directory.Page) error {
			assert.Equal(t, []directory.Group{{Row: 1, Name: "A"}, {Row: 2}}, page.Groups)
			return nil
		})
		require.NoError(t, err)
	}
}

func TestADirectoryMayHaveNoGroupsButMustHaveUsers(t *testing.T) {
	t.Parallel()
	nothing := func(directory.Page) error { return errors.New("no page was expected") }
	d := connect(t, answering(200, `{"Report_Entry":[]}`))
	sealed, err := d.Groups(t.Context(), "", 1, nothing)
	require.NoError(t, err)
	n, ok := sealed.Rows()
	assert.True(t, ok)
	assert.Zero(t, n)
	sealed, err = d.Users(t.Context(), "", 1, nothing)
	assert.Equal(t, fault.KindEmptyDirectory, kindOf(err))
	_, ok = sealed.Rows()
	assert.False(t, ok)
}

func TestATenantWithoutAGroupReportHasNoGroups(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	d := connect(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) }, func(s *Options) { s.Groups = "" })
	sealed, err := d.Groups(t.Context(), "", 1, func(directory.Page) error { return nil })
	require.NoError(t, err)
	n, ok := sealed.Rows()
	assert.True(t, ok)
	assert.Zero(t, n)
	assert.Zero(t, asked.Load())
}

func TestTheHandlersErrorEndsTheReadAndIsWrapped(t *testing.T) {
	t.Parallel()
	full := fault.StoreUnavailable(errors.New("disk"))
	for _, rows := range []int{1, groupsPerPage, 3 * groupsPerPage} {
		body := `{"Report_Entry":[{"Group_Name":"A"}` + strings.Repeat(`,{"Group_Name":"A"}`, rows-1) + `]}`
		for name, read := range map[string]func(*Directory, func(directory.Page) error) (directory.Sealed, error){
			"users": func(d *Directory, keep func(directory.Page) error) (directory.Sealed, error) {
				return d.Users(t.Context(), "", 1, keep)
			},
			"groups": func(d *Directory, keep func(directory.Page) error) (directory.Sealed, error) {
				return d.Groups(t.Context(), "", 1, keep)
			},
		} {
			calls := 0
			sealed, err := read(connect(t, answering(200, body)), func(directory.Page) error { calls++; return full })
			assert.ErrorIs(t, err, full, name)
			assert.Equal(t, 1, calls, name)
			_, ok := sealed.Rows()
			assert.False(t, ok, name)
		}
	}
}

func TestACancelledContextIsNotAFault(t *testing.T) {
	t.Parallel()
	stop := errors.New("the worker stops")
	for name, after := range map[string]string{
		"before the first byte": "", "in the middle": `{"Report_Entry":[{"a":1},`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			release := make(chan struct{})
			defer close(release)
			d := connect(t, func(w http.ResponseWriter, _ *http.Request) {
				if after != "" {
					_, _ = io.WriteString(w, after)
					_ = http.NewResponseController(w).Flush()
				}
				cancel(stop)
				<-release
			})
			_, err := d.Users(ctx, "", 1, func(directory.Page) error { return nil })
			assert.ErrorIs(t, err, stop)
			_, ok := fault.Of(err)
			assert.False(t, ok)
		})
	}
}

func gzipText(tb testing.TB, text string) []byte {
	tb.Helper()
	var to bytes.Buffer
	w := gzip.NewWriter(&to)
	_, err := io.WriteString(w, text)
	require.NoError(tb, err)
	require.NoError(tb, w.Close())
	return to.Bytes()
}

func TestACompressedReportIsDecompressedAndADamagedOneIsAFault(t *testing.T) {
	t.Parallel()
	report := `{"Report_Entry":[{"a":1}` + strings.Repeat(`,{"a":"`+strings.Repeat("xyz", 9)+`"}`, 1000) + `]}`
	whole := gzipText(t, report)
	wrongSum := bytes.Clone(whole)
	wrongSum[len(wrongSum)-5] ^= 1
	wrongData := bytes.Clone(whole)
	wrongData[len(wrongData)/2] ^= 0xff
	for name, c := range map[string]struct {
		encoding string
		body     []byte
		kinds    []fault.Kind
	}{
		"whole": {"gzip", whole, []fault.Kind{""}},
		"in two parts": {
			"GZIP", append(gzipText(t, report[:100]), gzipText(t, report[100:])...), []fault.Kind{""},
		},
		"not compressed":       {"identity", []byte(report), []fault.Kind{""}},
		"cut in the middle":    {"gzip", whole[:len(whole)/2], []fault.Kind{fault.KindBodyTruncated}},
		"cut before checksum":  {"gzip", whole[:len(whole)-8], []fault.Kind{fault.KindBodyTruncated}},
		"wrong checksum":       {"gzip", wrongSum, []fault.Kind{fault.KindBodyDamaged}},
		"wrong data":           {"gzip", wrongData, []fault.Kind{fault.KindBodyDamaged, fault.KindBodyTruncated}},
		"plain despite header": {"gzip", []byte(report), []fault.Kind{fault.KindBodyDamaged}},
		"trailing bytes": {
			"gzip", append(bytes.Clone(whole), "more"...), []fault.Kind{fault.KindBodyDamaged, fault.KindBodyTruncated},
		},
		"another encoding": {"br", whole, []fault.Kind{fault.KindEncodingUnsupported}},
		"nothing":          {"gzip", nil, []fault.Kind{fault.KindBodyTruncated}},
		"two reports":      {"gzip", gzipText(t, report+report), []fault.Kind{fault.KindTrailingData}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := connect(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Encoding", c.encoding)
				_, _ = w.Write(c.body)
			})
			rows, _, err := readUsers(t, d)
			assert.Contains(t, c.kinds, kindOf(err))
			if err == nil {
				assert.Len(t, rows, 1001)
			}
		})
	}
}

func TestCredentialsStayWithTheirHost(t *testing.T) {
	t.Parallel()
	var strangers atomic.Int32
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strangers.Add(1) }))
	t.Cleanup(stranger.Close)
	elsewhere, err := url.Parse(stranger.URL)
	require.NoError(t, err)
	for name, target := range map[string]string{
		"another port of a listed host":   stranger.URL + "/users?canary=1",
		"another name of the same host":   "http://localhost:" + elsewhere.Port() + "/users",
		"a host that is not listed":       "https://login.example.com/canary",
		"another scheme of the same host": "ftp://" + elsewhere.Host + "/",
		"circles":                         "/users",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := connect(
				t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, http.StatusFound) },
			)
			f := requireFault(t, d)
			assert.Equal(t, fault.KindRedirectRefused, f.Kind)
			assert.False(t, f.Retry)
			assert.NotContains(t, f.Error()+f.Hint, "example.com")
		})
	}
	t.Cleanup(func() { assert.Zero(t, strangers.Load(), "requests at another host") })
}

func TestARedirectWithinTheHostIsFollowedWithCredentials(t *testing.T) {
	t.Parallel()
	d := connect(t, func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		assert.Equal(t, secret, password)
		if r.URL.Path == "/users" {
			http.Redirect(w, r, "/moved?format=json", http.StatusMovedPermanently)
			return
		}
		_, _ = io.WriteString(w, `{"Report_Entry":[{"a":1}]}`)
	})
	rows, _, err := readUsers(t, d)
	require.NoError(t, err)
	assert.Len(t, rows, 1)
}

func TestAHostThatIsNotAllowedGetsNoRequest(t *testing.T) {
	t.Parallel()
	_, err := New(Options{
		Users: []string{"https://example.com/users"}, Groups: "https://wd5.myworkday.com/groups", Username: user,
		Password: secret,
	})
	assert.Equal(t, fault.KindAddressRefused, kindOf(err))
	_, err = New(Options{
		Users: []string{"https://wd5.myworkday.com/users"}, Groups: "https://example.com/groups", Username: user,
		Password: secret,
	})
	assert.Equal(t, fault.KindAddressRefused, kindOf(err))
	// The host is checked again before each request.
	d := connect(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was sent") })
	d.hosts = hosts{"wd5.myworkday.com"}
	_, _, err = readUsers(t, d)
	assert.Equal(t, fault.KindAddressRefused, kindOf(err))
}

func TestAReportIsReadOverTLSOnlyFromATrustedHost(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(answering(200, `{"Report_Entry":[{"a":1}]}`))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(server.Close)
	d, err := New(Options{Users: []string{server.URL}, Username: user, Password: secret, Hosts: []string{"127.0.0.1"}})
	require.NoError(t, err)
	f := requireFault(t, d)
	assert.Equal(t, fault.KindTLSFailed, f.Kind)
	assert.False(t, f.Retry)
	d.client = server.Client()
	_, _, err = readUsers(t, d)
	require.NoError(t, err)
}

func TestAnUnknownHostAndAClosedPortAreDifferentFaults(t *testing.T) {
	t.Parallel()
	d, err := New(Options{
		Users: []string{"https://nobody.invalid/users"}, Username: user, Password: secret, Hosts: []string{"nobody.invalid"},
	})
	require.NoError(t, err)
	dialer := net.Dialer{Resolver: knowsNobody(t)}
	d.client.Transport = &http.Transport{DialContext: dialer.DialContext}
	f := requireFault(t, d)
	assert.Equal(t, fault.KindHostUnresolved, f.Kind)
	assert.True(t, f.Retry)

	closed := httptest.NewServer(http.NotFoundHandler())
	address := closed.URL
	closed.Close()
	d, err = New(Options{Users: []string{address}, Username: user, Password: secret, Hosts: []string{"127.0.0.1"}})
	require.NoError(t, err)
	f = requireFault(t, d)
	assert.Equal(t, fault.KindUnreachable, f.Kind)
	assert.True(t, f.Retry)
}

// knowsNobody returns a resolver that uses a local name server without any names, not the machine's.
func knowsNobody(t *testing.T) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { server.Close() })
	go func() {
		message := make([]byte, 1024)
		for {
			n, from, err := server.ReadFrom(message)
			if err != nil {
				return
			}
			message[2] |= 0x80                      // response
			message[3] = message[3]&0xf0 | 0x80 | 3 // NXDOMAIN
			_, _ = server.WriteTo(message[:n], from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// declare sets a Content-Length larger than the body, and then closes the connection.
func declare(more int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)+more))
		_, _ = io.WriteString(w, body)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

func TestTheTimeOfTheHandlerDoesNotCountAsIdle(t *testing.T) {
	t.Parallel()
	const idle = 500 * time.Millisecond // the server responds at once
	rows := strings.Repeat(`{"a":"`+strings.Repeat("x", 2000)+`"},`, 4)
	d := connect(
		t, answering(200, `{"Report_Entry":[`+rows+`{}]}`),
		func(s *Options) { s.Timeouts = Timeouts{FirstByte: time.Minute, Idle: idle} },
	)
	held := time.NewTimer(2 * idle)
	_, err := d.Users(t.Context(), "", 1, func(directory.Page) error {
		<-held.C // longer than the idle timeout
		held.Reset(idle + idle/4)
		return nil
	})
	require.NoError(t, err)
}

func TestSeveralUserReportsAreReadAsOne(t *testing.T) {
	t.Parallel()
	serve := func(bodies ...string) *Directory {
		served := http.NewServeMux()
		for i, body := range bodies {
			served.HandleFunc(fmt.Sprintf("/users/%d", i), answering(http.StatusOK, body))
		}
		return connect(t, served.ServeHTTP, func(s *Options) {
			base := strings.TrimSuffix(s.Groups, "/groups")
			s.Users = nil
			for i := range bodies {
				s.Users = append(s.Users, fmt.Sprintf("%s/users/%d", base, i))
			}
		})
	}
	const two, one = `{"Report_Entry":[{"a":1},{"a":2}]}`, `{"Report_Entry":[{"b":3}]}`
	t.Run("rows are numbered through all reports", func(t *testing.T) {
		t.Parallel()
		rows, sealed, err := readUsers(t, serve(two, one))
		require.NoError(t, err)
		assert.Equal(t, []string{`{"a":1}`, `{"a":2}`, `{"b":3}`}, rows)
		count, ok := sealed.Rows()
		assert.True(t, ok)
		assert.Equal(t, 3, count)
	})
	t.Run("each page names its report", func(t *testing.T) {
		t.Parallel()
		var reports []int
		_, err := serve(two, one).Users(t.Context(), "", 1, func(page directory.Page) error {
			reports = append(reports, page.Report)
			return nil
		})
		require.NoError(t, err)
		assert.Equal(t, []int{1, 1, 2}, reports)
	})
	for name, c := range map[string]struct {
		second string
		kind   fault.Kind
	}{
		"a report without rows fails the read":      {`{"Report_Entry":[]}`, fault.KindEmptyDirectory},
		"a report that ends early fails the read":   {`{"Report_Entry":[{"b":3}`, fault.KindBodyTruncated},
		"a report that is no report fails the read": {`{}`, fault.KindReportEntryMissing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := requireFault(t, serve(two, c.second, one))
			assert.Equal(t, c.kind, f.Kind)
			assert.Contains(t, f.Error(), "user report 2")
		})
	}
}
