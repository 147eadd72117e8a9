// Package store keeps what must outlive a process: tenants, members, groups and memberships; runs and the rows on
// their way through one; the ledger of applied batches and the audit.
//
// Three promises hold it together. Each public method is one transaction, or one statement for what it streams. What
// an activity does twice has the effect of once: a run is known by its execution, a chunk by its number, a batch by its
// mark in the ledger, which is written together with the members and the audit. And who is late is refused with
// ErrSuperseded: an older attempt at a stage, an older generation's plan.
//
// All SQL is the same text for every database; what differs stands in one dialect. Package storetest holds the tests
// that each database must pass.
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

// Store is an open database. It is safe for concurrent use, also beside other processes that have the same one open.
type Store struct {
	*erasing.Erasures
	db *database.DB
}

// Open opens the database at databaseURL, creates it if there is none (sqlite:///path), and brings its schema up to date
// (postgres://user@host/database too, which must be there). An *OpenError says what to do when that can't be.
func Open(ctx context.Context, databaseURL string) (*Store, error) {
	scheme, rest, ok := strings.Cut(databaseURL, "://")
	switch {
	case scheme == "sqlite" && strings.HasPrefix(rest, "/"):
		return opened(sqlite.Open(ctx, rest, tables.NewMemberRows(), newMembershipRows(), tables.AuditRows()))
	case ok && (scheme == "postgres" || scheme == "postgresql"):
		return opened(postgres.Open(ctx, databaseURL))
	case !ok:
		scheme = "" // what stands there instead may be a password
	}
	return nil, &database.OpenError{
		Detail: fmt.Sprintf("no database can be opened by a URL of scheme %q", scheme),
		Hint: "set ROLLCALL_DATABASE_URL to sqlite:// and an absolute path, as sqlite:///var/lib/rollcall/rollcall.db, " +
			"or to postgres://user@host/database",
	}
}

func opened(db *database.DB, err error) (*Store, error) {
	if err != nil {
		return nil, err
	}
	return &Store{erasing.New(db), db}, nil
}

// Close closes the database; what is being read or written meanwhile fails.
func (s *Store) Close() error {
	return s.db.Close()
}
