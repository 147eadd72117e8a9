package store_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/environ"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/store"
)

const (
	killBatches = 30
	killPath    = "STORE_TEST_APPLY_TO" // set: this process is the one to be killed
)

// applyAll applies all batches of a plan of 100 additions each, from the first on, as a worker does that knows nothing
// of the one before it.
func applyAll(ctx context.Context, database string) error {
	s, err := store.Open(ctx, database)
	if err != nil {
		return err
	}
	defer s.Close()
	run := uuid.UUID{15: 1}
	base, err := s.Claim(ctx, ledger.Claim{Tenant: "acme", Run: run, Changes: 100 * killBatches, Batches: killBatches})
	if err != nil {
		return err
	}
	for number := range killBatches {
		b := ledger.Batch{Tenant: "acme", Run: run, Number: number, Base: base + int64(100*number), At: time.Unix(1, 0)}
		for n := range 100 {
			b.Changes = append(b.Changes, changed(plan.Add, 100*number+n))
		}
		if _, err := s.ApplyBatch(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// The process is killed while it applies, a little later each time, until one comes through: nothing that was
// acknowledged is lost, nothing is there twice, and no batch is there in part.
func TestApplyResumesAfterItsProcessIsKilled(t *testing.T) {
	t.Parallel()
	if database := os.Getenv(killPath); database != "" {
		if err := applyAll(t.Context(), database); err != nil {
			t.Fatal(err)
		}
		return
	}
	parent := t.Name()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		killed(t, parent, "sqlite://"+filepath.Join(t.TempDir(), "x.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		killed(t, parent, server.Database(t))
	})
}

// killed kills processes that run the test of that name against the database.
func killed(t *testing.T, name, database string) {
	t.Helper()
	reader := openURL(t, database)
	killed, midway := 0, 0
	// On a loaded machine a process takes seconds to begin: the steps grow with it.
	for patience := 5 * time.Millisecond; ; patience += max(15*time.Millisecond, patience/20) {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+name+"$")
		child.Env = environ.Bare(t.TempDir(), killPath+"="+database)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(patience, func() { _ = child.Process.Kill() })
		err := child.Wait()
		timer.Stop()
		count := 0
		for _, err := range reader.Members(t.Context(), "acme") {
			if err != nil {
				t.Fatal(err)
			}
			count++
		}
		if count%100 != 0 {
			t.Fatalf("%d members: a part of a batch", count)
		}
		if err == nil {
			break
		}
		killed++
		if count > 0 && count < 100*killBatches {
			midway++
		}
	}
	var last int64
	for c, err := range reader.Changes(t.Context(), "acme", 0, 0) {
		if err != nil || c.Seq != last+1 || c.Op != "added" {
			t.Fatalf("after %d: %+v, %v", last, c, err)
		}
		last = c.Seq
	}
	if last != 100*killBatches {
		t.Errorf("%d audit rows", last)
	}
	if killed == 0 {
		t.Error("nothing was killed")
	}
	t.Logf("killed %d times, %d of them in mid-apply", killed, midway)
}
