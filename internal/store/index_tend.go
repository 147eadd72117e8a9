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

const (
	// partEntries is how many members a part speaks of that isn't a batch's.
	partEntries = 16_000

	// The parts of an index are put together when one in so many of their entries is out of date and these are more than a
	// few, or when there are that many parts besides those that a large tenant needs: writing it costs as much as some reads
	// of too much.
	outdatedOneIn = 8
	fewOutdated   = partEntries / 2
	mostSmall     = 32
)

// TendIndex keeps the tenant's index fit to be read, once a run has applied its plan: it is made of the members where it
// isn't kept, or afresh; and put together where it has come to many parts, is out of date in many places, or tells of
// members who are deleted. It does nothing when that run isn't the one that claimed the tenant last.
func (s *Store) TendIndex(ctx context.Context, tenant string, run uuid.UUID, afresh bool) error {
	return s.transact(ctx, "tend index", func(tx *transaction) error {
		var kept bool
		err := tx.QueryRowContext(ctx, `SELECT indexed FROM states WHERE tenant = $1 AND claim_run = $2`+tx.dialect.lock(toWrite),
			tenant, run[:]).Scan(&kept)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		// What is read is read beside the transaction, which has it locked.
		if !kept || afresh {
			return s.reindex(ctx, tx, tenant, s.records(ctx, tenant))
		}
		if parts, err := indexParts(ctx, tx, tenant); err != nil || parts.fit() {
			return err
		}
		return s.reindex(ctx, tx, tenant, indexed(s.parts(ctx, tenant, everyPiece), s.records(ctx, tenant),
			func(f index.Found) (index.Record, bool) { return f.Record(), true }))
	})
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

// fit tells whether the parts are fit to be read as they are.
func (p IndexParts) fit() bool {
	outdated := p.Replaced > fewOutdated && p.Replaced*outdatedOneIn > p.Entries
	return p.Deleted == 0 && !outdated && p.Parts <= mostSmall+p.Entries/(partEntries/8)
}

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
