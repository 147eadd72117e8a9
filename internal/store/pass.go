package store

import (
	"bytes"
	"context"
	"database/sql"
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// step is a change with its audit number.
type step struct {
	seq    int64
	change *plan.Change
}

// steps returns the batch's changes with their audit numbers.
func (b *batch) steps() []step {
	steps := make([]step, len(b.Changes))
	for i := range b.Changes {
		steps[i] = step{seq: b.Base + int64(i) + 1, change: &b.Changes[i]}
	}
	return steps
}

// keepable reports whether all texts of a change can be stored. A value that the member has already can.
func keepable(c *plan.Change) bool {
	if m := c.After; m != nil {
		before := c.Before
		if before == nil {
			before = &tables.NoMember
		}
		for f := range m.Values {
			if m.Values[f] != before.Values[f] && !tables.KeepableText(m.Values[f]) {
				return false
			}
		}
		if !tables.KeepableText(m.ExternalID) || !tables.KeepableText(m.ExternalKind) {
			return false
		}
	}
	return c.AfterGroup == nil || tables.KeepableText(c.AfterGroup.Key) && tables.KeepableText(c.AfterGroup.Name)
}

// passes cuts steps where a member, group or membership repeats, so that a set-based write meets each once. Nearly
// always there is one pass.
func passes(steps []step) iter.Seq[[]step] {
	return func(yield func([]step) bool) {
		if ascending(steps) {
			yield(steps)
			return
		}
		seen := make(map[subject]bool, len(steps))
		first := 0
		for i := range steps {
			of := steps[i].subject()
			if seen[of] {
				if !yield(steps[first:i]) {
					return
				}
				clear(seen)
				first = i
			}
			seen[of] = true
		}
		yield(steps[first:])
	}
}

// subject is what a change is about: a member, a group or a membership.
type subject struct{ member, group uuid.UUID }

func (s *step) subject() subject { return subject{s.change.Member, s.change.Group} }

// ascending reports whether each step's subject comes after the one before. Then no subject repeats.
func ascending(steps []step) bool {
	for i := 1; i < len(steps); i++ {
		a, b := steps[i-1].change, steps[i].change
		order := bytes.Compare(a.Member[:], b.Member[:])
		if order > 0 || order == 0 && bytes.Compare(a.Group[:], b.Group[:]) >= 0 {
			return false
		}
	}
	return true
}

// rows are the rows that one pass writes.
type rows struct {
	batch                         *batch
	whole                         bool
	newMembers, newMemberships    database.Rows // of newMemberRows, newMembershipRows
	audit                         tables.Auditor
	changed, known                database.Revision // of members
	groups, memberships           []any             // values of groupRows and of membershipRows
	deletedMembers, removedGroups []any             // ids
	removedMemberships            []any             // pairs of group and member
	forgottenRows                 []any             // ids of members
	renamed                       []*plan.Change    // members who get another external id of the same kind
}

func newRows(d database.Dialect, b *batch, whole bool) *rows {
	at := database.Micros(b.At)
	return &rows{
		batch: b, whole: whole,
		newMembers: d.Rows(tables.NewMemberRows()), newMemberships: d.Rows(newMembershipRows()),
		audit:   tables.Auditor{Batch: &b.Batch, Rows: d.Rows(tables.AuditRows()), Numbers: tables.NumbersBySet{}},
		changed: database.Revision{Tenant: b.Tenant, At: at}, known: database.Revision{
			Tenant: b.Tenant, At: at,
			KnownOnly: true,
		},
	}
}

// lockVersions returns the versions of the members that steps change, and locks them until the transaction ends.
// Members to add aren't locked: the database refuses an existing key.
func (w *writer) lockVersions(ctx context.Context, steps []step) (map[uuid.UUID]int64, error) {
	var ids []uuid.UUID
	for _, s := range steps {
		if s.ofMember() && s.change.Before != nil {
			ids = append(ids, s.change.Member)
		}
	}
	versions := make(map[uuid.UUID]int64, len(ids))
	if len(ids) == 0 {
		return versions, nil
	}
	// The ids are sorted, so that transactions that lock the same members can't deadlock.
	condition, keys := w.tx.Dialect.Within("id", 1, database.IDKeys(database.SortedIDs(ids)))
	var version int64
	for id, err := range database.Stream(ctx, w.tx, database.Query{
		What: "versions of members", Args: append([]any{w.batch.Tenant}, keys...),
		Text: `SELECT id, version FROM members WHERE tenant = $1 AND ` + condition + ` ORDER BY id` +
			w.tx.Dialect.Lock(database.ForUpdate),
	}, func(rows *sql.Rows) (id uuid.UUID, err error) {
		return id, rows.Scan(&id, &version)
	}) {
		if err != nil {
			return nil, err
		}
		versions[id] = version
	}
	return versions, nil
}

// ofMember reports whether the step changes a member, and not a group or a membership.
func (s step) ofMember() bool { return s.change.Member != uuid.Nil && s.change.Group == uuid.Nil }

// conflicts reports whether the member to change isn't at the version from which the change was made.
func (s step) conflicts(versions map[uuid.UUID]int64) bool {
	if !s.ofMember() || s.change.Before == nil {
		return false
	}
	version, ok := versions[s.change.Member]
	return !ok || version != s.change.Before.Version
}

// take adds the rows of a step. On tables.ErrBadText it may have added some of them.
func (r *rows) take(s step) error {
	c := s.change
	switch c.Verb {
	case plan.AddGroup, plan.UpdateGroup:
		if !keepable(c) {
			return tables.ErrBadText
		}
		r.groups = append(r.groups, r.batch.Tenant, c.Group[:], c.AfterGroup.Key, c.AfterGroup.Name)
	case plan.RemoveGroup:
		r.removedGroups = append(r.removedGroups, c.Group[:])
	case plan.AddMembership:
		r.addMembership(c)
	case plan.RemoveMembership:
		r.removedMemberships = append(r.removedMemberships, c.Group[:], c.Member[:])
		if c.Forget {
			r.forgottenRows = append(r.forgottenRows, c.Member[:])
		}
	case plan.Delete:
		r.deletedMembers = append(r.deletedMembers, c.Member[:])
	case plan.Remember:
		r.known.Add(c)
	default:
		if !tables.KeepableText(c.After.ExternalKind) { // the audit, which checks the other texts, doesn't have it
			return tables.ErrBadText
		}
		if c.Before == nil {
			tables.PutMember(r.newMembers, &r.batch.Batch, c.After)
		} else {
			r.changed.Add(c)
			if renames(c) {
				r.renamed = append(r.renamed, c)
			}
		}
	}
	if c.Verb.Op() != "" {
		return r.audit.Put(s.seq, c)
	}
	return nil
}

// addMembership adds a membership, which nearly always doesn't exist yet.
func (r *rows) addMembership(c *plan.Change) {
	if !r.whole {
		r.memberships = append(r.memberships, r.batch.Tenant, c.Group[:], c.Member[:])
		return
	}
	r.newMemberships.Text(r.batch.Tenant)
	r.newMemberships.Bytes(c.Group[:])
	r.newMemberships.Bytes(c.Member[:])
}

// write writes the rows, with one or a few statements for each kind.
func (r *rows) write(ctx context.Context, tx *database.Tx) error {
	for _, revision := range []*database.Revision{&r.changed, &r.known} {
		if len(revision.Changes) == 0 {
			continue
		}
		written, err := tx.Dialect.Revise(ctx, tx, revision)
		if err != nil {
			return err
		}
		if written != int64(len(revision.Changes)) {
			return errConflict
		}
	}
	if err := r.newMembers.Write(ctx, tx); err != nil {
		return err
	}
	if err := tx.Dialect.Insert(ctx, tx, groupRows(), r.groups); err != nil {
		return err
	}
	if err := tx.Dialect.Insert(ctx, tx, membershipRows(), r.memberships); err != nil {
		return err
	}
	if err := r.newMemberships.Write(ctx, tx); err != nil {
		return err
	}
	if err := r.remove(ctx, tx); err != nil {
		return err
	}
	if err := r.keepFormerIDs(ctx, tx); err != nil {
		return err
	}
	return r.audit.Rows.Write(ctx, tx)
}

// remove deletes members, groups and memberships, and forgets rows.
func (r *rows) remove(ctx context.Context, tx *database.Tx) error {
	for i, part := range []struct {
		text, columns string
		keys          []any
	}{
		{`DELETE FROM members WHERE tenant = $1 AND `, "id", r.deletedMembers},
		{`UPDATE changes SET vals = NULL WHERE tenant = $1 AND vals IS NOT NULL AND `, "member", r.deletedMembers},
		{`DELETE FROM links WHERE tenant = $1 AND `, "member_id", r.deletedMembers},
		{`DELETE FROM groups WHERE tenant = $1 AND `, "id", r.removedGroups},
		{`DELETE FROM memberships WHERE tenant = $1 AND `, "group_id, member_id", r.removedMemberships},
		{`UPDATE members SET row_hash = NULL, row_columns = 0, row_custom = 0, row_issues = 0, row_content = 0 WHERE tenant = $1
			AND `, "id", r.forgottenRows},
	} {
		if len(part.keys) == 0 {
			continue
		}
		condition, keys := tx.Dialect.Within(part.columns, 1, part.keys)
		deleted, err := database.Affected(tx.ExecContext(ctx, part.text+condition,
			append([]any{r.batch.Tenant}, keys...)...))
		if err != nil {
			return err
		}
		if i == 0 && deleted != int64(len(part.keys)) { // of members
			return errConflict
		}
	}
	return nil
}
