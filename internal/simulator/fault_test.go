package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/workos/workos-go/v9"
)

func decode(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
}

// whole reads a report and how the reading ended.
func whole(t *testing.T, s *Simulator) (*http.Response, []byte, error) {
	t.Helper()
	response := report1(t, s, "acme")
	body, err := io.ReadAll(response.Body)
	return response, body, err
}

func TestFaultsOfTheTransport(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault Fault
		check func(t *testing.T, response *http.Response, body []byte, err error, took time.Duration)
	}{
		{Fault{Kind: Status, Status: 503, RetryAfter: 7}, func(
			t *testing.T, r *http.Response, body []byte, _ error, _ time.Duration,
		) {
			t.Helper()
			if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") != "7" || !bytes.Contains(
				body, []byte("Service Unavailable"),
			) {
				t.Errorf("%d, Retry-After %q, %s", r.StatusCode, r.Header.Get("Retry-After"), body)
			}
		}},
		{Fault{Kind: Status, Status: 403, Body: "no"}, func(
			t *testing.T, r *http.Response, body []byte, _ error, _ time.Duration,
		) {
			t.Helper()
			if r.StatusCode != http.StatusForbidden || string(body) != "no" || r.Header.Get("Retry-After") != "" {
				t.Errorf("%d %s", r.StatusCode, body)
			}
		}},
		{Fault{Kind: Truncated, Bytes: 5000}, func(
			t *testing.T, r *http.Response, body []byte, err error, _ time.Duration,
		) {
			t.Helper()
			if r.StatusCode != http.StatusOK || len(body) != 5000 || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%d, %d bytes, %v", r.StatusCode, len(body), err)
			}
		}},
		{Fault{Kind: Short, Bytes: 5000}, func(
			t *testing.T, r *http.Response, body []byte, err error, _ time.Duration,
		) {
			t.Helper()
			if r.StatusCode != http.StatusOK || len(body) != 5000 || err != nil {
				t.Errorf("%d, %d bytes, %v", r.StatusCode, len(body), err)
			}
		}},
		{Fault{Kind: Reset, Bytes: 5000}, func(
			t *testing.T, r *http.Response, body []byte, err error, _ time.Duration,
		) {
			t.Helper()
			if r.StatusCode != http.StatusOK || len(body) > 5000 || !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("%d, %d bytes, %v", r.StatusCode, len(body), err)
			}
		}},
		{Fault{Kind: SlowStart, Delay: 150 * time.Millisecond}, func(
			t *testing.T, r *http.Response, _ []byte, err error, took time.Duration,
		) {
			t.Helper()
			if r.StatusCode != http.StatusOK || err != nil || took < 150*time.Millisecond {
				t.Errorf("%d, %v, after %v", r.StatusCode, err, took)
			}
		}},
		{Fault{Kind: SlowDrip, Bytes: 4000, Delay: 20 * time.Millisecond}, func(
			t *testing.T, r *http.Response, body []byte, err error, took time.Duration,
		) {
			t.Helper()
			if pieces := len(body) / 4000; r.StatusCode != http.StatusOK || err != nil ||
				took < time.Duration(pieces)*20*time.Millisecond {
				t.Errorf("%d, %v, %d bytes after %v", r.StatusCode, err, len(body), took)
			}
		}},
		{Fault{Kind: HTML}, func(t *testing.T, r *http.Response, body []byte, _ error, _ time.Duration) {
			t.Helper()
			if r.StatusCode != http.StatusOK || !strings.HasPrefix(
				r.Header.Get("Content-Type"), "text/html",
			) || !bytes.Contains(body, []byte("<html>")) {
				t.Errorf("%d %s", r.StatusCode, body)
			}
		}},
		{Fault{Kind: XML}, func(t *testing.T, r *http.Response, body []byte, _ error, _ time.Duration) {
			t.Helper()
			if r.StatusCode != http.StatusOK || !strings.HasPrefix(
				r.Header.Get("Content-Type"), "text/xml",
			) || !bytes.HasPrefix(body, []byte("<?xml")) {
				t.Errorf("%d %s", r.StatusCode, body)
			}
		}},
		{Fault{Kind: ErrorPage}, func(t *testing.T, r *http.Response, body []byte, _ error, _ time.Duration) {
			t.Helper()
			if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "application/json" || !bytes.Contains(
				body, []byte(`"error"`),
			) {
				t.Errorf("%d %s", r.StatusCode, body)
			}
		}},
		{Fault{Kind: ErrorPage, Body: `{"oops":1}`}, func(
			t *testing.T, r *http.Response, body []byte, _ error, _ time.Duration,
		) {
			t.Helper()
			if r.StatusCode != http.StatusOK || string(body) != `{"oops":1}` {
				t.Errorf("%d %s", r.StatusCode, body)
			}
		}},
		{Fault{Kind: NotAuthorized}, func(t *testing.T, r *http.Response, body []byte, _ error, _ time.Duration) {
			t.Helper()
			if r.StatusCode != http.StatusInternalServerError || !bytes.Contains(
				body, []byte("task submitted is not authorized"),
			) {
				t.Errorf("%d %s", r.StatusCode, body)
			}
		}},
		{Fault{Kind: WrongType}, func(t *testing.T, r *http.Response, body []byte, _ error, _ time.Duration) {
			t.Helper()
			if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "application/octet-stream" ||
				!json.Valid(body) {
				t.Errorf("%d %s", r.StatusCode, r.Header.Get("Content-Type"))
			}
		}},
		{Fault{Kind: NoEntries}, func(t *testing.T, r *http.Response, body []byte, _ error, _ time.Duration) {
			t.Helper()
			if r.StatusCode != http.StatusOK || string(body) != "{}" {
				t.Errorf("%d %s", r.StatusCode, body)
			}
		}},
	} {
		t.Run(string(test.fault.Kind), func(t *testing.T) {
			t.Parallel()
			s := Start(t, Tenant{ID: "acme", Kind: Workday, People: 50})
			test.fault.Tenant, test.fault.Endpoint, test.fault.Times = "acme", Users, 1
			s.Inject(test.fault)
			start := time.Now()
			response, body, err := whole(t, s)
			test.check(t, response, body, err, time.Since(start))
			if response, body, err = whole(t, s); response.StatusCode != http.StatusOK || err != nil ||
				!json.Valid(body) {
				t.Errorf("the next request isn't well: %d, %v", response.StatusCode, err)
			}
			if served := s.Served("acme", Users); served.Requests != 2 || served.Faulty != 1 {
				t.Errorf("served %+v", served)
			}
		})
	}
}

