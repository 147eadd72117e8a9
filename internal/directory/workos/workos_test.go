package workos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/fault"
)

func TestUsersAreReadPageByPageOldestFirst(t *testing.T) {
	t.Parallel()
	f := newFake(250, 0)
	s := recorder{}
	sealed, err := s.readUsers(t, connect(t, f))
	require.NoError(t, err)
	n, ok := sealed.Rows()
	assert.True(t, ok)
	assert.Equal(t, 250, n)
	assert.Equal(t, 3, s.pages)
	assert.Equal(t, directory.Cursor("end=1"), s.cursor)
	assert.Equal(t, 2, f.stateRequests, "the directory's state before and after")
	assert.Equal(t, []string{
		"/directory_users?directory=" + id + "&limit=100&order=asc",
		"/directory_users?after=directory_user_00099&directory=" + id + "&limit=100&order=asc",
		"/directory_users?after=directory_user_00199&directory=" + id + "&limit=100&order=asc",
	}, f.requests)
	assert.JSONEq(
		t,
		`{"idp_id":"E00249","email":"person249@example.com","first_name":"Given","last_name":"Family249","state":"active","job_title":"Engineer","level":"7"}`,
		s.rows[249],
	)
}

func TestAnInterruptedReadResumesAfterTheLastPage(t *testing.T) {
	t.Parallel()
	whole := recorder{}
	_, err := whole.readUsers(t, connect(t, newFake(450, 0)))
	require.NoError(t, err)
	for cut := 1; cut <= 5; cut++ {
		t.Run(fmt.Sprintf("the source fails at request %d", cut), func(t *testing.T) {
			t.Parallel()
			f := newFake(450, 0)
			f.intercept = func(w http.ResponseWriter, _ *http.Request, asked int) bool {
				return asked == cut && answer(w, 503, "")
			}
			s, d := recorder{}, connect(t, f)
			sealed, err := s.readUsers(t, d)
			assert.Equal(t, fault.KindServerError, requireFault(t, sealed, err).Kind)
			assert.Len(t, s.rows, (cut-1)*100, "every complete page was passed on")
			_, err = s.readUsers(t, d)
			require.NoError(t, err)
			assert.Equal(t, whole.rows, s.rows)
			assert.Len(t, f.requests, 6, "only the failed page is read twice")
		})
		t.Run(fmt.Sprintf("the handler fails at page %d", cut), func(t *testing.T) {
			t.Parallel()
			s, d := recorder{failAt: cut}, connect(t, newFake(450, 0))
			sealed, err := s.readUsers(t, d)
			assert.Equal(t, fault.KindStoreUnavailable, requireFault(t, sealed, err).Kind)
			sealed, err = s.readUsers(t, d)
			require.NoError(t, err)
			assert.Equal(t, whole.rows, s.rows)
			n, _ := sealed.Rows()
			assert.Equal(t, 450, n)
		})
	}
	t.Run("the source fails after the last page", func(t *testing.T) {
		t.Parallel()
		f := newFake(450, 0)
		f.state = func(asked int) string {
			if asked == 2 {
				return "validating"
			}
			return "linked"
		}
		s, d := recorder{}, connect(t, f)
		sealed, err := s.readUsers(t, d)
		assert.Equal(t, fault.KindDirectoryNotLinked, requireFault(t, sealed, err).Kind)
		sealed, err = s.readUsers(t, d)
		require.NoError(t, err)
		n, _ := sealed.Rows()
		assert.Equal(t, 450, n)
		assert.Equal(t, whole.rows, s.rows)
		assert.Len(t, f.requests, 5, "no page is read twice")
	})
}

func TestADirectoryThatIsNotLinkedIsNotRead(t *testing.T) {
	t.Parallel()
	for state, said := range map[string]string{
		"unlinked": "unlinked", "validating": "validating", "invalid_credentials": "invalid_credentials",
		"deleting": "deleting",
		"":         "doesn't know", "canary": "doesn't know",
	} {
		f := newFake(3, 1)
		f.state = func(int) string { return state }
		s, d := recorder{}, connect(t, f)
		sealed, err := s.readUsers(t, d)
		users := requireFault(t, sealed, err)
		assert.Equal(t, fault.KindDirectoryNotLinked, users.Kind)
		assert.Contains(t, users.Detail, said)
		sealed, err = s.readGroups(t, d)
		assert.Equal(t, fault.KindDirectoryNotLinked, requireFault(t, sealed, err).Kind)
		assert.Empty(t, f.requests, "nothing was read")
		assert.Zero(t, s.pages)
	}
}

