package simulator

import (
	"bufio"
	"compress/gzip"
	"crypto/subtle"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// The owner and the names of the reports.
const (
	reportUser   = "ISU_10KC"
	usersReport  = "Members"
	groupsReport = "Groups"
)

func (t *tenant) reportPath(report string) string {
	return "/ccx/service/customreport2/" + t.ID + "/" + reportUser + "/" + report
}

func (t *tenant) password() string { return "wd-" + t.secret(0) }

// workday serves Workday's reports.
func (s *Simulator) workday(w http.ResponseWriter, r *http.Request) {
	t, report := s.tenants[r.PathValue("tenant")], r.PathValue("report")
	endpoint := map[string]string{usersReport: Users, groupsReport: Groups}[report]
	if t == nil || t.Kind != Workday || r.PathValue("owner") != reportUser || endpoint == "" {
		workdayError(w, http.StatusNotFound, "Not Found")
		return
	}
	s.serve(w, r, t, exchange{
		endpoint: endpoint,
		refuse: func(w http.ResponseWriter) bool {
			if user, password, _ := r.BasicAuth(); equal(user, reportUser) && equal(password, t.password()) || t.bears(r) {
				return false
			}
			w.Header().Set("WWW-Authenticate", `Basic realm="Workday"`)
			workdayError(w, http.StatusUnauthorized, "invalid username or password")
			return true
		},
		errorBody: func(status int) []byte { return object{{"error", text(http.StatusText(status))}}.raw() },
		answer: func(w *faultyWriter) {
			if r.FormValue("format") != "json" { // Workday's default format is XML
				w.answer(http.StatusOK, "text/xml; charset=utf-8", []byte(xmlFault))
				return
			}
			t.writeReport(w, r, endpoint)
		},
	})
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func workdayError(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(object{{"error", text(message)}}.raw()) // an error is the client's
}

// writeReport streams a report. It compresses the report if the client accepts that and no fault needs plain bytes.
func (t *tenant) writeReport(w *faultyWriter, r *http.Request, endpoint string) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	if w.faults.has(NoEntries) {
		w.answer(http.StatusOK, "application/json;charset=UTF-8", []byte("{}"))
		return
	}
	var out io.Writer = w
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && !w.faults.has(Short) {
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		defer func() { _ = zip.Close() }() // fails only if a write failed
		out = zip
	}
	w.WriteHeader(http.StatusOK)
	buffered := bufio.NewWriterSize(out, 1<<16)
	if err := t.writeRows(buffered, w.faults, endpoint); err == nil {
		_ = buffered.Flush() // likewise
	}
}

func (t *tenant) writeRows(w io.Writer, fs faults, endpoint string) error {
	rows := t.userRows(fs)
	if endpoint == Groups {
		rows = t.groupRows(fs)
	}
	before := `{"Report_Entry":[`
	line := make([]byte, 0, 4096)
	for row := range rows {
		line = row.append(append(line[:0], before...))
		if _, err := w.Write(line); err != nil {
			return err
		}
		before = ",\n"
	}
	end := "]}"
	if before != ",\n" {
		end = before + end
	}
	if _, err := io.WriteString(w, end); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func (t *tenant) userRows(fs faults) func(yield func(object) bool) {
	return func(yield func(object) bool) {
		v := t.company.on(t.today())
		order := identity
		if fs.has(Shuffle) {
			order = t.company.permutation(v.total)
		}
		for i := range v.total {
			number := order(i)
			p, ok := v.person(number)
			if !ok || fs.removes(t.company, number) {
				continue
			}
			for range fs.copies(number) {
				if !yield(fs.applyTo(t.report.row(p), number)) {
					return
				}
			}
		}
	}
}

func (t *tenant) groupRows(fs faults) func(yield func(object) bool) {
	return func(yield func(object) bool) {
		groups := t.company.Groups(t.today())
		order := identity
		if fs.has(Shuffle) {
			order = t.company.permutation(len(groups))
		}
		for i := range groups {
			g := groups[order(i)]
			for range fs.copies(g.Number) {
				if !yield(fs.applyTo(object{{"group_name", text(g.Name)}}, g.Number)) {
					return
				}
			}
		}
	}
}

func identity(i int) int { return i }

// permutation returns a pseudo-random one-to-one map of 0..n-1 that takes no memory: a Feistel network over the next
// power of four, repeated until the result is below n.
func (c *Company) permutation(n int) func(int) int {
	half := 1
	for 1<<(2*half) < n {
		half++
	}
	mask := 1<<half - 1
	return func(i int) int {
		for {
			left, right := i>>half, i&mask
			for round := range 4 {
				left, right = right, left^int(c.draw(drawOrder, right, round))&mask
			}
			if i = left<<half | right; i < n {
				return i
			}
		}
	}
}
