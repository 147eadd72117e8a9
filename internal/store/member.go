package store

import (
	"bytes"
	"context"
	"iter"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// Members yields all members of a tenant, departed ones included, by id.
func (s *Store) Members(ctx context.Context, tenant string) iter.Seq2[roster.Member, error] {
	return database.StreamBinary(ctx, s.db, database.Query{
		What: "members", Args: []any{tenant},
		Text: `SELECT ` + strings.Join(tables.MemberColumns(), ", ") + ` FROM members WHERE tenant = $1 ORDER BY id`,
	}, database.RowDecoder[roster.Member]{
		Scan:   new(tables.MemberScan).Scan,
		Decode: func(values [][]byte) roster.Member { return tables.DecodeMember(values, new(roster.TextBuffer)) },
	})
}

// MembersByID returns the members with these ids, by id. It leaves out ids that no member has.
func (s *Store) MembersByID(ctx context.Context, tenant string, ids []uuid.UUID) ([]roster.Member, error) {
	return s.MembersInto(ctx, new(roster.MemberBuffer), tenant, ids)
}

// MembersInto is MembersByID with the caller's buffer, which holds the result.
func (s *Store) MembersInto(
	ctx context.Context, buffer *roster.MemberBuffer, tenant string, ids []uuid.UUID,
) ([]roster.Member, error) {
	ids = database.SortedIDs(ids)
	q := database.Query{What: "members by id", Args: []any{tenant}, Text: `SELECT ` +
		strings.Join(tables.MemberColumns(), ", ") + ` FROM members WHERE tenant = $1 AND `}
	found := buffer.Reset(len(ids))
	f := database.RowDecoder[roster.Member]{
		Scan:   new(tables.MemberScan).Scan,
		Decode: func(values [][]byte) roster.Member { return tables.DecodeMember(values, &buffer.Texts) },
	}
	for m, err := range database.StreamMembersAmong(ctx, s.db, database.Among{
		Query: q, Column: "id", Order: "id",
		IDs: ids,
	}, f) {
		if err != nil {
			return nil, err
		}
		for len(ids) > 0 && bytes.Compare(ids[0][:], m.ID[:]) < 0 {
			ids = ids[1:]
		}
		if len(ids) > 0 && ids[0] == m.ID {
			found = append(found, m)
		}
	}
	return found, nil
}

// Departed yields the ids of members who departed before a time, by id.
func (s *Store) Departed(ctx context.Context, tenant string, before time.Time) iter.Seq2[uuid.UUID, error] {
	return database.Stream(ctx, s.db.Read, database.Query{
		What: "departed", Args: []any{tenant, database.Micros(before)},
		Text: `SELECT id FROM members WHERE tenant = $1 AND departed_at <> 0 AND departed_at < $2 ORDER BY id`,
	}, database.ScanID)
}
