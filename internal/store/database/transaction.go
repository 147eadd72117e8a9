package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/rollcall/rollcall/internal/ledger"
)

// transaction is an open transaction and the connection that it is on, which a dialect may talk to in its own way.
type Tx struct {
	*sql.Tx
	Conn    *sql.Conn
	Dialect Dialect
}

// Transact runs do in a transaction: committed when it returns nil, else rolled back. what names the operation in
// errors. do asks for no other connection, so that a limit on them never makes two transactions wait for each other.
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
		_ = tx.Rollback() // err says more than a failure to roll back, which a lost connection does by itself
		return fmt.Errorf("%s: %w", what, err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("%s: %w", what, Unavailable(err))
	}
	return nil
}

// ExecContext is that of the *sql.Tx.
func (tx *Tx) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	result, err := tx.Tx.ExecContext(ctx, text, args...)
	return result, Unavailable(err)
}

// QueryContext is that of the *sql.Tx.
func (tx *Tx) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	rows, err := tx.Tx.QueryContext(ctx, text, args...) //nolint:sqlclosecheck // the caller closes them
	return rows, Unavailable(err)
}

// QueryRowContext is that of the *sql.Tx.
func (tx *Tx) QueryRowContext(ctx context.Context, text string, args ...any) Scanner {
	return row{tx.Tx.QueryRowContext(ctx, text, args...)}
}

// Connections are those that read.
type Connections struct{ *sql.DB }

// QueryContext is that of the *sql.DB.
func (p Connections) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	rows, err := p.DB.QueryContext(ctx, text, args...) //nolint:sqlclosecheck // the caller closes them
	return rows, Unavailable(err)
}

// QueryRowContext is that of the *sql.DB.
func (p Connections) QueryRowContext(ctx context.Context, text string, args ...any) Scanner {
	return row{p.DB.QueryRowContext(ctx, text, args...)}
}

// row is the answer to a query for one.
type row struct{ *sql.Row }

// Scan is that of the *sql.Row: sql.ErrNoRows when there is none.
func (r row) Scan(into ...any) error { return Unavailable(r.Row.Scan(into...)) }

// Unavailable is what the database said, as a *ledger.UnavailableError. That there is no such row, and the end of a context,
// it leaves as they are.
func Unavailable(err error) error {
	var marked *ledger.UnavailableError
	if err == nil || errors.Is(err, sql.ErrNoRows) || errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded) || errors.As(err, &marked) {
		return err
	}
	return &ledger.UnavailableError{Err: err}
}
