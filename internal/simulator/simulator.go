package simulator

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Kind is the service that serves a tenant's directory.
type Kind string

// The kinds of service.
const (
	Workday Kind = "workday"
	WorkOS  Kind = "workos"
)

// Tenant configures one company and how it is served.
type Tenant struct {
	ID           string
	Kind         Kind
	People       int    // number of people on day 0
	Seed         uint64 // any number, including 0
	Churn        int    // people with an event per day, per mille; see NewCompany
	Day          int    // first day
	Rate         int    // WorkOS: requests per second on /directory_users; 0: 4, as at WorkOS; negative: no limit
	KeepInactive bool   // WorkOS: inactive people are listed; by default they are not
	UserGroups   bool   // WorkOS: users have their groups; by default, as for new teams, an empty list
	// Columns overrides the names of Workday's report columns, by field. "A.B" is B in objects under A.
	Columns map[string]string

	now func() time.Time // nil: time.Now; tests of rates stop the clock, because a busy machine takes its time
}

// Access holds the addresses and credentials of a tenant's directory.
type Access struct {
	Tenant    string `json:"tenant"`
	Kind      Kind   `json:"kind"`
	Users     string `json:"users,omitempty"` // URL of the report
	Groups    string `json:"groups,omitempty"`
	Username  string `json:"username,omitempty"`
	Password  string `json:"password,omitempty"`
	Directory string `json:"directory,omitempty"`
	APIKey    string `json:"api_key,omitempty"`
	BaseURL   string `json:"base_url,omitempty"`
}

// Simulator serves tenants over HTTP. It is safe for concurrent use.
type Simulator struct {
	url     string
	tenants map[string]*tenant
	faults  injector
	server  *http.Server
	stop    context.CancelFunc
	served  sync.WaitGroup
}

// tenant is the running state of a Tenant.
type tenant struct {
	Tenant
	company   *Company
	report    *report
	directory string // id of the WorkOS directory
	limit     *rateLimit
	counters  counters
	oauth     oauth

	mu         sync.Mutex
	day        int
	statistics map[int]statistics // cache, by day
}

