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

// Alert returns the tenant's alert with that id, or ledger.ErrNotFound.
func (s *Store) Alert(ctx context.Context, tenant string, id uuid.UUID) (health.Alert, error) {
	var text []byte
	err := s.db.Read.QueryRowContext(ctx, `SELECT alert FROM alerts WHERE tenant = $1 AND id = $2`, tenant,
		id[:]).Scan(&text)
	if err := database.WrapNotFound(err, "alert"); err != nil {
		return health.Alert{}, err
	}
	var a health.Alert
	return a, json.Unmarshal(text, &a)
}

// TakeAlert records that the delivery of an alert has begun.
func (s *Store) TakeAlert(ctx context.Context, id uuid.UUID, at time.Time) error {
	return s.db.Transact(ctx, "take alert", func(tx *database.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE alerts SET taken_at = $2 WHERE id = $1 AND taken_at = 0`, id[:],
			database.Micros(at))
		return err
	})
}

// PendingAlerts returns alerts created between from and to whose delivery hasn't begun. It returns the oldest first,
// and at most limit of them; 0 means all.
func (s *Store) PendingAlerts(ctx context.Context, from, to time.Time, limit int) ([]health.Alert, error) {
	return database.Collect(database.Stream(ctx, s.db.Read, database.Query{
		What: "alerts", Args: []any{database.Micros(from), database.Micros(to), database.Limit(limit)},
		Text: `SELECT alert FROM alerts WHERE taken_at = 0 AND created_at >= $1 AND created_at <= $2
			ORDER BY created_at, id LIMIT $3`,
	}, scanAlert))
}

// StoredAlert is an alert with the time when its delivery began.
type StoredAlert struct {
	health.Alert
	TakenAt time.Time // zero: it hasn't begun
}

// Alerts returns a tenant's alerts, the latest first, and at most limit of them; 0 means all.
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

// DropAlerts deletes alerts created before a time.
func (s *Store) DropAlerts(ctx context.Context, before time.Time) error {
	return s.db.Transact(ctx, "drop alerts", func(tx *database.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM alerts WHERE created_at < $1`, database.Micros(before))
		return err
	})
}
