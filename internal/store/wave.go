package store

import (
	"context"
	"database/sql"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// step is a change made ready to be written.
type step struct {
	seq    int64
	change plan.Change
	audit  []any // a row of auditRows; nil: nothing to tell
	bad    bool  // some text can't be kept
}

// steps makes the batch's changes ready.
func (b Batch) steps() ([]step, error) {
	steps := make([]step, len(b.Changes))
	for i, c := range b.Changes {
		steps[i] = step{seq: b.Base + int64(i) + 1, change: c, bad: !keepable(c)}
		if c.Verb.Op() == "" || steps[i].bad {
			continue
		}
		audit, err := b.auditRow(steps[i].seq, c)
		if err != nil {
			return nil, err
		}
		steps[i].audit = audit
	}
	return steps, nil
}

// keepable tells whether all texts of a change can be kept, by whichever database.
func keepable(c plan.Change) bool {
	var texts []string
	if c.After != nil {
		texts = slices.Concat(c.After.Values[:], []string{c.After.ExternalID, c.After.ExternalKind})
	}
	if c.AfterGroup != nil {
		texts = append(texts, c.AfterGroup.Key, c.AfterGroup.Name)
	}
	for _, text := range texts {
		if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
			return false
		}
	}
	return true
}

// write writes steps in order, in waves.
func (w *writer) write(ctx context.Context, steps []step) error {
	for wave := range waves(steps) {
		if err := w.writeWave(ctx, wave); err != nil {
			return err
		}
	}
	return nil
}

// waves cuts steps where a member, group or membership comes again, so that a set-based write meets each once. Nearly
// always there is one.
func waves(steps []step) iter.Seq[[]step] {
	return func(yield func([]step) bool) {
		seen := make(map[[2]uuid.UUID]bool, len(steps))
		first := 0
		for i, s := range steps {
			subject := [2]uuid.UUID{s.change.Member, s.change.Group}
			if seen[subject] {
				if !yield(steps[first:i]) {
					return
				}
				clear(seen)
				first = i
			}
			seen[subject] = true
		}
		if first < len(steps) {
			yield(steps[first:])
		}
	}
}

// rows are what a wave writes, each kind given one after the other.
type rows struct {
	tenant                   *string
	added, changed, known    []any // of newMemberRows, memberRows, knownRows
	groups, memberships      []any // of groupRows, membershipRows
	goneMembers, goneGroups  []any // ids
	goneMemberships, forgets []any // pairs of group and member; ids of members
	audit                    []any // of auditRows
}

func (w *writer) writeWave(ctx context.Context, wave []step) error {
	standing, err := w.standing(ctx, wave)
	if err != nil {
		return err
	}
	r := rows{tenant: &w.batch.Tenant, audit: make([]any, 0, len(wave)*len(auditRows().columns))}
	r.reserve(wave)
	for _, s := range wave {
		switch {
		case s.bad:
			w.fail(s, BadText)
		case s.moved(standing):
			w.fail(s, Moved)
		default:
			r.take(w.batch, s, standing[s.change.Member])
		}
	}
	return w.writeRows(ctx, &r)
}

// standing is a member as it is before a wave.
type standing struct{ version, created int64 }

