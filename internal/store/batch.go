package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// batch is a batch while it is applied.
type batch struct{ ledger.Batch }

// ApplyBatch applies a batch and marks it in the ledger, in one transaction with its audit. A marked batch isn't
// applied again: ApplyBatch returns its first result. A change that can't be applied is listed in the result, and all
// others are applied.
//
// The error is ledger.ErrSuperseded if another run has claimed the tenant.
func (s *Store) ApplyBatch(ctx context.Context, given ledger.Batch) (ledger.Applied, error) {
	b := &batch{given}
	what := fmt.Sprintf("apply batch %d", b.Number)
	steps := b.steps()
	applied, err := s.applyWhole(ctx, what, b, steps)
	if errors.Is(err, errConflict) || errors.Is(err, tables.ErrBadText) || s.db.Dialect.Refused(err) {
		return s.applySplit(ctx, what, b, steps)
	}
	return applied, err
}

// errConflict says that a member isn't at the version from which its change was made.
var errConflict = errors.New("members have moved")

// applyWhole applies a batch without splitting it. If any change can't be applied it returns an error and writes
// nothing.
func (s *Store) applyWhole(
	ctx context.Context, what string, b *batch, steps []step,
) (applied ledger.Applied, err error) {
	// Everything possible is prepared before the transaction, which makes other writers wait.
	var parts []*rows
	for pass := range passes(steps) {
		part := newRows(s.db.Dialect, b, true)
		for _, step := range pass {
			if err := part.take(step); err != nil {
				return ledger.Applied{}, fmt.Errorf("%s: %w", what, err)
			}
		}
		parts = append(parts, part)
	}
	w, part := writer{batch: b}, buildPart(steps)
	err = s.db.Transact(ctx, what, func(tx *database.Tx) error {
		w.tx, applied = tx, w.applied(steps)
		isNew, indexed, err := b.begin(ctx, tx, &applied, w.recent(steps))
		if err != nil || !isNew {
			return err
		}
		if err := w.lockDeleted(ctx, steps); err != nil {
			return err
		}
		for _, part := range parts {
			if err := part.write(ctx, tx); err != nil {
				return err
			}
		}
		if !indexed {
			return nil
		}
		return b.appendPart(ctx, tx, part)
	})
	if err != nil {
		return ledger.Applied{}, err
	}
	return applied, nil
}

// applySplit applies the changes of a batch that can be applied, and finds those that can't.
func (s *Store) applySplit(
	ctx context.Context, what string, b *batch, steps []step,
) (applied ledger.Applied, err error) {
	err = s.db.Transact(ctx, what, func(tx *database.Tx) error {
		isNew, indexed, err := b.begin(ctx, tx, &applied, ledger.Recent{})
		if err != nil || !isNew {
			return err
		}
		w := writer{tx: tx, batch: b}
		if err := w.bisect(ctx, steps); err != nil {
			return err
		}
		if indexed {
			part, err := rereadPart(ctx, tx, b.Tenant, steps)
			if err != nil {
				return err
			}
			if err := b.appendPart(ctx, tx, part); err != nil {
				return err
			}
		}
		applied = w.applied(steps)
		return b.complete(ctx, tx, applied, w.recent(steps))
	})
	if err != nil {
		return ledger.Applied{}, err
	}
	return applied, nil
}

// begin marks a batch in the ledger with its expected result. If the batch is marked already, isNew is false and
// applied becomes the stored result. indexed tells whether the tenant's index is stored.
func (b *batch) begin(
	ctx context.Context, tx *database.Tx, applied *ledger.Applied, recent ledger.Recent,
) (isNew, indexed bool, err error) {
	isNew, err = b.mark(ctx, tx, *applied, recent)
	if err != nil {
		return false, false, err
	}
	if !isNew {
		*applied, err = b.marked(ctx, tx)
		return false, false, err
	}
	indexed, err = b.fence(ctx, tx)
	return true, indexed, err
}

// mark writes the batch into the ledger if it isn't there. A concurrent attempt at the same batch waits here.
func (b *batch) mark(
	ctx context.Context, tx *database.Tx, applied ledger.Applied, recent ledger.Recent,
) (isNew bool, err error) {
	text, err := json.Marshal(applied)
	if err != nil {
		return false, err
	}
	marked, err := database.Affected(tx.ExecContext(ctx, `INSERT INTO batches (tenant, run, number, base, changes,
		removals, joined, guarded, at, applied)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tenant, run, number) DO NOTHING`,
		b.Tenant, b.Run[:], b.Number, b.Base, len(b.Changes), recent.Removals, recent.Additions, recent.Changes,
		database.Micros(b.At), string(text)))
	return marked > 0, err
}

// marked returns the batch's stored result.
func (b *batch) marked(ctx context.Context, tx *database.Tx) (applied ledger.Applied, err error) {
	var text []byte
	err = tx.QueryRowContext(ctx, `SELECT applied FROM batches WHERE tenant = $1 AND run = $2 AND number = $3`,
		b.Tenant, b.Run[:], b.Number).Scan(&text)
	if err != nil {
		return ledger.Applied{}, err
	}
	return applied, json.Unmarshal(text, &applied)
}

