package simulator

import (
	"net/http"
	"time"
)

func (s *Simulator) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ccx/service/customreport2/{tenant}/{owner}/{report}", s.workday)
	mux.HandleFunc("GET /directories", s.workosList(Directories))
	mux.HandleFunc("GET /directories/{id}", s.workosOne(Directory))
	mux.HandleFunc("GET /directory_users", s.workosList(Users))
	mux.HandleFunc("GET /directory_users/{id}", s.workosOne(User))
	mux.HandleFunc("GET /directory_groups", s.workosList(Groups))
	mux.HandleFunc("GET /directory_groups/{id}", s.workosOne(OneGroup))
	s.control(mux)
	return mux
}

// exchange is one request to a tenant's directory, in the parts that depend on the service.
type exchange struct {
	endpoint  string
	continued bool                             // asks for a page after another
	refuse    func(w http.ResponseWriter) bool // answers 401 or 429 and tells so
	errorBody func(status int) []byte          // the body of an error that a fault asks for
	answer    func(w *faultyWriter)                    // the answer, in which faults of the data show
}

// serve counts, refuses, deals out the faults and answers.
func (s *Simulator) serve(w http.ResponseWriter, r *http.Request, t *tenant, x exchange) {
	names := endpointsOf(x.endpoint, t.Kind)
	now := time.Now()
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
