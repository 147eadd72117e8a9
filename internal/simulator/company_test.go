package simulator

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/mail"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/rollcall/rollcall/internal/simulator/culture"
)

// golden is the hash of a company's people and groups on a few days. It changes only when the simulator is meant to
// tell another story, which changes the story of every demo and every recorded history.
const golden = "6d51ba9e"

func TestASeedAlwaysGivesTheSameCompany(t *testing.T) {
	t.Parallel()
	hash := sha256.New()
	encoder := json.NewEncoder(hash)
	for _, day := range []int{0, 1, 30} {
		c := NewCompany("acme", 7, 300, 0)
		for p := range c.People(day) {
			_ = encoder.Encode(p)
		}
		_ = encoder.Encode(c.Groups(day))
		r := newReport(c, nil)
		for p := range c.People(day) {
			hash.Write(r.row(p).raw())
		}
	}
	if got := hex.EncodeToString(hash.Sum(nil))[:8]; got != golden {
		t.Errorf("story %s, want %s", got, golden)
	}
}

func TestPeopleAndPersonAgree(t *testing.T) {
	t.Parallel()
	c := NewCompany("acme", 3, 400, 60)
	for _, day := range []int{0, 5, 40} {
		seen := map[int]Person{}
		for p := range c.People(day) {
			seen[p.Number] = p
		}
		for number := -1; number <= c.total(day); number++ {
			p, ok := NewCompany("acme", 3, 400, 60).Person(number, day)
			want, listed := seen[number]
			if ok != listed || !reflect.DeepEqual(p, want) {
				t.Fatalf("day %d, number %d: %+v, %v; want %+v, %v", day, number, p, ok, want, listed)
			}
		}
	}
}

func TestAnotherSeedOrTenantIsAnotherCompany(t *testing.T) {
	t.Parallel()
	emails := map[string]bool{}
	for _, c := range []*Company{
		NewCompany("acme", 1, 50, 0), NewCompany("acme", 2, 50, 0), NewCompany("globex", 1, 50, 0),
	} {
		all := ""
		for p := range c.People(0) {
			all += strings.SplitN(p.Email, "@", 2)[0] + " "
		}
		if emails[all] {
			t.Errorf("two companies have the same people")
		}
		emails[all] = true
	}
}

func TestEveryPersonIsValid(t *testing.T) {
	t.Parallel()
	const people, day = 15_000, 20
	c := NewCompany("acme", 11, people, 0)
	everHad := map[string]int{} // email -> number, over two days: nobody takes over another's
	for _, day := range []int{0, day} {
		present := map[string]bool{}
		for p := range c.People(day) {
			present[p.Email] = true
			if owner, taken := everHad[p.Email]; taken && owner != p.Number {
				t.Fatalf("day %d: %s belongs to %d and %d", day, p.Email, owner, p.Number)
			}
			everHad[p.Email] = p.Number
			if address, err := mail.ParseAddress(p.Email); err != nil || address.Address != p.Email ||
				strings.ToLower(p.Email) != p.Email {
				t.Fatalf("email %q isn't plain", p.Email)
			}
			for field, value := range p.Fields() {
				if value != strings.Join(
					strings.Fields(value), " ",
				) || !norm.NFC.IsNormalString(value) || !utf8.ValidString(value) {
					t.Fatalf("%s %q isn't normalised", field, value)
				}
			}
			for _, required := range []string{
				p.FirstName, p.LastName, p.Email, p.ManagementLevel, p.Role, p.ExternalID,
			} {
				if required == "" {
					t.Fatalf("something required is missing: %+v", p)
				}
			}
			if (p.ManagerEmail == "") != (p.Number == 0) {
				t.Fatalf("number %d has manager %q", p.Number, p.ManagerEmail)
			}
			if !slices.IsSorted(p.Groups) || len(p.Groups) == 0 {
				t.Fatalf("groups %q", p.Groups)
			}
		}
		for p := range c.People(day) {
			if p.Number > 0 && !present[p.ManagerEmail] || p.ManagerEmail == p.Email {
				t.Fatalf("number %d has manager %q, who isn't another in the directory", p.Number, p.ManagerEmail)
			}
		}
	}
}

