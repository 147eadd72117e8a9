package store

import (
	"context"
	"database/sql"
	"fmt"
)

// transaction is an open transaction and the connection that it is on, which a dialect may talk to in its own way.
type transaction struct {
	*sql.Tx
	conn    *sql.Conn
	dialect dialect
}

// transact runs do in a transaction: committed when it returns nil, else rolled back. what names the operation in
// errors. do asks for no other connection, so that a limit on them never makes two transactions wait for each other.
func (s *Store) transact(ctx context.Context, what string, do func(*transaction) error) error {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer conn.Close() //nolint:errcheck // gives it back to the pool
	tx, err := conn.BeginTx(ctx, s.dialect.isolation())
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if err := do(&transaction{tx, conn, s.dialect}); err != nil {
		_ = tx.Rollback() // err says more than a failure to roll back, which a lost connection does by itself
		return fmt.Errorf("%s: %w", what, err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
