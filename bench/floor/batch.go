package main

import (
	"context"
	"encoding/binary"
	"slices"

	"github.com/google/uuid"
	"github.com/zeebo/xxh3"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// batchRows is the number of rows in a batch.
const batchRows = 8192

// batch holds rows that aren't in the index.
type batch struct {
	data   []byte
	rows   []span
	hashes []roster.Hash
}

func (b *batch) add(row []byte, hash roster.Hash) {
	from := len(b.data)
	b.data = append(b.data, row...)
	b.rows, b.hashes = append(b.rows, span{from, len(b.data)}), append(b.hashes, hash)
}

// member is a member in the database or a member to write.
type member struct {
	id      uuid.UUID
	version int64
	created int64
	*person
	filled  int64
	content int64
	old     bool    // exists in the database
	was     *person // values in the database
}

// writes holds the rows that a batch writes.
type writes struct {
	round       *round
	groups      []group
	members     []*member
	memberships [][2]uuid.UUID // group and member
	audit       []audit
}

type group struct {
	id  uuid.UUID
	key string
}

// writer applies batches in one lane.
type writer struct {
	round   *round
	lane    lane
	index   *index
	decode  func(row []byte, into *person) error
	people  []person
	numbers tables.NumbersBySet
}

func newWriter(r *round, l lane, x *index) *writer {
	return &writer{round: r, lane: l, index: x, decode: new(layout).decode, numbers: tables.NumbersBySet{}}
}

// apply updates the members to match a batch's rows.
func (w *writer) apply(ctx context.Context, b *batch) error {
	w.people = slices.Grow(w.people[:0], len(b.rows))[:len(b.rows)]
	for i, row := range b.rows {
		if err := w.decode(b.data[row.from:row.to], &w.people[i]); err != nil {
			return err
		}
		w.people[i].hash = b.hashes[i]
	}
	known, err := w.known(ctx)
	if err != nil {
		return err
	}
	out := &writes{round: w.round, members: make([]*member, len(w.people)), audit: make([]audit, 0, len(w.people))}
	members := make([]member, len(w.people))
	base := w.round.ids.Add(int64(len(w.people))) - int64(len(w.people))
	var did result
	for i := range w.people {
		m := &members[i]
		out.members[i] = m
		w.member(m, &w.people[i], known[string(w.people[i].values[roster.ExternalID])])
		if !m.old {
			m.id = newID(w.round, base+int64(i))
		}
		w.count(&did, out, m, known)
	}
	w.number(out)
	did.joined, did.decoded = len(out.memberships), len(b.rows)
	w.round.add(did)
	w.round.remember(out.members)
	return w.lane.write(ctx, out)
}

// known returns the members of the decoded rows, by external id.
func (w *writer) known(ctx context.Context) (map[string]*member, error) {
	if len(w.index.ids) == 0 {
		return nil, nil //nolint:nilnil // an empty map, read only
	}
	external := make([][]byte, len(w.people))
	for i := range w.people {
		external[i] = w.people[i].values[roster.ExternalID]
	}
	ids := w.index.among(external)
	if len(ids) == 0 {
		return nil, nil //nolint:nilnil // likewise
	}
	known := make(map[string]*member, len(ids))
	return known, w.lane.lookup(ctx, ids, func(m *member) {
		known[string(m.values[roster.ExternalID])] = m
		if at := w.index.find(m.hash); at >= 0 {
			w.index.seen[at] = true
		}
	})
}

// member fills m from its row and from the existing member before, which may be nil.
func (w *writer) member(m *member, p *person, before *member) {
	m.person, m.version, m.created = p, 1, w.round.at
	if before != nil {
		m.id, m.version, m.created, m.old, m.was = before.id, before.version+1, before.created, true, before.person
	}
	m.filled, m.content = p.filled(), p.content()
}

// content returns the hash of the row's values.
func (p *person) content() int64 {
	var text [1024]byte
	b := text[:0]
	for _, value := range p.values {
		b = append(append(b, value...), 0)
	}
	return int64(xxh3.Hash(b))
}

// count adds a member's audit row and memberships.
func (w *writer) count(did *result, out *writes, m *member, known map[string]*member) {
	if m.old {
		before := known[string(m.values[roster.ExternalID])]
		if change, ok := updated(before, m, w.numbers); ok {
			out.audit = append(out.audit, change)
			did.updated++
		} else {
			m.version-- // the values are the same
		}
		return
	}
	out.audit = append(out.audit, added(m, w.numbers))
	did.added++
	for name := range fieldsOf(m.values[roster.Groups]) {
		if id, ok := w.round.groups[string(name)]; ok {
			out.memberships = append(out.memberships, [2]uuid.UUID{id, m.id})
			out.audit = append(out.audit, audit{op: "membership_added", why: "listed", member: m.id, group: id})
		}
	}
}

// depart marks the members that weren't seen as departed.
func (w *writer) depart(ctx context.Context) error {
	out := &writes{round: w.round}
	for ids := range slices.Chunk(w.index.unseen(), batchRows) {
		err := w.lane.depart(ctx, ids, func(id uuid.UUID, status string) {
			out.audit = append(out.audit, departed(id, status))
		})
		if err != nil {
			return err
		}
	}
	w.number(out)
	w.round.add(result{departed: len(out.audit)})
	return w.lane.write(ctx, out)
}

// number assigns numbers to the audit rows.
func (w *writer) number(out *writes) {
	seq := w.round.seq.Add(int64(len(out.audit))) - int64(len(out.audit))
	for i := range out.audit {
		seq++
		out.audit[i].seq = seq
	}
}

func (r *round) add(did result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.decoded += did.decoded
	r.result.added += did.added
	r.result.updated += did.updated
	r.result.departed += did.departed
	r.result.joined += did.joined
}

// remember stores the ids of new members if they are needed.
func (r *round) remember(members []*member) {
	if r.fresh == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range members {
		if !m.old {
			r.fresh[string(m.values[roster.ExternalID])] = m.id
		}
	}
}

// changed reports whether the tenant's state must be written.
func (r *round) changed() bool {
	return r.result.decoded+r.result.departed > 0
}

// newID returns a version 7 UUID. The ids of one run are consecutive, so indexes grow at their end.
func newID(r *round, n int64) (id uuid.UUID) {
	copy(id[:], r.run[:8])
	binary.BigEndian.PutUint64(id[8:], uint64(n))
	id[8] = 0x80 | r.run[8]&0x3f
	return id
}

// readGroups reads the groups and writes the new ones.
func (r *round) readGroups(ctx context.Context, j job, l lane) error {
	if j.paged() {
		return nil // memberships reads them
	}
	names, err := groupNames(ctx, j.groups)
	if err != nil {
		return err
	}
	if r.groups, err = l.groups(ctx); err != nil {
		return err
	}
	out := &writes{round: r}
	for _, name := range names {
		if _, there := r.groups[name]; there {
			continue
		}
		id := newID(r, r.ids.Add(1)-1)
		r.groups[name] = id
		out.groups, out.audit = append(out.groups, group{id, name}), append(out.audit, groupAdded(id, name))
	}
	newWriter(r, l, nil).number(out)
	return l.write(ctx, out)
}