func TestEntriesOfAnotherDirectoryAreRefused(t *testing.T) {
	t.Parallel()
	f := newFake(3, 2)
	f.users[1]["directory_id"] = "directory_other"
	s := recorder{}
	sealed, err := s.readUsers(t, connect(t, f))
	assert.Equal(t, fault.KindPageMalformed, requireFault(t, sealed, err).Kind)
	assert.Empty(t, s.rows)

	f.members["directory_group_000"] = []int{0, 1}
	sealed, err = s.readGroups(t, connect(t, f))
	assert.Equal(t, fault.KindPageMalformed, requireFault(t, sealed, err).Kind)

	f.groups[0]["directory_id"] = "directory_other"
	sealed, err = s.readGroups(t, connect(t, f))
	assert.Equal(t, fault.KindPageMalformed, requireFault(t, sealed, err).Kind)
}

func TestGroupsComeWithTheirUsers(t *testing.T) {
	t.Parallel()
	f := newFake(250, 0)
	everybody := make([]int, 250)
	for n := range everybody {
		everybody[n] = n
	}
	f.addGroup("directory_group_b", "B", 1, 2)
	f.addGroup("directory_group_c", "  ")
	f.addGroup("directory_group_a", "\u00a0All\u200b of  us ", everybody...)
	f.users[1]["idp_id"] = ""
	s := recorder{}
	sealed, err := s.readGroups(t, connect(t, f))
	require.NoError(t, err)
	n, ok := sealed.Rows()
	assert.True(t, ok)
	assert.Equal(t, 3, n)
	assert.Equal(t, []directory.Group{
		{
			Row: 1, Key: "directory_group_a", Name: "All of us",
		}, {Row: 2, Key: "directory_group_b", Name: "B"}, {Row: 3, Key: "directory_group_c"},
	}, s.groups)
	assert.Len(t, s.memberships, 252)
	assert.Equal(
		t, directory.Membership{Group: "directory_group_a", User: "E00249", Email: "person249@example.com"},
		s.memberships[249],
	)
	assert.Equal(t, directory.Membership{Group: "directory_group_b", Email: "person1@example.com"}, s.memberships[250])
	assert.Contains(t, f.requests, "/directory_users?group=directory_group_c&limit=100&order=asc")
}

func TestADirectoryMayHaveNoGroupsButMustHaveUsers(t *testing.T) {
	t.Parallel()
	s, d := recorder{}, connect(t, newFake(0, 0))
	sealed, err := s.readGroups(t, d)
	require.NoError(t, err)
	n, ok := sealed.Rows()
	assert.True(t, ok)
	assert.Zero(t, n)
	sealed, err = s.readUsers(t, d)
	assert.Equal(t, fault.KindEmptyDirectory, requireFault(t, sealed, err).Kind)
	assert.Zero(t, s.pages)
}

// fakeWithGroups has three groups, of 0, 150 and 3 users.
func fakeWithGroups() *fake {
	f := newFake(150, 3)
	for n := range 150 {
		f.members["directory_group_001"] = append(f.members["directory_group_001"], n)
	}
	f.members["directory_group_002"] = []int{5, 6, 7}
	return f
}

