package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"
)

// faultRequest is the JSON form of a Fault.
type faultRequest struct {
	Tenant     string          `json:"tenant"`
	Endpoint   string          `json:"endpoint"`
	Kind       FaultKind       `json:"kind"`
	Skip       int             `json:"skip"`
	Times      int             `json:"times"`
	Status     int             `json:"status"`
	RetryAfter int             `json:"retry_after"`
	Body       string          `json:"body"`
	Bytes      int             `json:"bytes"`
	Delay      string          `json:"delay"` // such as "1.5s"
	State      string          `json:"state"`
	Column     string          `json:"column"`
	Value      json.RawMessage `json:"value"`
	Person     int             `json:"person"`
	Percent    int             `json:"percent"`
}

func (q faultRequest) fault() (Fault, error) {
	var delay time.Duration
	if q.Delay != "" {
		var err error
		if delay, err = time.ParseDuration(q.Delay); err != nil {
			return Fault{}, fmt.Errorf("delay: %w", err)
		}
	}
	return Fault{
		Tenant: q.Tenant, Endpoint: q.Endpoint, Kind: q.Kind, Skip: q.Skip, Times: q.Times, Status: q.Status,
		RetryAfter: q.RetryAfter, Body: q.Body, Bytes: q.Bytes, Delay: delay, State: q.State, Column: q.Column,
		Value: q.Value, Person: q.Person, Percent: q.Percent,
	}, nil
}

// control serves the control API: days, faults, counters, and the people and groups that the directory shows.
func (s *Simulator) control(mux *http.ServeMux) {
	mux.HandleFunc("GET /control/tenants", func(w http.ResponseWriter, _ *http.Request) {
		all := []Access{}
		for _, id := range s.Tenants() {
			all = append(all, s.Access(id))
		}
		writeJSON(w, all)
	})
	mux.HandleFunc("POST /control/day", s.controlDay)
	mux.HandleFunc("POST /control/fault", s.controlFault)
	mux.HandleFunc("DELETE /control/fault", func(w http.ResponseWriter, r *http.Request) {
		s.Clear(r.FormValue("tenant"))
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /control/served", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, s.allServed()) })
	mux.HandleFunc("GET /control/people", func(w http.ResponseWriter, r *http.Request) {
		if s.checkTenant(w, r.FormValue("tenant")) {
			writePeople(w, s.Shown(r.FormValue("tenant")))
		}
	})
	mux.HandleFunc("GET /control/groups", func(w http.ResponseWriter, r *http.Request) {
		if s.checkTenant(w, r.FormValue("tenant")) {
			writeJSON(w, s.ExpectedGroups(r.FormValue("tenant")))
		}
	})
}

// controlDay sets or advances the day.
func (s *Simulator) controlDay(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Tenant  string `json:"tenant"`
		Day     *int   `json:"day"`
		Advance int    `json:"advance"`
	}
	if !readJSON(w, r, &q) || q.Tenant != "" && !s.checkTenant(w, q.Tenant) {
		return
	}
	if q.Day != nil {
		s.SetDay(q.Tenant, *q.Day)
	}
	s.Advance(q.Tenant, q.Advance)
	days := map[string]int{}
	for _, t := range s.selected(q.Tenant) {
		days[t.ID] = t.today()
	}
	writeJSON(w, days)
}

func (s *Simulator) controlFault(w http.ResponseWriter, r *http.Request) {
	var q faultRequest
	if !readJSON(w, r, &q) {
		return
	}
	f, err := q.fault()
	var id int
	if err == nil {
		id, err = s.inject(f)
	}
	if err != nil {
		writeError(w, http.StatusUnprocessableEntity, err)
		return
	}
	writeJSON(w, map[string]int{"id": id})
}

// allServed returns the counters by tenant and endpoint.
func (s *Simulator) allServed() map[string]map[string]Served {
	all := map[string]map[string]Served{}
	for id, t := range s.tenants {
		all[id] = map[string]Served{}
		t.counters.mu.Lock()
		for endpoint, c := range t.counters.byEndpoint {
			all[id][endpoint] = c.Served
		}
		t.counters.mu.Unlock()
	}
	return all
}

func (s *Simulator) checkTenant(w http.ResponseWriter, tenant string) bool {
	if s.tenants[tenant] != nil {
		return true
	}
	writeError(w, http.StatusNotFound, fmt.Errorf("no tenant %q", tenant))
	return false
}

func readJSON(w http.ResponseWriter, r *http.Request, into any) bool {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		writeError(w, http.StatusBadRequest, errors.New("invalid body: "+err.Error()))
		return false
	}
	return true
}

func writeError(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": err.Error()}) // an error is the client's
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value) // an error is the client's
}

func writePeople(w http.ResponseWriter, people iter.Seq[Person]) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for p := range people {
		if encoder.Encode(p) != nil {
			return
		}
	}
}
