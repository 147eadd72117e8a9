package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/index"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// partEntries is how many members a part speaks of that isn't a batch's.
const partEntries = 16_000

// MaintainIndex rebuilds the tenant's index from the members if it isn't kept, or if rebuild says so. It compacts an index
// that is costly to read. It comes once a run has applied its plan, and does nothing if another run claimed the tenant since.
func (s *Store) MaintainIndex(ctx context.Context, tenant string, run uuid.UUID, rebuild bool) error {
	return s.db.Transact(ctx, "maintain index", func(tx *database.Tx) error {
		var kept bool
		err := tx.QueryRowContext(ctx, `SELECT indexed FROM states WHERE tenant = $1 AND claim_run = $2`+tx.Dialect.Lock(database.ForUpdate),
			tenant, run[:]).Scan(&kept)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return nil
		case err != nil:
			return err
		case !kept || rebuild:
			return s.reindex(ctx, tx, tenant, s.records(ctx, tenant))
		}
		parts, err := indexParts(ctx, tx, tenant)
		if err != nil || !parts.costly() {
			return err
		}
		return s.compact(ctx, tx, tenant)
	})
}

// compact replaces all parts by as few as possible. They are read beside the transaction.
func (s *Store) compact(ctx context.Context, tx *database.Tx, tenant string) error {
	return s.reindex(ctx, tx, tenant, indexed(s.parts(ctx, tenant, everyPiece), s.records(ctx, tenant),
		func(f index.Found) (index.Record, bool) { return f.Record(), true }))
}

// IndexParts says how a tenant's index is kept.
type IndexParts struct {
	Kept     bool // in parts; else it is made of the members each time
	Parts    int
	Entries  int // in all of them
	Replaced int // about whom another part has something to say too
	Deleted  int // who are no members any more
}

// IndexParts is what is kept of a tenant's index.
func (s *Store) IndexParts(ctx context.Context, tenant string) (IndexParts, error) {
	return indexParts(ctx, s.db.Read, tenant)
}

func indexParts(ctx context.Context, from database.Querier, tenant string) (p IndexParts, err error) {
	var kept int
	err = from.QueryRowContext(ctx, `SELECT count(CASE WHEN s.indexed THEN 1 END), count(p.number), coalesce(sum(p.entries), 0),
		coalesce(sum(p.replaced), 0), coalesce(sum(p.deleted), 0)
		FROM states s LEFT JOIN index_parts p ON p.tenant = s.tenant AND s.indexed WHERE s.tenant = $1`, tenant).
		Scan(&kept, &p.Parts, &p.Entries, &p.Replaced, &p.Deleted)
	if err != nil {
		return IndexParts{}, fmt.Errorf("parts of the index: %w", err)
	}
	p.Kept = kept > 0
	return p, nil
}

// costly is the one rule for compacting an index: a member was deleted, of whom nothing may stay, or reading the parts costs
// more than twice what reading a compacted index costs. Compacting costs about as much as ten reads of it.
func (p IndexParts) costly() bool {
	const (
		perPart = 500         // entries that cost as much as opening a part
		slack   = partEntries // a small index isn't worth the trouble
	)
	return p.Deleted > 0 || p.Entries+perPart*p.Parts > 2*(p.Entries-p.Replaced)+slack
}

// reindex replaces the index that is kept.
func (s *Store) reindex(ctx context.Context, tx *database.Tx, tenant string, records iter.Seq2[index.Record, error]) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM index_parts WHERE tenant = $1`, tenant); err != nil {
		return err
	}
	var builder index.Builder
	flush := func() error {
		part := builder.Part(0)
		rows := tx.Dialect.Rows(indexPartRows())
		putPart(rows, tenant, &part)
		return rows.Write(ctx, tx)
	}
	for r, err := range records {
		if err != nil {
			return err
		}
		if builder.Add(r); builder.Len() < partEntries {
			continue
		}
		if err := flush(); err != nil {
			return err
		}
	}
	if builder.Len() > 0 {
		if err := flush(); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE states SET indexed = true WHERE tenant = $1`, tenant)
	return err
}

// records are those of all members, in the order of their ids.
func (s *Store) records(ctx context.Context, tenant string) iter.Seq2[index.Record, error] {
	var buffer roster.TextBuffer
	decode := func(values [][]byte) roster.Member {
		buffer.Empty()
		return tables.DecodeMember(values, &buffer)
	}
	return func(yield func(index.Record, error) bool) {
		for m, err := range database.StreamBinary(ctx, s.db, database.Query{
			What: "members", Args: []any{tenant}, Text: `SELECT ` + strings.Join(tables.MemberColumns(), ", ") + ` FROM members WHERE tenant = $1 ORDER BY id`,
		}, database.RowDecoder[roster.Member]{Scan: new(tables.MemberScan).Scan, Decode: decode}) {
			if !yield(index.Of(&m), err) {
				return
			}
		}
	}
}
