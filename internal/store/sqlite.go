package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	// sqliteRows is how many rows an INSERT writes: fewer cost more statements, more are no faster (measured).
	sqliteRows = 100

	// sqlitePragmas hold for every connection. Another process's transaction is waited for up to 30 s; a checkpoint at
	// every 16 MB instead of 4 writes pages of indexes less often (measured).
	sqlitePragmas = "_pragma=busy_timeout(30000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(ON)&_pragma=journal_size_limit(67108864)&_pragma=wal_autocheckpoint(4000)&_pragma=secure_delete(ON)"
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
	if err := touch(path); err != nil {
		return nil, cannotOpen(path, err)
	}
	if err := migrateSQLite(ctx, path); err != nil {
		return nil, err
	}
	write, err := sql.Open("sqlite", sqliteURL(path, sqlitePragmas+"&_pragma=cache_size(-32000)&_txlock=immediate"))
	if err != nil {
		return nil, cannotOpen(path, err)
	}
	write.SetMaxOpenConns(1)
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

// touch makes a file, unless it is there, and checks that it may be written. It isn't left to SQLite because it will
// hold personal data: nobody else may read it.
func touch(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
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

func prepareSQLite(ctx context.Context, db *sql.DB) (*sqliteDialect, error) {
	d := &sqliteDialect{insertions: map[string]*sql.Stmt{}}
	for _, in := range []insertion{newMemberRows(), memberRows(), knownRows(), membershipRows(), auditRows()} {
		text := in.sqlite(sqliteRows)
		stmt, err := db.PrepareContext(ctx, text) //nolint:sqlclosecheck // lives as long as the store: close closes it
		if err != nil {
			return nil, errors.Join(err, d.close())
		}
		d.insertions[text] = stmt
	}
	return d, nil
}

// isolation is SQLite's only one.
func (d *sqliteDialect) isolation() *sql.TxOptions { return nil }

// lock is nothing: a transaction that writes is alone from its beginning.
func (d *sqliteDialect) lock(lockStrength) string { return "" }

func (d *sqliteDialect) binary(context.Context, *sql.DB, query, func([][]byte) bool) (bool, error) {
	return false, nil
}

func (d *sqliteDialect) insert(ctx context.Context, tx *transaction, in insertion, rows []any) error {
	whole := in.sqlite(sqliteRows)
	for i, value := range rows {
		if text, ok := value.(*string); ok {
			rows[i] = *text
		}
	}
	for part := range slices.Chunk(rows, sqliteRows*len(in.columns)) {
		count := len(part) / len(in.columns)
		if stmt := d.insertions[whole]; stmt != nil && count == sqliteRows {
			//nolint:sqlclosecheck // the transaction's end closes it
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
	assignments := make([]string, len(in.replace))
	for i, column := range in.replace {
		assignments[i] = column + "=excluded." + column
	}
	return text + "UPDATE SET " + strings.Join(assignments, ",")
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

func (d *sqliteDialect) taken(err error) bool {
	var refusal *sqlite.Error
	return errors.As(err, &refusal) && refusal.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

// scour brings the log into the database and empties it. Freed pages are overwritten by themselves (secure_delete). Readers
// may keep some of the log back: then the next checkpoint takes it, and the log is overwritten from its beginning.
func (d *sqliteDialect) scour(ctx context.Context, db *sql.DB) error {
	var busy, pages, moved int
	return db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved)
}

func (d *sqliteDialect) close() error {
	var errs []error
	for _, stmt := range d.insertions {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}