// fence refuses a batch whose run no longer has the tenant's claim, and one with audit numbers of another batch. Until
// the batch is committed, no other run can claim the tenant, its run can't finish, and indexed can't change.
func (b *batch) fence(ctx context.Context, tx *database.Tx) (indexed bool, err error) {
	end := b.Base + int64(len(b.Changes))
	var open, kept, own, taken int
	err = tx.QueryRowContext(ctx, `SELECT count(*), coalesce(sum(CASE WHEN indexed THEN 1 ELSE 0 END), 0),
		coalesce(sum(CASE WHEN base <= $3 AND base + changes >= $4 THEN 1 ELSE 0 END), 0), (SELECT count(*) FROM batches
		WHERE tenant = $1 AND run = $2 AND number <> $5 AND base < $4 AND base + changes > $3)
		FROM (SELECT c.base, c.changes, s.indexed FROM states s JOIN claims c ON c.tenant = s.tenant
			AND c.run = s.claim_run
		WHERE s.tenant = $1 AND s.claim_run = $2 AND NOT c.closed`+tx.Dialect.Lock(database.ForShare)+`) AS own`,
		b.Tenant, b.Run[:], b.Base, end, b.Number).Scan(&open, &kept, &own, &taken)
	switch {
	case err != nil:
		return false, err
	case open == 0:
		return false, ledger.ErrSuperseded
	case own == 0:
		return false, errors.New("the batch's audit numbers lie outside the run's claims")
	case taken > 0:
		return false, errors.New("another batch has some of the batch's audit numbers")
	}
	return kept > 0, nil
}

// complete writes the batch's result.
func (b *batch) complete(ctx context.Context, tx *database.Tx, applied ledger.Applied, recent ledger.Recent) error {
	text, err := json.Marshal(applied)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE batches SET removals = $4, joined = $5, guarded = $6, applied = $7
		WHERE tenant = $1 AND run = $2 AND number = $3`,
		b.Tenant, b.Run[:], b.Number, recent.Removals, recent.Additions, recent.Changes, string(text))
	return err
}

// writer applies the steps of one batch in its transaction.
type writer struct {
	tx     *database.Tx
	batch  *batch
	failed []ledger.Failure
}

// lockDeleted locks the members to delete. It returns errConflict if one is at another version.
func (w *writer) lockDeleted(ctx context.Context, steps []step) error {
	var deletions []step
	for _, s := range steps {
		if s.change.Verb == plan.Delete {
			deletions = append(deletions, s)
		}
	}
	versions, err := w.lockVersions(ctx, deletions)
	if err != nil {
		return err
	}
	for _, s := range deletions {
		if s.conflicts(versions) {
			return errConflict
		}
	}
	return nil
}

// bisect applies steps. If the database refuses them, it halves them until each refused step is alone.
func (w *writer) bisect(ctx context.Context, steps []step) error {
	before := len(w.failed)
	err := w.guarded(ctx, steps)
	if err == nil || !w.tx.Dialect.Refused(err) {
		return err
	}
	w.failed = w.failed[:before] // the halves find these failures again
	if len(steps) == 1 {
		code := ledger.Refused
		if steps[0].change.Verb == plan.Add && w.tx.Dialect.Duplicate(err) {
			code = ledger.Conflict
		}
		w.fail(steps[0], code)
		return nil
	}
	half := len(steps) / 2
	if err := w.bisect(ctx, steps[:half]); err != nil {
		return err
	}
	return w.bisect(ctx, steps[half:])
}

// guarded applies all steps, or none of them.
func (w *writer) guarded(ctx context.Context, steps []step) error {
	if _, err := w.tx.ExecContext(ctx, "SAVEPOINT steps"); err != nil {
		return err
	}
	err := w.write(ctx, steps)
	if err != nil && w.tx.Dialect.Refused(err) {
		if _, undone := w.tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT steps"); undone != nil {
			return undone
		}
	} else if err != nil {
		return err // the whole transaction is rolled back
	}
	if _, released := w.tx.ExecContext(ctx, "RELEASE SAVEPOINT steps"); released != nil {
		return released
	}
	return err
}

// write writes steps in order, pass by pass. It skips those that are known to fail.
func (w *writer) write(ctx context.Context, steps []step) error {
	for pass := range passes(steps) {
		versions, err := w.lockVersions(ctx, pass)
		if err != nil {
			return err
		}
		part := newRows(w.tx.Dialect, w.batch, false)
		for _, s := range pass {
			switch {
			case !keepable(s.change):
				w.fail(s, ledger.BadText)
			case s.conflicts(versions):
				w.fail(s, ledger.Conflict)
			default:
				err = part.take(s)
			}
			if err != nil {
				return err
			}
		}
		if err := part.write(ctx, w.tx); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) fail(s step, code ledger.FailureCode) {
	w.failed = append(w.failed, ledger.Failure{
		Seq: s.seq, Verb: s.change.Verb, Member: s.change.Member,
		Group: s.change.Group, Code: code,
	})
}

// applied counts the changes that were applied.
func (w *writer) applied(steps []step) ledger.Applied {
	slices.SortFunc(w.failed, func(a, b ledger.Failure) int { return int(a.Seq - b.Seq) })
	applied := ledger.Applied{Failed: w.failed}
	for _, s := range w.done(steps) {
		s.change.Count(&applied.Counts)
	}
	return applied
}

// recent counts what was applied without approval, and the guard counts.
func (w *writer) recent(steps []step) (recent ledger.Recent) {
	if w.batch.Approved {
		return recent
	}
	for _, s := range w.done(steps) {
		switch {
		case s.change.Removal():
			recent.Removals++
		case w.batch.Counts == plan.PartNewcomers && s.change.Joins():
			recent.Additions++
		case w.batch.Counts == plan.PartUpdates && (s.change.Guarded() || s.change.Joins()):
			recent.Changes++
		}
	}
	return recent
}

// done returns the steps that didn't fail.
func (w *writer) done(steps []step) []step {
	if len(w.failed) == 0 {
		return steps
	}
	failed := make(map[int64]bool, len(w.failed))
	for _, f := range w.failed {
		failed[f.Seq] = true
	}
	return slices.DeleteFunc(slices.Clone(steps), func(s step) bool { return failed[s.seq] })
}
