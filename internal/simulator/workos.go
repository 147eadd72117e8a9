package simulator

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// crockford are the digits of ids: Crockford's base 32.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// directoryNumber is the number in the ids of objects that exist once.
const directoryNumber = 0

// objectID returns an id in WorkOS's format: a prefix, ten digits of time, nine random digits, and seven digits that
// encode number.
func objectID(c *Company, prefix string, created time.Time, number int) string {
	digits := make([]byte, 26)
	put := func(value uint64, from, to int) {
		for i := to - 1; i >= from; i-- {
			digits[i] = crockford[value%32]
			value /= 32
		}
	}
	put(uint64(created.UnixMilli()), 0, 10)
	put(c.draw(drawID, number, len(prefix)), 10, 19)
	put(uint64(number), 19, 26)
	return prefix + "_" + string(digits)
}

// numberOf returns the number in an id. The caller checks the id by generating it again.
func numberOf(id string) int {
	number := 0
	for _, digit := range id[max(0, len(id)-7):] {
		number = number<<5 | max(0, strings.IndexRune(crockford, digit))
	}
	return number
}

func (t *tenant) userID(number int) string {
	return objectID(t.company, "directory_user", t.company.joined(number), number)
}

func (t *tenant) groupID(g Group) string {
	return objectID(t.company, "directory_group", g.created(), g.Number)
}

func (t *tenant) organizationID() string {
	return objectID(t.company, "org", dayZero.AddDate(-1, 0, 0), directoryNumber)
}

func (t *tenant) apiKey() string { return "sk_test_" + t.secret(1) }

// joined returns the creation time of a person's record. It grows with the number.
func (c *Company) joined(number int) time.Time {
	if number < c.founders {
		return dayZero.Add(time.Duration(number-c.founders) * time.Second)
	}
	day := c.hired(number)
	return dayZero.AddDate(0, 0, day).Add(time.Duration(number-c.total(day-1)) * time.Millisecond)
}

func (g Group) created() time.Time {
	if g.since > 0 {
		return dayZero.AddDate(0, 0, g.since)
	}
	return dayZero.AddDate(-1, 0, 0).Add(time.Duration(g.Number) * time.Second)
}

func timestamp(at time.Time) []byte { return text(at.UTC().Format("2006-01-02T15:04:05.000Z")) }

// tenantOf returns the tenant of a request's API key, or else the tenant of the directory that it names, or nil.
func (s *Simulator) tenantOf(r *http.Request) (t *tenant, authorized bool) {
	key, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	for _, t := range s.tenants {
		if t.Kind == WorkOS && bearer && equal(key, t.apiKey()) {
			return t, true
		}
	}
	for _, t := range s.tenants {
		if t.Kind == WorkOS && (r.FormValue("directory") == t.directory || r.PathValue("id") == t.directory) {
			return t, false
		}
	}
	return nil, false
}

// workos does what all endpoints of WorkOS have in common.
func (s *Simulator) workos(
	w http.ResponseWriter, r *http.Request, endpoint string, answer func(t *tenant, w *faultyWriter),
) {
	w.Header().Set("X-Request-Id", "req_"+strconv.FormatUint(rand.Uint64(), 32))
	t, authorized := s.tenantOf(r)
	if t == nil {
		workosError(w, http.StatusUnauthorized)
		return
	}
	limited := endpoint == Users || endpoint == Memberships
	s.serve(w, r, t, exchange{
		endpoint: endpoint, continued: r.FormValue("after") != "",
		refuse: func(w http.ResponseWriter) bool {
			switch {
			case !authorized:
				workosError(w, http.StatusUnauthorized)
			case limited && !t.limit.allow(t.now()):
				w.Header().Set("Retry-After", "1")
				workosError(w, http.StatusTooManyRequests)
			default:
				return false
			}
			return true
		},
		errorBody: workosErrorBody,
		answer: func(w *faultyWriter) {
			if _, deleted := w.faults.find(Deleted); deleted && endpoint != Directories {
				w.answer(http.StatusNotFound, "application/json", notFound("Directory", t.directory))
				return
			}
			answer(t, w)
		},
	})
}

// workosErrorBody returns the documented body of a status: a message, or for 429 one word.
func workosErrorBody(status int) []byte {
	if status == http.StatusTooManyRequests {
		return text("Ratelimited")
	}
	return object{{"message", text(http.StatusText(status))}}.raw()
}

func notFound(what, id string) []byte {
	return object{{"message", text(fmt.Sprintf("%s not found: '%s'.", what, id))}}.raw()
}

func workosError(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(workosErrorBody(status)) // an error is the client's
}

// workosOne serves one directory, user or group.
func (s *Simulator) workosOne(endpoint string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.workos(w, r, endpoint, func(t *tenant, w *faultyWriter) {
			id := r.PathValue("id")
			found, ok := t.object(endpoint, id, w.faults)
			if !ok {
				w.answer(http.StatusNotFound, "application/json; charset=utf-8", notFound(label[endpoint], id))
				return
			}
			w.answer(http.StatusOK, "application/json; charset=utf-8", found.raw())
		})
	}
}

var label = map[string]string{Directory: "Directory", User: "Directory User", OneGroup: "Directory Group"}

func (t *tenant) object(endpoint, id string, fs faults) (object, bool) {
	day, n := t.today(), numberOf(id)
	switch endpoint {
	case Directory:
		return t.directoryObject(fs), id == t.directory
	case User:
		p, ok := t.company.Person(n, day)
		if !ok || t.userID(n) != id || !t.shows(p) || fs.removes(t.company, n) {
			return nil, false
		}
		return t.userObject(p, fs), true
	}
	g, ok := t.company.group(n, day)
	if !ok || t.groupID(g) != id {
		return nil, false
	}
	return t.groupObject(g), true
}
