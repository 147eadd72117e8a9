package simulator

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
)

// get asks for a report as a client without cleverness would.
func get(t *testing.T, url, user, password string, gzipped bool) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(user, password)
	client := &http.Client{
		Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}, Timeout: 30 * time.Second,
	}
	if gzipped {
		request.Header.Set("Accept-Encoding", "gzip")
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

func report1(t *testing.T, s *Simulator, tenant string) *http.Response {
	t.Helper()
	a := s.Access(tenant)
	return get(t, a.Users, a.Username, a.Password, false)
}

type rowsOf struct {
	Entries []map[string]any `json:"Report_Entry"`
}

func decodeRows(t *testing.T, body io.Reader) []map[string]any {
	t.Helper()
	var rows rowsOf
	decoder := json.NewDecoder(body)
	decoder.UseNumber()
	if err := decoder.Decode(&rows); err != nil {
		t.Fatal(err)
	}
	return rows.Entries
}

// plain is what a cell says: the test's own reading, apart from Rollcall's.
func plain(value any) []string {
	switch v := value.(type) {
	case nil:
		return nil
	case map[string]any:
		return plain(v["Descriptor"])
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, plain(item)...)
		}
		return all
	}
	text := strings.NewReplacer("\u200b", "", "\u00a0", " ").Replace(fmt.Sprint(value))
	if text = strings.Join(strings.Fields(norm.NFC.String(text)), " "); text == "" {
		return nil
	}
	return []string{text}
}

// meaning is what a cell of a field means.
func meaning(field string, value any) string {
	text := strings.Join(plain(value), "|")
	switch low := strings.ToLower(text); field {
	case "email":
		return low
	case "people_manager":
		return map[string]string{"1": "yes", "true": "yes", "yes": "yes", "0": "no", "false": "no", "no": "no"}[low]
	case "status":
		return map[string]string{
			"": "active", "1": "active", "active": "active", "0": "inactive", "inactive": "inactive",
		}[low]
	case "locale":
		return map[string]string{
			"": "en-US", "en-us": "en-US", "en_us": "en-US", "fr-ca": "fr-CA", "fr_ca": "fr-CA", "es-es": "es-ES",
			"es_es": "es-ES",
			"ko":    "ko", "ko-kr": "ko", "ko_kr": "ko", "ja": "ja", "ja-jp": "ja", "ja_jp": "ja",
		}[low]
	}
	return text
}

func compare(t *testing.T, p Person, columns map[string]string, row map[string]any) {
	t.Helper()
	for field, want := range p.Fields() {
		column, read := columns[field]
		if !read { // the role
			continue
		}
		if got := meaning(field, row[column]); got != want {
			t.Errorf("number %d: %s is %q, which means %q, want %q", p.Number, column, row[column], got, want)
		}
	}
}

func TestTheUserReportMatchesThePeople(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) { // each has its own style
		s := Start(t, Tenant{ID: "acme", Kind: Workday, People: 700, Seed: seed, Day: 40})
		rows := decodeRows(t, report1(t, s, "acme").Body)
		people := slices.Collect(s.Expected("acme"))
		if len(rows) != len(people) {
			t.Fatalf("seed %d: %d rows, want %d", seed, len(rows), len(people))
		}
		for i, p := range people {
			compare(t, p, defaultColumns, rows[i])
			groups := plain(rows[i]["Groups"])
			if len(groups) == 1 {
				groups = strings.Split(groups[0], "; ")
			}
			if !slices.Equal(groups, p.Groups) {
				t.Errorf("seed %d, number %d: groups %q, want %q", seed, p.Number, groups, p.Groups)
			}
		}
	}
}

func TestTheUserReportHasOddShapes(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for seed := range uint64(8) {
		s := Start(t, Tenant{ID: "acme", Kind: Workday, People: 400, Seed: seed})
		for _, row := range decodeRows(t, report1(t, s, "acme").Body) {
			for column, value := range row {
				switch v := value.(type) {
				case json.Number:
					found["a number in "+column] = true
				case bool:
					found["a boolean"] = true
				case nil:
					found["null"] = true
				case string:
					found["an empty string"] = found["an empty string"] || v == ""
					found["1 or 0"] = found["1 or 0"] || v == "1" && column == "People_Manager"
				case map[string]any:
					found["an object"] = true
				case []any:
					found["an empty array"] = found["an empty array"] || len(v) == 0
					if len(v) == 1 && column == "Business_Unit" {
						_, object := v[0].(map[string]any)
						found["an array of one object"] = found["an array of one object"] || object
					}
				}
			}
			found["a missing cell"] = found["a missing cell"] || len(row) < len(defaultColumns)
			if _, text := row["Groups"].(string); text {
				found["groups as one string"] = true
			}
		}
	}
	for _, shape := range []string{
		"a number in FTE", "a number in Employee_ID", "a boolean", "null", "an empty string", "1 or 0", "an object",
		"an empty array",
		"an array of one object", "a missing cell", "groups as one string",
	} {
		if !found[shape] {
			t.Errorf("nowhere %s", shape)
		}
	}
}

