package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/workos/workos-go/v9"
)

// client is WorkOS's own, as it comes but for retries, which the tests want to see.
func client(s *Simulator, tenant string) *workos.DirectorySyncService {
	a := s.Access(tenant)
	return workos.NewClient(a.APIKey, workos.WithBaseURL(a.BaseURL), workos.WithMaxRetries(0)).DirectorySync()
}

func ptr[T any](v T) *T { return &v }

func pages(limit int, order string) workos.PaginationParams {
	return workos.PaginationParams{Limit: &limit, Order: &order}
}

func TestWorkOSsOwnClientReadsTheWholeDirectory(t *testing.T) {
	t.Parallel()
	for name, tenant := range map[string]Tenant{
		"inactive people gone": {ID: "globex", Kind: WorkOS, People: 330, Seed: 4, Day: 20, Rate: -1},
		"inactive people listed": {
			ID: "globex", Kind: WorkOS, People: 330, Seed: 4, Day: 20, Rate: -1, KeepInactive: true, UserGroups: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := Start(t, tenant)
			sync, directory := client(s, "globex"), s.Access("globex").Directory
			people := slices.Collect(s.Expected("globex"))
			for _, order := range []string{"asc", "desc"} {
				var got []string
				list := sync.ListUsers(
					t.Context(),
					&workos.DirectorySyncListUsersParams{PaginationParams: pages(100, order), Directory: &directory},
				)
				for list.Next() {
					got = append(got, list.Current().IdpID)
				}
				if list.Err() != nil || list.Cursor() != nil {
					t.Fatalf("ended with %v at cursor %v", list.Err(), list.Cursor())
				}
				if order == "desc" {
					slices.Reverse(got)
				}
				if !slices.EqualFunc(got, people, func(id string, p Person) bool { return id == p.ExternalID }) {
					t.Fatalf("%s: %d users, want %d, each once and in order", order, len(got), len(people))
				}
			}
			checkUsers(t, s, sync, people)
			checkGroups(t, s, sync, people)
			checkDirectory(t, s, sync, people)
		})
	}
}

func checkUsers(t *testing.T, s *Simulator, sync *workos.DirectorySyncService, people []Person) {
	t.Helper()
	list := sync.ListUsers(t.Context(), &workos.DirectorySyncListUsersParams{
		PaginationParams: pages(100, "asc"), Directory: ptr(s.Access("globex").Directory),
	})
	for _, p := range people {
		list.Next()
		user := list.Current()
		row := map[string]any{
			"external_id": user.IdpID, "email": *user.Email, "first_name": *user.FirstName, "last_name": *user.LastName,
			"status": string(user.State),
		}
		for attribute, value := range user.CustomAttributes {
			row[attribute] = value
		}
		compare(t, p, attributeNames, row)
		//nolint:staticcheck // deprecated, but still sent
		if len(user.Emails) != 1 || *user.Emails[0].Value != p.Email || !*user.Emails[0].Primary ||
			user.DirectoryID != s.Access("globex").Directory {
			t.Errorf("number %d: %+v", p.Number, user)
		}
		if _, err := time.Parse(time.RFC3339, user.CreatedAt); err != nil {
			t.Errorf("made at %q", user.CreatedAt)
		}
		groups := len(p.Groups)
		if !s.tenant("globex").UserGroups {
			groups = 0
		}
		if carried := len(user.Groups); carried != groups { //nolint:staticcheck // deprecated, but still sent
			t.Errorf("number %d carries %d groups, want %d", p.Number, carried, groups)
		}
		if p.Number%97 == 0 {
			one, err := sync.GetUser(t.Context(), user.ID)
			if err != nil || one.IdpID != p.ExternalID {
				t.Errorf("user %s: %+v, %v", user.ID, one, err)
			}
		}
	}
}