func TestAnInterruptedReadOfGroupsResumesAfterTheLastPage(t *testing.T) {
	t.Parallel()
	whole := recorder{}
	_, err := whole.readGroups(t, connect(t, fakeWithGroups()))
	require.NoError(t, err)
	require.Equal(t, 4, whole.pages)
	for cut := 1; cut <= 5; cut++ {
		f := fakeWithGroups()
		f.intercept = func(w http.ResponseWriter, _ *http.Request, asked int) bool {
			return asked == cut && answer(w, 500, "")
		}
		s, d := recorder{}, connect(t, f)
		sealed, err := s.readGroups(t, d)
		assert.Equal(t, fault.KindServerError, requireFault(t, sealed, err).Kind)
		sealed, err = s.readGroups(t, d)
		require.NoError(t, err, "cut at request %d", cut)
		n, _ := sealed.Rows()
		assert.Equal(t, 3, n)
		assert.Equal(t, whole.groups, s.groups)
		assert.Equal(t, whole.memberships, s.memberships)
	}
	for cut := 1; cut <= 4; cut++ {
		s, d := recorder{failAt: cut}, connect(t, fakeWithGroups())
		sealed, err := s.readGroups(t, d)
		assert.Equal(t, fault.KindStoreUnavailable, requireFault(t, sealed, err).Kind)
		_, err = s.readGroups(t, d)
		require.NoError(t, err)
		assert.Equal(t, whole, s, "cut at page %d", cut)
	}
}

func TestGroupsMayBeAddedOrDeletedBetweenTwoAttempts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*fake)
		groups []string
	}{
		"the one being read goes": {
			func(f *fake) { f.dropGroup("directory_group_001") }, []string{"000", "001", "002"},
		},
		"one already read goes": {
			func(f *fake) { f.dropGroup("directory_group_000") }, []string{"000", "001", "002"},
		},
		"one not yet read goes": {func(f *fake) { f.dropGroup("directory_group_002") }, []string{"000", "001"}},
		"one comes before": {
			func(f *fake) { f.addGroup("directory_group_0005", "new", 1) }, []string{"000", "001", "002"},
		},
		"one comes after": {
			func(f *fake) { f.addGroup("directory_group_0015", "new", 1) }, []string{"000", "001", "0015", "002"},
		},
		"all go": {
			func(f *fake) { f.groups, f.members = nil, map[string][]int{} }, []string{"000", "001"},
		},
		"the list changes its order": {
			func(f *fake) { f.groups[0], f.groups[2] = f.groups[2], f.groups[0] }, []string{"000", "001", "002"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := fakeWithGroups()
			f.intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
				return strings.Contains(r.URL.RawQuery, "after=") && answer(w, 502, "")
			}
			s, d := recorder{}, connect(t, f)
			sealed, err := s.readGroups(t, d)
			assert.Equal(t, fault.KindServerError, requireFault(t, sealed, err).Kind)
			assert.Equal(t, directory.Cursor("after=directory_user_00099&group=directory_group_001"), s.cursor)
			f.mu.Lock()
			f.intercept = nil
			c.change(f)
			f.mu.Unlock()
			sealed, err = s.readGroups(t, d)
			require.NoError(t, err)
			var keys []string
			for i, group := range s.groups {
				keys = append(keys, strings.TrimPrefix(group.Key, "directory_group_"))
				assert.Equal(t, i+1, group.Row)
			}
			assert.Equal(t, c.groups, keys)
			n, _ := sealed.Rows()
			assert.Equal(t, len(c.groups), n)
		})
	}
}

func TestAGroupDeletedDuringTheReadIsSkippedAndAnyOtherNotFoundIsAFault(t *testing.T) {
	t.Parallel()
	f := fakeWithGroups()
	f.intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		if strings.Contains(r.URL.RawQuery, "group=directory_group_000") {
			f.dropGroup("directory_group_000")
		}
		return false
	}
	s := recorder{}
	_, err := s.readGroups(t, connect(t, f))
	require.NoError(t, err)
	assert.Len(t, s.groups, 2)

	f = fakeWithGroups()
	f.intercept = func(w http.ResponseWriter, r *http.Request, _ int) bool {
		return strings.Contains(r.URL.RawQuery, "group=") && answer(w, 404, "canary")
	}
	s = recorder{}
	sealed, err := s.readGroups(t, connect(t, f))
	assert.Equal(t, fault.KindNotFound, requireFault(t, sealed, err).Kind)
}

