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

// partEntries is the number of entries in a part that a rebuild or a compaction makes.
const partEntries = 16_000

// MaintainIndex rebuilds the tenant's index from the members if it isn't stored, or if rebuild is true. Otherwise it
// compacts an index that is costly to read. A run calls it after it has applied its plan. It does nothing if another
// run has claimed the tenant.
func (s *Store) MaintainIndex(ctx context.Context, tenant string, run uuid.UUID, rebuild bool) error {
	return s.db.Transact(ctx, "maintain index", func(tx *database.Tx) error {
		var kept bool
		err := tx.QueryRowContext(ctx, `SELECT indexed FROM states WHERE tenant = $1 AND claim_run = $2`+
			tx.Dialect.Lock(database.ForUpdate),
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

// compact replaces all parts by as few as possible. It reads them outside the transaction.
func (s *Store) compact(ctx context.Context, tx *database.Tx, tenant string) error {
	return s.reindex(ctx, tx, tenant, indexed(s.parts(ctx, tenant, everyPiece), s.records(ctx, tenant),
		func(f index.Member) (index.Record, bool) { return f.Record(), true }))
}

// IndexParts describes how a tenant's index is stored.
type IndexParts struct {
	Kept     bool // it is stored in parts; false: each read makes it from the members
	Parts    int
	Entries  int // in all parts
	Replaced int // entries that another part replaces
	Deleted  int // entries that delete a member
}

// IndexParts describes how the tenant's index is stored.
func (s *Store) IndexParts(ctx context.Context, tenant string) (IndexParts, error) {
	return indexParts(ctx, s.db.Read, tenant)
}

func indexParts(ctx context.Context, from database.Querier, tenant string) (p IndexParts, err error) {
	var kept int
	err = from.QueryRowContext(ctx, `SELECT count(CASE WHEN s.indexed THEN 1 END), count(p.number),
		coalesce(sum(p.entries), 0),
		coalesce(sum(p.replaced), 0), coalesce(sum(p.deleted), 0)
		FROM states s LEFT JOIN index_parts p ON p.tenant = s.tenant AND s.indexed WHERE s.tenant = $1`, tenant).
		Scan(&kept, &p.Parts, &p.Entries, &p.Replaced, &p.Deleted)
	if err != nil {
		return IndexParts{}, fmt.Errorf("index parts: %w", err)
	}
	p.Kept = kept > 0
	return p, nil
}

// costly reports whether to compact the index. It does if a member was deleted, because nothing of that member may
// stay. It also does if reading the parts costs more than twice what reading a compacted index costs. Compacting costs
// about as much as ten reads of it.
func (p IndexParts) costly() bool {
	const (
		perPart = 500         // entries that cost as much as opening a part
		slack   = partEntries // a small index isn't worth compacting
	)
	return p.Deleted > 0 || p.Entries+perPart*p.Parts > 2*(p.Entries-p.Replaced)+slack
}

// reindex replaces the stored index.
func (s *Store) reindex(
	ctx context.Context, tx *database.Tx, tenant string, records iter.Seq2[index.Record, error],
) error {
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

// records yields the index records of all members, by member id.
func (s *Store) records(ctx context.Context, tenant string) iter.Seq2[index.Record, error] {
	var buffer roster.TextBuffer
	decode := func(values [][]byte) roster.Member {
		buffer.Reset()
		return tables.DecodeMember(values, &buffer)
	}
	return func(yield func(index.Record, error) bool) {
		for m, err := range database.StreamBinary(ctx, s.db, database.Query{
			What: "members", Args: []any{tenant}, Text: `SELECT ` + strings.Join(tables.MemberColumns(), ", ") + ` FROM
				members WHERE tenant = $1 ORDER BY id`,
		}, database.RowDecoder[roster.Member]{Scan: new(tables.MemberScan).Scan, Decode: decode}) {
			if !yield(index.NewRecord(&m), err) {
				return
			}
		}
	}
}
