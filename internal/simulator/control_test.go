package simulator

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// call sends a control request and decodes the answer.
func call(t *testing.T, method, url, body string, into any) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if into != nil {
		decode(t, data, into)
	}
	return response.StatusCode
}

func TestControlOverHTTP(t *testing.T) { //nolint:tparallel // each part continues the previous one
	t.Parallel()
	s := Start(t, Tenant{ID: "acme", Kind: Workday, People: 60}, Tenant{ID: "globex", Kind: WorkOS, People: 60})
	t.Run("days pass", func(t *testing.T) {
		var days map[string]int
		call(t, http.MethodPost, s.URL()+"/control/day", `{"advance":2}`, &days)
		if days["acme"] != 2 || days["globex"] != 2 {
			t.Errorf("%v", days)
		}
		call(t, http.MethodPost, s.URL()+"/control/day", `{"tenant":"acme","day":9}`, nil)
		if s.Day("acme") != 9 || s.Day("globex") != 2 {
			t.Errorf("days %d and %d", s.Day("acme"), s.Day("globex"))
		}
	})
	t.Run("faults come and go", func(t *testing.T) {
		var made struct{ ID int }
		call(
			t, http.MethodPost, s.URL()+"/control/fault",
			`{"tenant":"acme","kind":"status","status":503,"retry_after":3}`, &made,
		)
		if got := report1(t, s, "acme"); made.ID == 0 || got.StatusCode != http.StatusServiceUnavailable ||
			got.Header.Get("Retry-After") != "3" {
			t.Errorf("fault %d: status %d", made.ID, got.StatusCode)
		}
		call(t, http.MethodDelete, s.URL()+"/control/fault?tenant=acme", "", nil)
		if got := report1(t, s, "acme").StatusCode; got != http.StatusOK {
			t.Errorf("status %d when cleared", got)
		}
	})
	t.Run("every part of a fault can be given", func(t *testing.T) {
		q := faultRequest{}
		decode(t, []byte(`{"tenant":"acme","endpoint":"users","kind":"slow_drip","skip":1,"times":2,"status":3,"retry_after":4,"body":"b",
			"bytes":5,"delay":"1.5s","state":"s","column":"c","value":6,"person":7,"percent":8}`), &q)
		f, err := q.fault()
		if err != nil {
			t.Fatal(err)
		}
		f.ID = 1
		for i := range reflect.TypeOf(f).NumField() {
			if reflect.ValueOf(f).Field(i).IsZero() {
				t.Errorf("%s isn't taken over", reflect.TypeOf(f).Field(i).Name)
			}
		}
	})
	t.Run("counters", func(t *testing.T) {
		var served map[string]map[string]Served
		call(t, http.MethodGet, s.URL()+"/control/served", "", &served)
		if served["acme"][Users].Requests != 2 || served["acme"][Users].Faulty != 1 || len(served["globex"]) != 0 {
			t.Errorf("%+v", served)
		}
	})
	t.Run("tenants", func(t *testing.T) {
		var all []Access
		call(t, http.MethodGet, s.URL()+"/control/tenants", "", &all)
		if len(all) != 2 || all[0] != s.Access("acme") || all[1] != s.Access("globex") {
			t.Errorf("%+v", all)
		}
	})
	t.Run("people whom a fault hides are not shown", func(t *testing.T) {
		all := len(slices.Collect(s.Expected("acme")))
		hiding := s.Inject(Fault{Tenant: "acme", Endpoint: Users, Kind: RemovePeople, Percent: 50})
		shown := slices.Collect(s.Shown("acme"))
		if len(shown) == 0 || len(shown) >= all || shown[0].Number != 0 {
			t.Errorf("%d of %d people", len(shown), all)
		}
		s.Lift(hiding)
		if again := len(slices.Collect(s.Shown("acme"))); again != all {
			t.Errorf("%d of %d people after the fault", again, all)
		}
	})
	t.Run("the truth", func(t *testing.T) {
		for _, tenant := range s.Tenants() {
			response := get(t, s.URL()+"/control/people?tenant="+tenant, "", "", false)
			var people []Person
			for decoder := json.NewDecoder(response.Body); decoder.More(); {
				var p Person
				if err := decoder.Decode(&p); err != nil {
					t.Fatal(err)
				}
				people = append(people, p)
			}
			want := slices.Collect(s.Expected(tenant))
			for i := range want {
				want[i].updated, want[i].alwaysActive = 0, false
			}
			if !reflect.DeepEqual(people, want) {
				t.Errorf("%s: %d people, want %d", tenant, len(people), len(want))
			}
			var groups []Group
			call(t, http.MethodGet, s.URL()+"/control/groups?tenant="+tenant, "", &groups)
			if len(groups) != len(s.ExpectedGroups(tenant)) {
				t.Errorf("%s: %d groups", tenant, len(groups))
			}
		}
	})
	t.Run("mistakes are refused", func(t *testing.T) {
		for _, test := range []struct {
			method, path, body string
			status             int
		}{
			{http.MethodPost, "/control/day", `{"tenant":"nobody"}`, 404},
			{http.MethodPost, "/control/day", `{"days":1}`, 400},
			{http.MethodPost, "/control/fault", `{"kind":"boom"}`, 422},
			{http.MethodPost, "/control/fault", `{"kind":"slow_start","delay":"soon"}`, 422},
			{http.MethodGet, "/control/people?tenant=nobody", "", 404},
			{http.MethodGet, "/control/groups", "", 404},
		} {
			var said struct{ Error string }
			if got := call(
				t, test.method, s.URL()+test.path, test.body, &said,
			); got != test.status || said.Error == "" {
				t.Errorf("%s %s: %d %q, want %d", test.path, test.body, got, said.Error, test.status)
			}
		}
	})
}

func TestListenRefusesInvalidTenants(t *testing.T) {
	t.Parallel()
	for name, tenants := range map[string][]Tenant{
		"no id": {{Kind: Workday}}, "twice": {{ID: "a", Kind: Workday}, {ID: "a", Kind: WorkOS}},
		"kind":   {{ID: "a", Kind: "x"}},
		"people": {{ID: "a", Kind: Workday, People: -1}},
	} {
		if s, err := Listen("127.0.0.1:0", tenants...); err == nil {
			t.Errorf("%s: no error", name)
			_ = s.Close()
		}
	}
	if _, err := Listen("256.0.0.1:0"); err == nil {
		t.Error("no error for an address that isn't one")
	}
}

func TestOpenRequestsAreCounted(t *testing.T) {
	t.Parallel()
	s := Start(t, Tenant{ID: "acme", Kind: Workday, People: 5000, now: stopped})
	first, second := report1(t, s, "acme"), report1(t, s, "acme")
	if served := s.Served("acme", Users); served.MaxOpen != 2 || served.MaxRate != 2 {
		t.Errorf("%+v", served)
	}
	one, _ := io.ReadAll(first.Body)
	two, _ := io.ReadAll(second.Body)
	if !bytes.Equal(one, two) {
		t.Error("the same report twice differs")
	}
	if served := s.Served("acme", Groups); served != (Served{}) {
		t.Errorf("nobody asked for groups: %+v", served)
	}
}
