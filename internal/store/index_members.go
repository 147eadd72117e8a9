package store

import (
	"context"
	"database/sql"
	"iter"
	"time"
	"unsafe"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store/database"
)

// indexOfMembers reads the index from the members. It computes the keys from the texts, so it shows edits by hand.
//
// What is the same for nearly all members is one column, and NULL for them. Each column costs the database about the
// same, and a NULL costs nothing.
func (s *Store) indexOfMembers(
	ctx context.Context, tenant string, departedBefore time.Time,
) iter.Seq2[roster.Entry, error] {
	var r indexReader
	return database.StreamBinary(ctx, s.db, database.Query{
		What: "index",
		Args: []any{tenant, database.Micros(departedBefore)}, Text: `SELECT id,
		CASE WHEN status = 'active' AND row_hash IS NOT NULL AND row_issues = 0 THEN NULL ELSE CAST(
			CASE WHEN status = 'active' THEN 0 WHEN status = 'inactive' THEN 1 WHEN departed_at >= $2 THEN 2 ELSE 3 END
				+
			CASE WHEN row_hash IS NULL THEN 0 ELSE 4 END + CASE WHEN row_issues = 0 THEN 0 ELSE 8 END AS BIGINT) END,
		external_id, external_kind, email, manager_email FROM members WHERE tenant = $1 ORDER BY id`,
	},
		database.RowDecoder[roster.Entry]{Scan: r.scan, Decode: r.decode})
}

// knownRowsOfMembers reads the known rows from the members.
func (s *Store) knownRowsOfMembers(ctx context.Context, tenant string) iter.Seq2[roster.KnownRow, error] {
	return database.StreamBinary(ctx, s.db, database.Query{What: "known rows", Args: []any{tenant}, Text: `SELECT id,
		row_hash, row_columns, row_custom
		FROM members WHERE tenant = $1 AND row_hash IS NOT NULL AND status <> 'departed' ORDER BY id`},
		database.RowDecoder[roster.KnownRow]{Scan: scanKnownRow, Decode: decodeKnownRow})
}

func scanKnownRow(rows *sql.Rows) (m roster.KnownRow, err error) {
	var id, hash sql.RawBytes
	var columns, custom int64
	err = rows.Scan(&id, &hash, &columns, &custom)
	copy(m.Member[:], id)
	copy(m.Row[:], hash)
	m.Columns, m.Custom = uint64(columns), uint64(custom)
	return m, err
}

func decodeKnownRow(values [][]byte) (m roster.KnownRow) {
	copy(m.Member[:], values[0])
	copy(m.Row[:], values[1])
	m.Columns, m.Custom = database.BigInt(values[2]), database.BigInt(values[3])
	return m
}

// indexReader reads index entries from rows of members.
type indexReader struct {
	lastKind string // nearly all members have the same kind
	lastKey  uint64
}

func (r *indexReader) scan(rows *sql.Rows) (roster.Entry, error) {
	var id, external, kind, email, manager sql.RawBytes
	var traits sql.NullInt64
	if err := rows.Scan(&id, &traits, &external, &kind, &email, &manager); err != nil {
		return roster.Entry{}, err
	}
	return r.entry([][]byte{id, nil, external, kind, email, manager}, traits.Int64, traits.Valid), nil
}

func (r *indexReader) decode(values [][]byte) roster.Entry {
	if values[1] == nil {
		return r.entry(values, 0, false)
	}
	return r.entry(values, int64(database.BigInt(values[1])), true)
}

// entry makes an entry from a row's texts and traits. Without traits the member is active, and its known row has no
// issues.
func (r *indexReader) entry(texts [][]byte, traits int64, valid bool) roster.Entry {
	e := roster.Entry{
		External: keyOf(texts[2]), Kind: r.kind(texts[3]), Email: keyOf(texts[4]), Manager: keyOf(texts[5]),
		HasRow: true,
	}
	copy(e.Member[:], texts[0])
	if valid {
		e.State, e.HasRow, e.HasWarnings = roster.EntryState(traits&3), traits&4 != 0, traits&8 != 0
	}
	return e
}

func (r *indexReader) kind(text []byte) uint64 {
	if string(text) != r.lastKind {
		r.lastKind, r.lastKey = string(text), keyOf(text)
	}
	return r.lastKey
}

// keyOf returns the key of a text without copying it: roster.Key doesn't keep the text.
func keyOf(text []byte) uint64 { return roster.Key(unsafe.String(unsafe.SliceData(text), len(text))) }
