package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
	_ "modernc.org/sqlite"             // the driver

	"github.com/rollcall/rollcall/bench/results"
	"github.com/rollcall/rollcall/internal/postgrestest"
)

// database is a contender's database with a connection for the bench.
type database struct {
	kind   string
	url    string
	server *postgrestest.Server // nil: SQLite
	folder string               // of SQLite's file
	conn   *sql.DB
}

// newDatabase creates an empty database.
func (b *bench) newDatabase(ctx context.Context, kind string) (d *database, err error) {
	d = &database{kind: kind}
	var driver, source string
	if kind == results.SQLite {
		if d.folder, err = os.MkdirTemp(b.temp, "sqlite-"); err != nil {
			return nil, err
		}
		source = filepath.Join(d.folder, "rollcall.db")
		driver, d.url = "sqlite", "sqlite://"+source
	} else {
		d.server = b.postgres
		if d.url, err = d.server.Create(ctx); err != nil {
			return nil, err
		}
		driver, source = "pgx", d.url
	}
	d.conn, err = sql.Open(driver, source)
	return d, err
}

// version returns the version of a PostgreSQL server.
func version(ctx context.Context, url string) (version string, err error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return "", err
	}
	return version, errors.Join(db.QueryRowContext(ctx, "SHOW server_version").Scan(&version), db.Close())
}

// drop removes the database. It does nothing for nil.
func (d *database) drop(ctx context.Context) error {
	switch {
	case d == nil:
		return nil
	case d.server == nil:
		return errors.Join(d.conn.Close(), os.RemoveAll(d.folder))
	default:
		return errors.Join(d.conn.Close(), d.server.Drop(ctx, d.url))
	}
}

// used returns the CPU time and the log volume of the PostgreSQL server so far. SQLite runs in its client's process.
func (d *database) used(ctx context.Context) (u usage, err error) {
	if d.server == nil {
		return u, nil
	}
	if u.cpu, err = familyCPU(d.server.Process()); err != nil {
		return u, err
	}
	const text = `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint`
	err = d.conn.QueryRowContext(ctx, text).Scan(&u.written)
	return u, err
}

// maintain does the maintenance that the database would do within minutes, so no scenario pays for the previous one.
func (d *database) maintain(ctx context.Context) error {
	statements := []string{"VACUUM (ANALYZE)", "CHECKPOINT"}
	if d.kind == results.SQLite {
		statements = []string{"PRAGMA wal_checkpoint(TRUNCATE)"}
	}
	for _, statement := range statements {
		if _, err := d.conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// members counts the rows of Rollcall's tables.
func (d *database) members(ctx context.Context) (c counts, err error) {
	err = d.conn.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM members WHERE status <> 'departed'),
		(SELECT count(*) FROM members WHERE status = 'departed'), (SELECT count(*) FROM memberships)`).
		Scan(&c.present, &c.departed, &c.memberships)
	return c, err
}
