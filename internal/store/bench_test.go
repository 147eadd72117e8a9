package store_test

import (
	"flag"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/postgrestest"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store"
)

// somebody is a member with texts as long as people's are.
func somebody(n int) roster.Member {
	m := roster.Member{
		ID:      roster.NewMemberID(uuid.UUID{0: 1, 6: 0x70, 8: 0x80}, n),
		Version: 1, ExternalID: fmt.Sprintf("EMP%07d", n), ExternalKind: "workday:Employee_ID",
		Known: roster.Known{Row: roster.HashBytes(fmt.Append(nil, n)), Columns: 1<<15 - 1},
	}
	m.Values = roster.Values{
		roster.FirstName: fmt.Sprint("Given", n%977), roster.LastName: fmt.Sprint("Family", n%7919),
		roster.Email:           fmt.Sprintf("given%d.family%d@acme.example.com", n%977, n),
		roster.ManagementLevel: "Individual Contributor",
		roster.Role:            "Individual Contributor", roster.JobTitle: "Senior Integration Engineer",
		roster.BusinessUnit: "Research",
		roster.JobFunction:  "Engineering", roster.PeopleManager: "no",
		roster.ManagerEmail: fmt.Sprintf("given%d.family%d@acme.example.com", n%977, n/10), roster.City: "Toronto",
		roster.Country: "Canada", roster.Office: "King Street", roster.Locale: "en-US", roster.Status: roster.Active,
	}
	return m
}

var (
	benchPeople = flag.Int("people", 100_000, "members that the benchmark applies changes to")
	benchBatch  = flag.Int("batch", 1000, "changes that it gives ApplyBatch at once")
	benchLanes  = flag.Int("lanes", 1, "batches that it applies side by side")
)

// BenchmarkApply adds members with their audit, updates, remembers and deletes them, batch by batch, and reads the
// index and all members: go test -bench Apply -people 1000000.
func BenchmarkApply(b *testing.B) {
	for name, fresh := range map[string]func(*testing.B) string{
		"sqlite":   func(b *testing.B) string { return "sqlite://" + filepath.Join(b.TempDir(), "x.db") },
		"postgres": func(b *testing.B) string { return postgrestest.Start(b).Database(b) }, // one that waits for the disk
	} {
		b.Run(name, func(b *testing.B) {
			spent := map[string]time.Duration{}
			for b.Loop() {
				s, err := store.Open(b.Context(), fresh(b))
				if err != nil {
					b.Fatal(err)
				}
				applyEverything(b, s, spent)
				if err := s.Close(); err != nil {
					b.Fatal(err)
				}
			}
			for what, time := range spent {
				b.ReportMetric(time.Seconds()/float64(b.N), what+"-s")
			}
		})
	}
}

func applyEverything(b *testing.B, s *store.Store, spent map[string]time.Duration) {
	ctx := b.Context()
	measure := func(what string, do func()) {
		began := time.Now()
		do()
		spent[what] += time.Since(began)
	}
	for generation, verb := range []plan.Verb{plan.Add, plan.Update, plan.Remember, plan.Delete} {
		measure(string(verb), func() { applyChanges(b, s, generation, verb) })
		if verb == plan.Delete {
			continue
		}
		measure("index-after-"+string(verb), func() {
			for _, err := range s.Index(ctx, "acme", time.Now(), false) {
				if err != nil {
					b.Fatal(err)
				}
			}
		})
		if verb != plan.Update {
			continue
		}
		measure("members-by-id", func() {
			for from := 0; from < *benchPeople; from += 1000 {
				ids := make([]uuid.UUID, 1000)
				for i := range ids {
					ids[i] = somebody(from + i).ID
				}
				if found, err := s.MembersByID(ctx, "acme", ids); err != nil || len(found) != len(ids) {
					b.Fatal(len(found), err)
				}
			}
		})
	}
}

func applyChanges(b *testing.B, s *store.Store, generation int, verb plan.Verb) {
	run := uuid.UUID{15: byte(generation + 1)}
	base, err := s.Claim(b.Context(), ledger.Claim{
		Tenant: "acme", Run: run, Generation: int64(generation),
		Changes: *benchPeople,
	})
	if err != nil {
		b.Fatal(err)
	}
	numbers := make(chan int)
	var lanes sync.WaitGroup
	for range *benchLanes {
		lanes.Go(func() {
			for number := range numbers {
				from := number * *benchBatch
				batch := ledger.Batch{
					Tenant: "acme", Run: run, Number: number, Base: base + int64(from),
					At: time.Now(),
				}
				for n := from; n < min(from+*benchBatch, *benchPeople); n++ {
					batch.Changes = append(batch.Changes, changed(verb, n))
				}
				applied, err := s.ApplyBatch(b.Context(), batch)
				if err != nil || len(applied.Failed) > 0 {
					b.Error(applied.Failed, err)
				}
			}
		})
	}
	for number := range (*benchPeople + *benchBatch - 1) / *benchBatch {
		numbers <- number
	}
	close(numbers)
	lanes.Wait()
}

func changed(verb plan.Verb, n int) plan.Change {
	m := somebody(n)
	c := plan.Change{Verb: verb, Member: m.ID, After: &m, Why: "test"}
	before := m
	switch verb {
	case plan.Update:
		m.Values[roster.JobTitle], m.Values[roster.City] = "Principal Integration Engineer", "Montréal"
		m.Version, c.Before = 2, &before
	case plan.Remember:
		before.Version, m.Version, c.Before = 2, 2, &before
	case plan.Delete:
		before.Version, c.Before, c.After = 2, &before, nil
	}
	return c
}
