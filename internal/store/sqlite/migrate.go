package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date. Only one process migrates at a time. It has connections of its own, because a
// connection that migrates caches the old schema.
func migrate(ctx context.Context, path string) error {
	current, err := inspect(ctx, path)
	if err != nil {
		return err
	}
	// Until the lock is held, the provider is used only to list the versions.
	db, err := sql.Open("sqlite", fileURL(path, pragmas+"&_txlock=immediate"))
	if err != nil {
		return cannotOpen(path, err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	provider, err := newProvider(db)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	sources := provider.ListSources()
	newest := sources[len(sources)-1].Version
	switch {
	case current > newest:
		return &database.OpenError{
			Detail: fmt.Sprintf("the database %s has schema %d, which is newer than this program's %d", path, current,
				newest),
			Hint: "run a newer release of Rollcall, the one that wrote it or a later one",
		}
	case current == newest:
		return nil
	}
	release, err := lockFile(ctx, path+".migrating")
	if err != nil {
		return cannotOpen(path, err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return &database.OpenError{
			Detail: fmt.Sprintf("the schema of database %s can't be brought up to date", path),
			Err:    errors.Join(err, release()),
			Hint:   "the failed step changed nothing; keep a copy of the file and report this",
		}
	}
	return release()
}

func newProvider(db *sql.DB) (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, dir,
		goose.WithSlog(slog.New(slog.DiscardHandler)), goose.WithDisableGlobalRegistry(true),
		goose.WithGoMigrations(tables.NormalEmails(4)))
}

// inspect returns the schema's version, or 0 if the file is empty. It runs before anything is written, so that another
// program's database stays untouched.
func inspect(ctx context.Context, path string) (version int64, err error) {
	db, err := sql.Open("sqlite", fileURL(path, "_pragma=busy_timeout(30000)"))
	if err != nil {
		return 0, cannotOpen(path, err)
	}
	defer db.Close()
	var id, others, versions int
	// goose creates its own table before the first migration. A file with only that table was left by a killed process.
	err = db.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		count(CASE WHEN name <> $1 THEN 1 END), count(CASE WHEN name = $1 THEN 1 END)
		FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`, goose.DefaultTablename).
		Scan(&id, &others, &versions)
	var refusal *sqlite.Error
	switch {
	case errors.As(err, &refusal) && refusal.Code()&0xff == sqlite3.SQLITE_NOTADB:
		return 0, notOurs(path, err)
	case err != nil:
		return 0, cannotOpen(path, err)
	case id != database.ApplicationID && (id != 0 || others > 0):
		return 0, notOurs(path, nil)
	case versions == 0:
		return 0, nil
	}
	err = db.QueryRowContext(ctx,
		`SELECT coalesce(max(version_id), 0) FROM `+goose.DefaultTablename+` WHERE is_applied`).Scan(&version)
	if err != nil {
		return 0, cannotOpen(path, err)
	}
	return version, nil
}

func notOurs(path string, err error) error {
	return &database.OpenError{
		Detail: fmt.Sprintf("the file %s is not a Rollcall database", path), Err: err,
		Hint: "set ROLLCALL_DATABASE_URL to another path; this file wasn't changed",
	}
}

// lockFile waits up to 30 s for the lock of a SQLite file without content. The file isn't removed: otherwise two
// processes could lock two files of the same name.
func lockFile(ctx context.Context, path string) (release func() error, err error) {
	if err := touch(path); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", fileURL(path, "_pragma=busy_timeout(30000)"))
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if _, err := conn.ExecContext(ctx, "BEGIN EXCLUSIVE"); err != nil {
		return nil, errors.Join(err, conn.Close(), db.Close())
	}
	return func() error { return errors.Join(conn.Close(), db.Close()) }, nil
}
