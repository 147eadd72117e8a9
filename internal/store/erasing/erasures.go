package erasing

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/store/database"
	"github.com/rollcall/rollcall/internal/store/tables"
)

// Erasures stores erasures and removes people from a tenant.
type Erasures struct{ db *database.DB }

// New returns the Erasures of an open database.
func New(db *database.DB) *Erasures { return &Erasures{db} }

// PutErasure stores an erasure. If its id exists already, the stored erasure stays unchanged.
func (s *Erasures) PutErasure(ctx context.Context, e ledger.Erasure) error {
	subject, err := json.Marshal(e.Subject)
	if err != nil {
		return err
	}
	return s.db.Transact(ctx, "put erasure", func(tx *database.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO erasures (tenant, id, subject, erased, at, done_at)
			VALUES ($1, $2, $3, '', $4, 0) ON CONFLICT (tenant, id) DO NOTHING`, e.Tenant, e.ID[:], subject,
			database.Micros(e.At))
		return err
	})
}

// Erasure returns the tenant's erasure with that id, or ledger.ErrNotFound.
func (s *Erasures) Erasure(ctx context.Context, tenant string, id uuid.UUID) (ledger.Erasure, error) {
	e := ledger.Erasure{Tenant: tenant, ID: id}
	var subject []byte
	var at, done int64
	err := s.db.Read.QueryRowContext(ctx, `SELECT subject, at, done_at FROM erasures WHERE tenant = $1
		AND id = $2`, tenant, id[:]).
		Scan(&subject, &at, &done)
	if err := database.WrapNotFound(err, "erasure"); err != nil {
		return ledger.Erasure{}, err
	}
	e.At, e.DoneAt = database.FromMicros(at), database.FromMicros(done)
	if len(subject) > 0 {
		e.Subject = new(erasure.Subject)
		if err := json.Unmarshal(subject, e.Subject); err != nil {
			return ledger.Erasure{}, fmt.Errorf("erasure: %w", err)
		}
	}
	return e, nil
}

// DropErasure deletes an erasure that hasn't begun. It does nothing if the erasure has begun or is done.
func (s *Erasures) DropErasure(ctx context.Context, tenant string, id uuid.UUID) error {
	return s.db.Transact(ctx, "drop erasure", func(tx *database.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM erasures WHERE tenant = $1 AND id = $2 AND erased = ''
			AND done_at = 0`, tenant, id[:])
		return err
	})
}

