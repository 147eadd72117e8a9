package store_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/postgrestest"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/store/storetest"
)

// claimOf claims a tenant for its n-th run.
func claimOf(t *testing.T, s *store.Store, n, changes int) (uuid.UUID, int64) {
	t.Helper()
	r := uuid.UUID{15: byte(n)}
	base, err := s.Claim(t.Context(), ledger.Claim{Tenant: "acme", Run: r, Generation: int64(n - 1), Changes: changes})
	if err != nil {
		t.Fatal(err)
	}
	return r, base
}

// batchesOf cuts changes into batches of size.
func batchesOf(r uuid.UUID, base int64, changes []plan.Change, size int) (batches []ledger.Batch) {
	for part := range slices.Chunk(changes, size) {
		batches = append(batches, ledger.Batch{
			Tenant: "acme", Run: r, Number: len(batches), Base: base, At: time.Unix(1, 0), Changes: part,
		})
		base += int64(len(part))
	}
	return batches
}

func changesOf(verb plan.Verb, people int) (changes []plan.Change) {
	for n := range people {
		changes = append(changes, changed(verb, n))
	}
	return changes
}

// everyNumberOnce checks that the audit has the numbers from 1 to last, and the tenant as many members as said.
func everyNumberOnce(t *testing.T, s *store.Store, last int64, members int) {
	t.Helper()
	var seq int64
	for c, err := range s.Changes(t.Context(), "acme", 0, 0) {
		if seq++; err != nil || c.Seq != seq {
			t.Fatalf("at %d: %+v, %v", seq, c, err)
		}
	}
	count := 0
	for _, err := range s.Members(t.Context(), "acme") {
		if count++; err != nil {
			t.Fatal(err)
		}
	}
	if seq != last || count != members {
		t.Errorf("%d changes, want %d; %d members, want %d", seq, last, count, members)
	}
}

