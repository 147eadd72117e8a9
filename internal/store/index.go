package store

import (
	"context"
	"database/sql"
	"iter"
	"time"
	"unsafe"

	"github.com/rollcall/rollcall/internal/roster"
)

// Index is the tenant's index: an entry for each member, by id. Who departed before gone is StateGone. The keys are
// made of the texts as they are read, so that an edit by hand can't leave them behind.
func (s *Store) Index(ctx context.Context, tenant string, gone time.Time) iter.Seq2[roster.Entry, error] {
	r := indexReader{gone: micros(gone)}
	return streamBinary(ctx, s, query{what: "index", args: []any{tenant}, text: `SELECT id, row_hash, row_columns, row_issues,
		row_content, status, departed_at, external_id, external_kind, email, manager_email
		FROM members WHERE tenant = $1 ORDER BY id`}, form[roster.Entry]{r.scan, r.decode})
}

// Recall is the part of the index that reading a directory needs: of each member who is present and knows a row. The order
// is the database's own, which is quicker by far: half of the time goes into sorting, and into columns.
func (s *Store) Recall(ctx context.Context, tenant string) iter.Seq2[roster.Recalled, error] {
	return streamBinary(ctx, s, query{what: "known rows", args: []any{tenant}, text: `SELECT id, row_hash, row_columns
		FROM members WHERE tenant = $1 AND row_hash IS NOT NULL AND status <> 'departed'`},
		form[roster.Recalled]{scanRecalled, decodeRecalled})
}

func scanRecalled(rows *sql.Rows) (m roster.Recalled, err error) {
	var id, hash sql.RawBytes
	var columns int64
	err = rows.Scan(&id, &hash, &columns)
	copy(m.Member[:], id)
	copy(m.Row[:], hash)
	m.Columns = uint64(columns)
	return m, err
}

func decodeRecalled(values [][]byte) (m roster.Recalled) {
	copy(m.Member[:], values[0])
	copy(m.Row[:], values[1])
	m.Columns = whole(values[2])
	return m
}

// indexReader makes entries of rows.
type indexReader struct {
	gone     int64
	lastKind string // nearly all have the same
	lastKey  uint64
}

func (r *indexReader) scan(rows *sql.Rows) (roster.Entry, error) {
	var e roster.Entry
	var id, hash sql.RawBytes
	var status, external, kind, email, manager string
	var columns, issues, content, departed int64
	err := rows.Scan(&id, &hash, &columns, &issues, &content, &status, &departed, &external, &kind, &email, &manager)
	if err != nil {
		return e, err
	}
	copy(e.Member[:], id)
	copy(e.Known.Row[:], hash)
	e.Known.Columns, e.Known.Issues, e.Known.Content = uint64(columns), roster.Codes(issues), uint64(content)
	e.External, e.Kind, e.Email, e.Manager = roster.Key(external), r.kind(kind), roster.Key(email), roster.Key(manager)
	e.State = indexState(status, departed < r.gone)
	return e, nil
}

func (r *indexReader) decode(values [][]byte) (e roster.Entry) {
	copy(e.Member[:], values[0])
	copy(e.Known.Row[:], values[1])
	e.Known.Columns, e.Known.Issues, e.Known.Content = whole(values[2]), roster.Codes(whole(values[3])), whole(values[4])
	e.External, e.Email, e.Manager = keyOf(values[7]), keyOf(values[9]), keyOf(values[10])
	e.Kind = r.lastKey
	if string(values[8]) != r.lastKind {
		e.Kind = r.kind(string(values[8]))
	}
	e.State = indexState(string(values[5]), int64(whole(values[6])) < r.gone)
	return e
}

func (r *indexReader) kind(text string) uint64 {
	if text != r.lastKind {
		r.lastKind, r.lastKey = text, roster.Key(text)
	}
	return r.lastKey
}

// keyOf is the key of a text that is read in place: Key doesn't keep it.
func keyOf(text []byte) uint64 { return roster.Key(unsafe.String(unsafe.SliceData(text), len(text))) }

func indexState(status string, gone bool) roster.State {
	switch {
	case status == roster.Inactive:
		return roster.StateInactive
	case status == roster.Departed && gone:
		return roster.StateGone
	case status == roster.Departed:
		return roster.StateDeparted
	}
	return roster.StateActive
}
