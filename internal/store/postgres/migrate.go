package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

//go:embed migrations/*.sql
var migrations embed.FS

const (
	// versionsTable is goose's table. Its presence marks a database or schema as Rollcall's.
	versionsTable = "rollcall_versions"
	// oldestServer is the oldest major version of PostgreSQL that is still maintained.
	oldestServer = 14
)

// migrate brings the schema up to date. Only one process migrates at a time.
func migrate(ctx context.Context, config *pgx.ConnConfig) (err error) {
	db := stdlib.OpenDB(*config)
	defer db.Close()
	current, err := inspect(ctx, db, config.Database)
	if err != nil {
		return err
	}
	provider, err := newProvider(db)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	sources := provider.ListSources()
	newest := sources[len(sources)-1].Version
	switch {
	case current > newest:
		return &database.OpenError{
			Detail: fmt.Sprintf("the database %s has schema %d, which is newer than this program's %d", config.Database,
				current, newest),
			Hint: "run a newer release of Rollcall, the one that wrote it or a later one",
		}
	case current == newest:
		return nil
	}
	if _, err := provider.Up(ctx); err != nil {
		return &database.OpenError{
			Detail: fmt.Sprintf("the schema of database %s can't be brought up to date", config.Database), Err: err,
			Hint: "the failed step changed nothing; the user must be allowed to create tables there " +
				"(GRANT CREATE ON SCHEMA)",
		}
	}
	return nil
}

// newProvider returns a goose provider that migrates under an advisory lock. The lock ends with the connection that
// holds it.
func newProvider(db *sql.DB) (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	const everySecond, minutes = 1, 5 * 60
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(database.ApplicationID),
		lock.WithLockTimeout(everySecond, minutes))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, db, dir, goose.WithSessionLocker(locker),
		goose.WithTableName(versionsTable),
		goose.WithSlog(slog.New(slog.DiscardHandler)), goose.WithDisableGlobalRegistry(true),
		goose.WithGoMigrations(tables.NormalEmails(4)))
}

// inspect returns the schema's version, or 0 if the schema is empty. It runs before anything is written, so that
// another program's database stays untouched.
func inspect(ctx context.Context, db *sql.DB, name string) (version int64, err error) {
	var server, others int
	var encoding string
	var schema sql.NullString
	var standby, ours bool
	err = db.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int / 10000,
		current_setting('server_encoding'),
		pg_is_in_recovery(), current_schema()::text, to_regclass($1) IS NOT NULL,
		(SELECT count(*) FROM pg_class c WHERE c.relkind IN ('r', 'p')
			AND c.relnamespace = to_regnamespace(quote_ident(current_schema()))
		AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
			AND d.deptype = 'e'))`,
		versionsTable).Scan(&server, &encoding, &standby, &schema, &ours, &others)
	if err != nil {
		return 0, unreachable(name, err)
	}
	refuse := func(detail, hint string) error {
		return &database.OpenError{Detail: fmt.Sprintf("the database %s %s", name, detail), Hint: hint}
	}
	switch {
	case server < oldestServer:
		return 0, refuse(fmt.Sprintf("is on PostgreSQL %d", server), fmt.Sprintf("use PostgreSQL %d or a newer one",
			oldestServer))
	case encoding != "UTF8":
		return 0, refuse("has encoding "+encoding, "use one made with ENCODING 'UTF8'")
	case standby:
		return 0, refuse("is a standby, which can only be read",
			"name the primary in ROLLCALL_DATABASE_URL, or all servers and target_session_attrs=read-write")
	case !schema.Valid:
		return 0, refuse("has no schema that search_path names", "create it: CREATE SCHEMA")
	case ours:
		err := db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM `+versionsTable+` WHERE
			is_applied`).Scan(&version)
		if err != nil {
			return 0, unreachable(name, err)
		}
	case others > 0:
		return 0, refuse("has tables that aren't Rollcall's in schema "+schema.String,
			"use an empty database, or a schema of its own: CREATE SCHEMA rollcall, and ?search_path=rollcall in "+
				"ROLLCALL_DATABASE_URL; nothing was changed")
	}
	return version, nil
}

// unreachable returns an OpenError whose hint fits the server's error.
func unreachable(name string, err error) error {
	hint := "check that the server is running, that host and port in ROLLCALL_DATABASE_URL are right, " +
		"and that it accepts more connections"
	var refusal *pgconn.PgError
	if errors.As(err, &refusal) {
		switch refusal.Code {
		case "28000", "28P01":
			hint = "check user, password and sslmode in ROLLCALL_DATABASE_URL, and the server's pg_hba.conf"
		case "3D000":
			hint = "create it: CREATE DATABASE, with ENCODING 'UTF8'"
		case "42501":
			hint = "grant this user CONNECT on the database, and USAGE and CREATE on its schema"
		case "42704", "22023":
			hint = "check the parameters after the question mark in ROLLCALL_DATABASE_URL"
		}
	}
	return &database.OpenError{Detail: fmt.Sprintf("the database %s can't be opened", name), Err: err, Hint: hint}
}
