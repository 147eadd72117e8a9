package simulator

import (
	"net/http"
)

func (s *Simulator) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ccx/service/customreport2/{tenant}/{owner}/{report}", s.workday)
	mux.HandleFunc("POST /ccx/oauth2/{tenant}/token", s.token)
	mux.HandleFunc("GET /directories", s.workosList(Directories))
	mux.HandleFunc("GET /directories/{id}", s.workosOne(Directory))
	mux.HandleFunc("GET /directory_users", s.workosList(Users))
	mux.HandleFunc("GET /directory_users/{id}", s.workosOne(User))
	mux.HandleFunc("GET /directory_groups", s.workosList(Groups))
	mux.HandleFunc("GET /directory_groups/{id}", s.workosOne(OneGroup))
	s.control(mux)
	return mux
}

// exchange is the part of a request that depends on the service.
type exchange struct {
	endpoint  string
	continued bool                             // requests a page after the first
	refuse    func(w http.ResponseWriter) bool // reports whether it sent 401 or 429
	errorBody func(status int) []byte          // the body of a fault's status
	answer    func(w *faultyWriter)            // sends the response
}

// serve counts a request, checks credentials and rate, selects the faults and sends the response.
func (s *Simulator) serve(w http.ResponseWriter, r *http.Request, t *tenant, x exchange) {
	names := endpointsOf(x.endpoint, t.Kind)
	now := t.now()
	t.counters.each(names, func(c *counter) { c.begin(now) })
	defer t.counters.each(names, func(c *counter) { c.open-- })
	if x.refuse(w) {
		t.counters.each(names, func(c *counter) { c.Refused++ })
		return
	}
	fs := s.faults.take(t.ID, x.endpoint, x.continued)
	if len(fs) > 0 {
		t.counters.each(names, func(c *counter) { c.Faulty++ })
	}
	out := newFaultyWriter(r.Context(), w, fs)
	if !out.replaceAnswer(x.errorBody) {
		x.answer(out)
	}
}
