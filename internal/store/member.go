package store

import (
	"bytes"
	"context"
	"database/sql"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
)

// memberColumns are the columns of members but for the tenant: the fixed ones, then one a field in the field's order.
func memberColumns() []string {
	columns := []string{
		"id", "version", "row_hash", "row_columns", "row_issues", "row_content", "external_id", "external_kind",
		"departed_at", "created_at", "updated_at",
	}
	for f := range roster.ValueFields() {
		columns = append(columns, f.String())
	}
	return columns
}

// newMemberRows are whole members that aren't there.
func newMemberRows() insertion {
	return insertion{table: "members", columns: append([]string{"tenant"}, memberColumns()...)}
}

// hashBytes is how a row's hash is kept; the zero Hash is NULL.
func hashBytes(h *roster.Hash) []byte {
	if *h == (roster.Hash{}) {
		return nil
	}
	return h[:]
}

// memberScan scans one member after the other, of one stream.
type memberScan struct {
	member                                               roster.Member
	hash                                                 sql.RawBytes
	columns, issues, content, departed, created, updated int64

	into []any // all of these, in the order of memberColumns
}

func (s *memberScan) scan(rows *sql.Rows) (roster.Member, error) {
	m := &s.member
	if s.into == nil {
		s.into = []any{
			&m.ID, &m.Version, &s.hash, &s.columns, &s.issues, &s.content, &m.ExternalID, &m.ExternalKind, &s.departed, &s.created,
			&s.updated,
		}
		for f := range m.Values {
			s.into = append(s.into, &m.Values[f])
		}
	}
	if err := rows.Scan(s.into...); err != nil {
		return roster.Member{}, err
	}
	m.Known = roster.Known{Columns: uint64(s.columns), Issues: roster.Codes(s.issues), Content: uint64(s.content)}
	copy(m.Known.Row[:], s.hash)
	m.DepartedAt, m.CreatedAt, m.UpdatedAt = moment(s.departed), moment(s.created), moment(s.updated)
	return *m, nil
}

// decodeMember writes the texts of a member into room.
func decodeMember(values [][]byte, room *roster.TextRoom) (m roster.Member) {
	copy(m.ID[:], values[0])
	copy(m.Known.Row[:], values[2])
	m.Version = int64(whole(values[1]))
	m.Known.Columns, m.Known.Issues, m.Known.Content = whole(values[3]), roster.Codes(whole(values[4])), whole(values[5])
	departed, created, updated := int64(whole(values[8])), int64(whole(values[9])), int64(whole(values[10]))
	m.DepartedAt, m.CreatedAt, m.UpdatedAt = moment(departed), moment(created), moment(updated)
	size := len(values[6]) + len(values[7])
	for _, value := range values[11:] {
		size += len(value)
	}
	room.Grow(size)
	m.ExternalID, m.ExternalKind = room.Put(values[6]), room.Put(values[7])
	for f := range m.Values {
		m.Values[f] = room.Put(values[11+f])
	}
	return m
}

// Members are all members of a tenant, the departed too, by id.
func (s *Store) Members(ctx context.Context, tenant string) iter.Seq2[roster.Member, error] {
	return streamBinary(ctx, s, query{
		what: "members", args: []any{tenant},
		text: `SELECT ` + strings.Join(memberColumns(), ", ") + ` FROM members WHERE tenant = $1 ORDER BY id`,
	}, form[roster.Member]{new(memberScan).scan, func(values [][]byte) roster.Member { return decodeMember(values, new(roster.TextRoom)) }})
}

// MembersByID are those of the members that are there, by id.
func (s *Store) MembersByID(ctx context.Context, tenant string, ids []uuid.UUID) ([]roster.Member, error) {
	return s.MembersIn(ctx, new(roster.MemberRoom), tenant, ids)
}

// MembersIn is MembersByID in a room.
func (s *Store) MembersIn(ctx context.Context, room *roster.MemberRoom, tenant string, ids []uuid.UUID) ([]roster.Member, error) {
	ids = sortedIDs(ids)
	q := query{what: "members by id", args: []any{tenant}, text: `SELECT ` + strings.Join(memberColumns(), ", ") + ` FROM members WHERE tenant = $1 AND `}
	found := room.Empty(len(ids))
	f := form[roster.Member]{new(memberScan).scan, func(values [][]byte) roster.Member { return decodeMember(values, &room.Texts) }}
	for m, err := range streamAlong(ctx, s, among{query: q, column: "id", order: "id", ids: ids}, f) {
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

// streamAlong streams the members of some ids, and perhaps others between them: where most of those between the first and
// the last are asked for, that is a walk along the index, which costs the database half of what finding each does.
func streamAlong(ctx context.Context, s *Store, q among, f form[roster.Member]) iter.Seq2[roster.Member, error] {
	if len(q.ids) < 2 {
		return streamAmong(ctx, s, q, f)
	}
	first, last := q.ids[0], q.ids[len(q.ids)-1]
	if rows, ok := roster.RowsBetween(first, last); !ok || rows > 2*len(q.ids) {
		return streamAmong(ctx, s, q, f)
	}
	q.text += q.column + ` >= $2 AND ` + q.column + ` <= $3 ORDER BY ` + q.order
	q.args = append(q.args, first[:], last[:])
	return streamBinary(ctx, s, q.query, f)
}

// Departed are the ids of members that departed before then, by id.
func (s *Store) Departed(ctx context.Context, tenant string, before time.Time) iter.Seq2[uuid.UUID, error] {
	return stream(ctx, s.read, query{
		what: "departed", args: []any{tenant, micros(before)},
		text: `SELECT id FROM members WHERE tenant = $1 AND departed_at <> 0 AND departed_at < $2 ORDER BY id`,
	}, scanID)
}

// among is a query about the rows in whose column is one of ids: its text ends where that condition goes.
type among struct {
	query
	column string
	order  string // begins with column
	ids    []uuid.UUID
}

// streamAmong streams the rows of a query about any number of ids, in the query's order.
func streamAmong[T any](ctx context.Context, s *Store, q among, f form[T]) iter.Seq2[T, error] {
	ids := sortedIDs(q.ids)
	return func(yield func(T, error) bool) {
		for part := range slices.Chunk(ids, most) {
			condition, keys := s.dialect.within(q.column, len(q.args), idKeys(part))
			for row, err := range streamBinary(ctx, s, query{
				what: q.what, text: q.text + condition + " ORDER BY " + q.order, args: slices.Concat(q.args, keys),
			}, f) {
				if !yield(row, err) || err != nil {
					return
				}
			}
		}
	}
}

// sortedIDs are the ids without repetition, in the database's order.
func sortedIDs(ids []uuid.UUID) []uuid.UUID {
	sorted := slices.Clone(ids)
	slices.SortFunc(sorted, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(sorted)
}

func idKeys(ids []uuid.UUID) []any {
	keys := make([]any, len(ids))
	for i := range ids {
		keys[i] = ids[i][:]
	}
	return keys
}