func TestAResetBeforeAnyAnswer(t *testing.T) {
	t.Parallel()
	s := Start(t, Tenant{ID: "acme", Kind: Workday, People: 5})
	s.Inject(Fault{Kind: Reset})
	a := s.Access("acme")
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, a.Users, nil)
	request.SetBasicAuth(a.Username, a.Password)
	response, err := http.DefaultClient.Do(request)
	if err == nil {
		_ = response.Body.Close()
		t.Fatalf("an answer: %d", response.StatusCode)
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%v", err)
	}
}

func TestATruncatedCompressedReportEndsEarly(t *testing.T) {
	t.Parallel()
	s := Start(t, Tenant{ID: "acme", Kind: Workday, People: 50})
	a := s.Access("acme")
	s.Inject(Fault{Kind: Truncated, Bytes: 1000})
	response := get(t, a.Users, a.Username, a.Password, true)
	if body, err := io.ReadAll(response.Body); len(body) != 1000 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d bytes, %v", len(body), err)
	}
}

func TestFaultsOfTheData(t *testing.T) {
	t.Parallel()
	const person = 3
	for _, test := range []struct {
		fault Fault
		check func(t *testing.T, rows, sound []map[string]any)
	}{
		{Fault{Kind: DropColumn, Column: "City"}, func(t *testing.T, rows, _ []map[string]any) {
			t.Helper()
			if slices.ContainsFunc(rows, func(r map[string]any) bool { _, there := r["City"]; return there }) {
				t.Error("City is still there")
			}
		}},
		{Fault{Kind: BlankColumn, Column: "City"}, func(t *testing.T, rows, _ []map[string]any) {
			t.Helper()
			if slices.ContainsFunc(rows, func(r map[string]any) bool { return r["City"] != "" }) {
				t.Error("City isn't blank everywhere")
			}
		}},
		{Fault{Kind: DuplicateRow, Person: person}, func(t *testing.T, rows, sound []map[string]any) {
			t.Helper()
			if len(rows) != len(sound)+1 || rows[person]["Employee_ID"] != rows[person+1]["Employee_ID"] {
				t.Errorf("%d rows, want %d", len(rows), len(sound)+1)
			}
		}},
		{Fault{Kind: BadValue, Person: person, Column: "Email_-_Work", Value: json.RawMessage(`"nobody at all"`)}, func(
			t *testing.T, rows, sound []map[string]any,
		) {
			t.Helper()
			if rows[person]["Email_-_Work"] != "nobody at all" ||
				rows[person+1]["Email_-_Work"] != sound[person+1]["Email_-_Work"] {
				t.Errorf("%v", rows[person])
			}
		}},
		{Fault{Kind: BadValue, Person: person, Column: "Email_-_Work", Value: json.RawMessage(`null`)}, func(
			t *testing.T, rows, _ []map[string]any,
		) {
			t.Helper()
			if _, there := rows[person]["Email_-_Work"]; there {
				t.Errorf("%v", rows[person])
			}
		}},
		{Fault{Kind: RemovePeople, Percent: 40}, func(t *testing.T, rows, sound []map[string]any) {
			t.Helper()
			if left := 100 * len(rows) / len(sound); left < 50 || left > 70 ||
				plain(rows[0]["Employee_ID"])[0] != externalID(0) {
				t.Errorf("%d of %d rows are left", len(rows), len(sound))
			}
		}},
		{Fault{Kind: Shuffle}, func(t *testing.T, rows, sound []map[string]any) {
			t.Helper()
			ids := func(rows []map[string]any) (ids []string) {
				for _, r := range rows {
					ids = append(ids, plain(r["Employee_ID"])[0])
				}
				return ids
			}
			got, want := ids(rows), ids(sound)
			if slices.Equal(got, want) {
				t.Error("the order is the same")
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Error("the people aren't the same")
			}
		}},
	} {
		t.Run(string(test.fault.Kind), func(t *testing.T) {
			t.Parallel()
			s := Start(t, Tenant{ID: "acme", Kind: Workday, People: 300})
			sound := decodeRows(t, report1(t, s, "acme").Body)
			id := s.Inject(test.fault)
			test.check(t, decodeRows(t, report1(t, s, "acme").Body), sound)
			s.Lift(id)
			if again := decodeRows(t, report1(t, s, "acme").Body); len(again) != len(sound) {
				t.Errorf("still there when lifted")
			}
		})
	}
}

