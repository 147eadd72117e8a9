package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations/sqlite/*.sql
var sqliteMigrations embed.FS

const (
	// applicationID is what the first migration writes into the file's header: "Roll".
	applicationID = 1383033964

	// sqliteRows is how many rows an INSERT writes: fewer cost more statements, more are no faster (measured).
	sqliteRows = 100

	// sqlitePragmas hold for every connection. Another process's transaction is waited for up to 30 s.
	sqlitePragmas = "_pragma=busy_timeout(30000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(ON)&_pragma=journal_size_limit(67108864)"
)

// sqliteDialect is SQLite, in process and pure Go. One connection writes, so that writers of this process queue for
// it in order; writers of others wait for the file's lock at BEGIN IMMEDIATE.
type sqliteDialect struct {
	insertions map[string]*sql.Stmt // by text, for sqliteRows rows each, of the writing connection
}

func openSQLite(ctx context.Context, path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, cannotOpen(path, err)
	}
	// Made here and not by SQLite, as it holds personal data: nobody else may read it.
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, cannotOpen(path, err)
	}
	if err := file.Close(); err != nil {
		return nil, cannotOpen(path, err)
	}
	if err := checkOurs(ctx, path); err != nil {
		return nil, err
	}
	write, err := sql.Open("sqlite", sqliteURL(path, sqlitePragmas+"&_pragma=cache_size(-32000)&_txlock=immediate"))
	if err != nil {
		return nil, cannotOpen(path, err)
	}
	write.SetMaxOpenConns(1)
	if err := migrateSQLite(ctx, path, write); err != nil {
		return nil, errors.Join(err, write.Close())
	}
	dialect, err := prepareSQLite(ctx, write)
	if err != nil {
		return nil, errors.Join(cannotOpen(path, err), write.Close())
	}
	read, err := sql.Open("sqlite", sqliteURL(path, sqlitePragmas+"&_pragma=query_only(ON)"))
	if err != nil {
		return nil, errors.Join(cannotOpen(path, err), write.Close())
	}
	read.SetMaxIdleConns(8)
	return &Store{write: write, read: read, dialect: dialect}, nil
}

func sqliteURL(path, options string) string {
	return (&url.URL{Scheme: "file", Path: path, RawQuery: options}).String()
}

func cannotOpen(path string, err error) error {
	return &OpenError{
		Detail: fmt.Sprintf("the database %s can't be opened", path), Err: err,
		Hint: "check that the directory is there, is on a local disk that isn't full, and may be written by this user",
	}
}

// checkOurs looks into the file before anything is written to it, so that somebody else's database stays untouched.
func checkOurs(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", sqliteURL(path, "_pragma=busy_timeout(30000)"))
	if err != nil {
		return cannotOpen(path, err)
	}
	defer db.Close()
	var id, tables int
	// goose's own table comes before the first migration: a file with nothing else was left half-made.
	err = db.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id), count(*) FROM sqlite_schema
		WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> $1`, goose.DefaultTablename).Scan(&id, &tables)
	var refusal *sqlite.Error
	switch {
	case errors.As(err, &refusal) && refusal.Code()&0xff == sqlite3.SQLITE_NOTADB:
		return notOurs(path, err)
	case err != nil:
		return cannotOpen(path, err)
	case id != applicationID && (id != 0 || tables > 0):
		return notOurs(path, nil)
	}
	return nil
}

func notOurs(path string, err error) error {
	return &OpenError{
		Detail: fmt.Sprintf("the file %s is not a Rollcall database", path), Err: err,
		Hint: "set ROLLCALL_DATABASE_URL to another path; this file was left as it is",
	}
}

// migrateSQLite brings the schema up to date, one process at a time.
func migrateSQLite(ctx context.Context, path string, db *sql.DB) error {
	dir, err := fs.Sub(sqliteMigrations, "migrations/sqlite")
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, dir,
		goose.WithLocker(&fileLocker{path: path + ".migrating"}), goose.WithSlog(slog.New(slog.DiscardHandler)),
		goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	current, err := sqliteVersion(ctx, db)
	if err != nil {
		return cannotOpen(path, err)
	}
	sources := provider.ListSources()
	newest := sources[len(sources)-1].Version
	if current > newest {
		return &OpenError{
			Detail: fmt.Sprintf("the database %s has schema %d, which is newer than this program's %d", path, current, newest),
			Hint:   "run a newer release of Rollcall, the one that wrote it or a later one",
		}
	}
	if current == newest {
		return nil
	}
	if _, err := provider.Up(ctx); err != nil {
		return &OpenError{
			Detail: fmt.Sprintf("the schema of database %s can't be brought up to date", path), Err: err,
			Hint: "nothing was changed; keep a copy of the file and report this",
		}
	}
	return nil
}

// sqliteVersion is the schema's version; 0 for an empty file.
func sqliteVersion(ctx context.Context, db *sql.DB) (int64, error) {
	var tables, version int64
	err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE name = $1`, goose.DefaultTablename).Scan(&tables)
	if err != nil || tables == 0 {
		return 0, err
	}
	err = db.QueryRowContext(ctx,
		`SELECT coalesce(max(version_id), 0) FROM `+goose.DefaultTablename+` WHERE is_applied`).Scan(&version)
	return version, err
}

// fileLocker keeps two processes from migrating at once: it holds the lock of an empty SQLite file beside the database.
type fileLocker struct {
	path string
	db   *sql.DB
	conn *sql.Conn
}

// Lock waits for the lock; the waiting ends with an error after 30 s.
func (l *fileLocker) Lock(ctx context.Context, _ *sql.DB) error {
	db, err := sql.Open("sqlite", sqliteURL(l.path, "_pragma=busy_timeout(30000)"))
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	if _, err := conn.ExecContext(ctx, "BEGIN EXCLUSIVE"); err != nil {
		return errors.Join(err, conn.Close(), db.Close())
	}
	l.db, l.conn = db, conn
	return nil
}

// Unlock lets go and removes the file. Whoever waits for it then finds nothing left to migrate.
func (l *fileLocker) Unlock(context.Context, *sql.DB) error {
	return errors.Join(l.conn.Close(), l.db.Close(), os.Remove(l.path))
}

func prepareSQLite(ctx context.Context, db *sql.DB) (*sqliteDialect, error) {
	d := &sqliteDialect{insertions: map[string]*sql.Stmt{}}
	for _, in := range []insertion{memberRows(), knownRows(), membershipRows(), auditRows()} {
		text := in.sqlite(sqliteRows)
		stmt, err := db.PrepareContext(ctx, text)
		if err != nil {
			return nil, errors.Join(err, d.close())
		}
		d.insertions[text] = stmt
	}
	return d, nil
}

func (d *sqliteDialect) insert(ctx context.Context, tx *sql.Tx, in insertion, rows []any) error {
	whole := in.sqlite(sqliteRows)
	for part := range slices.Chunk(rows, sqliteRows*len(in.columns)) {
		count := len(part) / len(in.columns)
		if stmt := d.insertions[whole]; stmt != nil && count == sqliteRows {
			if _, err := tx.StmtContext(ctx, stmt).ExecContext(ctx, part...); err != nil {
				return err
			}
		} else if _, err := tx.ExecContext(ctx, in.sqlite(count), part...); err != nil {
			return err
		}
	}
	return nil
}

// sqlite is the text that inserts count rows. Its parameters are bare question marks: numbered ones would be looked
// up by name, each in time linear in their number.
func (in insertion) sqlite(count int) string {
	row := "(?" + strings.Repeat(",?", len(in.columns)-1) + ")"
	text := "INSERT INTO " + in.table + " (" + strings.Join(in.columns, ",") + ") VALUES " + row +
		strings.Repeat(","+row, count-1)
	if len(in.key) == 0 {
		return text
	}
	text += " ON CONFLICT (" + strings.Join(in.key, ",") + ") DO "
	if len(in.replace) == 0 {
		return text + "NOTHING"
	}
	for i, column := range in.replace {
		if i == 0 {
			text += "UPDATE SET "
		} else {
			text += ","
		}
		text += column + "=excluded." + column
	}
	return text
}

func (d *sqliteDialect) within(columns string, _ int, keys []any) (string, []any) {
	width := 1 + strings.Count(columns, ",")
	if width == 1 {
		return columns + " IN (?" + strings.Repeat(",?", len(keys)-1) + ")", keys
	}
	row := "(?" + strings.Repeat(",?", width-1) + ")"
	return "(" + columns + ") IN (VALUES " + row + strings.Repeat(","+row, len(keys)/width-1) + ")", keys
}

func (d *sqliteDialect) refused(err error) bool {
	var refusal *sqlite.Error
	if !errors.As(err, &refusal) {
		return false
	}
	switch refusal.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_RANGE:
		return true
	}
	return false
}

func (d *sqliteDialect) close() error {
	var errs []error
	for _, stmt := range d.insertions {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}
