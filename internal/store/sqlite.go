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

	"github.com/rollcall/rollcall/internal/reuse"
)

const (
	// sqliteRows is how many rows an INSERT writes: fewer cost more statements, more are no faster (measured).
	sqliteRows = 100

	// sqlitePragmas hold for every connection. Another process's transaction is waited for up to 30 s; a checkpoint at
	// every 256 MB instead of 4 writes pages of indexes less often (measured).
	sqlitePragmas = "_pragma=busy_timeout(30000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(ON)&_pragma=journal_size_limit(268435456)&_pragma=wal_autocheckpoint(64000)" +
		"&_pragma=secure_delete(ON)"

	// sqliteWriter holds for the connection that writes. A larger cache is no faster (measured). A statement of many rows copies
	// each page before it changes it, so that it can be undone when a row is refused: in memory instead of a file, which would
	// take two writes a page.
	sqliteWriter = "&_pragma=cache_size(-8000)&_pragma=temp_store(MEMORY)&_txlock=immediate"
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
	write, err := sql.Open("sqlite", sqliteURL(path, sqlitePragmas+sqliteWriter))
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
	for _, in := range []insertion{newMemberRows(), newMembershipRows(), auditRows()} {
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

// pinsLog is true: a reader sees the database as it was when its query began, some of it in the log.
func (d *sqliteDialect) pinsLog() bool { return true }

// sqliteSheet is the arguments of its INSERTs.
type sqliteSheet struct {
	dialect *sqliteDialect
	into    insertion
	rows    []any
}

// sqliteRoom is memory of sheets that were written.
var sqliteRoom reuse.Pool[[]any] //nolint:gochecknoglobals // memory only

func (d *sqliteDialect) sheet(into insertion) sheet {
	return &sqliteSheet{dialect: d, into: into, rows: (*sqliteRoom.Take())[:0]}
}

func (s *sqliteSheet) text(value string)  { s.rows = append(s.rows, value) }
func (s *sqliteSheet) number(value int64) { s.rows = append(s.rows, value) }

func (s *sqliteSheet) bytes(value []byte) {
	if value == nil {
		s.rows = append(s.rows, nil)
	} else {
		s.rows = append(s.rows, value)
	}
}

func (s *sqliteSheet) copied(value []byte) {
	if value == nil {
		s.rows = append(s.rows, nil)
	} else {
		s.rows = append(s.rows, string(value))
	}
}

func (s *sqliteSheet) write(ctx context.Context, tx *transaction) error {
	if err := s.dialect.insert(ctx, tx, s.into, s.rows); err != nil {
		return err
	}
	clear(s.rows)
	sqliteRoom.Put(&s.rows)
	return nil
}

func (d *sqliteDialect) insert(ctx context.Context, tx *transaction, in insertion, rows []any) error {
	for part := range slices.Chunk(rows, sqliteRows*len(in.columns)) {
		if err := d.execute(ctx, tx, in.sqlite(len(part)/len(in.columns)), part); err != nil {
			return fmt.Errorf("insert into %s: %w", in.table, err)
		}
	}
	return nil
}

// execute runs a statement, one that was prepared if there is one of that text.
func (d *sqliteDialect) execute(ctx context.Context, tx *transaction, text string, args []any) error {
	stmt := d.insertions[text]
	if stmt == nil {
		_, err := tx.ExecContext(ctx, text, args...)
		return err
	}
	//nolint:sqlclosecheck // the transaction's end closes it
	_, err := tx.StmtContext(ctx, stmt).ExecContext(ctx, args...)
	return err
}

// revise gives the columns of some members at a time.
func (d *sqliteDialect) revise(ctx context.Context, tx *transaction, r *revision) (written int64, err error) {
	columns := r.columns()
	var whole *sql.Stmt // for sqliteRows members: parsing it takes as long as running it
	for part := range slices.Chunk(r.changes, sqliteRows) {
		args := make([]any, 0, len(part)*(2+len(columns))+2)
		for _, c := range part {
			args = append(args, c.Member[:], c.Before.Version)
			for _, column := range columns {
				args = append(args, column.value(c.After))
			}
		}
		if !r.known {
			args = append(args, r.at)
		}
		args = append(args, r.tenant)
		if whole == nil && len(part) == sqliteRows {
			//nolint:sqlclosecheck // once the batch is through
			if whole, err = tx.PrepareContext(ctx, r.sqlite(columns, sqliteRows)); err != nil {
				return 0, fmt.Errorf("revise members: %w", err)
			}
			defer whole.Close()
		}
		var count int64
		if len(part) == sqliteRows {
			count, err = affected(whole.ExecContext(ctx, args...))
		} else {
			count, err = affected(tx.ExecContext(ctx, r.sqlite(columns, len(part)), args...))
		}
		if err != nil {
			return 0, fmt.Errorf("revise members: %w", err)
		}
		written += count
	}
	return written, nil
}

// sqlite is the text that revises count members.
func (r *revision) sqlite(columns []memberColumn, count int) string {
	names, set := []string{"id", "was"}, make([]string, len(columns), len(columns)+2)
	for i, column := range columns {
		names = append(names, column.name)
		set[i] = column.name + "=new." + column.name
	}
	if !r.known {
		set = append(set, "version=members.version+1", "updated_at=?")
	}
	row := "(?,?" + strings.Repeat(",?", len(columns)) + ")"
	return "WITH new (" + strings.Join(names, ",") + ") AS (VALUES " + row + strings.Repeat(","+row, count-1) +
		") UPDATE members SET " + strings.Join(set, ",") + " FROM new WHERE members.tenant=? AND members.id=new.id" +
		" AND members.version=new.was"
}

// sqlite is the text that inserts count rows. Its parameters are bare question marks: numbered ones would be looked
// up by name, each in time linear in their number.
func (in insertion) sqlite(count int) string {
	row := "(?" + strings.Repeat(",?", len(in.columns)-1) + ")"
	return "INSERT INTO " + in.table + " (" + strings.Join(in.columns, ",") + ") VALUES " + row +
		strings.Repeat(","+row, count-1) + in.conflict()
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