func TestFaultsOfWorkOS(t *testing.T) {
	t.Parallel()
	start := func(t *testing.T, f Fault) (*Simulator, *workos.DirectorySyncService, string) {
		t.Helper()
		s := Start(t, Tenant{ID: "globex", Kind: WorkOS, People: 250, Rate: -1, Churn: -1})
		s.Inject(f)
		return s, client(s, "globex"), s.Access("globex").Directory
	}
	users := func(t *testing.T, sync *workos.DirectorySyncService, directory string) (
		ids []string, list *workos.Iterator[workos.DirectoryUserWithGroups],
	) {
		t.Helper()
		list = sync.ListUsers(
			t.Context(),
			&workos.DirectorySyncListUsersParams{PaginationParams: pages(100, "asc"), Directory: &directory},
		)
		for list.Next() && len(ids) < 1000 {
			ids = append(ids, list.Current().IdpID)
		}
		return ids, list
	}
	t.Run(string(EmptyPage), func(t *testing.T) {
		t.Parallel()
		_, sync, directory := start(t, Fault{Kind: EmptyPage, Endpoint: Users, Skip: 1, Times: 1})
		if ids, list := users(t, sync, directory); len(ids) != 100 || list.Err() != nil || list.Cursor() == nil {
			t.Errorf("WorkOS's client stops after %d with %v at cursor %v", len(ids), list.Err(), list.Cursor())
		}
	})
	t.Run(string(SameCursor), func(t *testing.T) {
		t.Parallel()
		_, sync, directory := start(t, Fault{Kind: SameCursor, Endpoint: Users, Times: 1})
		ids, list := users(t, sync, directory)
		if len(ids) != 350 || ids[100] != ids[200] || list.Err() != nil {
			t.Errorf("%d users, %v", len(ids), list.Err())
		}
	})
	t.Run(string(Unlinked), func(t *testing.T) {
		t.Parallel()
		_, sync, directory := start(t, Fault{Kind: Unlinked, State: "invalid_credentials"})
		if d, err := sync.Get(
			t.Context(), directory,
		); err != nil || d.State != workos.DirectoryStateInvalidCredentials {
			t.Errorf("%+v, %v", d, err)
		}
	})
	t.Run(string(Deleted), func(t *testing.T) {
		t.Parallel()
		_, sync, directory := start(t, Fault{Kind: Deleted})
		var missing *workos.NotFoundError
		if _, err := sync.Get(t.Context(), directory); !errors.As(err, &missing) {
			t.Errorf("%v", err)
		}
		if _, list := users(t, sync, directory); !errors.As(list.Err(), &missing) {
			t.Errorf("%v", list.Err())
		}
		if list := sync.List(t.Context(), &workos.DirectorySyncListParams{}); list.Next() {
			t.Errorf("it is still listed")
		}
	})
	t.Run(string(NoEntries), func(t *testing.T) {
		t.Parallel()
		s, _, directory := start(t, Fault{Kind: NoEntries})
		_, body, _ := bearer(t, s.URL()+"/directory_users?directory="+directory, s.Access("globex").APIKey)
		if strings.Contains(body, `"data"`) || !json.Valid([]byte(body)) {
			t.Errorf("%s", body)
		}
	})
	t.Run(string(RemovePeople), func(t *testing.T) {
		t.Parallel()
		_, sync, directory := start(t, Fault{Kind: RemovePeople, Percent: 50})
		if ids, list := users(t, sync, directory); len(ids) < 90 || len(ids) > 160 || list.Err() != nil {
			t.Errorf("%d users, %v", len(ids), list.Err())
		}
	})
	t.Run(string(DuplicateRow), func(t *testing.T) {
		t.Parallel()
		_, sync, directory := start(t, Fault{Kind: DuplicateRow, Person: 120})
		if ids, list := users(t, sync, directory); len(ids) != 251 || ids[120] != ids[121] || list.Err() != nil {
			t.Errorf("%d users, %v", len(ids), list.Err())
		}
	})
	t.Run(string(Shuffle), func(t *testing.T) {
		t.Parallel()
		_, sync, directory := start(t, Fault{Kind: Shuffle})
		ids, list := users(t, sync, directory)
		if list.Err() != nil || slices.IsSorted(ids) {
			t.Errorf("%d users, %v", len(ids), list.Err())
		}
		if slices.Sort(ids); len(slices.Compact(ids)) != 250 {
			t.Errorf("%d users", len(ids))
		}
	})
	t.Run("columns and values", func(t *testing.T) {
		t.Parallel()
		s, sync, _ := start(t, Fault{Kind: DropColumn, Column: "business_unit"})
		s.Inject(Fault{Kind: BlankColumn, Column: "city"})
		s.Inject(Fault{Kind: BadValue, Person: 7, Column: "email", Value: json.RawMessage(`"x"`)})
		s.Inject(Fault{Kind: BadValue, Person: 7, Column: "job_title", Value: json.RawMessage(`"Clown"`)})
		s.Inject(Fault{Kind: BadValue, Person: 7, Column: "T-Shirt", Value: json.RawMessage(`42`)})
		u, err := sync.GetUser(t.Context(), s.tenant("globex").userID(7))
		if err != nil {
			t.Fatal(err)
		}
		_, there := u.CustomAttributes["business_unit"]
		//nolint:staticcheck // emails and job_title are deprecated, but still sent
		if there || u.CustomAttributes["city"] != "" || *u.Email != "x" || *u.Emails[0].Value != "x" ||
			u.CustomAttributes["job_title"] != "Clown" || *u.JobTitle != "Clown" ||
			u.CustomAttributes["T-Shirt"] != 42.0 {
			t.Errorf("%+v", u)
		}
	})
}

