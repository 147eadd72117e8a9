// Package sqlite implements database.Dialect for SQLite, with a driver in pure Go.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
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
	// rowsAtOnce is the number of rows in an INSERT. Fewer rows need more statements, and more rows are no faster
	// (measured).
	rowsAtOnce = 100

	// pragmas are set on every connection. A connection waits up to 30 s for another process's transaction. A
	// checkpoint every 256 MB instead of every 4 MB writes index pages less often (measured).
	pragmas = "_pragma=busy_timeout(30000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(ON)&_pragma=journal_size_limit(268435456)&_pragma=wal_autocheckpoint(64000)" +
		"&_pragma=secure_delete(ON)"

	// writerPragmas are set on the connection that writes. A larger cache is no faster (measured). A statement that
	// writes many rows copies each page before changing it, so that it can be rolled back. It keeps the copies in
	// memory: a file would need two writes for each page.
	writerPragmas = "&_pragma=cache_size(-8000)&_pragma=temp_store(MEMORY)&_txlock=immediate"

	// readerPragmas are set on the connections that read. There are several, and what they read is read once.
	readerPragmas = "&_pragma=query_only(ON)&_pragma=cache_size(-500)"
)

// dialect has one connection that writes. Writers of this process queue for it in order. Writers of other processes
// wait for the file's lock at BEGIN IMMEDIATE.
type dialect struct {
	insertions map[string]*sql.Stmt // prepared on the writing connection for rowsAtOnce rows, by text
}

// Open opens a database file, creates it if it doesn't exist, and brings its schema up to date. It prepares the
// insertions in frequent. A *database.OpenError says why the file can't be opened, and what to do about it.
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
	read, err := sql.Open("sqlite", fileURL(path, pragmas+readerPragmas))
	if err != nil {
		return nil, errors.Join(cannotOpen(path, err), write.Close())
	}
	read.SetMaxIdleConns(8)
	return &database.DB{Write: write, Read: database.Connections{DB: read}, Dialect: dialect}, nil
}

// touch creates a file unless it exists, and checks that it can be written. SQLite would create it readable by others,
// and it will hold personal data.
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

// Isolation returns nil: SQLite has a single isolation level.
func (d *dialect) Isolation() *sql.TxOptions { return nil }

// Lock returns "": a transaction that writes is alone from its beginning.
func (d *dialect) Lock(database.LockStrength) string { return "" }

// Binary returns false: SQLite has no binary format.
func (d *dialect) Binary(context.Context, *sql.DB, database.Query, func([][]byte) bool) (bool, error) {
	return false, nil
}

// LargestValue implements database.Dialect: SQLite stores a long value as a chain of pages.
func (d *dialect) LargestValue() int { return math.MaxInt32 }

// rows collects the arguments of INSERT statements.
type rows struct {
	dialect *dialect
	into    database.Insertion
	values  []any
}

// buffers pools the memory of written rows.
var buffers reuse.Pool[[]any] //nolint:gochecknoglobals // memory only

// Rows implements database.Dialect.
func (d *dialect) Rows(into database.Insertion) database.Rows {
	return &rows{dialect: d, into: into, values: (*buffers.Take())[:0]}
}

// Text implements database.Rows.
func (s *rows) Text(value string) { s.values = append(s.values, value) }

// Number implements database.Rows.
func (s *rows) Number(value int64) { s.values = append(s.values, value) }

// Bytes implements database.Rows.
func (s *rows) Bytes(value []byte) {
	if value == nil {
		s.values = append(s.values, nil)
	} else {
		s.values = append(s.values, value)
	}
}

// TextBytes implements database.Rows.
func (s *rows) TextBytes(value []byte) {
	if value == nil {
		s.values = append(s.values, nil)
	} else {
		s.values = append(s.values, string(value))
	}
}

// Write implements database.Rows.
func (s *rows) Write(ctx context.Context, tx *database.Tx) error {
	if err := s.dialect.Insert(ctx, tx, s.into, s.values); err != nil {
		return err
	}
	clear(s.values)
	buffers.Put(&s.values)
	return nil
}

// Insert implements database.Dialect.
func (d *dialect) Insert(ctx context.Context, tx *database.Tx, in database.Insertion, rows []any) error {
	for part := range slices.Chunk(rows, rowsAtOnce*len(in.Columns)) {
		if err := d.execute(ctx, tx, insertText(in, len(part)/len(in.Columns)), part); err != nil {
			return fmt.Errorf("insert into %s: %w", in.Table, err)
		}
	}
	return nil
}

// execute runs a statement, with its prepared form if there is one.
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

// Revise implements database.Dialect. It sends the columns of rowsAtOnce members at a time.
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

// revisionText returns the statement that revises count members.
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

// insertText returns the statement that inserts count rows. Its parameters are bare question marks, because SQLite
// looks numbered ones up by name, in time linear in their number.
func insertText(in database.Insertion, count int) string {
	row := "(?" + strings.Repeat(",?", len(in.Columns)-1) + ")"
	return "INSERT INTO " + in.Table + " (" + strings.Join(in.Columns, ",") + ") VALUES " + row +
		strings.Repeat(","+row, count-1) + in.Conflict()
}

// Within implements database.Dialect.
func (d *dialect) Within(columns string, _ int, keys []any) (string, []any) {
	width := 1 + strings.Count(columns, ",")
	if width == 1 {
		return columns + " IN (?" + strings.Repeat(",?", len(keys)-1) + ")", keys
	}
	row := "(?" + strings.Repeat(",?", width-1) + ")"
	return "(" + columns + ") IN (VALUES " + row + strings.Repeat(","+row, len(keys)/width-1) + ")", keys
}

// Refused implements database.Dialect.
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

// Duplicate implements database.Dialect.
func (d *dialect) Duplicate(err error) bool {
	var refusal *sqlite.Error
	return errors.As(err, &refusal) && refusal.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

// Overwrite copies the log into the database and truncates it. SQLite itself overwrites freed pages (secure_delete).
// Readers may keep part of the log. Then the next checkpoint copies that part, and later writes overwrite the log from
// its beginning.
func (d *dialect) Overwrite(ctx context.Context, db *sql.DB) error {
	var busy, pages, moved int
	return db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved)
}

// Close closes the prepared statements.
func (d *dialect) Close() error {
	var errs []error
	for _, stmt := range d.insertions {
		errs = append(errs, stmt.Close())
	}
	return errors.Join(errs...)
}
