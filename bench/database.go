package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
	_ "modernc.org/sqlite"             // the driver

	"github.com/rollcall/rollcall/bench/results"
	"github.com/rollcall/rollcall/internal/postgrestest"
	"github.com/rollcall/rollcall/internal/store"
)

// database is an empty database of one contender, with a connection to look into it.
type database struct {
	kind   string
	url    string
	server *postgrestest.Server // of PostgreSQL
	folder string               // of SQLite
	look   *sql.DB
}

// newDatabase makes one.
func (b *bench) newDatabase(ctx context.Context, kind string) (d *database, err error) {
	d = &database{kind: kind, server: b.postgres}
	driver, source := "pgx", ""
	if kind == results.SQLite {
		if d.folder, err = os.MkdirTemp("", "bench-sqlite-"); err != nil {
			return nil, err
		}
		source = filepath.Join(d.folder, "rollcall.db")
		driver, d.url = "sqlite", "sqlite://"+source
	} else if d.url, err = b.postgres.Create(ctx); err == nil {
		source = d.url
	}
	if err == nil {
		d.look, err = sql.Open(driver, source)
	}
	if err != nil {
		return nil, fmt.Errorf("make a database: %w", err)
	}
	d.look.SetMaxOpenConns(1) // so that it is only one who is connected
	return d, nil
}

// version is a PostgreSQL server's.
func version(ctx context.Context, url string) (version string, err error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return "", err
	}
	defer db.Close()
	err = db.QueryRowContext(ctx, "SHOW server_version").Scan(&version)
	return version, err
}

// migrate gives it Rollcall's tables.
func (d *database) migrate(ctx context.Context) error {
	kept, err := store.Open(ctx, d.url)
	if err != nil {
		return err
	}
	return kept.Close()
}

// drop removes it.
func (d *database) drop(ctx context.Context) error {
	if err := d.look.Close(); err != nil {
		return err
	}
	if d.folder != "" {
		return os.RemoveAll(d.folder)
	}
	return d.server.Drop(ctx, d.url)
}

// written is how far PostgreSQL's log has come, in bytes. What SQLite writes its process writes.
func (d *database) written(ctx context.Context) (bytes int64, err error) {
	if d.kind == results.Postgres {
		err = d.look.QueryRowContext(ctx, `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint`).Scan(&bytes)
	}
	return bytes, err
}

// cpu is what the database's server has used so far.
func (d *database) cpu() (float64, error) {
	if d.kind == results.Postgres {
		return familyCPU(d.server.Process())
	}
	return 0, nil
}

// tidy does what the database would do by itself within minutes, so that no scenario pays for the one before.
func (d *database) tidy(ctx context.Context) error {
	statements := []string{"VACUUM (ANALYZE)", "CHECKPOINT"}
	if d.kind == results.SQLite {
		statements = []string{"PRAGMA wal_checkpoint(TRUNCATE)"}
	}
	for _, statement := range statements {
		if _, err := d.look.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// touched counts, by table, the rows ever inserted, updated and deleted. Of SQLite nothing is known.
func (d *database) touched(ctx context.Context) (map[string]int, error) {
	touched := map[string]int{}
	if d.kind == results.SQLite {
		return touched, nil
	}
	if err := d.alone(ctx); err != nil {
		return nil, err
	}
	rows, err := d.look.QueryContext(ctx, `SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		var count int
		if err := rows.Scan(&table, &count); err != nil {
			return nil, err
		}
		// A partition counts as what it is a part of.
		for _, whole := range []string{"members"} {
			if strings.HasPrefix(table, whole+"_") {
				table = whole
			}
		}
		touched[table] += count
	}
	return touched, rows.Err()
}

// alone waits until nobody else is connected: a connection tells what it has written at the latest when it ends.
func (d *database) alone(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		var others int
		err := d.look.QueryRowContext(ctx, `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`).Scan(&others)
		if err != nil || others == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.New("somebody is still connected to the database")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// holds counts what stands in Rollcall's tables.
func (d *database) holds(ctx context.Context) (c counts, err error) {
	err = d.look.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM members WHERE status <> 'departed'),
		(SELECT count(*) FROM members WHERE status = 'departed'), (SELECT count(*) FROM memberships)`).
		Scan(&c.present, &c.departed, &c.memberships)
	return c, err
}
