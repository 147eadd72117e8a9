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

// Kind is the service by which a tenant's directory is read.
type Kind string

// The kinds.
const (
	Workday Kind = "workday"
	WorkOS  Kind = "workos"
)

// Tenant is one company and how it is served.
type Tenant struct {
	ID           string
	Kind         Kind
	People       int               // founders; there on day 0
	Seed         uint64            // 0 is a seed like any other
	Churn        int               // per mille a day: see NewCompany
	Day          int               // the day to begin with
	Rate         int               // WorkOS: requests a second on /directory_users; 0: 4, as WorkOS has; negative: no limit
	KeepInactive bool              // WorkOS: inactive people are listed as inactive; else, as by default, they are gone
	UserGroups   bool              // WorkOS: users carry their groups; else, as for new teams, an empty list
	Columns      map[string]string // Workday: report columns by field, where not the usual ones; "A.B" is B in objects under A
}

// Access is what it takes to read a tenant's directory.
type Access struct {
	Tenant    string `json:"tenant"`
	Kind      Kind   `json:"kind"`
	Users     string `json:"users,omitempty"` // the reports' addresses
	Groups    string `json:"groups,omitempty"`
	Username  string `json:"username,omitempty"`
	Password  string `json:"password,omitempty"`
	Directory string `json:"directory,omitempty"`
	APIKey    string `json:"api_key,omitempty"`
	BaseURL   string `json:"base_url,omitempty"`
}

// Simulator serves tenants over HTTP. All its methods may be called at any time from any goroutine.
type Simulator struct {
	url     string
	tenants map[string]*tenant
	faults  injector
	server  *http.Server
	stop    context.CancelFunc
	served  sync.WaitGroup
}

// tenant is a Tenant at work.
type tenant struct {
	Tenant
	company   *Company
	report    *report
	directory string // its id at WorkOS
	limit     *rateLimit
	counters  counters

	mu      sync.Mutex
	day     int
	statistics map[int]statistics // of days for which they were asked
}

// Listen serves tenants at an address such as "127.0.0.1:0", until Close.
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
	s.served.Go(func() { _ = s.server.Serve(listener) }) // ends with ErrServerClosed; there is nothing else to say
	return s, nil
}

func (s *Simulator) add(t Tenant) error {
	switch {
	case t.ID == "":
		return errors.New("a tenant needs an id")
	case s.tenants[t.ID] != nil:
		return fmt.Errorf("tenant %s is there twice", t.ID)
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

// Start serves tenants on a free port of this machine until the test ends.
func Start(t TB, tenants ...Tenant) *Simulator {
	t.Helper()
	s, err := Listen("127.0.0.1:0", tenants...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// Close ends all requests at once and stops serving.
func (s *Simulator) Close() error {
	s.stop()
	err := s.server.Close()
	s.served.Wait()
	return err
}

// URL is where it serves, without a slash at the end; WORKOS_BASE_URL for WorkOS tenants.
func (s *Simulator) URL() string { return s.url }

// Access is how to read a tenant's directory.
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

// Tenants are the tenants' ids, sorted.
func (s *Simulator) Tenants() []string { return slices.Sorted(maps.Keys(s.tenants)) }

// Company is a tenant's company.
func (s *Simulator) Company(tenant string) *Company { return s.tenant(tenant).company }

// Day is the day that a tenant's directory shows.
func (s *Simulator) Day(tenant string) int { return s.tenant(tenant).today() }

// SetDay goes to a day, of one tenant or, for "", of all; back too.
func (s *Simulator) SetDay(tenant string, day int) {
	for _, t := range s.selected(tenant) {
		t.move(func(int) int { return day })
	}
}

// Advance lets days pass, for one tenant or, for "", for all.
func (s *Simulator) Advance(tenant string, days int) {
	for _, t := range s.selected(tenant) {
		t.move(func(day int) int { return day + days })
	}
}

// Expected is the truth about all whom a tenant's directory shows today: without the inactive ones where WorkOS leaves
// them out. Faults change nothing in it.
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

// ExpectedGroups are the groups that a tenant's directory shows today.
func (s *Simulator) ExpectedGroups(tenant string) []Group {
	t := s.tenant(tenant)
	return t.company.Groups(t.today())
}

// tenant finds a tenant that must be there: the caller named it in Listen.
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

// shows tells whether a person of the company stands in the directory.
func (t *tenant) shows(p Person) bool {
	return t.Kind == Workday || t.KeepInactive || p.Status == "active"
}

// secret is a credential that depends on the tenant only.
func (t *tenant) secret(which int) string {
	return fmt.Sprintf("%016x", t.company.draw(drawSecret, which, 0))
}
