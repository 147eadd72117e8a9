package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rollcall/rollcall/internal/postgrestest"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/store/storetest"
)

// server is the PostgreSQL that the tests share; each has databases of its own in it. It doesn't wait for the disk,
// which shows in nothing but a machine's crash.
var server *postgrestest.Server

func TestMain(m *testing.M) {
	if os.Getenv(killPath) != "" { // a process to be killed would leave its server behind
		os.Exit(m.Run())
	}
	launched, err := postgrestest.Launch(context.Background(), "fsync=off")
	if err != nil {
		fmt.Fprintln(os.Stderr, "the store's tests need PostgreSQL:", err)
		os.Exit(1)
	}
	server = launched
	_ = os.Unsetenv(postgrestest.Variable) // a test that crashes a server has one of its own
	status := m.Run()
	server.Stop()
	os.Exit(status)
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	suite(t, func(t *testing.T) string {
		t.Helper()
		return "sqlite://" + filepath.Join(t.TempDir(), "rollcall.db")
	})
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	suite(t, func(t *testing.T) string {
		t.Helper()
		return server.Database(t)
	})
}

// suite runs the conformance suite against databases that fresh makes, one for each test.
func suite(t *testing.T, fresh func(t *testing.T) string) {
	t.Helper()
	var mu sync.Mutex
	urls := map[*testing.T]string{}
	storetest.Run(t, func(t *testing.T) *store.Store {
		t.Helper()
		mu.Lock()
		if urls[t] == "" {
			urls[t] = fresh(t)
		}
		url := urls[t]
		mu.Unlock()
		return openURL(t, url)
	})
}

func open(t *testing.T, path string) *store.Store {
	t.Helper()
	return openURL(t, "sqlite://"+path)
}

func openURL(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
