package workos

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/fault"
)

const (
	id     = "directory_01ECAZ4NV9QMV47GW873HDCX74"
	apiKey = "sk_canary_key"
)

type object = map[string]any

// fake is a WorkOS server with one directory.
type fake struct {
	mu      sync.Mutex
	users   []object
	groups  []object
	members map[string][]int // group id -> indexes of users
	state   func(asked int) string
	// true: it has answered; asked counts all but GET /directories
	intercept     func(w http.ResponseWriter, r *http.Request, asked int) bool
	requests      []string // requests, without /directories
	stateRequests int      // GET /directories/:id
}

func newFake(users, groups int) *fake {
	f := &fake{members: map[string][]int{}, state: func(int) string { return "linked" }}
	for n := range users {
		f.users = append(f.users, person(n))
	}
	for n := range groups {
		f.addGroup(fmt.Sprintf("directory_group_%03d", n), fmt.Sprintf(" Group %d ", n))
	}
	return f
}

func person(n int) object {
	return object{
		"object": "directory_user", "id": fmt.Sprintf(
			"directory_user_%05d", n,
		), "directory_id": id, "organization_id": "org_1",
		"idp_id": fmt.Sprintf("E%05d", n), "email": fmt.Sprintf(
			"person%d@example.com", n,
		), "first_name": "Given", "last_name": fmt.Sprint("Family", n),
		"state": "active", "raw_attributes": object{"x": n}, "custom_attributes": object{
			"job_title": "Engineer", "level": 7, "city": "",
		},
		"groups": []any{}, "created_at": "2026-01-15T12:00:00.000Z", "updated_at": "2026-01-15T12:00:00.000Z",
	}
}

func (f *fake) addGroup(group, name string, members ...int) {
	f.groups = append(f.groups, object{"object": "directory_group", "id": group, "directory_id": id, "name": name})
	f.members[group] = members
}

func (f *fake) dropGroup(group string) {
	f.groups = slices.DeleteFunc(f.groups, func(g object) bool { return g["id"] == group })
	delete(f.members, group)
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer "+apiKey {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.URL.Path == "/directories/"+id {
		f.stateRequests++
		send(w, object{"object": "directory", "id": id, "state": f.state(f.stateRequests)})
		return
	}
	f.requests = append(f.requests, r.URL.Path+"?"+r.URL.RawQuery)
	if f.intercept != nil && f.intercept(w, r, len(f.requests)) {
		return
	}
	query := r.URL.Query()
	switch group, single := strings.CutPrefix(r.URL.Path, "/directory_groups/"); {
	case single:
		if _, ok := f.members[group]; !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		send(w, object{"id": group, "directory_id": id})
	case r.URL.Path == "/directory_groups":
		list(w, r, f.groups)
	case r.URL.Path == "/directory_users" && query.Has("group"):
		members, ok := f.members[query.Get("group")]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		var users []object
		for _, n := range members {
			users = append(users, f.users[n])
		}
		list(w, r, users)
	case r.URL.Path == "/directory_users" && query.Get("directory") == id:
		list(w, r, f.users)
	default:
		w.WriteHeader(http.StatusBadRequest)
	}
}

// list sends one page. As at WorkOS, a cursor is the id of an entry.
func list(w http.ResponseWriter, r *http.Request, all []object) {
	query := r.URL.Query()
	limit, _ := strconv.Atoi(query.Get("limit"))
	start := 0
	if after := query.Get("after"); after != "" {
		at := slices.IndexFunc(all, func(o object) bool { return o["id"] == after })
		if at < 0 {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		start = at + 1
	}
	page := all[start:min(start+limit, len(all))]
	var after any
	if start+limit < len(all) {
		after = page[len(page)-1]["id"]
	}
	if page == nil {
		page = []object{}
	}
	send(w, object{"object": "list", "data": page, "list_metadata": object{"before": nil, "after": after}})
}

func send(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

func answer(w http.ResponseWriter, status int, body string) bool {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
	return true
}

// connect connects a Directory to handler, with a very high rate.
func connect(t *testing.T, handler http.Handler) *Directory {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	d, err := New(Options{Directory: id, APIKey: apiKey, BaseURL: server.URL, Limiters: NewLimiters(1e6)})
	require.NoError(t, err)
	return d
}

// recorder records the pages of several attempts and the cursor to resume from.
type recorder struct {
	cursor      directory.Cursor
	rows        []string
	groups      []directory.Group
	memberships []directory.Membership
	pages       int
	failAt      int // the page that keep fails at, counted from 1; 0: none
}

func (s *recorder) keep(page directory.Page) error {
	if s.failAt > 0 && s.pages+1 == s.failAt {
		s.failAt = 0
		return errHandler
	}
	s.pages++
	for _, row := range page.Rows {
		s.rows = append(s.rows, string(row))
	}
	s.groups = append(s.groups, page.Groups...)
	s.memberships = append(s.memberships, page.Memberships...)
	s.cursor = page.Next
	return nil
}

var errHandler = fault.StoreUnavailable(nil)

func (s *recorder) readUsers(t *testing.T, d *Directory) (directory.Sealed, error) {
	t.Helper()
	return d.Users(t.Context(), s.cursor, len(s.rows)+1, func(page directory.Page) error {
		assert.Equal(t, len(s.rows)+1, page.First)
		return s.keep(page)
	})
}

func (s *recorder) readGroups(t *testing.T, d *Directory) (directory.Sealed, error) {
	t.Helper()
	return d.Groups(t.Context(), s.cursor, len(s.groups)+1, func(page directory.Page) error {
		assert.Equal(t, len(s.groups)+1, page.First)
		return s.keep(page)
	})
}

// requireFault returns the fault of a failed read. It checks that nothing is sealed and the fault holds no secret.
func requireFault(t *testing.T, sealed directory.Sealed, err error) *fault.Fault {
	t.Helper()
	require.Error(t, err)
	_, ok := sealed.Rows()
	assert.False(t, ok, "sealed")
	f, ok := fault.Of(err)
	require.True(t, ok, "%v", err)
	assert.NotContains(t, f.Error()+f.Hint, "canary")
	assert.NotContains(t, f.Error()+f.Hint, "127.0.0.1")
	assert.NotContains(t, f.Error()+f.Hint, "example.com")
	return f
}
