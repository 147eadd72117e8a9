package store_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/store/database"
)

// refused opens url, which must fail with an *OpenError that says what is wanted, and returns it.
func refused(t *testing.T, url string, words ...string) *database.OpenError {
	t.Helper()
	s, err := store.Open(t.Context(), url)
	if err == nil {
		_ = s.Close()
		t.Fatalf("%s was opened", url)
	}
	var refusal *database.OpenError
	if !errors.As(err, &refusal) {
		t.Fatalf("not an OpenError: %v", err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q doesn't say %q", err, word)
		}
	}
	if refusal.Hint == "" {
		t.Error("no hint")
	}
	return refusal
}

func newDatabase(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOpenRefusesWhatItCannotUse(t *testing.T) {
	t.Parallel()
	path := func(t *testing.T) string {
		t.Helper()
		return filepath.Join(t.TempDir(), "x.db")
	}
	t.Run("a URL of a scheme that it doesn't know, without its credentials", func(t *testing.T) {
		t.Parallel()
		for _, url := range []string{
			"mysql://ann:secret@host/db", "ann:secret@host", "sqlite://relative.db",
			"sqlite:x", "",
		} {
			if err := refused(t, url, "ROLLCALL_DATABASE_URL"); strings.Contains(err.Error(), "secret") {
				t.Errorf("%v", err)
			}
		}
	})
	t.Run("a place that can't be written", func(t *testing.T) {
		t.Parallel()
		file := path(t)
		if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		refused(t, "sqlite://"+file+"/below.db", "can't be opened", "directory")
		refused(t, "sqlite://"+filepath.Dir(file), "can't be opened", "directory")
	})
	t.Run("a file that is no database", func(t *testing.T) {
		t.Parallel()
		file := path(t)
		text := strings.Repeat("not a database\n", 1000)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		refused(t, "sqlite://"+file, "not a Rollcall database")
		if kept, err := os.ReadFile(file); err != nil || string(kept) != text {
			t.Errorf("it was changed: %v", err)
		}
	})
	t.Run("somebody else's database, which stays as it is", func(t *testing.T) {
		t.Parallel()
		file := path(t)
		newDatabase(t, file, `CREATE TABLE t (x)`)
		before, _ := os.ReadFile(file)
		refused(t, "sqlite://"+file, "not a Rollcall database", "another path")
		if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
			t.Errorf("it was changed: %v", err)
		}
		other := path(t)
		newDatabase(t, other, `PRAGMA application_id = 7`)
		refused(t, "sqlite://"+other, "not a Rollcall database")
	})
	t.Run("a newer schema", func(t *testing.T) {
		t.Parallel()
		file := path(t)
		if err := open(t, file).Close(); err != nil {
			t.Fatal(err)
		}
		newDatabase(t, file, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`)
		refused(t, "sqlite://"+file, "99999", "newer release")
	})
}

func TestOpenCreatesAPrivateFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new folder", "odd ?#%41 name.db")
	s := open(t, path)
	if _, err := s.PutTenant(t.Context(), store.Tenant{ID: "acme"}); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, file := range files {
		info, err := file.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", file.Name(), info.Mode())
		}
		found = found || file.Name() == filepath.Base(path)
	}
	if !found {
		t.Errorf("no file of that name among %v", files)
	}
}

func TestProcessesThatOpenAtOnceMigrateOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	var errs [8]error
	var opened sync.WaitGroup
	for i := range errs {
		opened.Go(func() {
			s, err := store.Open(t.Context(), "sqlite://"+path)
			if err == nil {
				_, err = s.PutTenant(t.Context(), store.Tenant{ID: string(rune('a' + i))})
				err = errors.Join(err, s.Close())
			}
			errs[i] = err
		})
	}
	opened.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	if all, err := open(t, path).Tenants(t.Context()); err != nil || len(all) != len(errs) {
		t.Errorf("%d tenants, %v", len(all), err)
	}
}

func TestAnEmptyOrUnfinishedFileIsCompleted(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "x.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, empty)
	half := filepath.Join(t.TempDir(), "x.db")
	newDatabase(t, half, `CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))`,
		`INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1)`)
	if all, err := open(t, half).Tenants(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("%d tenants, %v", len(all), err)
	}
}

func TestTheLogCanBeReusedWhileChunksAreRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	s := open(t, path)
	run := uuid.UUID{15: 1}
	if _, err := s.ClaimStage(t.Context(), run, "users", 1, true, time.Time{}); err != nil {
		t.Fatal(err)
	}
	put := func(number int) {
		t.Helper()
		c := ledger.Chunk{Run: run, Stage: "users", Attempt: 1, Number: number, Data: []byte{byte(number)}}
		if err := s.PutChunk(t.Context(), c, ledger.Progress{Rows: number}); err != nil {
			t.Fatal(err)
		}
	}
	for number := range 3 {
		put(number)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	read := 0
	for data, err := range s.Chunks(t.Context(), run, "users", 0, 3) {
		if err != nil || data[0] != byte(read) {
			t.Fatalf("chunk %d is %v, %v", read, data, err)
		}
		read++
		put(2 + read)
		var busy, pages, moved int
		if err := db.QueryRowContext(t.Context(), `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages,
			&moved); err != nil || busy != 0 {
			t.Fatalf("the log can't be emptied: busy %d, %v", busy, err)
		}
	}
	if read != 3 {
		t.Errorf("%d chunks", read)
	}
}
