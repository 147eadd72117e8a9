package simulator

import (
	"sync"
	"time"
)

// Served counts requests.
type Served struct {
	Requests int `json:"requests"` // all requests
	Refused  int `json:"refused"`  // requests with status 401 or 429
	Faulty   int `json:"faulty"`   // requests hit by a fault
	MaxRate  int `json:"max_rate"` // most requests within a second
	MaxOpen  int `json:"max_open"` // most concurrent requests
}

// Served returns the counts of one endpoint of a tenant, or of all endpoints for "".
func (s *Simulator) Served(tenant, endpoint string) Served {
	t := s.tenant(tenant)
	t.counters.mu.Lock()
	defer t.counters.mu.Unlock()
	if c := t.counters.byEndpoint[endpoint]; c != nil {
		return c.Served
	}
	return Served{}
}

// counters counts requests by endpoint.
type counters struct {
	mu         sync.Mutex
	byEndpoint map[string]*counter
}

type counter struct {
	Served
	open   int
	recent []time.Time // times of the requests of the last second
}

// endpointsOf returns the names of the counters of an endpoint.
func endpointsOf(endpoint string, kind Kind) []string {
	if kind == WorkOS && (endpoint == Users || endpoint == Memberships) {
		return []string{"", endpoint, DirectoryUsers}
	}
	return []string{"", endpoint}
}

func (cs *counters) each(names []string, do func(*counter)) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.byEndpoint == nil {
		cs.byEndpoint = map[string]*counter{}
	}
	for _, name := range names {
		if cs.byEndpoint[name] == nil {
			cs.byEndpoint[name] = &counter{}
		}
		do(cs.byEndpoint[name])
	}
}

func (c *counter) begin(now time.Time) {
	c.Requests++
	c.open++
	c.MaxOpen = max(c.MaxOpen, c.open)
	c.recent = append(after(c.recent, now.Add(-time.Second)), now)
	c.MaxRate = max(c.MaxRate, len(c.recent))
}

func after(times []time.Time, from time.Time) []time.Time {
	for len(times) > 0 && !times[0].After(from) {
		times = times[1:]
	}
	return times
}

// rateLimit allows a number of requests in any second.
type rateLimit struct {
	rate   int
	mu     sync.Mutex
	recent []time.Time
}

// workOSRate is WorkOS's limit on /directory_users, for each directory.
const workOSRate = 4

// tolerance shortens the second, because network delays vary: a client at the exact rate must not be refused.
const tolerance = 50 * time.Millisecond

func newRateLimit(rate int) *rateLimit {
	if rate == 0 {
		rate = workOSRate
	}
	return &rateLimit{rate: rate}
}

func (w *rateLimit) allow(now time.Time) bool {
	if w.rate < 0 {
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.recent = after(w.recent, now.Add(tolerance-time.Second))
	if len(w.recent) >= w.rate {
		return false
	}
	w.recent = append(w.recent, now)
	return true
}
