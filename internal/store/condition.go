package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/store/database"
)

// Condition returns the health of a tenant's syncs. It is the zero Status for a tenant of which nothing is known.
func (s *Store) Condition(ctx context.Context, tenant string) (health.Status, error) {
	return readCondition(ctx, s.db.Read, tenant, "")
}

func readCondition(ctx context.Context, from database.Querier, tenant, lock string) (health.Status, error) {
	var text []byte
	err := from.QueryRowContext(ctx, `SELECT state FROM conditions WHERE tenant = $1`+lock, tenant).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return health.Status{}, nil
	}
	if err != nil {
		return health.Status{}, fmt.Errorf("condition: %w", err)
	}
	var state health.Status
	if err := json.Unmarshal(text, &state); err != nil {
		return health.Status{}, fmt.Errorf("condition: %w", err)
	}
	return state, nil
}

// AddEvent adds an event to its tenant's condition and returns the alerts that follow from it. The alerts are stored.
// If the event was added before, AddEvent changes nothing and returns the same alerts.
func (s *Store) AddEvent(ctx context.Context, e health.Event) (alerts []health.Alert, err error) {
	err = s.db.Transact(ctx, "add event", func(tx *database.Tx) error {
		alerts, err = addEvent(ctx, tx, e)
		return err
	})
	return alerts, err
}

// addEventOnce adds an event that comes only once, such as a run's beginning or end. If nothing follows from the event,
// it writes nothing.
func addEventOnce(ctx context.Context, tx *database.Tx, e health.Event) ([]health.Alert, error) {
	state, err := readCondition(ctx, tx, e.Tenant, "")
	if err != nil {
		return nil, err
	}
	if after, alerts := state.After(e); len(alerts) == 0 && after.SameAs(state) {
		return nil, nil
	}
	return addEvent(ctx, tx, e)
}

func addEvent(ctx context.Context, tx *database.Tx, e health.Event) ([]health.Alert, error) {
	state, err := lockCondition(ctx, tx, e.Tenant)
	if err != nil {
		return nil, err
	}
	after, alerts := state.After(e)
	if err := writeCondition(ctx, tx, e.Tenant, after); err != nil {
		return nil, err
	}
	for _, a := range alerts {
		text, err := json.Marshal(a)
		if err != nil {
			return nil, err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO alerts (id, tenant, event, alert, created_at, taken_at)
			VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (id) DO NOTHING`, a.ID[:], e.Tenant, e.Key, string(text),
			database.Micros(a.At))
		if err != nil {
			return nil, err
		}
	}
	return alertsOf(ctx, tx, e)
}

// alertsOf returns the stored alerts of an event.
func alertsOf(ctx context.Context, tx *database.Tx, e health.Event) ([]health.Alert, error) {
	return database.Collect(database.Stream(ctx, tx, database.Query{
		What: "alerts", Args: []any{e.Tenant, e.Key},
		Text: `SELECT alert FROM alerts WHERE tenant = $1 AND event = $2 ORDER BY id`,
	}, scanAlert))
}

// Admit reports whether a tick of the Schedule may sync. A quarantined tenant may sync once a day. Admit gives the same
// answer for the same tick.
func (s *Store) Admit(ctx context.Context, tenant, tick string, at time.Time, next health.NextTick) (may bool, err error) {
	if state, err := s.Condition(ctx, tenant); err != nil || state.Quarantine == nil {
		return err == nil, err
	}
	err = s.db.Transact(ctx, "admit", func(tx *database.Tx) error {
		state, err := lockCondition(ctx, tx, tenant)
		if err != nil {
			return err
		}
		var after health.Status
		if after, may = state.Admit(tick, at, next); !may || state.Quarantine == nil {
			return nil
		}
		return writeCondition(ctx, tx, tenant, after)
	})
	return may && err == nil, err
}

// lockCondition reads a tenant's condition and locks it until the transaction ends.
func lockCondition(ctx context.Context, tx *database.Tx, tenant string) (health.Status, error) {
	_, err := tx.ExecContext(ctx, `INSERT INTO conditions (tenant, state, succeeded_at) VALUES ($1, '{}', 0)
		ON CONFLICT (tenant) DO NOTHING`, tenant)
	if err != nil {
		return health.Status{}, err
	}
	return readCondition(ctx, tx, tenant, tx.Dialect.Lock(database.ForUpdate))
}

func writeCondition(ctx context.Context, tx *database.Tx, tenant string, state health.Status) error {
	text, err := json.Marshal(state)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE conditions SET state = $2 WHERE tenant = $1`, tenant, string(text))
	return err
}

// Watched is what is needed to tell whether a tenant's sync is overdue.
type Watched struct {
	Tenant
	State     health.Status
	Last      time.Time // when the last sync ended, or began if it is open; zero: there was none
	Succeeded time.Time // when a sync last ended without failing; zero: none did
}

// Watched yields the tenants that aren't dropped, by id.
func (s *Store) Watched(ctx context.Context) iter.Seq2[Watched, error] {
	all := database.Query{What: "tenants to watch", Text: `SELECT t.id, t.name, t.settings, t.sealed, t.dropped,
		t.updated_at,
		coalesce(c.state, '{}'),
		coalesce((SELECT r.finished_at FROM runs r WHERE r.tenant = t.id AND r.succeeded
			AND r.started_at > coalesce(c.succeeded_at, 0)
			ORDER BY r.started_at DESC LIMIT 1), c.succeeded_at, 0),
		coalesce((SELECT CASE WHEN r.finished_at > r.started_at THEN r.finished_at ELSE r.started_at END FROM runs r
			WHERE r.tenant = t.id AND NOT r.preview ORDER BY r.started_at DESC LIMIT 1), 0)
		FROM tenants t LEFT JOIN conditions c ON c.tenant = t.id WHERE NOT t.dropped ORDER BY t.id`}
	return database.Stream(ctx, s.db.Read, all, func(rows *sql.Rows) (w Watched, err error) {
		var updated, succeeded, last int64
		var state []byte
		err = rows.Scan(&w.ID, &w.Name, &w.Settings, &w.Sealed, &w.Dropped, &updated, &state, &succeeded, &last)
		if err != nil {
			return Watched{}, err
		}
		w.UpdatedAt, w.Succeeded, w.Last = database.FromMicros(updated), database.FromMicros(succeeded),
			database.FromMicros(last)
		return w, json.Unmarshal(state, &w.State)
	})
}
