// Package postgres implements database.Dialect for PostgreSQL, with the driver pgx.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/rollcall/rollcall/internal/store/database"
)

const (
	// connectTimeout is how long connecting may take, unless the URL has a connect_timeout.
	connectTimeout = 10 * time.Second
	// idleReaders is the number of idle connections kept for reads.
	idleReaders = 8
)

// dialect inserts rows by COPY and reads them in the binary format.
//
// Writers share a pool of connections. Its size is pool_max_conns in the URL, otherwise twice the number of cores and
// at least 8. A transaction needs only one connection, so writers never wait for each other's. Readers get a connection
// at once, because an iterator keeps its connection while the loop's body may open another.
type dialect struct{}

// Open opens a database, which must exist, and brings its schema up to date. A *database.OpenError says why it can't be
// opened, and what to do about it.
func Open(ctx context.Context, databaseURL string) (*database.DB, error) {
	pool, err := pgxpool.ParseConfig(databaseURL)
	if err != nil { // not part of the error: it shows parts of the URL, which may hold a password
		return nil, &database.OpenError{
			Detail: "the database URL can't be parsed",
			Hint: "write ROLLCALL_DATABASE_URL as postgres://user:password@host:5432/database?sslmode=verify-full, " +
				"with percent-encoding for characters in user and password that aren't letters or digits",
		}
	}
	config := pool.ConnConfig
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "rollcall"
	}
	switch config.DefaultQueryExecMode {
	case pgx.QueryExecModeSimpleProtocol, pgx.QueryExecModeExec:
		return nil, &database.OpenError{
			Detail: "the database URL asks for a protocol without parameter types",
			Hint: "leave default_query_exec_mode out of ROLLCALL_DATABASE_URL, or use describe_exec with a pooler " +
				"that doesn't support prepared statements",
		}
	}
	if err := migrate(ctx, config); err != nil {
		return nil, err
	}
	prepared := stdlib.OptionAfterConnect(prepare)
	write, read := stdlib.OpenDB(*config, prepared), stdlib.OpenDB(*config, prepared)
	writers := max(8, 2*runtime.GOMAXPROCS(0))
	if strings.Contains(databaseURL, "pool_max_conns=") {
		writers = int(pool.MaxConns)
	}
	write.SetMaxOpenConns(writers)
	write.SetMaxIdleConns(writers)
	read.SetMaxIdleConns(idleReaders)
	for _, db := range []*sql.DB{write, read} {
		db.SetConnMaxLifetime(pool.MaxConnLifetime)
		db.SetConnMaxIdleTime(pool.MaxConnIdleTime)
	}
	return &database.DB{Write: write, Read: database.Connections{DB: read}, Dialect: dialect{}}, nil
}

// prepare sets up a new connection.
func prepare(ctx context.Context, conn *pgx.Conn) error {
	registerArrays(conn)
	return useGenericPlans(ctx, conn)
}

// useGenericPlans makes the server plan each statement once, for any tenant and few keys. Such a plan looks keys up by
// index. Without it, a plan made for a thousand keys of a table that wasn't analyzed since it was filled reads the
// whole table. Measured, updates then took three times the server's time, and reading members by id seven times.
func useGenericPlans(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "SET plan_cache_mode = force_generic_plan")
	return err
}

// Isolation implements database.Dialect. It doesn't depend on the server's default: after waiting for a lock, a
// statement must see what the lock's owner wrote.
func (dialect) Isolation() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelReadCommitted}
}

// Lock implements database.Dialect.
func (dialect) Lock(strength database.LockStrength) string { return " FOR " + string(strength) }

// Overwrite does nothing. Autovacuum frees dead rows, and later writes overwrite them. A VACUUM here would wait for
// readers.
func (dialect) Overwrite(context.Context, *sql.DB) error { return nil }

// Close implements database.Dialect.
func (dialect) Close() error { return nil }

// Within implements database.Dialect. All keys must be ids.
func (dialect) Within(columns string, before int, keys []any) (string, []any) {
	width := 1 + strings.Count(columns, ",")
	args := make([]any, width)
	for i := range width {
		ids := make([][]byte, 0, len(keys)/width)
		for at := i; at < len(keys); at += width {
			ids = append(ids, keys[at].([]byte))
		}
		args[i] = ids
	}
	if width == 1 {
		return columns + " = ANY($" + strconv.Itoa(before+1) + "::uuid[])", args
	}
	arrays := make([]string, width)
	for i := range arrays {
		arrays[i] = "$" + strconv.Itoa(before+1+i) + "::uuid[]"
	}
	return "(" + columns + ") IN (SELECT * FROM unnest(" + strings.Join(arrays, ", ") + "))", args
}

// Refused is true for data that don't fit (class 22), constraints (class 23) and a row too long for an index (54000).
// Other errors, such as deadlocks, lost connections and a full disk, may pass.
func (dialect) Refused(err error) bool {
	var refusal *pgconn.PgError
	if !errors.As(err, &refusal) {
		return false
	}
	class := refusal.Code[:min(2, len(refusal.Code))]
	return class == "22" || class == "23" || refusal.Code == "54000"
}

// Duplicate implements database.Dialect.
func (dialect) Duplicate(err error) bool {
	var refusal *pgconn.PgError
	return errors.As(err, &refusal) && refusal.Code == "23505"
}

// native calls do with the pgx connection of conn.
func native(conn *sql.Conn, do func(*pgx.Conn) error) error {
	return conn.Raw(func(driver any) error {
		own, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("the connection is a %T", driver)
		}
		return do(own.Conn())
	})
}

// Binary implements database.Dialect.
func (dialect) Binary(ctx context.Context, from *sql.DB, q database.Query, each func([][]byte) bool) (bool, error) {
	conn, err := from.Conn(ctx)
	if err != nil {
		return true, err
	}
	defer conn.Close() //nolint:errcheck // gives it back to the pool
	return true, native(conn, func(own *pgx.Conn) error {
		rows, err := own.Query(ctx, q.Text, append([]any{pgx.QueryResultFormats{pgx.BinaryFormatCode}}, q.Args...)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if !each(rows.RawValues()) {
				return nil
			}
		}
		return rows.Err()
	})
}
