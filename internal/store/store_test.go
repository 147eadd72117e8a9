package store_test

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/store/storetest"
)

func TestSQLite(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	paths := map[*testing.T]string{}
	storetest.Run(t, func(t *testing.T) *store.Store {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		if paths[t] == "" {
			paths[t] = filepath.Join(t.TempDir(), "rollcall.db")
		}
		return open(t, paths[t])
	})
}

func open(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), "sqlite://"+path)
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
