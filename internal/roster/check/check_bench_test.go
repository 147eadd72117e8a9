package check

import (
	"fmt"
	"iter"
	"runtime"
	"testing"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

const million = 1_000_000

// millionEntries are a million members who know their rows; each has one of 100,000 managers. They come as a database has
// them that was written by two at once, and every hundredth of them later.
func millionEntries() iter.Seq2[roster.Entry, error] {
	entries, later := make([]roster.Entry, 0, million), []roster.Entry(nil)
	for at := range million {
		i := at - at%2000 + at%2000/40*20 + at%20
		if at%40 >= 20 {
			i += 1000
		}
		e := roster.Entry{
			Member: roster.NewMemberID(testRun, i), HasRow: true,
			External: benchKey(
				"id",
				i,
			), Kind: roster.Key(employeeID), Email: benchKey("email", i), Manager: benchKey("email", i/10),
		}
		if i%100 == 0 {
			later = append(later, e)
		} else {
			entries = append(entries, e)
		}
	}
	entries = append(entries, later...)
	return func(yield func(roster.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func benchKey(what string, i int) uint64 { return roster.Key(fmt.Sprint(what, i)) }

func benchUser(i int) roster.User {
	u := roster.User{Row: i + 1, ExternalID: fmt.Sprint("id", i), ExternalKind: employeeID}
	u.Values[roster.Email], u.Values[roster.ManagerEmail], u.Values[roster.Status] = fmt.Sprint(
		"email",
		i,
	), fmt.Sprint(
		"email",
		i/10,
	), roster.Active
	return u
}

// heap is how much is in use after a collection.
func heap() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

func BenchmarkIndexOfAMillion(b *testing.B) {
	entries := millionEntries()
	for b.Loop() {
		b.StopTimer()
		before := heap()
		b.StartTimer()
		ix, err := NewIndex(entries)
		b.StopTimer()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric((heap()-before)/million, "B/entry")
		runtime.KeepAlive(ix)
		b.StartTimer()
	}
}

func BenchmarkKnownOfAMillion(b *testing.B) {
	ix, err := NewIndex(millionEntries())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		ix.Known()
		ix.Fingerprint()
	}
}

// BenchmarkCensusOfAMillionKnown: one row in a hundred is new or changed.
func BenchmarkCensusOfAMillionKnown(b *testing.B) {
	ix, err := NewIndex(millionEntries())
	if err != nil {
		b.Fatal(err)
	}
	benchCensus(b, ix, func(c *Check) {
		for i := range million {
			if i%100 == 0 {
				u := benchUser(i)
				u.Values[roster.Email] = fmt.Sprint("changed", i)
				c.Add(roster.Verdict{User: u})
			} else {
				c.See(i, i+1)
			}
		}
	})
}

// BenchmarkCensusOfAMillionNew is a first sync.
func BenchmarkCensusOfAMillionNew(b *testing.B) {
	benchCensus(b, &Index{}, func(c *Check) {
		for i := range million {
			c.Add(roster.Verdict{User: benchUser(i)})
		}
	})
}

// BenchmarkCensusOfAMillionWithOneEmail is a report whose addresses were all scrambled into one.
func BenchmarkCensusOfAMillionWithOneEmail(b *testing.B) {
	benchCensus(b, &Index{}, func(c *Check) {
		for i := range million {
			u := benchUser(i)
			u.Values[roster.Email] = "test@example.com"
			u.Values[roster.ManagerEmail] = "test@example.com"
			c.Add(roster.Verdict{User: u})
		}
	})
}

// benchCensus times closing, and settling a thousand rows.
func benchCensus(b *testing.B, ix *Index, take func(*Check)) {
	b.Helper()
	for b.Loop() {
		b.StopTimer()
		before := heap()
		c := New(ix, testRun, Report{Kind: employeeID}, nil)
		take(c)
		b.StartTimer()
		f, err := c.Close(func([]uuid.UUID) ([]roster.Member, error) { return nil, nil })
		if err != nil {
			b.Fatal(err)
		}
		f.settle()
		b.StopTimer()
		b.ReportMetric((heap()-before)/million, "B/row")
		b.StartTimer()
		for i := range 1000 {
			f.Identify(benchUser(i))
		}
	}
}
