package erasing

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// eraseRun is an erasure while it is carried out.
type eraseRun struct {
	tenant string
	id     uuid.UUID // the erasure's
	at     time.Time
}

// Erase deletes a person's members and writes the audit rows, in one transaction. The audit keeps the names of the
// deleted fields, and no values. Erase also fences open runs, which may know the person: they can neither write chunks
// nor apply batches. The tenant's next run plans everything again. A repeated Erase writes nothing and returns the
// first result.
//
// The error is ledger.ErrNotFound if there is no such erasure, or if its subject is gone.
func (s *Erasures) Erase(
	ctx context.Context, tenant string, id uuid.UUID, at time.Time,
) (erased ledger.Erased, err error) {
	e := eraseRun{tenant, id, at}
	request, err := s.Erasure(ctx, tenant, id)
	if err != nil {
		return ledger.Erased{}, err
	}
	err = s.db.Transact(ctx, "erase", func(tx *database.Tx) error {
		if err := tables.LockState(ctx, tx, e.tenant); err != nil {
			return err
		}
		var before []byte
		err := tx.QueryRowContext(ctx, `SELECT erased FROM erasures WHERE tenant = $1 AND id = $2`, e.tenant,
			e.id[:]).Scan(&before)
		if err != nil {
			return err
		}
		if len(before) > 0 {
			return json.Unmarshal(before, &erased)
		}
		if request.Subject == nil {
			return ledger.ErrNotFound
		}
		if err := e.fence(ctx, tx); err != nil {
			return err
		}
		x := eraser{tx: tx, eraseRun: e}
		if err := x.eraseMembers(ctx, request.Subject.Members); err != nil {
			return err
		}
		if err := x.eraseLinks(ctx, request.Subject.Externals); err != nil {
			return err
		}
		if err := x.clearManagers(ctx, request.Subject.Emails); err != nil {
			return err
		}
		if err := x.writeAudit(ctx); err != nil {
			return err
		}
		erased = x.erased
		text, err := json.Marshal(erased)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE erasures SET erased = $3 WHERE tenant = $1 AND id = $2`, e.tenant, e.id[:],
			string(text))
		return err
	})
	return erased, err
}

// fence stops all runs under way. Plans made until now can't be claimed, batches of claimed plans can't be applied, and
// stages of open runs can't be written.
func (e eraseRun) fence(ctx context.Context, tx *database.Tx) error {
	if err := tables.ClosePlans(ctx, tx, e.tenant); err != nil {
		return err
	}
	open, err := database.Collect(database.Stream(ctx, tx, database.Query{
		What: "open runs", Args: []any{e.tenant}, Text: `SELECT id FROM runs WHERE tenant = $1 AND finished_at = 0`,
	}, database.ScanID))
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM stages WHERE name = $2 AND run IN
		(SELECT id FROM runs WHERE tenant = $1 AND preview)`, e.tenant, ledger.StageReplay); err != nil {
		return err
	}
	for _, run := range open {
		for _, stage := range ledger.StageNames() {
			_, err := tx.ExecContext(ctx, `INSERT INTO stages (run, name, attempt, cursor, chunks, rows, furthest,
				progress_at, sealed)
				VALUES ($1, $2, $3, '', 0, 0, 0, $4, false)
				ON CONFLICT (run, name) DO UPDATE SET attempt = excluded.attempt WHERE NOT stages.sealed`,
				run[:], stage, noAttempt, database.Micros(e.at))
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// noAttempt is higher than the number of any attempt.
const noAttempt = 1 << 40

func managerErased() roster.WarningSet {
	return roster.WarningSet(0).With(roster.CodeManagerErased, roster.ManagerEmail)
}

// eraser deletes one person.
type eraser struct {
	eraseRun

	tx     *database.Tx
	erased ledger.Erased
	audit  []auditRow
}

// auditRow is an audit row without values.
type auditRow struct {
	op            string
	member, group uuid.UUID
	fields        string
}

// eraseMembers deletes the person's members, with their memberships, withheld removals, links and audit
// values.
func (x *eraser) eraseMembers(ctx context.Context, ids []uuid.UUID) error {
	if len(ids) == 0 {
		return nil
	}
	ids = database.SortedIDs(ids)
	condition, keys := x.tx.Dialect.Within("id", 1, database.IDKeys(ids))
	args := append([]any{x.tenant}, keys...)
	members, err := database.Collect(database.Stream(ctx, x.tx, database.Query{
		What: "members", Args: args, Text: `SELECT ` + strings.Join(tables.MemberColumns(), ", ") + ` FROM members
			WHERE tenant = $1 AND ` +
			condition + ` ORDER BY id` + x.tx.Dialect.Lock(database.ForUpdate),
	}, new(tables.MemberScan).Scan))
	if err != nil {
		return err
	}
	condition, _ = x.tx.Dialect.Within("member_id", 1, database.IDKeys(ids))
	memberships, err := database.Collect(database.Stream(ctx, x.tx, database.Query{
		What: "memberships", Args: args, Text: `SELECT group_id, member_id FROM memberships WHERE tenant = $1
			AND ` + condition +
			` ORDER BY member_id, group_id`,
	}, func(rows *sql.Rows) (m roster.Membership, err error) { return m, rows.Scan(&m.Group, &m.Member) }))
	if err != nil {
		return err
	}
	for _, m := range memberships {
		x.audit = append(x.audit, auditRow{op: plan.RemoveMembership.Op(), member: m.Member, group: m.Group})
	}
	for _, m := range members {
		names, _, err := tables.AuditFields(nil, &plan.Change{Verb: plan.Delete, Member: m.ID, Before: &m},
			tables.NumbersBySet{})
		if err != nil {
			return err
		}
		x.audit = append(x.audit, auditRow{op: plan.ErasedOp, member: m.ID, fields: names})
	}
	x.erased.Members, x.erased.Memberships = len(members), len(memberships)
	for _, part := range []struct{ text, column string }{
		{`DELETE FROM memberships WHERE tenant = $1 AND `, "member_id"},
		{`DELETE FROM members WHERE tenant = $1 AND `, "id"},
		{`DELETE FROM withheld WHERE tenant = $1 AND `, "member_id"},
		{`DELETE FROM links WHERE tenant = $1 AND `, "member_id"},
		{`UPDATE changes SET vals = NULL WHERE tenant = $1 AND vals IS NOT NULL AND `, "member"},
	} {
		condition, _ := x.tx.Dialect.Within(part.column, 1, database.IDKeys(ids))
		if _, err := x.tx.ExecContext(ctx, part.text+condition, args...); err != nil {
			return err
		}
	}
	return nil
}

// eraseLinks deletes what was decided about other members and the person's external ids, with its audit values.
func (x *eraser) eraseLinks(ctx context.Context, externals []erasure.External) error {
	for _, external := range externals {
		_, err := x.tx.ExecContext(ctx, `UPDATE changes SET vals = NULL WHERE tenant = $1 AND op IN ($3, $4)
			AND member IN (SELECT member_id FROM links WHERE tenant = $1 AND external_id = $2)`, x.tenant, external.ID,
			plan.LinkedOp, plan.UnlinkedOp)
		if err != nil {
			return err
		}
		_, err = x.tx.ExecContext(ctx, `DELETE FROM links WHERE tenant = $1 AND external_id = $2`, x.tenant, external.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// clearManagers clears the manager's email of members whose manager the person was. It forgets their rows, so that the
// next sync judges them again.
func (x *eraser) clearManagers(ctx context.Context, emails []string) error {
	if len(emails) == 0 {
		return nil
	}
	args := []any{x.tenant}
	var places []string
	for _, email := range emails {
		args = append(args, email)
		places = append(places, fmt.Sprintf("$%d", len(args)))
	}
	ids, err := database.Collect(database.Stream(ctx, x.tx, database.Query{
		What: "managed members", Args: args, Text: `SELECT id FROM members WHERE tenant = $1 AND manager_email IN (` +
			strings.Join(places, ", ") + `) ORDER BY id` + x.tx.Dialect.Lock(database.ForUpdate),
	}, database.ScanID))
	if err != nil {
		return err
	}
	for _, id := range ids {
		x.audit = append(x.audit, auditRow{
			op: plan.Update.Op(), member: id,
			fields: tables.NumbersOf(roster.FieldSet(0).With(roster.ManagerEmail)),
		})
	}
	x.erased.Managers = len(ids)
	for part := range slices.Chunk(ids, database.MaxKeys) {
		condition, keys := x.tx.Dialect.Within("id", 2, database.IDKeys(part))
		_, err := x.tx.ExecContext(ctx, tables.ForgetRows+`, manager_email = '', version = version + 1, updated_at = $2
			WHERE tenant = $1 AND `+condition, append([]any{x.tenant, database.Micros(x.at)}, keys...)...)
		if err != nil {
			return err
		}
	}
	return nil
}

// writeAudit writes the audit rows. Their numbers follow all reserved ones.
func (x *eraser) writeAudit(ctx context.Context) error {
	var last int64
	err := x.tx.QueryRowContext(ctx, `UPDATE states SET last_seq = last_seq + $2 WHERE tenant = $1 RETURNING last_seq`,
		x.tenant, len(x.audit)).Scan(&last)
	if err != nil {
		return err
	}
	seq := last - int64(len(x.audit))
	for part := range slices.Chunk(x.audit, database.MaxKeys) {
		s := x.tx.Dialect.Rows(tables.AuditRows())
		for i := range part {
			line := &part[i]
			seq++
			s.Text(x.tenant)
			s.Number(seq)
			s.Bytes(x.id[:])
			s.Number(database.Micros(x.at))
			s.Text(line.op)
			s.Bytes(tables.OptionalID(&line.member))
			s.Bytes(tables.OptionalID(&line.group))
			s.Text(string(plan.Erased))
			s.Text(line.fields)
			s.TextBytes(nil)
		}
		if err := s.Write(ctx, x.tx); err != nil {
			return err
		}
	}
	return nil
}
