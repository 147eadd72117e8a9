// Package sqlite is the dialect of SQLite, in process and in pure Go.
package sqlite

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
	"github.com/rollcall/rollcall/internal/store/database"
)

const (
	// rowsAtOnce is how many rows an INSERT writes: fewer cost more statements, more are no faster (measured).
	rowsAtOnce = 100

	// pragmas hold for every connection. Another process's transaction is waited for up to 30 s; a checkpoint at
	// every 256 MB instead of 4 writes pages of indexes less often (measured).
	pragmas = "_pragma=busy_timeout(30000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(ON)&_pragma=journal_size_limit(268435456)&_pragma=wal_autocheckpoint(64000)" +
		"&_pragma=secure_delete(ON)"

	// writerPragmas hold for the connection that writes. A larger cache is no faster (measured). A statement of many rows
	// copies each page before it changes it, so that it can be undone when a row is refused: in memory instead of a file,
	// which would take two writes a page.
	writerPragmas = "&_pragma=cache_size(-8000)&_pragma=temp_store(MEMORY)&_txlock=immediate"
)

// dialect is SQLite, in process and pure Go. One connection writes, so that writers of this process queue for
// it in order; writers of others wait for the file's lock at BEGIN IMMEDIATE.
type dialect struct {
	insertions map[string]*sql.Stmt // by text, for rowsAtOnce rows each, of the writing connection
}

// Open opens the database file, creates it if there is none, and brings its schema up to date. Frequent are insertions to
// prepare. A *database.OpenError says what to do when that can't be.
func Open(ctx context.Context, path string, frequent ...database.Insertion) (*database.DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, cannotOpen(path, err)
	}
	if err := touch(path); err != nil {
		return nil, cannotOpen(path, err)
	}
	if err := migrate(ctx, path); err != nil {
		return nil, err
	}
	write, err := sql.Open("sqlite", fileURL(path, pragmas+writerPragmas))
	if err != nil {
		return nil, cannotOpen(path, err)
	}
	write.SetMaxOpenConns(1)
	dialect, err := prepare(ctx, write, frequent)
	if err != nil {
		return nil, errors.Join(cannotOpen(path, err), write.Close())
	}
	read, err := sql.Open("sqlite", fileURL(path, pragmas+"&_pragma=query_only(ON)"))
	if err != nil {
		return nil, errors.Join(cannotOpen(path, err), write.Close())
	}
	read.SetMaxIdleConns(8)
	return &database.DB{Write: write, Read: database.Connections{DB: read}, Dialect: dialect}, nil
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

func fileURL(path, options string) string {
	return (&url.URL{Scheme: "file", Path: path, RawQuery: options}).String()
}

func cannotOpen(path string, err error) error {
	return &database.OpenError{
		Detail: fmt.Sprintf("the database %s can't be opened", path), Err: err,
		Hint: "check that the directory is there, is on a local disk that isn't full, and may be written by this user",
	}
}

func prepare(ctx context.Context, db *sql.DB, frequent []database.Insertion) (*dialect, error) {
	d := &dialect{insertions: map[string]*sql.Stmt{}}
	for _, in := range frequent {
		text := insertText(in, rowsAtOnce)
		stmt, err := db.PrepareContext(ctx, text) //nolint:sqlclosecheck // lives as long as the store: close closes it
		if err != nil {
			return nil, errors.Join(err, d.Close())
		}
		d.insertions[text] = stmt
	}
	return d, nil
}

// Isolation is SQLite's only one.
func (d *dialect) Isolation() *sql.TxOptions { return nil }

// Lock is nothing: a transaction that writes is alone from its beginning.
func (d *dialect) Lock(database.LockStrength) string { return "" }

func (d *dialect) Binary(context.Context, *sql.DB, database.Query, func([][]byte) bool) (bool, error) {
	return false, nil
}

// rows is the arguments of its INSERTs.
type rows struct {
	dialect *dialect
	into    database.Insertion
	values  []any
}

// buffers is memory of rows that were written.
var buffers reuse.Pool[[]any] //nolint:gochecknoglobals // memory only

func (d *dialect) Rows(into database.Insertion) database.Rows {
	return &rows{dialect: d, into: into, values: (*buffers.Take())[:0]}
}

func (s *rows) Text(value string)  { s.values = append(s.values, value) }
func (s *rows) Number(value int64) { s.values = append(s.values, value) }

func (s *rows) Bytes(value []byte) {
	if value == nil {
		s.values = append(s.values, nil)
	} else {
		s.values = append(s.values, value)
	}
}

func (s *rows) TextBytes(value []byte) {
	if value == nil {
		s.values = append(s.values, nil)
	} else {
		s.values = append(s.values, string(value))
	}
}

func (s *rows) Write(ctx context.Context, tx *database.Tx) error {
	if err := s.dialect.Insert(ctx, tx, s.into, s.values); err != nil {
		return err
	}
	clear(s.values)
	buffers.Put(&s.values)
	return nil
}

