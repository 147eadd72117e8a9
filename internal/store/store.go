// Package store keeps what must outlive a process: tenants, members, groups and memberships; runs and the rows on
// their way through one; the ledger of applied batches and the audit.
//
// It makes three promises:
//
//   - Each public method is one transaction, or one statement if it streams. Methods that work a little at a time say
//     so.
//   - A write that an activity repeats has its effect once. A run is recognised by its execution, a chunk by its
//     number, and a batch by its mark in the ledger, which is written together with the members and the audit.
//   - A late writer is refused with ledger.ErrSuperseded: an older attempt at a stage, or a plan of an older
//     generation.
//
// The SQL is the same text for every database. What differs is in package database's Dialect, which packages postgres
// and sqlite implement. Package storetest holds the tests that each database must pass.
package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/erasing"
	"github.com/rollcall/rollcall/internal/store/postgres"
	"github.com/rollcall/rollcall/internal/store/sqlite"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// Store is an open database. It is safe for concurrent use, also by several processes that have the same database open.
type Store struct {
	*erasing.Erasures
	db *database.DB
}

// Open opens the database at databaseURL and brings its schema up to date. A SQLite database (sqlite:///path) is
// created if it doesn't exist. A PostgreSQL database (postgres://user@host/database) must exist. A *database.OpenError
// says why the database can't be opened, and what to do about it.
func Open(ctx context.Context, databaseURL string) (*Store, error) {
	scheme, rest, ok := strings.Cut(databaseURL, "://")
	switch {
	case scheme == "sqlite" && strings.HasPrefix(rest, "/"):
		return opened(sqlite.Open(ctx, rest, tables.NewMemberRows(), newMembershipRows(), tables.AuditRows()))
	case ok && (scheme == "postgres" || scheme == "postgresql"):
		return opened(postgres.Open(ctx, databaseURL))
	case !ok:
		scheme = "" // the text may be a password
	}
	return nil, &database.OpenError{
		Detail: fmt.Sprintf("the database URL has the unknown scheme %q", scheme),
		Hint: "set ROLLCALL_DATABASE_URL to sqlite:// and an absolute path, such as " +
			"sqlite:///var/lib/rollcall/rollcall.db, or to postgres://user@host/database",
	}
}

func opened(db *database.DB, err error) (*Store, error) {
	if err != nil {
		return nil, err
	}
	return &Store{erasing.New(db), db}, nil
}

// Close closes the database. Reads and writes under way fail.
func (s *Store) Close() error {
	return s.db.Close()
}