// Two workers go on applying while the server crashes twice and comes back.
func TestApplyResumesAfterADatabaseOutage(t *testing.T) {
	t.Parallel()
	own := postgrestest.Start(t)
	database := own.Database(t)
	first, second := openURL(t, database), openURL(t, database)
	const people = 6000
	r, base := claimOf(t, first, 1, people)
	var applied, failed atomic.Int64
	all := batchesOf(r, base, changesOf(plan.Add, people), 50)
	batches := make(chan ledger.Batch, len(all)) // all of them, so that nobody is idle when the server crashes
	for _, b := range all {
		batches <- b
	}
	close(batches)
	var workers sync.WaitGroup
	for _, s := range []*store.Store{first, second, first, second} {
		workers.Go(func() {
			for b := range batches {
				for { // as Temporal does with what isn't final
					done, err := s.ApplyBatch(t.Context(), b)
					if err == nil && (len(done.Failed) > 0 || done.Counts != run.ChangeCounts{Added: len(b.Changes)}) {
						t.Errorf("batch %d: %+v", b.Number, done)
					}
					if err == nil {
						applied.Add(1)
						break
					}
					if errors.Is(err, ledger.ErrSuperseded) || errors.Is(err, ledger.ErrNotFound) ||
						t.Context().Err() != nil {
						t.Error(err)
						return
					}
					failed.Add(1)
					time.Sleep(10 * time.Millisecond)
				}
			}
		})
	}
	for _, after := range []int{len(all) / 6, len(all) / 3} {
		for applied.Load() < int64(after) {
			time.Sleep(time.Millisecond)
		}
		if err := own.Halt(); err != nil {
			t.Fatal(err)
		}
		for before := failed.Load(); failed.Load() < before+4 && applied.Load() < int64(len(all)); {
			time.Sleep(time.Millisecond)
		}
		if err := own.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	workers.Wait()
	if failed.Load() < 8 {
		t.Errorf("%d attempts met a server that was down", failed.Load())
	}
	everyNumberOnce(t, first, people, people)
	t.Logf("%d batches, %d attempts failed", applied.Load(), failed.Load())
}

func TestTwoStoresApplyConcurrently(t *testing.T) {
	t.Parallel()
	const people, size = 4000, 200
	database := server.Database(t)
	stores := []*store.Store{openURL(t, database), openURL(t, database)}
	for n, verb := range []plan.Verb{plan.Add, plan.Update, plan.Remember, plan.Delete} {
		r, base := claimOf(t, stores[n%2], n+1, people)
		all := batchesOf(r, base, changesOf(verb, people), size)
		rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		var lanes sync.WaitGroup
		for lane := range 4 {
			lanes.Go(func() {
				for i := lane; i < len(all); i += 4 {
					for _, s := range stores { // each batch is applied by both
						if applied, err := s.ApplyBatch(t.Context(), all[i]); err != nil || len(applied.Failed) > 0 {
							t.Errorf("%s: %v, %v", verb, applied.Failed, err)
						}
					}
				}
			})
		}
		lanes.Wait()
	}
	count := 0
	for c, err := range stores[0].Changes(t.Context(), "acme", 0, 0) {
		if count++; err != nil {
			t.Fatal(c, err)
		}
	}
	if count != 3*people {
		t.Errorf("%d changes", count)
	}
}

// Batches that change the same members, in opposite orders, from the same version: each member is changed once, and
// neither waits for the other.
func TestTwoBatchesThatChangeTheSameMembersChangeEachOnce(t *testing.T) {
	t.Parallel()
	const people = 300
	database := server.Database(t)
	stores := []*store.Store{openURL(t, database), openURL(t, database)}
	r, base := claimOf(t, stores[0], 1, people)
	if _, err := stores[0].ApplyBatch(t.Context(), batchesOf(r, base, changesOf(plan.Add, people),
		people)[0]); err != nil {
		t.Fatal(err)
	}
	const lanes = 6
	r, base = claimOf(t, stores[0], 2, lanes*people)
	var updated, moved atomic.Int64
	var all sync.WaitGroup
	for lane := range lanes {
		changes := changesOf(plan.Update, people)
		if lane%2 == 1 {
			slices.Reverse(changes)
		}
		all.Go(func() {
			applied, err := stores[lane%2].ApplyBatch(t.Context(), ledger.Batch{
				Tenant: "acme", Run: r, Number: lane, Base: base + int64(lane*people), At: time.Unix(1, 0),
				Changes: changes,
			})
			if err != nil {
				t.Error(err)
			}
			updated.Add(int64(applied.Counts.Updated))
			moved.Add(int64(len(applied.Failed)))
		})
	}
	all.Wait()
	if updated.Load() != people || moved.Load() != (lanes-1)*people {
		t.Errorf("%d updated, %d moved", updated.Load(), moved.Load())
	}
}

// A batch under way keeps others from claiming the tenant; one that comes after is refused: none is applied in between.
func TestNoBatchIsAppliedAfterAnotherRunHasClaimed(t *testing.T) {
	t.Parallel()
	const people, size = 10_000, 20
	database := server.Database(t)
	first, second := openURL(t, database), openURL(t, database)
	r, base := claimOf(t, first, 1, people)
	all := batchesOf(r, base, changesOf(plan.Add, people), size)
	var claimed atomic.Bool
	var lanes sync.WaitGroup
	var done, refused atomic.Int64
	claiming := make(chan struct{})
	for lane := range 3 {
		lanes.Go(func() {
			for i := lane; i < len(all); i += 3 {
				if i > len(all)/2 {
					<-claiming // else a loaded machine may have applied all of them by then
				}
				late := claimed.Load()
				_, err := first.ApplyBatch(t.Context(), all[i])
				switch {
				case err == nil && !late:
					done.Add(1)
				case errors.Is(err, ledger.ErrSuperseded):
					refused.Add(1)
				default:
					t.Errorf("late %v: %v", late, err)
				}
			}
		})
	}
	for done.Load() < 10 {
		time.Sleep(time.Millisecond)
	}
	close(claiming)
	claimOf(t, second, 2, 1)
	claimed.Store(true)
	count := 0
	for _, err := range second.Members(t.Context(), "acme") {
		if count++; err != nil {
			t.Fatal(err)
		}
	}
	lanes.Wait()
	if int64(count) != size*done.Load() || refused.Load() == 0 {
		t.Errorf("%d members when the other had claimed, %d batches done, %d refused", count, done.Load(),
			refused.Load())
	}
}

func TestARecordThatPostgresRefusesFailsAlone(t *testing.T) {
	t.Parallel()
	s := openURL(t, server.Database(t))
	const people = 100
	changes := changesOf(plan.Add, people)
	for n, spoil := range map[int]func(*roster.Member){
		7:  func(m *roster.Member) { m.Values[roster.City] = "a\x00b" },
		40: func(m *roster.Member) { m.Values[roster.JobTitle] = "\xff" },
		41: func(m *roster.Member) { m.Values[roster.Status] = "on leave" },
		99: func(m *roster.Member) { m.Values[roster.PeopleManager] = "perhaps" },
	} {
		spoil(changes[n].After)
	}
	r, base := claimOf(t, s, 1, people)
	applied, err := s.ApplyBatch(t.Context(), batchesOf(r, base, changes, people)[0])
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, f := range applied.Failed {
		codes = append(codes, string(f.Code))
	}
	if got := strings.Join(codes, " "); got != "bad_text bad_text refused refused" || applied.Counts.Added != people-4 {
		t.Errorf("%s, %+v", got, applied.Counts)
	}
}

// One connection for writing is enough, whatever is read meanwhile.
func TestAReaderNeverWaitsForAConnection(t *testing.T) {
	t.Parallel()
	s := openURL(t, with(t, server.Database(t), "pool_max_conns", "1"))
	r, base := claimOf(t, s, 1, 40)
	if _, err := s.ApplyBatch(t.Context(), batchesOf(r, base, changesOf(plan.Add, 40), 40)[0]); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for m, err := range s.Members(ctx, "acme") {
				if err != nil {
					t.Error(err)
					return
				}
				for _, err := range s.Index(ctx, "acme", time.Now(), false) {
					if err != nil {
						t.Error(err)
						return
					}
					break
				}
				if _, err := s.PutTenant(ctx, store.Tenant{ID: m.ID.String()}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	readers.Wait()
}

// with is a URL with one more parameter.
func with(t *testing.T, database, name, value string) string {
	t.Helper()
	parsed, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	query := parsed.Query()
	query.Set(name, value)
	parsed.RawQuery = query.Encode()
	return parsed.String()
}

func execute(t *testing.T, database string, statements ...string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // also when the test is over
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
}

// Lanes claim a tenant for their run all at once. Those that find the claim made go on at once, though batches of the
// first, of which one follows the other, hold the tenant.
func TestAnExistingClaimDoesNotWaitForBatches(t *testing.T) {
	t.Parallel()
	database := server.Database(t)
	s := openURL(t, database)
	r, err := storetest.BeginRun(t.Context(), s, run.Run{
		ID: uuid.UUID{15: 1}, Tenant: "acme", Workflow: "w",
		Execution: "e",
	})
	if err != nil {
		t.Fatal(err)
	}
	first, batch := connect(t, database), connect(t, database)
	do := func(conn *pgx.Conn, statement string, args ...any) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	do(first, `INSERT INTO states (tenant, generation, claim_run, last_seq, digest, rules, bindings, compared_at, complete, indexed)
		VALUES ('acme', 1, $1, 1, '', '', '', 0, false, false)`, r.ID)
	do(first, `BEGIN`)
	do(first, `SELECT 1 FROM runs WHERE id = $1 FOR UPDATE`, r.ID)
	claimed := make(chan error, 1)
	go func() {
		_, err := s.Claim(t.Context(), ledger.Claim{Tenant: "acme", Run: r.ID, Plan: "plan", Changes: 1, Batches: 1})
		claimed <- err
	}()
	for waiting := 0; waiting == 0; time.Sleep(time.Millisecond) {
		if err := first.QueryRow(t.Context(), `SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN
			(SELECT pid FROM pg_stat_activity WHERE datname = current_database())`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	do(first, `INSERT INTO claims (tenant, run, plan, generation, base, changes, batches, closed)
		VALUES ('acme', $1, 'plan', 0, 0, 1, 1, false)`, r.ID)
	do(batch, `BEGIN`)
	do(batch, `SELECT 1 FROM states WHERE tenant = 'acme' FOR SHARE`)
	do(first, `COMMIT`)
	if err := <-claimed; err != nil {
		t.Fatal(err)
	}
	do(batch, `ROLLBACK`)
}

func connect(t *testing.T, database string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) }) // nothing of it is needed
	return conn
}
