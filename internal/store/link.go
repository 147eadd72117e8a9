package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// Link decides that an external id is that of a member, and stores the request. It replaces what was decided about this
// pair, the member's link to another id, and another member's link to this id. The next sync reads the rows of
// everybody concerned again. Open syncs can't apply anything any more. The id of the request must be a UUID: the audit
// names it as the run.
//
// The error is ledger.ErrNotFound if there is no such member.
func (s *Store) Link(ctx context.Context, r Request, member uuid.UUID, external string) (ledger.Link, error) {
	return s.decideLink(ctx, r, ledger.Link{Member: member, ExternalID: external})
}

// Unlink decides that an external id isn't that of a member, and stores the request. If external is "", it is the
// member's own. The member forgets the id if it has it. Otherwise Unlink is as Link.
//
// The error is ledger.ErrNotFound if there is no such member, or a *ledger.UnlinkError if external is "" and it isn't
// clear which id is meant.
func (s *Store) Unlink(ctx context.Context, r Request, member uuid.UUID, external string) (ledger.Link, error) {
	return s.decideLink(ctx, r, ledger.Link{Member: member, ExternalID: external, Apart: true})
}

// LinksOf yields a tenant's links, by member and external id.
func (s *Store) LinksOf(ctx context.Context, tenant string) iter.Seq2[ledger.Link, error] {
	return linksOf(ctx, s.db.Read, tenant)
}

// Links returns a tenant's links as the check of a roster needs them.
func (s *Store) Links(ctx context.Context, tenant string) (links []roster.Link, err error) {
	for l, err := range s.LinksOf(ctx, tenant) {
		if err != nil {
			return nil, err
		}
		links = append(links, roster.Link{
			Member: l.Member, External: roster.Key(l.ExternalID), Kind: roster.Key(l.Kind), Apart: l.Apart,
			Request: l.Request,
		})
	}
	return links, nil
}

func linksOf(ctx context.Context, from database.Querier, tenant string) iter.Seq2[ledger.Link, error] {
	return database.Stream(ctx, from, database.Query{
		What: "links", Args: []any{tenant}, Text: `SELECT member_id, external_id, external_kind, apart, request,
			created_at FROM links WHERE tenant = $1 ORDER BY member_id, external_id`,
	}, func(rows *sql.Rows) (l ledger.Link, err error) {
		var at int64
		err = rows.Scan(&l.Member, &l.ExternalID, &l.Kind, &l.Apart, &l.Request, &at)
		l.At = database.FromMicros(at)
		return l, err
	})
}

// linking is a decision about a link while it is stored.
type linking struct {
	ledger.Link

	tx     *database.Tx
	tenant string
	id     uuid.UUID // of the request
	own    string    // the member's external id before
	kind   string    // of own
}

func (s *Store) decideLink(ctx context.Context, r Request, link ledger.Link) (ledger.Link, error) {
	id, err := uuid.Parse(r.ID)
	if err != nil {
		return ledger.Link{}, fmt.Errorf("the request's id: %w", err)
	}
	link.Request, link.At = r.ID, r.At
	l := linking{Link: link, tenant: r.Tenant, id: id}
	err = s.db.Transact(ctx, r.Verb, func(tx *database.Tx) error {
		l.Link, l.tx = link, tx
		if err := tables.LockState(ctx, tx, r.Tenant); err != nil {
			return err
		}
		for _, step := range []func(context.Context) error{l.readMember, l.complete, l.replace, l.forget, l.writeAudit} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		if err := putRequest(ctx, tx, r); err != nil {
			return err
		}
		return tables.ClosePlans(ctx, tx, r.Tenant)
	})
	return l.Link, err
}

func (l *linking) readMember(ctx context.Context) error {
	err := l.tx.QueryRowContext(ctx, `SELECT external_id, external_kind FROM members WHERE tenant = $1 AND id = $2`+
		l.tx.Dialect.Lock(database.ForUpdate), l.tenant, l.Member[:]).Scan(&l.own, &l.kind)
	return database.WrapNotFound(err, "member")
}

// complete finds the external id if it isn't given, and its kind: that of the member's own id, or that of most members.
func (l *linking) complete(ctx context.Context) error {
	if l.ExternalID == "" {
		for other, err := range linksOf(ctx, l.tx, l.tenant) {
			if err != nil {
				return err
			}
			if other.Member == l.Member && !other.Apart && other.ExternalID != l.own {
				return &ledger.UnlinkError{Own: l.own, Linked: other.ExternalID}
			}
		}
		if l.own == "" {
			return &ledger.UnlinkError{}
		}
		l.ExternalID = l.own
	}
	if l.Kind = l.kind; l.ExternalID == l.own {
		return nil
	}
	err := l.tx.QueryRowContext(ctx, `SELECT external_kind FROM members WHERE tenant = $1 AND external_kind <> ''
		GROUP BY external_kind ORDER BY count(*) DESC, external_kind LIMIT 1`, l.tenant).Scan(&l.Kind)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// replace stores the link in place of those that it contradicts.
func (l *linking) replace(ctx context.Context) error {
	_, err := l.tx.ExecContext(ctx, `DELETE FROM links WHERE tenant = $1 AND (member_id = $2 AND external_id = $3
		OR NOT apart AND NOT $4 AND (member_id = $2 OR external_id = $3))`,
		l.tenant, l.Member[:], l.ExternalID, l.Apart)
	if err != nil {
		return err
	}
	_, err = l.tx.ExecContext(ctx, `INSERT INTO links (tenant, member_id, external_id, external_kind, apart, request,
		created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`, l.tenant, l.Member[:], l.ExternalID, l.Kind, l.Apart,
		l.Request, database.Micros(l.At))
	return err
}

// forget makes the rows unknown of the member and of those who have the id, so that the next sync reads them. A member
// from whom the id is kept apart forgets it.
func (l *linking) forget(ctx context.Context) error {
	_, err := l.tx.ExecContext(ctx, tables.ForgetRows+` WHERE tenant = $1 AND (id = $2 OR external_id = $3)`, l.tenant,
		l.Member[:], l.ExternalID)
	if err != nil || !l.Apart || l.own != l.ExternalID {
		return err
	}
	_, err = l.tx.ExecContext(ctx, `UPDATE members SET external_id = '', external_kind = '', version = version + 1,
		updated_at = $3 WHERE tenant = $1 AND id = $2`, l.tenant, l.Member[:], database.Micros(l.At))
	return err
}

// writeAudit writes the audit row. Its number follows all reserved ones.
func (l *linking) writeAudit(ctx context.Context) error {
	op, why, before, after := plan.LinkedOp, plan.Linked, l.own, l.ExternalID
	if l.Apart {
		op, why, before, after = plan.UnlinkedOp, plan.Unlinked, l.ExternalID, ""
	}
	names, values, err := tables.AuditFields(nil, &plan.Change{
		Verb: plan.Update, Before: &roster.Member{ExternalID: before, ExternalKind: "before"},
		After: &roster.Member{ExternalID: after},
	}, tables.NumbersBySet{})
	if err != nil {
		return err
	}
	var seq int64
	err = l.tx.QueryRowContext(ctx, `UPDATE states SET last_seq = last_seq + 1 WHERE tenant = $1 RETURNING last_seq`,
		l.tenant).Scan(&seq)
	if err != nil {
		return err
	}
	_, err = l.tx.ExecContext(ctx, `INSERT INTO changes (tenant, `+tables.AuditColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $8, $9)`, l.tenant, seq, l.id[:], database.Micros(l.At), op,
		l.Member[:], string(why), names, string(values))
	return err
}
