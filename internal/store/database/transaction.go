package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/rollcall/rollcall/internal/ledger"
)

// Tx is an open transaction. A dialect may also use its connection directly.
type Tx struct {
	*sql.Tx
	Conn    *sql.Conn
	Dialect Dialect
}

// Transact runs do in a transaction. It commits when do returns nil and rolls back otherwise. what names the operation
// in errors.
//
// do must not ask for another connection. Otherwise two transactions could wait for each other's connections.
func (db *DB) Transact(ctx context.Context, what string, do func(*Tx) error) error {
	conn, err := db.Write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", what, Unavailable(err))
	}
	defer conn.Close() //nolint:errcheck // gives it back to the pool
	tx, err := conn.BeginTx(ctx, db.Dialect.Isolation())
	if err != nil {
		return fmt.Errorf("%s: %w", what, Unavailable(err))
	}
	if err := do(&Tx{tx, conn, db.Dialect}); err != nil {
		_ = tx.Rollback() // err says more than a failure to roll back; a lost connection rolls back by itself
		return fmt.Errorf("%s: %w", what, err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("%s: %w", what, Unavailable(err))
	}
	return nil
}

// ExecContext is sql.Tx.ExecContext. Its errors are those of Unavailable.
func (tx *Tx) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	result, err := tx.Tx.ExecContext(ctx, text, args...)
	return result, Unavailable(err)
}

// QueryContext is sql.Tx.QueryContext. Its errors are those of Unavailable.
func (tx *Tx) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	rows, err := tx.Tx.QueryContext(ctx, text, args...) //nolint:sqlclosecheck // the caller closes them
	return rows, Unavailable(err)
}

// QueryRowContext is sql.Tx.QueryRowContext. The Scanner's errors are those of Unavailable.
func (tx *Tx) QueryRowContext(ctx context.Context, text string, args ...any) Scanner {
	return row{tx.Tx.QueryRowContext(ctx, text, args...)}
}

// Connections are the connections that read.
type Connections struct{ *sql.DB }

// QueryContext is sql.DB.QueryContext. Its errors are those of Unavailable.
func (p Connections) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	rows, err := p.DB.QueryContext(ctx, text, args...) //nolint:sqlclosecheck // the caller closes them
	return rows, Unavailable(err)
}

// QueryRowContext is sql.DB.QueryRowContext. The Scanner's errors are those of Unavailable.
func (p Connections) QueryRowContext(ctx context.Context, text string, args ...any) Scanner {
	return row{p.DB.QueryRowContext(ctx, text, args...)}
}

// row is the result of a query for one row.
type row struct{ *sql.Row }

// Scan is sql.Row.Scan. It returns sql.ErrNoRows if there is no row.
func (r row) Scan(into ...any) error { return Unavailable(r.Row.Scan(into...)) }

// Unavailable returns err as a *ledger.UnavailableError. It returns nil, sql.ErrNoRows and the errors of an ended
// context unchanged.
func Unavailable(err error) error {
	var marked *ledger.UnavailableError
	if err == nil || errors.Is(err, sql.ErrNoRows) || errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded) || errors.As(err, &marked) {
		return err
	}
	return &ledger.UnavailableError{Err: err}
}