func TestColumnsCanHaveOtherNames(t *testing.T) {
	t.Parallel()
	s := Start(t, Tenant{ID: "acme", Kind: Workday, People: 30, Columns: map[string]string{
		"first_name": "Preferred_Given", "manager_email": "Worker_s_Manager_group.Email",
	}})
	rows := decodeRows(t, report1(t, s, "acme").Body)
	people := slices.Collect(s.Expected("acme"))
	if got := meaning("first_name", rows[3]["Preferred_Given"]); got != people[3].FirstName {
		t.Errorf("Preferred_Given %q, want %q", got, people[3].FirstName)
	}
	group, ok := rows[3]["Worker_s_Manager_group"].([]any)
	if !ok || len(group) != 1 || meaning("", group[0].(map[string]any)["Email"]) != people[3].ManagerEmail {
		t.Errorf(
			"Worker_s_Manager_group %v, want one with %q", rows[3]["Worker_s_Manager_group"], people[3].ManagerEmail,
		)
	}
}

func TestTheGroupReport(t *testing.T) {
	t.Parallel()
	s := Start(t, Tenant{ID: "acme", Kind: Workday, People: 30})
	a := s.Access("acme")
	var names []string
	for _, row := range decodeRows(t, get(t, a.Groups, a.Username, a.Password, false).Body) {
		names = append(names, row["group_name"].(string))
	}
	var want []string
	for _, g := range s.ExpectedGroups("acme") {
		want = append(want, g.Name)
	}
	if !slices.Equal(names, want) {
		t.Errorf("groups %q, want %q", names, want)
	}
}

func TestAReportIsCompressedOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	s := Start(t, Tenant{ID: "acme", Kind: Workday, People: 300})
	a := s.Access("acme")
	straight := get(t, a.Users, a.Username, a.Password, false)
	zipped := get(t, a.Users, a.Username, a.Password, true)
	if straight.Header.Get("Content-Encoding") != "" || zipped.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("encodings %q and %q", straight.Header.Get("Content-Encoding"), zipped.Header.Get("Content-Encoding"))
	}
	one, _ := io.ReadAll(straight.Body)
	zip, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	two, err := io.ReadAll(zip)
	if err != nil || !bytes.Equal(one, two) {
		t.Errorf("they differ, or %v", err)
	}
}

func TestWorkdayRefusesOtherCredentials(t *testing.T) {
	t.Parallel()
	s := Start(t, Tenant{ID: "acme", Kind: Workday, People: 3}, Tenant{ID: "globex", Kind: WorkOS, People: 3})
	a := s.Access("acme")
	for name, test := range map[string]struct {
		url, user, password string
		status              int
	}{
		"wrong password": {a.Users, a.Username, "x", http.StatusUnauthorized},
		"wrong user":     {a.Users, "x", a.Password, http.StatusUnauthorized},
		"no such report": {
			strings.Replace(a.Users, "Members", "Others", 1), a.Username, a.Password, http.StatusNotFound,
		},
		"no such tenant": {strings.Replace(a.Users, "acme", "initech", 1), a.Username, a.Password, http.StatusNotFound},
		"not at Workday": {strings.Replace(a.Users, "acme", "globex", 1), a.Username, a.Password, http.StatusNotFound},
	} {
		if got := get(t, test.url, test.user, test.password, false).StatusCode; got != test.status {
			t.Errorf("%s: status %d, want %d", name, got, test.status)
		}
	}
	if served := s.Served("acme", Users); served.Requests != 2 || served.Refused != 2 {
		t.Errorf("served %+v", served)
	}
}

func TestWithoutAFormatAReportIsXML(t *testing.T) {
	t.Parallel()
	s := Start(t, Tenant{ID: "acme", Kind: Workday, People: 3})
	a := s.Access("acme")
	response := get(t, strings.TrimSuffix(a.Users, "?format=json"), a.Username, a.Password, false)
	if kind := response.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/xml") {
		t.Errorf("content type %q", kind)
	}
}

func TestAnEmptyCompanyHasAnEmptyReport(t *testing.T) {
	t.Parallel()
	s := Start(t, Tenant{ID: "acme", Kind: Workday})
	body, err := io.ReadAll(report1(t, s, "acme").Body)
	if err != nil || string(body) != `{"Report_Entry":[]}` {
		t.Errorf("%s, %v", body, err)
	}
}

func TestALargeReportIsStreamed(t *testing.T) {
	s := Start(t, Tenant{ID: "huge", Kind: Workday, People: 150_000})
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	lines := bufio.NewReaderSize(report1(t, s, "huge").Body, 1<<16)
	count, most := 0, uint64(0)
	for {
		_, err := lines.ReadSlice('\n')
		count++
		if count%50_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&during)
			most = max(most, during.HeapAlloc)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if want := len(slices.Collect(s.Expected("huge"))); count != want {
		t.Errorf("%d rows, want %d", count, want)
	}
	if grown := int64(most) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("serving keeps %d bytes", grown)
	}
}