func checkGroups(t *testing.T, s *Simulator, sync *workos.DirectorySyncService, people []Person) {
	t.Helper()
	directory := s.Access("globex").Directory
	var names []string
	list := sync.ListGroups(
		t.Context(), &workos.DirectorySyncListGroupsParams{PaginationParams: pages(7, "asc"), Directory: &directory},
	)
	for list.Next() {
		group := *list.Current()
		names = append(names, group.Name)
		one, err := sync.GetGroup(t.Context(), group.ID)
		if err != nil || one.Name != group.Name {
			t.Errorf("group %s: %+v, %v", group.ID, one, err)
		}
		var members []string
		users := sync.ListUsers(
			t.Context(), &workos.DirectorySyncListUsersParams{PaginationParams: pages(10, "asc"), Group: &group.ID},
		)
		for users.Next() {
			members = append(members, users.Current().IdpID)
		}
		var want []string
		for _, p := range people {
			if slices.Contains(p.Groups, group.Name) {
				want = append(want, p.ExternalID)
			}
		}
		if users.Err() != nil || !slices.Equal(members, want) {
			t.Errorf("group %s has %d users, want %d; %v", group.Name, len(members), len(want), users.Err())
		}
	}
	var want []string
	for _, g := range s.ExpectedGroups("globex") {
		want = append(want, g.Name)
	}
	if list.Err() != nil || !slices.Equal(names, want) {
		t.Errorf("groups %q, want %q; %v", names, want, list.Err())
	}
	p := people[len(people)/2]
	names = nil
	of := sync.ListGroups(t.Context(), &workos.DirectorySyncListGroupsParams{
		PaginationParams: pages(100, "asc"), User: ptr(s.tenant("globex").userID(p.Number)),
	})
	for of.Next() {
		names = append(names, of.Current().Name)
	}
	if slices.Sort(names); of.Err() != nil || !slices.Equal(names, p.Groups) {
		t.Errorf("number %d is in %q, want %q; %v", p.Number, names, p.Groups, of.Err())
	}
}

func checkDirectory(t *testing.T, s *Simulator, sync *workos.DirectorySyncService, people []Person) {
	t.Helper()
	directory, err := sync.Get(t.Context(), s.Access("globex").Directory)
	if err != nil || directory.State != workos.DirectoryStateLinked || directory.Type != workos.DirectoryTypeWorkday {
		t.Fatalf("%+v, %v", directory, err)
	}
	if users := directory.Metadata.Users; users.Active+users.Inactive != len(people) ||
		directory.Metadata.Groups != len(s.ExpectedGroups("globex")) {
		t.Errorf("metadata %+v", directory.Metadata)
	}
	list := sync.List(t.Context(), &workos.DirectorySyncListParams{})
	if !list.Next() || list.Current().ID != directory.ID || list.Next() {
		t.Errorf("directories: %v", list.Err())
	}
}

func TestPagesCanBeReadBackwards(t *testing.T) {
	t.Parallel()
	s := Start(t, Tenant{ID: "globex", Kind: WorkOS, People: 95, Rate: -1})
	l := s.tenant("globex").users(0, nil, nil)
	read := func(q query) (ids []string, before, after string) {
		var page struct {
			Data []struct{ ID string }
			Meta struct{ Before, After string } `json:"list_metadata"`
		}
		decode(t, l.page(q, nil), &page)
		for _, user := range page.Data {
			ids = append(ids, user.ID)
		}
		return ids, page.Meta.Before, page.Meta.After
	}
	var forth [][]string
	for after, more := "", true; more; more = after != "" {
		var ids []string
		ids, _, after = read(query{limit: 10, step: -1, after: after})
		forth = append(forth, ids)
	}
	last := forth[len(forth)-1]
	for i := len(forth) - 2; i >= 0; i-- {
		ids, before, after := read(query{limit: 10, step: -1, before: last[0]})
		if !slices.Equal(ids, forth[i]) || after != ids[len(ids)-1] || (before == "") != (i == 0) {
			t.Fatalf("page %d backwards: %q, before %q, after %q; want %q", i, ids, before, after, forth[i])
		}
		last = ids
	}
}

