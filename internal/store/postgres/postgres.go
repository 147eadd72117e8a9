// Package postgres is the dialect of PostgreSQL, through pgx.
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
	// connectTimeout is how long a connection may take to come about, unless the URL has a connect_timeout.
	connectTimeout = 10 * time.Second
	// idleReaders is how many connections that read are kept for the next one.
	idleReaders = 8
)

// dialect is PostgreSQL through pgx. Rows go in by COPY and come out in the binary format.
//
// Those who write share a number of connections (pool_max_conns in the URL, else twice as many as there are cores, at
// least 8) and queue for them: a transaction needs no second one, so that they never wait for each other. Those who read
// get a connection at once, as an iterator keeps its own while its loop may open another.
type dialect struct{}

// Open opens the database, which must be there, and brings its schema up to date. A *database.OpenError says what to do when
// that can't be.
func Open(ctx context.Context, databaseURL string) (*database.DB, error) {
	pool, err := pgxpool.ParseConfig(databaseURL)
	if err != nil { // it would show parts of the URL, which may hold a password
		return nil, &database.OpenError{
			Detail: "the URL of the database can't be read",
			Hint: "write ROLLCALL_DATABASE_URL as postgres://user:password@host:5432/database?sslmode=verify-full, with " +
				"%-codes for what isn't a letter or digit in user and password",
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
			Detail: "the URL of the database asks for a protocol without the types of parameters",
			Hint:   "leave default_query_exec_mode out of ROLLCALL_DATABASE_URL; describe_exec serves a pooler that keeps no statements",
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

// prepare makes a connection ready.
func prepare(ctx context.Context, conn *pgx.Conn) error {
	registerArrays(conn)
	return useGenericPlans(ctx, conn)
}

// planOnce has each statement planned once, for any tenant and few keys: it looks keys up by index. A plan made for a
// thousand keys, of a table that hasn't been analyzed since it was filled, reads all of it (measured: updates took three
// times the server's time, members by id seven times).
func useGenericPlans(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "SET plan_cache_mode = force_generic_plan")
	return err
}

// Isolation is the same whatever the server's default is: who has waited for a lock must see what it waited for.
func (dialect) Isolation() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelReadCommitted}
}

func (dialect) Lock(strength database.LockStrength) string { return " FOR " + string(strength) }

// Overwrite is left to autovacuum, which frees dead rows, and to time, which overwrites them: a VACUUM of ours would wait for what
// others read.
func (dialect) Overwrite(context.Context, *sql.DB) error { return nil }

func (dialect) Close() error { return nil }

// Within takes ids only, as all keys of ours are.
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

// Refused are data that don't fit (class 22), constraints (class 23) and a row too long for an index (54000). All
// others, as deadlocks, lost connections and a full disk, may pass.
func (dialect) Refused(err error) bool {
	var refusal *pgconn.PgError
	if !errors.As(err, &refusal) {
		return false
	}
	class := refusal.Code[:min(2, len(refusal.Code))]
	return class == "22" || class == "23" || refusal.Code == "54000"
}

func (dialect) Duplicate(err error) bool {
	var refusal *pgconn.PgError
	return errors.As(err, &refusal) && refusal.Code == "23505"
}

// native runs do with pgx's own connection.
func native(conn *sql.Conn, do func(*pgx.Conn) error) error {
	return conn.Raw(func(driver any) error {
		own, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("the connection is a %T", driver)
		}
		return do(own.Conn())
	})
}

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
