package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/store/database"
)

func scanAlert(rows *sql.Rows) (a health.Alert, err error) {
	var text []byte
	if err := rows.Scan(&text); err != nil {
		return health.Alert{}, err
	}
	return a, json.Unmarshal(text, &a)
}

// Alert is the tenant's alert of that id, or ErrNotFound.
func (s *Store) Alert(ctx context.Context, tenant string, id uuid.UUID) (health.Alert, error) {
	var text []byte
	err := s.db.Read.QueryRowContext(ctx, `SELECT alert FROM alerts WHERE tenant = $1 AND id = $2`, tenant, id[:]).Scan(&text)
	if err := database.WrapNotFound(err, "alert"); err != nil {
		return health.Alert{}, err
	}
	var a health.Alert
	return a, json.Unmarshal(text, &a)
}

// TakeAlert notes that an alert is being told.
func (s *Store) TakeAlert(ctx context.Context, id uuid.UUID, at time.Time) error {
	return s.db.Transact(ctx, "take alert", func(tx *database.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE alerts SET taken_at = $2 WHERE id = $1 AND taken_at = 0`, id[:], database.Micros(at))
		return err
	})
}

// Untaken are alerts made in from..to that nobody tells yet, the oldest first, at most limit of them.
func (s *Store) PendingAlerts(ctx context.Context, from, to time.Time, limit int) ([]health.Alert, error) {
	return database.Collect(database.Stream(ctx, s.db.Read, database.Query{
		What: "alerts", Args: []any{database.Micros(from), database.Micros(to), database.Limit(limit)},
		Text: `SELECT alert FROM alerts WHERE taken_at = 0 AND created_at >= $1 AND created_at <= $2 ORDER BY created_at, id LIMIT $3`,
	}, scanAlert))
}

// KeptAlert is an alert, and since when it is being told.
type StoredAlert struct {
	health.Alert
	TakenAt time.Time // zero: not yet
}

// Alerts are a tenant's, the latest first, at most limit of them; 0 is all.
func (s *Store) Alerts(ctx context.Context, tenant string, limit int) ([]StoredAlert, error) {
	return database.Collect(database.Stream(ctx, s.db.Read, database.Query{
		What: "alerts", Args: []any{tenant, database.Limit(limit)},
		Text: `SELECT alert, taken_at FROM alerts WHERE tenant = $1 ORDER BY created_at DESC, id LIMIT $2`,
	}, func(rows *sql.Rows) (a StoredAlert, err error) {
		var text []byte
		var taken int64
		if err := rows.Scan(&text, &taken); err != nil {
			return StoredAlert{}, err
		}
		a.TakenAt = database.FromMicros(taken)
		return a, json.Unmarshal(text, &a.Alert)
	}))
}

// DropAlerts forgets alerts made before then.
func (s *Store) DropAlerts(ctx context.Context, before time.Time) error {
	return s.db.Transact(ctx, "drop alerts", func(tx *database.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM alerts WHERE created_at < $1`, database.Micros(before))
		return err
	})
}