func TestACursorOutlivesItsUser(t *testing.T) {
	t.Parallel()
	s := Start(t, Tenant{ID: "globex", Kind: WorkOS, People: 500, Rate: -1, Seed: 2})
	on := s.tenant("globex")
	gone := 0
	for p := range on.company.People(0) {
		if _, still := on.company.Person(p.Number, 20); !still {
			gone = p.Number
		}
	}
	s.SetDay("globex", 20)
	list := client(s, "globex").ListUsers(t.Context(), &workos.DirectorySyncListUsersParams{
		PaginationParams: workos.PaginationParams{After: ptr(on.userID(gone)), Order: ptr("asc")},
		Directory:        &on.directory,
	})
	if !list.Next() || numberOf(list.Current().ID) <= gone {
		t.Errorf("after number %d: %v", gone, list.Err())
	}
}

func TestWorkOSRefuses(t *testing.T) {
	t.Parallel()
	s := Start(
		t, Tenant{ID: "globex", Kind: WorkOS, People: 30, Rate: -1},
		Tenant{ID: "initech", Kind: WorkOS, People: 30, Rate: -1},
	)
	a, other := s.Access("globex"), s.Access("initech")
	for name, test := range map[string]struct {
		path, key string
		status    int
		body      string
	}{
		"a wrong key": {"/directories/" + a.Directory, "sk_test_x", 401, `{"message":"Unauthorized"}`},
		"no key": {
			"/directory_users?directory=" + a.Directory, "", 401, `{"message":"Unauthorized"}`,
		},
		"another's directory": {
			"/directory_users?directory=" + other.Directory, a.APIKey, 404,
			`{"message":"Directory not found: '` + other.Directory + `'."}`,
		},
		"another's directory too": {
			"/directories/" + other.Directory, a.APIKey, 404,
			`{"message":"Directory not found: '` + other.Directory + `'."}`,
		},
		"an unknown group": {
			"/directory_users?group=directory_group_x", a.APIKey, 404,
			`{"message":"Directory Group not found: 'directory_group_x'."}`,
		},
		"an unknown user": {
			"/directory_users/directory_user_x", a.APIKey, 404,
			`{"message":"Directory User not found: 'directory_user_x'."}`,
		},
		"the groups of nobody": {
			"/directory_groups?user=directory_user_x", a.APIKey, 404,
			`{"message":"Directory User not found: 'directory_user_x'."}`,
		},
		"neither directory nor group": {
			"/directory_users", a.APIKey, 422, `{"message":"A directory, group or user is needed."}`,
		},
		"a limit over 100": {
			"/directory_users?limit=101&directory=" + a.Directory, a.APIKey, 422,
			`{"message":"limit must be a number from 1 to 100."}`,
		},
		"another order": {
			"/directory_users?order=up&directory=" + a.Directory, a.APIKey, 422,
			`{"message":"order must be asc or desc."}`,
		},
		"two cursors": {
			"/directory_users?after=a&before=b&directory=" + a.Directory, a.APIKey, 422,
			`{"message":"after and before can't be given together."}`,
		},
		"a made-up cursor": {
			"/directory_users?after=directory_user_x&directory=" + a.Directory, a.APIKey, 422,
			`{"message":"after and before must be ids of objects in this list."}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, body, _ := bearer(t, s.URL()+test.path, test.key)
			if status != test.status || body != test.body {
				t.Errorf("%d %s, want %d %s", status, body, test.status, test.body)
			}
		})
	}
}

func bearer(t *testing.T, url, key string) (int, string, http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, strings.TrimSpace(string(body)), response.Header
}

// stopped is a clock on which all requests come at once, however busy the machine is.
func stopped() time.Time { return time.Unix(1000, 0) }

func TestFourRequestsASecondAreAllowed(t *testing.T) {
	t.Parallel()
	s := Start(t, Tenant{ID: "globex", Kind: WorkOS, People: 30, now: stopped},
		Tenant{ID: "initech", Kind: WorkOS, People: 30, now: stopped})
	a := s.Access("globex")
	for i := range 4 {
		if status, _, _ := bearer(
			t, s.URL()+"/directory_users?directory="+a.Directory, a.APIKey,
		); status != http.StatusOK {
			t.Fatalf("request %d: %d", i+1, status)
		}
	}
	status, body, header := bearer(t, s.URL()+"/directory_users?directory="+a.Directory, a.APIKey)
	if status != 429 || body != `"Ratelimited"` || header.Get("Retry-After") != "1" {
		t.Errorf("the fifth: %d %s, Retry-After %q", status, body, header.Get("Retry-After"))
	}
	var limited *workos.RateLimitExceededError
	list := client(s, "globex").ListUsers(t.Context(), &workos.DirectorySyncListUsersParams{Directory: &a.Directory})
	if list.Next() || !errors.As(list.Err(), &limited) || limited.RetryAfter != 1 {
		t.Errorf("WorkOS's client says %v", list.Err())
	}
	if status, _, _ := bearer(
		t, s.URL()+"/directory_groups?directory="+a.Directory, a.APIKey,
	); status != http.StatusOK {
		t.Errorf("groups are limited too: %d", status)
	}
	other := s.Access("initech")
	if status, _, _ := bearer(
		t, s.URL()+"/directory_users?directory="+other.Directory, other.APIKey,
	); status != http.StatusOK {
		t.Errorf("another directory is limited too: %d", status)
	}
	if served := s.Served(
		"globex", DirectoryUsers,
	); served.Requests != 6 || served.Refused != 2 || served.MaxRate != 6 {
		t.Errorf("served %+v", served)
	}
}

func TestTheRateLimitWindowSlides(t *testing.T) {
	t.Parallel()
	w, start := newRateLimit(0), time.Unix(1000, 0)
	for _, step := range []struct {
		at   time.Duration
		want bool
	}{
		{0, true},
		{300 * time.Millisecond, true},
		{600 * time.Millisecond, true},
		{900 * time.Millisecond, true},
		{940 * time.Millisecond, false},
		{960 * time.Millisecond, true},
		{1200 * time.Millisecond, false},
		{1260 * time.Millisecond, true},
	} {
		if got := w.allow(start.Add(step.at)); got != step.want {
			t.Errorf("at %v: %v, want %v", step.at, got, step.want)
		}
	}
}

// WorkOS's client is generated from WorkOS's document: its structs say which properties there are and which always are.
func TestObjectsHaveTheDocumentedProperties(t *testing.T) {
	t.Parallel()
	s := Start(t, Tenant{ID: "globex", Kind: WorkOS, People: 60, Rate: -1, UserGroups: true})
	a := s.Access("globex")
	for path, kind := range map[string]reflect.Type{
		"/directories":      reflect.TypeFor[workos.Directory](),
		"/directory_users":  reflect.TypeFor[workos.DirectoryUserWithGroups](),
		"/directory_groups": reflect.TypeFor[workos.DirectoryGroup](),
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			_, body, _ := bearer(t, s.URL()+path+"?limit=100&directory="+a.Directory, a.APIKey)
			var page struct {
				Object       string
				Data         []map[string]json.RawMessage
				ListMetadata map[string]any `json:"list_metadata"`
			}
			decode(t, []byte(body), &page)
			_, before := page.ListMetadata["before"]
			_, after := page.ListMetadata["after"]
			if page.Object != "list" || !before || !after || len(page.Data) == 0 {
				t.Errorf("envelope: %.200s", body)
			}
			known := map[string]bool{}
			for i := range kind.NumField() {
				name, options, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
				known[name] = true
				for _, object := range page.Data {
					if _, there := object[name]; !there && options == "" {
						t.Fatalf("an object lacks %s", name)
					}
				}
			}
			for _, object := range page.Data {
				for name := range object {
					if !known[name] {
						t.Fatalf("an object has %s, of which the document knows nothing", name)
					}
				}
			}
		})
	}
}
