package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"

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

// Links returns a tenant's links as the check of a roster needs them, the newest first.
func (s *Store) Links(ctx context.Context, tenant string) (links []roster.Link, err error) {
	found, err := database.Collect(s.LinksOf(ctx, tenant))
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b ledger.Link) int { return b.At.Compare(a.At) })
	for _, l := range found {
		links = append(links, roster.Link{
			Member: l.Member, External: roster.Key(l.ExternalID), Folded: foldedKey(l.ExternalID),
			Kind: roster.Key(l.Kind), Apart: l.Apart, Former: l.Former(), Request: l.Request,
		})
	}
	return links, nil
}

func foldedKey(external string) uint64 { return roster.Key(roster.Fold(external)) }

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
	id     uuid.UUID     // of the request
	own    string        // the member's external id before
	kind   string        // of own
	links  []ledger.Link // of the tenant, before
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
		for _, step := range []func(context.Context) error{l.readMember, l.complete, l.spell, l.replace, l.forget, l.writeAudit} {
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

// readMember reads the member's own id, and the tenant's links.
func (l *linking) readMember(ctx context.Context) (err error) {
	if l.links, err = database.Collect(linksOf(ctx, l.tx, l.tenant)); err != nil {
		return err
	}
	err = l.tx.QueryRowContext(ctx, `SELECT external_id, external_kind FROM members WHERE tenant = $1 AND id = $2`+
		l.tx.Dialect.Lock(database.ForUpdate), l.tenant, l.Member[:]).Scan(&l.own, &l.kind)
	return database.WrapNotFound(err, "member")
}

// complete finds the external id if it isn't given, and its kind: that of the member's own id, or that of most members.
func (l *linking) complete(ctx context.Context) error {
	if l.ExternalID == "" {
		for _, other := range l.links {
			if other.Member == l.Member && !other.Apart && !other.Former() && !sameID(other.ExternalID, l.own) {
				return &ledger.UnlinkError{Own: l.own, Linked: other.ExternalID}
			}
		}
		if l.own == "" {
			return &ledger.UnlinkError{}
		}
		l.ExternalID = l.own
	}
	if l.Kind = l.kind; sameID(l.ExternalID, l.own) {
		return nil
	}
	err := l.tx.QueryRowContext(ctx, `SELECT external_kind FROM members WHERE tenant = $1 AND external_kind <> ''
		GROUP BY external_kind ORDER BY count(*) DESC, external_kind LIMIT 1`, l.tenant).Scan(&l.Kind)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// sameID reports whether two external ids differ in letter case at most.
func sameID(a, b string) bool { return roster.Fold(a) == roster.Fold(b) }

// spell writes the external id as it is known: as the member has it, else as members or links have it, if they do.
func (l *linking) spell(ctx context.Context) error {
	if sameID(l.ExternalID, l.own) {
		l.ExternalID = l.own
		return nil
	}
	spelled := l.ExternalID
	for external, err := range database.Stream(ctx, l.tx, database.Query{
		What: "external ids", Args: []any{l.tenant}, Text: `SELECT external_id FROM members
			WHERE tenant = $1 AND external_id <> '' UNION ALL SELECT external_id FROM links WHERE tenant = $1`,
	}, func(rows *sql.Rows) (external string, err error) { return external, rows.Scan(&external) }) {
		switch {
		case err != nil:
			return err
		case external == l.ExternalID:
			return nil
		case sameID(external, l.ExternalID):
			spelled = external
		}
	}
	l.ExternalID = spelled
	return nil
}

// contradicts reports whether the link replaces another one: about the same member and id, or, between two links to ids of
// members, about the same id, or to another id than the member's former ones.
func (l *linking) contradicts(other ledger.Link) bool {
	if other.Member == l.Member && sameID(other.ExternalID, l.ExternalID) {
		return true
	}
	return !other.Apart && !l.Apart &&
		(other.ExternalID == l.ExternalID || other.Member == l.Member && !other.Former())
}

// replace stores the link in place of those that it contradicts.
func (l *linking) replace(ctx context.Context) error {
	for _, other := range l.links {
		if !l.contradicts(other) {
			continue
		}
		_, err := l.tx.ExecContext(ctx, `DELETE FROM links WHERE tenant = $1 AND member_id = $2 AND external_id = $3`,
			l.tenant, other.Member[:], other.ExternalID)
		if err != nil {
			return err
		}
	}
	_, err := l.tx.ExecContext(ctx, `INSERT INTO links (tenant, member_id, external_id, external_kind, apart, request,
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

// auditFields returns what changes at once: the member's own external id if the member forgets it. Otherwise the decision
// changes only what syncs do.
func (l *linking) auditFields() (names string, values []byte, err error) {
	switch {
	case !l.Apart:
		return tables.LinkedIDFields("", l.ExternalID)
	case l.ExternalID != l.own:
		return tables.LinkedIDFields(l.ExternalID, "")
	}
	return tables.AuditFields(nil, &plan.Change{
		Verb: plan.Update, Before: &roster.Member{ExternalID: l.own, ExternalKind: l.kind}, After: &roster.Member{},
	}, tables.NumbersBySet{})
}

// writeAudit writes the audit row. Its number follows all reserved ones.
func (l *linking) writeAudit(ctx context.Context) error {
	op, why := plan.LinkedOp, plan.Linked
	if l.Apart {
		op, why = plan.UnlinkedOp, plan.Unlinked
	}
	names, values, err := l.auditFields()
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

// renames reports whether a change gives a member another external id in place of one of the same kind.
func renames(c *plan.Change) bool {
	return c.Before.ExternalID != "" && !sameID(c.Before.ExternalID, c.After.ExternalID) &&
		c.Before.ExternalKind == c.After.ExternalKind
}

// keepFormerIDs keeps the former ids of members who learned a linked one, as links without a request.
func (r *rows) keepFormerIDs(ctx context.Context, tx *database.Tx) error {
	if len(r.renamed) == 0 {
		return nil
	}
	type pair struct {
		member uuid.UUID
		id     string
	}
	linked := map[pair]bool{}
	for l, err := range linksOf(ctx, tx, r.batch.Tenant) {
		if err != nil {
			return err
		}
		if !l.Apart {
			linked[pair{l.Member, roster.Fold(l.ExternalID)}] = true
		}
	}
	for _, c := range r.renamed {
		if !linked[pair{c.Member, roster.Fold(c.After.ExternalID)}] {
			continue
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO links (tenant, member_id, external_id, external_kind, apart, request,
			created_at) VALUES ($1, $2, $3, $4, false, '', $5) ON CONFLICT (tenant, member_id, external_id) DO NOTHING`,
			r.batch.Tenant, c.Member[:], c.Before.ExternalID, c.Before.ExternalKind, database.Micros(r.batch.At))
		if err != nil {
			return err
		}
	}
	return nil
}