// Listen serves tenants at an address such as "127.0.0.1:0" until Close. It fails if a tenant is invalid or it can't
// listen.
func Listen(address string, tenants ...Tenant) (*Simulator, error) {
	s := &Simulator{tenants: map[string]*tenant{}}
	for _, t := range tenants {
		if err := s.add(t); err != nil {
			return nil, err
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		stop()
		return nil, fmt.Errorf("listen: %w", err)
	}
	s.url, s.stop = "http://"+listener.Addr().String(), stop
	s.server = &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	s.served.Go(func() { _ = s.server.Serve(listener) }) // always ErrServerClosed
	return s, nil
}

func (s *Simulator) add(t Tenant) error {
	switch {
	case t.ID == "":
		return errors.New("a tenant needs an id")
	case s.tenants[t.ID] != nil:
		return fmt.Errorf("duplicate tenant %s", t.ID)
	case t.Kind != Workday && t.Kind != WorkOS:
		return fmt.Errorf("tenant %s: kind %q is neither workday nor workos", t.ID, t.Kind)
	case t.People < 0 || t.Day < 0:
		return fmt.Errorf("tenant %s: people and day can't be negative", t.ID)
	}
	company := NewCompany(t.ID, t.Seed, t.People, t.Churn)
	columns := t.Columns
	if t.Kind == WorkOS {
		columns = attributeNames
	}
	if t.now == nil {
		t.now = time.Now
	}
	made := &tenant{
		Tenant: t, company: company, report: newReport(company, columns), day: t.Day, statistics: map[int]statistics{},
		limit: newRateLimit(t.Rate), directory: objectID(company, "directory", dayZero, directoryNumber),
	}
	s.tenants[t.ID] = made
	return nil
}

// TB is the part of testing.TB that Start needs.
type TB interface {
	Helper()
	Fatal(args ...any)
	Cleanup(f func())
}

// Start serves tenants on a free port of 127.0.0.1 until the test ends.
func Start(t TB, tenants ...Tenant) *Simulator {
	t.Helper()
	s, err := Listen("127.0.0.1:0", tenants...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// Close stops the server and cancels open requests.
func (s *Simulator) Close() error {
	s.stop()
	err := s.server.Close()
	s.served.Wait()
	return err
}

// URL returns the server's base URL without a trailing slash. It is the WORKOS_BASE_URL of WorkOS tenants.
func (s *Simulator) URL() string { return s.url }

// Access returns the addresses and credentials of a tenant's directory. It panics if there is no such tenant, like all
// methods with a tenant parameter.
func (s *Simulator) Access(tenant string) Access {
	t := s.tenant(tenant)
	a := Access{Tenant: t.ID, Kind: t.Kind}
	if t.Kind == WorkOS {
		a.Directory, a.APIKey, a.BaseURL = t.directory, t.apiKey(), s.url
		return a
	}
	a.Users, a.Groups = s.url+t.reportPath(usersReport)+"?format=json", s.url+t.reportPath(groupsReport)+"?format=json"
	a.Username, a.Password = reportUser, t.password()
	return a
}

// Tenants returns the tenants' ids, sorted.
func (s *Simulator) Tenants() []string { return slices.Sorted(maps.Keys(s.tenants)) }

// Company returns a tenant's company.
func (s *Simulator) Company(tenant string) *Company { return s.tenant(tenant).company }

// Day returns the current day of a tenant.
func (s *Simulator) Day(tenant string) int { return s.tenant(tenant).today() }

// SetDay sets the day of a tenant, or of all tenants for "". The day may be earlier than the current one.
func (s *Simulator) SetDay(tenant string, day int) {
	for _, t := range s.selected(tenant) {
		t.move(func(int) int { return day })
	}
}

// Advance adds days to the day of a tenant, or of all tenants for "".
func (s *Simulator) Advance(tenant string, days int) {
	for _, t := range s.selected(tenant) {
		t.move(func(day int) int { return day + days })
	}
}

// Expected yields the people in a tenant's directory today, without faults. Inactive people are missing if WorkOS omits
// them.
func (s *Simulator) Expected(tenant string) iter.Seq[Person] {
	t := s.tenant(tenant)
	day := t.today()
	return func(yield func(Person) bool) {
		for p := range t.company.People(day) {
			if t.shows(p) && !yield(p) {
				return
			}
		}
	}
}

// Shown yields the people of Expected whom no RemovePeople fault hides.
func (s *Simulator) Shown(tenant string) iter.Seq[Person] {
	hidden, company := s.faults.standing(tenant), s.Company(tenant)
	return func(yield func(Person) bool) {
		for p := range s.Expected(tenant) {
			if !hidden.removes(company, p.Number) && !yield(p) {
				return
			}
		}
	}
}

// ExpectedGroups returns the groups in a tenant's directory today.
func (s *Simulator) ExpectedGroups(tenant string) []Group {
	t := s.tenant(tenant)
	return t.company.Groups(t.today())
}

// tenant returns a tenant that was passed to Listen.
func (s *Simulator) tenant(id string) *tenant {
	if t := s.tenants[id]; t != nil {
		return t
	}
	panic(fmt.Sprintf("simulator: no tenant %q", id))
}

func (s *Simulator) selected(id string) []*tenant {
	if id != "" {
		return []*tenant{s.tenant(id)}
	}
	return slices.Collect(maps.Values(s.tenants))
}

func (t *tenant) today() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.day
}

func (t *tenant) move(to func(day int) int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.day = max(to(t.day), 0)
}

// shows reports whether the directory includes a person.
func (t *tenant) shows(p Person) bool {
	return t.Kind == Workday || t.KeepInactive || p.Status == "active"
}

// secret returns a credential that depends only on the tenant.
func (t *tenant) secret(which int) string {
	return fmt.Sprintf("%016x", t.company.draw(drawSecret, which, 0))
}
