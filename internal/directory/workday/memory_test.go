package workday

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/directory"
)

// sampleRow returns a row of a user report.
func sampleRow(number int) []byte {
	return fmt.Appendf(nil,
		`{"Employee_ID":"%06d","First_Name":"Given%d","Last_Name":"Family%d","Email_-_Work":"person%d@example.com",`+
			`"CF_Management_Level":[{"Descriptor":"Individual Contributor","ID":"IC"}],"businessTitle":"Engineer %d","Business_Unit":"Consulting",`+
			`"Job_Function":"Engineering","People_Manager":"0","Manager_Email":"person%d@example.com","City":"Toronto","Country":"Canada",`+
			`"Office":"Toronto HQ","Locale":"en_US","Status":"Active","Cost_Center":"CC-%04d","FTE":1.0,"Hire_Date":"2019-04-01"}`,
		number, number, number, number, number%50, number/8, number%300)
}

// streamReport serves a report of at least size bytes without holding it in memory, and counts its rows.
func streamReport(size int, rows *int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"Report_Entry":[`)
		var piece bytes.Buffer
		for sent := 0; sent < size; sent += piece.Len() {
			piece.Reset()
			for range 200 {
				if *rows > 0 {
					piece.WriteByte(',')
				}
				*rows++
				piece.Write(sampleRow(*rows))
			}
			if _, err := w.Write(piece.Bytes()); err != nil {
				return
			}
		}
		_, _ = io.WriteString(w, `]}`)
	}
}

// Not parallel: it measures the heap of the whole process.
func TestMemoryStaysFlatOverAReportOf200MB(t *testing.T) {
	const size, allowed = 200 << 20, 16 << 20
	served := 0
	d := connect(t, streamReport(size, &served))
	heap := func() uint64 {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return stats.HeapInuse
	}
	runtime.GC()
	before, most, pages := heap(), uint64(0), 0
	sealed, err := d.Users(t.Context(), "", 1, func(directory.Page) error {
		if pages++; pages%10_000 == 0 {
			most = max(most, heap())
		}
		return nil
	})
	require.NoError(t, err)
	rows, _ := sealed.Rows()
	assert.Equal(t, served, rows)
	assert.Positive(t, most)
	assert.Less(t, most, before+allowed, "heap in use, of which %d before", before)
	t.Logf(
		"%d rows in %d pages; heap in use: %.1f MB before, at most %.1f MB", rows, pages, float64(before)/(1<<20),
		float64(most)/(1<<20),
	)
}

func BenchmarkSplit(b *testing.B) {
	var body bytes.Buffer
	body.WriteString(`{"Report_Entry":[`)
	const rows = 20000
	for n := range rows {
		if n > 0 {
			body.WriteByte(',')
		}
		body.Write(sampleRow(n))
	}
	body.WriteString(`]}`)
	b.SetBytes(int64(body.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if err := split(
			usersAt, bytes.NewReader(body.Bytes()), DefaultRowLimit, func([]byte) error { return nil },
		); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows*b.N), "ns/row")
}

func BenchmarkUsers(b *testing.B) {
	const size = 16 << 20
	rows := 0
	for name, pack := range map[string]bool{"plain": false, "gzip": true} {
		b.Run(name, func(b *testing.B) {
			d := connect(b, serveReport(b, size, pack))
			b.SetBytes(size)
			for b.Loop() {
				sealed, err := d.Users(b.Context(), "", 1, func(directory.Page) error { return nil })
				if err != nil {
					b.Fatal(err)
				}
				rows, _ = sealed.Rows()
			}
			b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// serveReport builds a report once and serves it repeatedly.
func serveReport(b *testing.B, size int, pack bool) http.HandlerFunc {
	b.Helper()
	var body bytes.Buffer
	body.WriteString(`{"Report_Entry":[`)
	for n := 0; body.Len() < size; n++ {
		if n > 0 {
			body.WriteByte(',')
		}
		body.Write(sampleRow(n))
	}
	body.WriteString(`]}`)
	sent := body.Bytes()
	if pack {
		sent = gzipText(b, body.String())
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		if pack {
			w.Header().Set("Content-Encoding", "gzip")
		}
		_, _ = w.Write(sent)
	}
}
