package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rollcall/rollcall/internal/roster"
)

type postgres struct {
	url, tenant string
	conn        *pgx.Conn // reads the index
	others      []*pgx.Conn
}

func (p *postgres) close() {
	for _, conn := range append(p.others, p.conn) {
		_ = conn.Close(context.Background()) // everything was committed
	}
}

func (p *postgres) known(ctx context.Context, x *index) error {
	text := "COPY (SELECT id, external_id, row_hash FROM members WHERE tenant = " + quoted(p.tenant) +
		") TO STDOUT BINARY"
	_, err := p.conn.PgConn().CopyTo(ctx, knownRows{x}, text)
	return err
}

func (p *postgres) last(ctx context.Context) (seq int64, digest string, err error) {
	err = p.conn.QueryRow(ctx, selectState, p.tenant).Scan(&seq, &digest)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, "", nil
	}
	return seq, digest, err
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// knownRows reads COPY rows of an id, an external id and a hash. Each Write has one row, the first also the header.
type knownRows struct{ into *index }

func (k knownRows) Write(row []byte) (int, error) {
	size := len(row)
	if size > 19 && string(row[:6]) == "PGCOPY" {
		row = row[19:]
	}
	if len(row) < 30 { // only the header, or the end
		return size, nil
	}
	id, external := uuid.UUID(row[6:22]), row[26:]
	length := int(binary.BigEndian.Uint32(row[22:]))
	if binary.BigEndian.Uint32(row[2:]) != 16 || length > len(external)-4 {
		return 0, errors.New("expected an id of 16 bytes and a text")
	}
	var hash roster.Hash // none
	copy(hash[:], external[length+4:])
	k.into.add(id, hash, external[:length])
	return size, nil
}

func (p *postgres) lanes(ctx context.Context, r *round) (lanes []lane, err error) {
	for range laneCount {
		conn, err := pgx.Connect(ctx, p.url)
		if err != nil {
			return nil, err
		}
		p.others = append(p.others, conn)
		l := &postgresLane{conn: conn, tenant: p.tenant, at: r.at}
		if err := l.begin(ctx); err != nil {
			return nil, err
		}
		lanes = append(lanes, l)
	}
	return lanes, nil
}

type postgresLane struct {
	conn                                   *pgx.Conn
	tenant                                 string
	at                                     int64
	members, audit, memberships, groupRows *copyRows
}

func (l *postgresLane) begin(ctx context.Context) error {
	for _, table := range []struct {
		into          **copyRows
		name, columns string
	}{
		{&l.members, "members", memberColumns},
		{&l.audit, "changes", auditColumns},
		{&l.memberships, "memberships", membershipColumns},
		{&l.groupRows, "groups", groupColumns},
	} {
		w, err := newCopyRows(ctx, l.conn, table.name, table.columns)
		if err != nil {
			return err
		}
		*table.into = w
	}
	// As in Rollcall: before a filled table is analyzed, a plan would read all of it.
	_, err := l.conn.Exec(ctx, "SET plan_cache_mode = force_generic_plan; BEGIN")
	return err
}

func (l *postgresLane) commit(ctx context.Context) error {
	_, err := l.conn.Exec(ctx, "COMMIT")
	return err
}

func (l *postgresLane) groups(ctx context.Context) (map[string]uuid.UUID, error) {
	rows, err := l.conn.Query(ctx, selectGroups, l.tenant)
	if err != nil {
		return nil, err
	}
	found := map[string]uuid.UUID{}
	var key string
	var id uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&key, &id}, func() error {
		found[key] = id
		return nil
	})
	return found, err
}

func (l *postgresLane) lookup(ctx context.Context, ids []uuid.UUID, each func(*member)) error {
	rows, err := l.conn.Query(ctx, selectMembers+"id = ANY($2)", l.tenant, keys(ids))
	if err != nil {
		return err
	}
	defer rows.Close()
	people, members := make([]person, len(ids)), make([]member, len(ids))
	for n := 0; rows.Next(); n++ {
		if n == len(members) {
			return errors.New("duplicate id")
		}
		m, raw := &members[n], rows.RawValues()
		m.person = &people[n]
		copy(m.id[:], raw[0])
		copy(m.hash[:], raw[3])
		m.version, m.created = whole(raw[1]), whole(raw[2])
		size := 0
		for _, value := range raw[4:] {
			size += len(value)
		}
		text := make([]byte, 0, size) // one allocation for all values
		keep := func(value []byte) []byte {
			from := len(text)
			text = append(text, value...)
			return text[from:]
		}
		m.values[roster.ExternalID] = keep(raw[4])
		for i, value := range raw[5:] {
			m.values[i] = keep(value)
		}
		each(m)
	}
	return rows.Err()
}

func whole(raw []byte) (n int64) {
	switch len(raw) {
	case 8:
		return int64(binary.BigEndian.Uint64(raw))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(raw)))
	}
	return 0
}