// FinishErasure deletes the subject of an erasure, and overwrites what the database's files still hold of deleted rows,
// as far as the database allows. It may be repeated. The error is ledger.ErrNotFound if there is no such erasure.
func (s *Erasures) FinishErasure(ctx context.Context, tenant string, id uuid.UUID, at time.Time) error {
	err := s.db.Transact(ctx, "finish erasure", func(tx *database.Tx) error {
		written, err := database.Affected(tx.ExecContext(ctx, `UPDATE erasures SET subject = NULL,
			done_at = CASE WHEN done_at = 0 THEN $3 ELSE done_at END WHERE tenant = $1 AND id = $2`, tenant, id[:],
			database.Micros(at)))
		if err == nil && written == 0 {
			err = ledger.ErrNotFound
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := database.Unavailable(s.db.Dialect.Overwrite(ctx, s.db.Write)); err != nil {
		return fmt.Errorf("finish erasure: %w", err)
	}
	return nil
}

// KeepOut keeps a person out of a tenant from now on. It stores the marks of the subject under the tenant's key, which
// it creates if there is none. It may be repeated.
func (s *Erasures) KeepOut(ctx context.Context, e ledger.Erasure) error {
	return s.db.Transact(ctx, "keep out", func(tx *database.Tx) error {
		key, err := ensureKey(ctx, tx, e.Tenant)
		if err != nil {
			return err
		}
		return putMarks(ctx, tx, e.Tenant, erasure.Marks(key, e.ID, *e.Subject))
	})
}

func putMarks(ctx context.Context, tx *database.Tx, tenant string, marks []erasure.Mark) error {
	for _, m := range marks {
		kinds, err := json.Marshal(m.Kinds)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO erased (tenant, erasure, hash, email, kinds)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (tenant, erasure, hash) DO NOTHING`, tenant, m.Erasure[:], m.Hash[:], m.Email,
			string(kinds)); err != nil {
			return err
		}
	}
	return nil
}

// AddMarks adds marks of erased people. It ignores a mark whose erasure was lifted.
func (s *Erasures) AddMarks(ctx context.Context, tenant string, marks []erasure.Mark) error {
	return s.db.Transact(ctx, "learn marks", func(tx *database.Tx) error {
		for _, m := range marks {
			var kept int
			err := tx.QueryRowContext(ctx, `SELECT count(*) FROM erased WHERE tenant = $1 AND erasure = $2`, tenant,
				m.Erasure[:]).Scan(&kept)
			if err == nil && kept > 0 {
				err = putMarks(ctx, tx, tenant, []erasure.Mark{m})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// ensureKey returns the tenant's key, and creates it if there is none.
func ensureKey(ctx context.Context, tx *database.Tx, tenant string) ([]byte, error) {
	key := make([]byte, erasure.KeySize)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO erasure_keys (tenant, key) VALUES ($1, $2)
		ON CONFLICT (tenant) DO NOTHING`,
		tenant, key); err != nil {
		return nil, err
	}
	return key, tx.QueryRowContext(ctx, `SELECT key FROM erasure_keys WHERE tenant = $1`, tenant).Scan(&key)
}

// KeptOut returns the list of people who are kept out of a tenant. It is nil if there are none.
func (s *Erasures) KeptOut(ctx context.Context, tenant string) (*erasure.List, error) {
	marks, err := database.Collect(database.Stream(ctx, s.db.Read, database.Query{
		What: "kept out", Args: []any{tenant}, Text: `SELECT erasure, hash, email, kinds FROM erased WHERE tenant = $1`,
	}, func(rows *sql.Rows) (m erasure.Mark, err error) {
		var hash, kinds []byte
		if err := rows.Scan(&m.Erasure, &hash, &m.Email, &kinds); err != nil {
			return m, err
		}
		copy(m.Hash[:], hash)
		return m, json.Unmarshal(kinds, &m.Kinds)
	}))
	if err != nil || len(marks) == 0 {
		return nil, err
	}
	var key []byte
	err = s.db.Read.QueryRowContext(ctx, `SELECT key FROM erasure_keys WHERE tenant = $1`, tenant).Scan(&key)
	if err != nil {
		return nil, fmt.Errorf("erasure key: %w", err)
	}
	return erasure.NewList(key, marks), nil
}

// LiftErasures lets the people of these erasures come back. The tenant's next sync plans everything again. It returns
// the number of erasures that kept someone out.
func (s *Erasures) LiftErasures(ctx context.Context, tenant string, ids []uuid.UUID) (lifted int, err error) {
	err = s.db.Transact(ctx, "lift erasures", func(tx *database.Tx) error {
		lifted = 0
		for _, id := range ids {
			deleted, err := database.Affected(tx.ExecContext(ctx, `DELETE FROM erased WHERE tenant = $1
				AND erasure = $2`, tenant, id[:]))
			if err != nil {
				return err
			}
			if deleted > 0 {
				lifted++
			}
		}
		if lifted == 0 {
			return nil
		}
		// Rows that name them as a manager are known without the manager. They must be read again.
		if _, err := tx.ExecContext(ctx, tables.ForgetRows+` WHERE tenant = $1 AND (row_issues & $2) <> 0`, tenant,
			int64(managerErased())); err != nil {
			return err
		}
		return tables.InvalidatePlans(ctx, tx, tenant)
	})
	return lifted, err
}

// CountErasures returns how many of a tenant's erasures keep someone out, and how many aren't done.
func (s *Erasures) CountErasures(ctx context.Context, tenant string) (kept, undone int, err error) {
	err = s.db.Read.QueryRowContext(ctx, `SELECT (SELECT count(DISTINCT erasure) FROM erased WHERE tenant = $1),
		(SELECT count(*) FROM erasures WHERE tenant = $1 AND done_at = 0)`, tenant).Scan(&kept, &undone)
	if err != nil {
		return 0, 0, fmt.Errorf("erasures: %w", err)
	}
	return kept, undone, nil
}

// RunOpen reports whether the tenant's latest sync or latest preview is still open, as far as the store knows.
func (s *Erasures) RunOpen(ctx context.Context, tenant string) (bool, error) {
	for _, preview := range []bool{false, true} {
		var finished int64
		err := s.db.Read.QueryRowContext(ctx, `SELECT finished_at FROM runs WHERE tenant = $1 AND preview = $2
			ORDER BY started_at DESC, id DESC LIMIT 1`, tenant, preview).Scan(&finished)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil || finished == 0 {
			return err == nil, err
		}
	}
	return false, nil
}
