package main

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
	_ "modernc.org/sqlite" // the driver

	"github.com/rollcall/rollcall/internal/roster"
)

// sqliteRows is the number of rows per INSERT, sqliteKeys the number of keys per query.
const (
	sqliteRows = 100
	sqliteKeys = 1000
)

// sqlitePragmas are those of Rollcall's store, for the same durability, except the cache. Rollcall's is a quarter of
// this.
const sqlitePragmas = "_pragma=busy_timeout(30000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=foreign_keys(ON)&_pragma=journal_size_limit(268435456)&_pragma=wal_autocheckpoint(64000)" +
	"&_pragma=temp_store(MEMORY)&_pragma=cache_size(-32000)"

type sqlite struct {
	db     *sql.DB
	tenant string
}

func openSQLite(ctx context.Context, path, tenant string) (database, error) {
	address := url.URL{Scheme: "file", Path: path, RawQuery: sqlitePragmas + "&_txlock=immediate"}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, err
	}
	return &sqlite{db: db, tenant: tenant}, db.PingContext(ctx)
}

func (s *sqlite) close() { _ = s.db.Close() } // everything was committed

func (s *sqlite) known(ctx context.Context, x *index) error {
	rows, err := s.db.QueryContext(ctx, "SELECT id, external_id, row_hash FROM members WHERE tenant = $1", s.tenant)
	if err != nil {
		return err
	}
	defer rows.Close()
	var id, external, raw sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&id, &external, &raw); err != nil {
			return err
		}
		var hash roster.Hash // none
		copy(hash[:], raw)
		x.add(uuid.UUID(id), hash, external)
	}
	return rows.Err()
}

func (s *sqlite) last(ctx context.Context) (seq int64, digest string, err error) {
	err = s.db.QueryRowContext(ctx, selectState, s.tenant).Scan(&seq, &digest)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", nil
	}
	return seq, digest, err
}

// lanes returns one lane, because SQLite has one writer. Its transaction starts with its first use.
func (s *sqlite) lanes(_ context.Context, r *round) ([]lane, error) {
	return []lane{&sqliteLane{db: s.db, tenant: s.tenant, at: r.at, rows: newTables()}}, nil
}

type sqliteLane struct {
	db     *sql.DB
	tx     *sql.Tx
	tenant string
	at     int64
	rows   tableInserts
}

func (l *sqliteLane) begin(ctx context.Context) (err error) {
	if l.tx == nil {
		l.tx, err = l.db.BeginTx(context.WithoutCancel(ctx), nil)
	}
	return err
}

func (l *sqliteLane) commit(context.Context) error {
	if l.tx == nil {
		return nil
	}
	return l.tx.Commit()
}

func (l *sqliteLane) groups(ctx context.Context) (map[string]uuid.UUID, error) {
	rows, err := l.db.QueryContext(ctx, selectGroups, l.tenant)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]uuid.UUID{}
	for rows.Next() {
		var key string
		var id uuid.UUID
		if err := rows.Scan(&key, &id); err != nil {
			return nil, err
		}
		found[key] = id
	}
	return found, rows.Err()
}

func (l *sqliteLane) lookup(ctx context.Context, ids []uuid.UUID, each func(*member)) error {
	if err := l.begin(ctx); err != nil {
		return err
	}
	for part := range slices.Chunk(ids, sqliteKeys) {
		args := []any{l.tenant}
		for i := range part {
			args = append(args, part[i][:])
		}
		rows, err := l.tx.QueryContext(ctx, among(len(part), selectMembers+"id IN (?)"), args...)
		if err != nil {
			return err
		}
		if err := l.found(rows, each); err != nil {
			return err
		}
	}
	return nil
}

func (l *sqliteLane) found(rows *sql.Rows, each func(*member)) error {
	defer rows.Close()
	for rows.Next() {
		m := &member{person: &person{}}
		var hash sql.RawBytes
		into := []any{&m.id, &m.version, &m.created, &hash, &m.values[roster.ExternalID]}
		for field := range roster.ValueCount {
			into = append(into, &m.values[field])
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		copy(m.hash[:], hash)
		each(m)
	}
	return rows.Err()
}

// among extends a statement's IN (?) to a number of keys.
func among(keys int, text string) string {
	return strings.Replace(text, "IN (?)", "IN ("+marks(keys)+")", 1)
}

func marks(count int) string { return "?" + strings.Repeat(",?", count-1) }

func (l *sqliteLane) depart(ctx context.Context, ids []uuid.UUID, each func(id uuid.UUID, status string)) error {
	if err := l.begin(ctx); err != nil {
		return err
	}
	for part := range slices.Chunk(ids, sqliteKeys) {
		keys := []any{l.tenant}
		for i := range part {
			keys = append(keys, part[i][:])
		}
		if err := l.statuses(ctx, keys, each); err != nil {
			return err
		}
		if _, err := l.tx.ExecContext(ctx, among(len(part), `UPDATE members SET status = 'departed', departed_at = ?,
			updated_at = ?, version = version + 1, row_hash = NULL, row_columns = 0, row_issues = 0, row_content = 0
			WHERE tenant = ? AND id IN (?)`), append([]any{l.at, l.at}, keys...)...); err != nil {
			return err
		}
		leave := among(len(part), "DELETE FROM memberships WHERE tenant = ? AND member_id IN (?)")
		if _, err := l.tx.ExecContext(ctx, leave, keys...); err != nil {
			return err
		}
	}
	return nil
}

// statuses is the query for members by the tenant and their ids.
func (l *sqliteLane) statuses(ctx context.Context, keys []any, each func(id uuid.UUID, status string)) error {
	text := among(len(keys)-1, "SELECT id, status FROM members WHERE tenant = ? AND id IN (?)")
	rows, err := l.tx.QueryContext(ctx, text, keys...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id uuid.UUID
		var status string
		if err := rows.Scan(&id, &status); err != nil {
			return err
		}
		each(id, status)
	}
	return rows.Err()
}

func (l *sqliteLane) finish(ctx context.Context, r *round) error {
	if err := l.begin(ctx); err != nil {
		return err
	}
	_, err := l.tx.ExecContext(ctx, insertRun, r.run[:], r.tenant, r.run.String(), r.at, r.at, "{}")
	if err != nil || !r.changed() {
		return err
	}
	_, err = l.tx.ExecContext(ctx, upsertState, r.tenant, r.run[:], r.seq.Load(), hex.EncodeToString(r.digest[:]), r.at)
	return err
}