func TestNamesAreDiverse(t *testing.T) {
	t.Parallel()
	c := NewCompany("acme", 1, 6000, 0)
	found := map[string]bool{}
	for p := range c.People(0) {
		found["accent"] = found["accent"] || strings.ContainsAny(p.LastName, "éñüöøćş")
		found["apostrophe"] = found["apostrophe"] || strings.Contains(p.LastName, "'")
		found["apostrophe in an email"] = found["apostrophe in an email"] || strings.Contains(p.Email, "'")
		found["one word"] = found["one word"] || p.FirstName == p.LastName
		found["several words"] = found["several words"] || strings.Contains(p.LastName, " ")
		found["han"] = found["han"] || strings.ContainsAny(p.LastName, "王李张刘陈欧赵黄")
		found["hangul"] = found["hangul"] || strings.ContainsAny(p.LastName, "김이박최정강윤")
		found["kana"] = found["kana"] || strings.ContainsAny(p.FirstName, "さケ")
		found["locale "+p.Locale] = true
		found["role "+p.Role] = true
		found["written otherwise"] = found["written otherwise"] || p.Role != p.ManagementLevel
		found["no title"] = found["no title"] || p.JobTitle == ""
		found["no office"] = found["no office"] || p.Office == ""
	}
	for _, sort := range []string{
		"accent", "apostrophe", "apostrophe in an email", "one word", "several words", "han", "hangul", "kana",
		"written otherwise",
		"no title", "no office", "locale en-US", "locale fr-CA", "locale es-ES", "locale ko", "locale ja",
		"role Student", "role Intern",
		"role Analyst", "role Associate", "role Individual Contributor", "role VP", "role Executive",
	} {
		if !found[sort] {
			t.Errorf("no %s", sort)
		}
	}
}

func TestLastNamesHaveUniqueHandles(t *testing.T) {
	t.Parallel()
	owner := map[string]string{}
	for _, people := range culture.All {
		names := people.Lasts
		if len(names) == 0 {
			names = people.Firsts
		}
		for _, n := range names {
			if other, taken := owner[n.Handle]; taken || n.Handle == "" {
				t.Errorf("%q and %q share handle %q", n.Text, other, n.Handle)
			}
			owner[n.Handle] = n.Text
		}
		firsts := map[string]bool{}
		for _, n := range people.Firsts {
			if firsts[n.Handle] || n.Handle == "" {
				t.Errorf("first name %q shares handle %q", n.Text, n.Handle)
			}
			firsts[n.Handle] = true
		}
	}
}

// churnOf counts what happened between two days.
func churnOf(c *Company, from, to int) map[string]int {
	before := map[int]Person{}
	for p := range c.People(from) {
		before[p.Number] = p
	}
	count := map[string]int{}
	for p := range c.People(to) {
		old, known := before[p.Number]
		delete(before, p.Number)
		switch {
		case !known && p.Number >= c.total(from):
			count["joined"]++
			continue
		case !known:
			count["rehired"]++
			continue
		}
		a, b := old.Fields(), p.Fields()
		if maps.Equal(a, b) && slices.Equal(old.Groups, p.Groups) {
			count["same"]++
			continue
		}
		count["changed"]++
		for field := range a {
			if a[field] != b[field] {
				count[field]++
			}
		}
		if !slices.Equal(old.Groups, p.Groups) {
			count["groups"]++
		}
		if a["status"] != b["status"] {
			count["became "+b["status"]]++
		}
	}
	count["left"] = len(before)
	return count
}