func TestAnUnknownCursorIsNotRetried(t *testing.T) {
	t.Parallel()
	s := recorder{cursor: "after=directory_user_gone"}
	sealed, err := s.readUsers(t, connect(t, newFake(3, 0)))
	f := requireFault(t, sealed, err)
	assert.Equal(t, fault.KindCursorRefused, f.Kind)
	assert.False(t, f.Retry)
	for _, cursor := range []directory.Cursor{"x", "after=%zz", "page=7", "end=2"} {
		s := recorder{cursor: cursor}
		sealed, err := s.readUsers(t, connect(t, newFake(3, 0)))
		assert.Equal(t, fault.KindCursorRefused, requireFault(t, sealed, err).Kind, cursor)
		sealed, err = s.readGroups(t, connect(t, newFake(3, 0)))
		assert.Equal(t, fault.KindCursorRefused, requireFault(t, sealed, err).Kind, cursor)
	}
}

func TestAPositionSurvivesEncodingAsACursor(t *testing.T) {
	t.Parallel()
	for _, p := range []position{
		{}, {done: true}, {after: "a&b=c %"}, {group: "g", after: "ü"}, {group: "g", done: true},
	} {
		back, err := parseCursor(usersAt, p.cursor())
		require.NoError(t, err)
		assert.Equal(t, p, back)
	}
	assert.Empty(t, position{}.cursor())
}

func TestReadersOfADirectoryShareItsRate(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	f := newFake(1, 0)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		f.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	limiters := NewLimiters(50)
	var wg sync.WaitGroup
	began := time.Now()
	for range 3 { // as three activities do
		d, err := New(Options{Directory: id, APIKey: apiKey, BaseURL: server.URL, Limiters: limiters})
		require.NoError(t, err)
		wg.Go(func() {
			_, err := d.Users(t.Context(), "", 1, func(directory.Page) error { return nil })
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	require.EqualValues(t, 9, asked.Load())
	assert.GreaterOrEqual(t, time.Since(began), 8*20*time.Millisecond)
	assert.Same(t, limiters.forDirectory("a"), limiters.forDirectory("a"))
	assert.NotSame(t, limiters.forDirectory("a"), limiters.forDirectory("b"), "directories don't wait for one another")
	assert.InDelta(t, 4*0.95, float64(NewLimiters(0).forDirectory("a").Limit()), 1e-9, "slightly below the limit")
	assert.Equal(t, 1, NewLimiters(0).forDirectory("a").Burst())
}

func TestACancelledContextIsNotAFault(t *testing.T) {
	t.Parallel()
	stop := errors.New("the worker stops")
	ctx, cancel := context.WithCancelCause(t.Context())
	f := newFake(3, 0)
	f.intercept = func(_ http.ResponseWriter, r *http.Request, _ int) bool {
		cancel(stop)
		<-r.Context().Done()
		return true
	}
	_, err := connect(t, f).Users(ctx, "", 1, func(directory.Page) error { return nil })
	assert.ErrorIs(t, err, stop)
	_, ok := fault.Of(err)
	assert.False(t, ok)
}

func TestTheAPIKeyGoesOnlyToWorkOSOrToLoopback(t *testing.T) {
	t.Parallel()
	for _, base := range []string{
		"http://api.workos.com", "http://10.0.0.1", "https://key@api.workos.com", "api.workos.com", "ftp://127.0.0.1",
		":",
	} {
		_, err := New(Options{Directory: id, APIKey: apiKey, BaseURL: base})
		f, ok := fault.Of(err)
		require.True(t, ok, base)
		assert.Equal(t, fault.KindAddressRefused, f.Kind)
	}
	for _, base := range []string{
		"", "https://api.workos.com", "http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1",
	} {
		d, err := New(Options{Directory: id, APIKey: apiKey, BaseURL: base})
		require.NoError(t, err, base)
		assert.Equal(t, "workos:idp_id", d.Source().Listed)
	}
	var strangers atomic.Int32
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strangers.Add(1) }))
	t.Cleanup(stranger.Close)
	s := recorder{}
	sealed, err := s.readUsers(t, connect(t, http.RedirectHandler(stranger.URL, http.StatusFound)))
	assert.Equal(t, fault.KindRedirectRefused, requireFault(t, sealed, err).Kind)
	assert.Zero(t, strangers.Load())
}
