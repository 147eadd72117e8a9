package store

import (
	"context"
	"database/sql"
	"iter"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/index"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// The stored index of a tenant always agrees with its members. Each batch adds a part with its changes, in its own
// transaction. An erasure drops all parts, and MaintainIndex rebuilds them after the next run that changes anything.

func indexPartRows() database.Insertion {
	return database.Insertion{Table: "index_parts", Columns: []string{
		"tenant", "low", "number", "entries", "replaced", "deleted", "members", "rows", "keys",
	}}
}

// putPart adds a part to rows made for indexPartRows.
func putPart(s database.Rows, tenant string, p *index.Part) {
	s.Text(tenant)
	s.Bytes(p.Low[:])
	s.Number(p.Number)
	s.Number(int64(p.Entries))
	s.Number(int64(p.Replaced))
	s.Number(int64(p.Deleted))
	s.Bytes(p.Members)
	s.Bytes(p.Rows)
	s.Bytes(p.Keys)
}

// storedPart is a part of an index, or none.
type storedPart struct {
	index.Part      // its memory is the database's
	indexed    bool // false: the index isn't stored
}

// pieces are the columns of a part that are read in addition to its members.
type pieces string

const (
	rowsOnly   pieces = "p.rows, NULL"
	keysOnly   pieces = "NULL, p.keys"
	everyPiece pieces = "p.rows, p.keys"
)

// parts yields the parts of a tenant's index in the order that an index.Merger needs. If there are none, a single row
// tells whether the index is stored. A tenant that was never synced has no row.
func (s *Store) parts(ctx context.Context, tenant string, read pieces) iter.Seq2[storedPart, error] {
	return database.StreamBinary(ctx, s.db, database.Query{What: "index", Args: []any{tenant}, Text: `SELECT s.indexed,
		p.number, p.low, p.entries,
		p.members, ` + string(read) + ` FROM states s LEFT JOIN index_parts p ON p.tenant = s.tenant AND s.indexed
		WHERE s.tenant = $1 ORDER BY p.low, p.number`}, database.RowDecoder[storedPart]{
		Scan:   scanPart,
		Decode: decodePart,
	})
}

func scanPart(rows *sql.Rows) (p storedPart, err error) {
	var number, entries sql.NullInt64
	var low, members, known, keys sql.RawBytes
	err = rows.Scan(&p.indexed, &number, &low, &entries, &members, &known, &keys)
	copy(p.Low[:], low)
	p.Number, p.Entries = number.Int64, int(entries.Int64)
	p.Members, p.Rows, p.Keys = members, known, keys
	return p, err
}

func decodePart(values [][]byte) (p storedPart) {
	p.indexed = values[0][0] != 0
	if values[1] == nil {
		return p
	}
	copy(p.Low[:], values[2])
	p.Number, p.Entries = int64(database.BigInt(values[1])), int(database.BigInt(values[3]))
	p.Members, p.Rows, p.Keys = values[4], values[5], values[6]
	return p
}

// buildPart returns the index part of steps. Within a pass, rows are forgotten last, as in the database.
func buildPart(steps []step) *index.Builder {
	b := &index.Builder{}
	for pass := range passes(steps) {
		for _, s := range pass {
			switch c := s.change; {
			case !s.ofMember():
			case c.Verb == plan.Delete:
				b.Delete(c.Member)
			case c.Before == nil:
				b.Add(index.NewRecord(c.After))
			default:
				b.Change(index.NewRecord(c.After))
			}
		}
		for _, s := range pass {
			if s.change.Forget {
				b.ForgetRow(s.change.Member)
			}
		}
	}
	return b
}

// rereadPart returns the index part of steps of which some failed. It reads the members as they are in the transaction.
func rereadPart(ctx context.Context, tx *database.Tx, tenant string, steps []step) (*index.Builder, error) {
	b := &index.Builder{}
	var ids []uuid.UUID
	for _, s := range steps {
		if s.ofMember() || s.change.Forget {
			ids = append(ids, s.change.Member)
		}
	}
	for part := range slices.Chunk(database.SortedIDs(ids), database.MaxKeys) {
		condition, keys := tx.Dialect.Within("id", 1, database.IDKeys(part))
		for m, err := range database.Stream(ctx, tx, database.Query{
			What: "members", Args: append([]any{tenant}, keys...),
			Text: `SELECT ` + strings.Join(tables.MemberColumns(), ", ") + ` FROM members WHERE tenant = $1
				AND ` + condition,
		}, new(tables.MemberScan).Scan) {
			if err != nil {
				return nil, err
			}
			part = slices.DeleteFunc(part, func(id uuid.UUID) bool { return id == m.ID })
			b.Change(index.NewRecord(&m))
		}
		for _, id := range part {
			b.Delete(id)
		}
	}
	return b, nil
}

// appendPart adds a batch's part to the tenant's index. The part's number is the batch's base: batches that change the
// same member have ascending bases.
func (b *batch) appendPart(ctx context.Context, tx *database.Tx, d *index.Builder) error {
	if d.Len() == 0 {
		return nil
	}
	part := d.Part(b.Base)
	s := tx.Dialect.Rows(indexPartRows())
	putPart(s, b.Tenant, &part)
	return s.Write(ctx, tx)
}