func TestEveryDayOfASmallCompanyHasEveryKindOfEvent(t *testing.T) {
	t.Parallel()
	for _, people := range []int{200, 500} {
		for seed := range uint64(20) {
			count := churnOf(NewCompany("globex", seed, people, 0), 0, 1)
			for _, what := range []string{
				"joined", "left", "became active", "became inactive", "job_title", "office", "last_name", "email",
				"groups",
			} {
				if count[what] == 0 {
					t.Errorf("%d people, seed %d: nobody %s: %v", people, seed, what, count)
				}
			}
			if removals := count["left"] + count["became inactive"]; removals > 10 {
				t.Errorf(
					"%d people, seed %d: %d removals in a day, more than a guard lets pass", people, seed, removals,
				)
			}
		}
	}
}

func TestChurnMatchesTheSetting(t *testing.T) {
	t.Parallel()
	const people = 20_000
	for _, test := range []struct{ churn, low, high int }{{0, 500, 800}, {10, 150, 320}, {100, 1600, 2600}} {
		count := churnOf(NewCompany("acme", 5, people, test.churn), 0, 1)
		if total := count["changed"] + count["left"]; total < test.low || total > test.high {
			t.Errorf("churn %d: %d of %d people: %v", test.churn, total, people, count)
		}
	}
	if count := churnOf(NewCompany("acme", 5, people, -1), 0, 100); count["same"] != people || count["joined"] != 0 {
		t.Errorf("without churn something happened: %v", count)
	}
	month := churnOf(NewCompany("acme", 5, people, 0), 0, 90)
	if month["left"] < people/20 || month["joined"] < people/3 || month["email"] < people/20 {
		t.Errorf("three months: %v", month)
	}
	if back := churnOf(NewCompany("acme", 5, people, 0), 60, 90); back["rehired"] == 0 || back["became active"] == 0 {
		t.Errorf("nobody came back: %v", back)
	}
}

func TestGroupsComeAndGoAndMatchMemberships(t *testing.T) {
	t.Parallel()
	c := NewCompany("acme", 9, 3000, 0)
	names := func(day int) (names []string) {
		for _, g := range c.Groups(day) {
			names = append(names, g.Name)
		}
		return names
	}
	if slices.Contains(
		names(13), "Cohort 1",
	) || !slices.Contains(names(14), "Cohort 1") || slices.Contains(names(42), "Cohort 1") {
		t.Errorf("Cohort 1 should live from day 14 to 41")
	}
	if sorted := slices.Sorted(slices.Values(names(50))); len(slices.Compact(sorted)) != len(c.Groups(50)) {
		t.Errorf("two groups have one name: %q", sorted)
	}
	const day = 30
	v := c.on(day)
	for p := range c.People(day) {
		for _, g := range c.Groups(day) {
			if v.isIn(p.Number, v.state(p.Number), g) != slices.Contains(p.Groups, g.Name) {
				t.Fatalf("number %d and %s: the two ways to ask disagree", p.Number, g.Name)
			}
		}
	}
}

func TestAMillionPeopleTakeNoMemory(t *testing.T) {
	const people = 1_000_000
	c := NewCompany("huge", 1, people, 0)
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	count, most := 0, uint64(0)
	for range c.People(3) {
		if count++; count%250_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&during)
			most = max(most, during.HeapAlloc)
		}
	}
	if count < people*9/10 {
		t.Errorf("%d people", count)
	}
	if grown := int64(most) - int64(before.HeapAlloc); grown > 4<<20 {
		t.Errorf("a walk over %d people keeps %d bytes", count, grown)
	}
}

func BenchmarkPeople(b *testing.B) {
	c := NewCompany("huge", 1, max(b.N, 1000), 0)
	b.ReportAllocs()
	n := 0
	for range c.People(10) {
		if n++; n == b.N {
			break
		}
	}
}

func BenchmarkRow(b *testing.B) {
	c := NewCompany("huge", 1, 1000, 0)
	r := newReport(c, nil)
	p, _ := c.Person(500, 1)
	b.ReportAllocs()
	for range b.N {
		_ = r.row(p).raw()
	}
}
