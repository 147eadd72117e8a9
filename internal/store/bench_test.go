package store_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/plan"
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
		roster.Email: fmt.Sprintf("given%d.family%d@acme.example.com", n%977, n), roster.ManagementLevel: "Individual Contributor",
		roster.Role: "Individual Contributor", roster.JobTitle: "Senior Integration Engineer", roster.BusinessUnit: "Research",
		roster.JobFunction: "Engineering", roster.PeopleManager: "no",
		roster.ManagerEmail: fmt.Sprintf("given%d.family%d@acme.example.com", n%977, n/10), roster.City: "Toronto",
		roster.Country: "Canada", roster.Office: "King Street", roster.Locale: "en-US", roster.Status: roster.Active,
	}
	return m
}

// BenchmarkApply adds 100,000 members with their audit, updates, remembers and deletes them, a batch of 1,000 at a
// time, and reads the index.
func BenchmarkApply(b *testing.B) {
	const people = 100_000
	ctx := b.Context()
	verbs := []plan.Verb{plan.Add, plan.Update, plan.Remember, plan.Delete}
	spent := map[plan.Verb]time.Duration{}
	var index time.Duration
	for b.Loop() {
		s, err := store.Open(ctx, "sqlite://"+filepath.Join(b.TempDir(), "x.db"))
		if err != nil {
			b.Fatal(err)
		}
		for generation, verb := range verbs {
			began := time.Now()
			run := uuid.UUID{15: byte(generation + 1)}
			base, err := s.Claim(ctx, store.Claim{Tenant: "acme", Run: run, Generation: int64(generation), Changes: people})
			if err != nil {
				b.Fatal(err)
			}
			for number := range people / 1000 {
				batch := store.Batch{Tenant: "acme", Run: run, Number: number, Base: base + int64(1000*number), At: time.Now()}
				for n := range 1000 {
					batch.Changes = append(batch.Changes, changed(verb, 1000*number+n))
				}
				applied, err := s.ApplyBatch(ctx, batch)
				if err != nil || len(applied.Failed) > 0 {
					b.Fatal(applied.Failed, err)
				}
			}
			spent[verb] += time.Since(began)
			if verb == plan.Update {
				began := time.Now()
				for _, err := range s.Index(ctx, "acme", time.Now()) {
					if err != nil {
						b.Fatal(err)
					}
				}
				index += time.Since(began)
			}
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	for _, verb := range verbs {
		b.ReportMetric(spent[verb].Seconds()/float64(b.N), string(verb)+"-s/100k")
	}
	b.ReportMetric(index.Seconds()/float64(b.N), "index-s/100k")
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