func (d *dialect) Insert(ctx context.Context, tx *database.Tx, in database.Insertion, rows []any) error {
	for part := range slices.Chunk(rows, rowsAtOnce*len(in.Columns)) {
		if err := d.execute(ctx, tx, insertText(in, len(part)/len(in.Columns)), part); err != nil {
			return fmt.Errorf("insert into %s: %w", in.Table, err)
		}
	}
	return nil
}

// execute runs a statement, one that was prepared if there is one of that text.
func (d *dialect) execute(ctx context.Context, tx *database.Tx, text string, args []any) error {
	stmt := d.insertions[text]
	if stmt == nil {
		_, err := tx.ExecContext(ctx, text, args...)
		return err
	}
	//nolint:sqlclosecheck // the transaction's end closes it
	_, err := tx.StmtContext(ctx, stmt).ExecContext(ctx, args...)
	return database.Unavailable(err)
}

// Revise gives the columns of some members at a time.
func (d *dialect) Revise(ctx context.Context, tx *database.Tx, r *database.Revision) (written int64, err error) {
	columns := r.Columns()
	var whole *sql.Stmt // for rowsAtOnce members: parsing it takes as long as running it
	for part := range slices.Chunk(r.Changes, rowsAtOnce) {
		args := make([]any, 0, len(part)*(2+len(columns))+2)
		for _, c := range part {
			args = append(args, c.Member[:], c.Before.Version)
			for _, column := range columns {
				args = append(args, column.Value(c.After))
			}
		}
		if !r.KnownOnly {
			args = append(args, r.At)
		}
		args = append(args, r.Tenant)
		if whole == nil && len(part) == rowsAtOnce {
			//nolint:sqlclosecheck // once the batch is through
			if whole, err = tx.PrepareContext(ctx, revisionText(r, columns, rowsAtOnce)); err != nil {
				return 0, fmt.Errorf("revise members: %w", database.Unavailable(err))
			}
			defer whole.Close()
		}
		var count int64
		if len(part) == rowsAtOnce {
			count, err = database.Affected(whole.ExecContext(ctx, args...))
		} else {
			count, err = database.Affected(tx.ExecContext(ctx, revisionText(r, columns, len(part)), args...))
		}
		if err != nil {
			return 0, fmt.Errorf("revise members: %w", database.Unavailable(err))
		}
		written += count
	}
	return written, nil
}

// revisionText is the text that revises count members.
func revisionText(r *database.Revision, columns []database.MemberColumn, count int) string {
	names, set := []string{"id", "was"}, make([]string, len(columns), len(columns)+2)
	for i, column := range columns {
		names = append(names, column.Name)
		set[i] = column.Name + "=new." + column.Name
	}
	if !r.KnownOnly {
		set = append(set, "version=members.version+1", "updated_at=?")
	}
	row := "(?,?" + strings.Repeat(",?", len(columns)) + ")"
	return "WITH new (" + strings.Join(names, ",") + ") AS (VALUES " + row + strings.Repeat(","+row, count-1) +
		") UPDATE members SET " + strings.Join(set, ",") + " FROM new WHERE members.tenant=? AND members.id=new.id" +
		" AND members.version=new.was"
}

// revisionText is the text that inserts count rows. Its parameters are bare question marks: numbered ones would be looked
// up by name, each in time linear in their number.
func insertText(in database.Insertion, count int) string {
	row := "(?" + strings.Repeat(",?", len(in.Columns)-1) + ")"
	return "INSERT INTO " + in.Table + " (" + strings.Join(in.Columns, ",") + ") VALUES " + row +
		strings.Repeat(","+row, count-1) + in.Conflict()
}

func (d *dialect) Within(columns string, _ int, keys []any) (string, []any) {
	width := 1 + strings.Count(columns, ",")
	if width == 1 {
		return columns + " IN (?" + strings.Repeat(",?", len(keys)-1) + ")", keys
	}
	row := "(?" + strings.Repeat(",?", width-1) + ")"
	return "(" + columns + ") IN (VALUES " + row + strings.Repeat(","+row, len(keys)/width-1) + ")", keys
}

func (d *dialect) Refused(err error) bool {
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

func (d *dialect) Duplicate(err error) bool {
	var refusal *sqlite.Error
	return errors.As(err, &refusal) && refusal.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

// Overwrite brings the log into the database and empties it. Freed pages are overwritten by themselves (secure_delete). Readers
// may keep some of the log back: then the next checkpoint takes it, and the log is overwritten from its beginning.
func (d *dialect) Overwrite(ctx context.Context, db *sql.DB) error {
	var busy, pages, moved int
	return db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved)
}

func (d *dialect) Close() error {
	var errs []error
	for _, stmt := range d.insertions {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}