// write copies new rows and updates the changed columns of existing members. Deleting and copying existing members
// would cost the server twice as much.
func (l *postgresLane) write(ctx context.Context, w *writes) error {
	var old []*member
	for _, m := range w.members {
		if m.old {
			old = append(old, m)
		} else {
			l.putMember(w.round, m)
		}
	}
	for i := range w.audit {
		l.putAudit(w.round, &w.audit[i])
	}
	for _, g := range w.groups {
		l.groupRows.text(l.tenant)
		l.groupRows.id(g.id)
		l.groupRows.text(g.key)
		l.groupRows.text(g.key)
	}
	for _, pair := range w.memberships {
		l.memberships.text(l.tenant)
		l.memberships.id(pair[0])
		l.memberships.id(pair[1])
	}
	if len(old) > 0 {
		if err := l.update(ctx, old); err != nil {
			return err
		}
	}
	for _, table := range []*copyRows{l.groupRows, l.members, l.memberships, l.audit} {
		if err := table.send(ctx, l.conn); err != nil {
			return err
		}
	}
	return nil
}

// update writes existing members, with one array per column.
func (l *postgresLane) update(ctx context.Context, old []*member) error {
	set, names, arrays := "updated_at = $2, departed_at = 0", "id", "$3::uuid[]"
	args := []any{l.tenant, l.at, each(old, func(m *member) []byte { return m.id[:] })}
	put := func(column, kind string, values any) {
		args = append(args, values)
		set += ", " + column + " = new." + column
		names += ", " + column
		arrays += ", $" + strconv.Itoa(len(args)) + "::" + kind + "[]"
	}
	put("version", "bigint", each(old, func(m *member) int64 { return m.version }))
	put("row_hash", "bytea", each(old, func(m *member) []byte { return m.hash[:] }))
	put("row_columns", "bigint", each(old, func(m *member) int64 { return m.filled }))
	put("row_content", "bigint", each(old, func(m *member) int64 { return m.content }))
	for field := range roster.ValueCount {
		if slices.ContainsFunc(
			old, func(m *member) bool { return !bytes.Equal(m.values[field], m.was.values[field]) },
		) {
			put(
				roster.Field(field).String(), "text",
				each(old, func(m *member) string { return string(m.values[field]) }),
			)
		}
	}
	if _, err := l.conn.Exec(ctx, "UPDATE members SET "+set+" FROM unnest("+arrays+") AS new ("+names+
		") WHERE members.tenant = $1 AND members.id = new.id", args...); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	return nil
}

func each[T any](members []*member, value func(*member) T) []T {
	column := make([]T, len(members))
	for i, m := range members {
		column[i] = value(m)
	}
	return column
}

// keys returns ids in the form that pgx sends for a uuid[] or bytea[].
func keys(ids []uuid.UUID) [][]byte {
	keys := make([][]byte, len(ids))
	for i := range ids {
		keys[i] = ids[i][:]
	}
	return keys
}

func (l *postgresLane) depart(ctx context.Context, ids []uuid.UUID, each func(id uuid.UUID, status string)) error {
	rows, err := l.conn.Query(ctx, `UPDATE members m SET status = 'departed', departed_at = $3, updated_at = $3,
		version = version + 1, row_hash = NULL, row_columns = 0, row_issues = 0, row_content = 0
		FROM (SELECT id, status FROM members WHERE tenant = $1 AND id = ANY($2)) old
		WHERE m.tenant = $1 AND m.id = old.id RETURNING m.id, old.status`, l.tenant, keys(ids), l.at)
	if err != nil {
		return fmt.Errorf("depart: %w", err)
	}
	var id uuid.UUID
	var status string
	if _, err := pgx.ForEachRow(rows, []any{&id, &status}, func() error {
		each(id, status)
		return nil
	}); err != nil {
		return fmt.Errorf("depart: %w", err)
	}
	_, err = l.conn.Exec(ctx, `DELETE FROM memberships WHERE tenant = $1 AND member_id = ANY($2)`, l.tenant, keys(ids))
	return err
}

func (l *postgresLane) finish(ctx context.Context, r *round) error {
	if _, err := l.conn.Exec(ctx, insertRun, r.run[:], r.tenant, r.run.String(), r.at, r.at, "{}"); err != nil {
		return fmt.Errorf("finish: %w", err)
	}
	if !r.changed() {
		return nil
	}
	_, err := l.conn.Exec(ctx, upsertState, r.tenant, r.run[:], r.seq.Load(), hex.EncodeToString(r.digest[:]), r.at)
	return err
}

func (l *postgresLane) putMember(r *round, m *member) {
	w := l.members
	w.text(l.tenant)
	w.id(m.id)
	w.number(m.version)
	w.bytes(m.hash[:])
	w.number(m.filled)
	w.number(0)
	w.number(m.content)
	w.bytes(m.values[roster.ExternalID])
	w.text(r.kind)
	w.number(0)
	w.number(m.created)
	w.number(r.at)
	for _, value := range m.values[:roster.ValueCount] {
		w.bytes(value)
	}
}

func (l *postgresLane) putAudit(r *round, a *audit) {
	w := l.audit
	w.text(l.tenant)
	w.number(a.seq)
	w.id(r.run)
	w.number(r.at)
	w.text(a.op)
	w.id(a.member)
	w.id(a.group)
	w.text(a.why)
	w.text(a.fields)
	if a.values == nil {
		w.null()
	} else {
		w.bytes(a.values)
	}
}