// standing is how the members that the wave changes stand, where they are there. They stay so until the transaction
// ends. Those to be added aren't looked for: one that is there is refused by its key.
func (w *writer) standing(ctx context.Context, wave []step) (map[uuid.UUID]standing, error) {
	var ids []uuid.UUID
	for _, s := range wave {
		if s.ofMember() && s.change.Before != nil {
			ids = append(ids, s.change.Member)
		}
	}
	found := make(map[uuid.UUID]standing, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	// Sorted, so that of two who lock the same members one waits for the other and not each for the other.
	condition, keys := w.tx.dialect.within("id", 1, idKeys(sortedIDs(ids)))
	var each standing
	for id, err := range stream(ctx, w.tx, query{
		what: "standing", args: append([]any{w.batch.Tenant}, keys...),
		text: `SELECT id, version, created_at FROM members WHERE tenant = $1 AND ` + condition + ` ORDER BY id` +
			w.tx.dialect.lock(toWrite),
	}, func(rows *sql.Rows) (id uuid.UUID, err error) {
		return id, rows.Scan(&id, &each.version, &each.created)
	}) {
		if err != nil {
			return nil, err
		}
		found[id] = each
	}
	return found, nil
}

// ofMember tells a change of a member from those of groups and memberships.
func (s step) ofMember() bool { return s.change.Member != uuid.Nil && s.change.Group == uuid.Nil }

// moved tells whether the member that is to be changed is at another version than the one the change was made from.
func (s step) moved(found map[uuid.UUID]standing) bool {
	if !s.ofMember() || s.change.Before == nil {
		return false
	}
	there, ok := found[s.change.Member]
	return !ok || there.version != s.change.Before.Version
}

// reserve makes room for the members of a wave.
func (r *rows) reserve(wave []step) {
	width, added, changed := len(memberRows().columns), 0, 0
	for _, s := range wave {
		switch {
		case s.change.Verb == plan.Add:
			added++
		case s.change.After != nil && s.change.Verb != plan.Remember:
			changed++
		}
	}
	r.added, r.changed = make([]any, 0, added*width), make([]any, 0, changed*width)
}

// take adds what s writes. there is its member as it stands.
func (r *rows) take(b Batch, s step, there standing) {
	c := s.change
	switch c.Verb {
	case plan.AddGroup, plan.UpdateGroup:
		r.groups = append(r.groups, b.Tenant, c.Group[:], c.AfterGroup.Key, c.AfterGroup.Name)
	case plan.RemoveGroup:
		r.goneGroups = append(r.goneGroups, c.Group[:])
	case plan.AddMembership:
		r.memberships = append(r.memberships, b.Tenant, c.Group[:], c.Member[:])
	case plan.RemoveMembership:
		r.goneMemberships = append(r.goneMemberships, c.Group[:], c.Member[:])
		if c.Forget {
			r.forgets = append(r.forgets, c.Member[:])
		}
	case plan.Delete:
		r.goneMembers = append(r.goneMembers, c.Member[:])
	case plan.Remember:
		r.known = appendMember(r.known, r.tenant, c.After)
	default:
		if c.Before == nil {
			r.added = appendMember(r.added, r.tenant, stamped(b, c, there))
		} else {
			r.changed = appendMember(r.changed, r.tenant, stamped(b, c, there))
		}
	}
	r.audit = append(r.audit, s.audit...)
}

// stamped is the member after c, with its version and times.
func stamped(b Batch, c plan.Change, there standing) *roster.Member {
	m := *c.After
	m.Version, m.UpdatedAt = there.version+1, b.At
	if c.Before == nil {
		m.CreatedAt = b.At
	} else {
		m.CreatedAt = moment(there.created)
	}
	return &m
}

// writeRows writes a wave's rows: a statement or a few for each kind.
func (w *writer) writeRows(ctx context.Context, r *rows) error {
	for _, part := range []struct {
		into insertion
		rows []any
	}{
		{newMemberRows(), r.added},
		{memberRows(), r.changed},
		{knownRows(), r.known},
		{groupRows(), r.groups},
		{membershipRows(), r.memberships},
	} {
		if err := w.tx.dialect.insert(ctx, w.tx, part.into, part.rows); err != nil {
			return err
		}
	}
	for _, part := range []struct {
		text, columns string
		keys          []any
	}{
		{`DELETE FROM members WHERE tenant = $1 AND `, "id", r.goneMembers},
		{`UPDATE changes SET vals = NULL WHERE tenant = $1 AND vals IS NOT NULL AND `, "member", r.goneMembers},
		{`DELETE FROM groups WHERE tenant = $1 AND `, "id", r.goneGroups},
		{`DELETE FROM memberships WHERE tenant = $1 AND `, "group_id, member_id", r.goneMemberships},
		{`UPDATE members SET row_hash = NULL, row_columns = 0, row_issues = 0, row_content = 0 WHERE tenant = $1 AND `, "id", r.forgets},
	} {
		if len(part.keys) == 0 {
			continue
		}
		condition, keys := w.tx.dialect.within(part.columns, 1, part.keys)
		if _, err := w.tx.ExecContext(ctx, part.text+condition, append([]any{w.batch.Tenant}, keys...)...); err != nil {
			return err
		}
	}
	return w.tx.dialect.insert(ctx, w.tx, auditRows(), r.audit)
}