func TestAFaultHitsOnlyMatchingRequests(t *testing.T) {
	t.Parallel()
	s := Start(t, Tenant{ID: "acme", Kind: Workday, People: 5}, Tenant{ID: "initech", Kind: Workday, People: 5})
	s.Inject(Fault{Tenant: "acme", Endpoint: Users, Kind: Status, Status: 500, Skip: 1, Times: 2})
	var got []int
	for range 5 {
		got = append(got, report1(t, s, "acme").StatusCode)
	}
	if want := []int{200, 500, 500, 200, 200}; !slices.Equal(got, want) {
		t.Errorf("statuses %v, want %v", got, want)
	}
	s.Inject(Fault{Tenant: "acme", Kind: Status, Status: 502})
	s.Inject(Fault{Tenant: "initech", Endpoint: Groups, Kind: Status, Status: 502})
	if got := report1(t, s, "initech").StatusCode; got != http.StatusOK {
		t.Errorf("initech's users: %d", got)
	}
	s.Clear("acme")
	if got := report1(t, s, "acme").StatusCode; got != http.StatusOK {
		t.Errorf("acme after Clear: %d", got)
	}
	a := s.Access("initech")
	if got := get(t, a.Groups, a.Username, a.Password, false).StatusCode; got != 502 {
		t.Errorf("initech's groups: %d", got)
	}
	s.Clear("")
	if got := get(t, a.Groups, a.Username, a.Password, false).StatusCode; got != http.StatusOK {
		t.Errorf("initech's groups after Clear: %d", got)
	}
}

func TestAnInvalidFaultIsRefused(t *testing.T) {
	t.Parallel()
	s := Start(t, Tenant{ID: "acme", Kind: Workday})
	for name, f := range map[string]Fault{
		"kind": {Kind: "boom"}, "endpoint": {Kind: HTML, Endpoint: "x"}, "tenant": {Kind: HTML, Tenant: "x"},
		"status": {Kind: Status},
		"value":  {Kind: BadValue, Column: "x"}, "drip": {Kind: SlowDrip},
	} {
		if _, err := s.inject(f); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestAPermutationIsOneToOne(t *testing.T) {
	t.Parallel()
	c := NewCompany("acme", 1, 10, 0)
	for _, n := range []int{1, 2, 3, 7, 64, 1000, 1025} {
		order := c.permutation(n)
		seen := make([]bool, n)
		for i := range n {
			if to := order(i); seen[to] {
				t.Fatalf("%d of %d comes twice", to, n)
			} else {
				seen[to] = true
			}
		}
	}
}
