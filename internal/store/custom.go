package store

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// DropCustom removes the values of all custom fields but those to keep from a tenant's members, and writes an audit row
// for each member who had one. The audit names id as the run. All of it is one transaction, so a repeated DropCustom
// finds nothing to remove. If it removes something, open syncs can't apply anything any more.
func (s *Store) DropCustom(
	ctx context.Context, tenant string, keep roster.CustomFields, id uuid.UUID, at time.Time,
) (done ledger.CustomDropped, err error) {
	err = s.db.Transact(ctx, "drop custom fields", func(tx *database.Tx) error {
		d := customDrop{tx: tx, tenant: tenant, keep: keep, id: id, at: at, names: map[string]bool{}}
		if err := tables.LockState(ctx, tx, tenant); err != nil {
			return err
		}
		if err := d.run(ctx); err != nil {
			return err
		}
		done = ledger.CustomDropped{Fields: slices.Sorted(maps.Keys(d.names)), Members: d.members}
		if d.members == 0 {
			return nil
		}
		return tables.ClosePlans(ctx, tx, tenant)
	})
	return done, err
}

// customDrop removes values of custom fields in one transaction.
type customDrop struct {
	tx      *database.Tx
	tenant  string
	keep    roster.CustomFields
	id      uuid.UUID
	at      time.Time
	names   map[string]bool // fields whose values were removed
	members int
}

func (d *customDrop) run(ctx context.Context) error {
	for last := uuid.Nil; ; {
		members, err := database.Collect(database.Stream(ctx, d.tx, database.Query{
			What: "members with custom fields", Args: []any{d.tenant, last[:], database.MaxKeys},
			Text: `SELECT ` + strings.Join(tables.MemberColumns(), ", ") + ` FROM members
				WHERE tenant = $1 AND id > $2 AND custom <> '' ORDER BY id LIMIT $3` + d.tx.Dialect.Lock(database.ForUpdate),
		}, new(tables.MemberScan).Scan))
		if err != nil || len(members) == 0 {
			return err
		}
		last = members[len(members)-1].ID
		if err := d.write(ctx, d.changes(members)); err != nil {
			return err
		}
	}
}

// changes returns the changes of the members who have a value to remove.
func (d *customDrop) changes(members []roster.Member) []plan.Change {
	var changes []plan.Change
	for i := range members {
		before, after := &members[i], members[i]
		after.Values[roster.Custom] = roster.SelectCustom(before.Values[roster.Custom], func(name string) bool {
			_, kept := d.keep[name]
			if !kept {
				d.names[strings.Clone(name)] = true
			}
			return kept
		})
		if after.Values[roster.Custom] == before.Values[roster.Custom] {
			continue
		}
		after.Version++
		changes = append(changes, plan.Change{
			Verb: plan.Update, Member: after.ID, Before: before, After: &after, Why: plan.CustomDropped,
		})
	}
	return changes
}

// write writes the changes and their audit rows, whose numbers follow all reserved ones.
func (d *customDrop) write(ctx context.Context, changes []plan.Change) error {
	if len(changes) == 0 {
		return nil
	}
	d.members += len(changes)
	var seq int64
	err := d.tx.QueryRowContext(ctx, `UPDATE states SET last_seq = last_seq + $2 WHERE tenant = $1 RETURNING last_seq`,
		d.tenant, len(changes)).Scan(&seq)
	if err != nil {
		return err
	}
	seq -= int64(len(changes))
	revision := database.Revision{Tenant: d.tenant, At: database.Micros(d.at)}
	audit := tables.Auditor{
		Batch: &ledger.Batch{Tenant: d.tenant, Run: d.id, At: d.at}, Rows: d.tx.Dialect.Rows(tables.AuditRows()),
		Numbers: tables.NumbersBySet{},
	}
	for i := range changes {
		revision.Add(&changes[i])
		seq++
		if err := audit.Put(seq, &changes[i]); err != nil {
			return err
		}
	}
	if _, err := d.tx.Dialect.Revise(ctx, d.tx, &revision); err != nil {
		return err
	}
	return audit.Rows.Write(ctx, d.tx)
}
