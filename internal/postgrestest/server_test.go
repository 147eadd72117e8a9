package postgrestest_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/rollcall/rollcall/internal/postgrestest"
)

// TestMain makes the tests start their own servers.
func TestMain(m *testing.M) {
	os.Unsetenv(postgrestest.Variable)
	os.Exit(m.Run())
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func TestAServerIsDurableAndItsDatabasesAreSeparate(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t)
	first, second := server.Database(t), server.Database(t)
	if first == second {
		t.Fatal("two databases are one")
	}
	conn := connect(t, first)
	var fsync, commit, encoding string
	if err := conn.QueryRow(t.Context(), `SELECT current_setting('fsync'), current_setting('synchronous_commit'),
		current_setting('server_encoding')`).Scan(&fsync, &commit, &encoding); err != nil {
		t.Fatal(err)
	}
	if fsync != "on" || commit != "on" || encoding != "UTF8" {
		t.Errorf("fsync %s, synchronous_commit %s, encoding %s", fsync, commit, encoding)
	}
	if _, err := conn.Exec(t.Context(), `CREATE TABLE people (id int)`); err != nil {
		t.Fatal(err)
	}
	var there bool
	if err := connect(t, second).QueryRow(
		t.Context(), `SELECT to_regclass('people') IS NOT NULL`,
	).Scan(&there); err != nil {
		t.Fatal(err)
	}
	if there {
		t.Error("a table of one database is in another")
	}
	if err := server.Drop(t.Context(), server.URL); err == nil {
		t.Error("a database that wasn't made here was dropped")
	}
}

func TestAHaltedServerKeepsWhatWasCommitted(t *testing.T) {
	t.Parallel()
	server := postgrestest.Start(t, "work_mem=5MB")
	database := server.Database(t)
	conn := connect(t, database)
	if _, err := conn.Exec(t.Context(), `CREATE TABLE people AS SELECT 7 AS id`); err != nil {
		t.Fatal(err)
	}
	if err := server.Halt(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), `SELECT 1`); err == nil {
		t.Error("a halted server still answers")
	}
	if err := server.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	var id int
	var memory string
	if err := connect(t, database).QueryRow(
		t.Context(), `SELECT id, current_setting('work_mem') FROM people`,
	).Scan(&id, &memory); err != nil {
		t.Fatal(err)
	}
	if id != 7 || memory != "5MB" {
		t.Errorf("after the crash: id %d, work_mem %s", id, memory)
	}
}

func TestAnInvalidSettingIsAnError(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // initdb is slow on a loaded machine
	defer cancel()
	server, err := postgrestest.Launch(ctx, "no_such_setting=1")
	if err == nil {
		server.Stop()
		t.Fatal("it started")
	}
	if errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("the error says %v", err)
	}
}

func TestAnExternalServerIsUsedAndLeftRunning(t *testing.T) {
	own := postgrestest.Start(t)
	t.Setenv(postgrestest.Variable, own.URL)
	lent, err := postgrestest.Launch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	connect(t, lent.Database(t))
	if lent.Halt() == nil || lent.Resume(t.Context()) == nil || lent.Process() != 0 {
		t.Error("a lent server was taken for our own")
	}
	lent.Stop()
	connect(t, own.URL)
}
