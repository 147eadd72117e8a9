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
)

// partEntries is how many members a part speaks of that isn't a batch's.
const partEntries = 16_000

// TendIndex keeps the tenant's index fit to be read, once a run has applied its plan: it is made of the members where it
// isn't kept, or afresh; and put together where it tells of members who are deleted, or is in far too many parts. It does
// nothing when that run isn't the one that claimed the tenant last.
func (s *Store) TendIndex(ctx context.Context, tenant string, run uuid.UUID, afresh bool) error {
	return s.transact(ctx, "tend index", func(tx *transaction) error {
		kept, err := keptIndex(ctx, tx, `SELECT indexed FROM states WHERE tenant = $1 AND claim_run = $2`, tenant, run[:])
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return nil
		case err != nil:
			return err
		case !kept || afresh:
			return s.reindex(ctx, tx, tenant, s.records(ctx, tenant))
		}
		parts, err := indexParts(ctx, tx, tenant)
		if err != nil || parts.Deleted == 0 && !parts.scattered() && !parts.outdated(far) {
			return err
		}
		return s.putTogether(ctx, tx, tenant)
	})
}

// TidyIndex puts the tenant's index together where much of it is out of date: what no sync needs to wait for.
func (s *Store) TidyIndex(ctx context.Context, tenant string) error {
	parts, err := s.IndexParts(ctx, tenant)
	if err != nil || !parts.outdated(near) {
		return err
	}
	return s.transact(ctx, "tidy index", func(tx *transaction) error {
		kept, err := keptIndex(ctx, tx, `SELECT indexed FROM states WHERE tenant = $1`, tenant)
		if err != nil || !kept {
			return err
		}
		return s.putTogether(ctx, tx, tenant)
	})
}

// keptIndex tells whether the index is kept, and keeps everybody else from writing to it until the transaction ends.
func keptIndex(ctx context.Context, tx *transaction, text string, args ...any) (kept bool, err error) {
	err = tx.QueryRowContext(ctx, text+tx.dialect.lock(toWrite), args...).Scan(&kept)
	return kept, err
}

// putTogether makes of all parts as few as there need be. They are read beside the transaction.
func (s *Store) putTogether(ctx context.Context, tx *transaction, tenant string) error {
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
	return indexParts(ctx, s.read, tenant)
}

func indexParts(ctx context.Context, from querier, tenant string) (p IndexParts, err error) {
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

// How much of an index may be out of date before it is put together: one in so many of its entries, once they are more than
// a few. Reading too much costs less than writing all of it, so a sync does that only when most of it is.
const (
	far  = 4.0 / 3
	near = 8.0

	fewOutdated = partEntries / 2
	mostSmall   = 32
)

func (p IndexParts) outdated(oneIn float64) bool {
	return p.Replaced > fewOutdated && float64(p.Replaced)*oneIn > float64(p.Entries)
}

// scattered tells whether there are many more parts than a tenant of that size needs.
func (p IndexParts) scattered() bool { return p.Parts > mostSmall+p.Entries/(partEntries/8) }

// reindex keeps an index in place of the one that is kept.
func (s *Store) reindex(ctx context.Context, tx *transaction, tenant string, records iter.Seq2[index.Record, error]) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM index_parts WHERE tenant = $1`, tenant); err != nil {
		return err
	}
	var d index.Draft
	keep := func() error {
		part := d.Part(0)
		sheet := tx.dialect.sheet(indexPartRows())
		putPart(sheet, tenant, &part)
		return sheet.write(ctx, tx)
	}
	for r, err := range records {
		if err != nil {
			return err
		}
		if d.Add(r); d.Len() < partEntries {
			continue
		}
		if err := keep(); err != nil {
			return err
		}
	}
	if d.Len() > 0 {
		if err := keep(); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE states SET indexed = true WHERE tenant = $1`, tenant)
	return err
}

// records are those of all members, in the database's own order: mostly that of their ids.
func (s *Store) records(ctx context.Context, tenant string) iter.Seq2[index.Record, error] {
	return func(yield func(index.Record, error) bool) {
		for m, err := range streamBinary(ctx, s, query{
			what: "members", args: []any{tenant}, text: `SELECT ` + strings.Join(memberColumns(), ", ") + ` FROM members WHERE tenant = $1`,
		}, form[roster.Member]{scanMember, decodeMember}) {
			if !yield(index.Of(&m), err) {
				return
			}
		}
	}
}
