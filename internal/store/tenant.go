package store

import (
	"bytes"
	"context"
	"database/sql"
	"time"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/store/database"
)

// Tenant is a tenant as it was set up.
type Tenant struct {
	ID        string
	Name      string
	Settings  []byte // JSON, without credentials
	Sealed    []byte // credentials, sealed
	Dropped   bool   // not synced any more; its members stay
	UpdatedAt time.Time
}

const tenantColumns = "id, name, settings, sealed, dropped, updated_at"

func scanTenant(from database.Scanner) (Tenant, error) {
	var t Tenant
	var updated int64
	err := from.Scan(&t.ID, &t.Name, &t.Settings, &t.Sealed, &t.Dropped, &updated)
	t.UpdatedAt = database.FromMicros(updated)
	return t, err
}

// PutTenant stores a tenant. It restores a dropped one. Without Sealed, the stored credentials stay.
//
// It reports whether anything but the credentials has changed: the same credentials sealed twice differ.
func (s *Store) PutTenant(ctx context.Context, t Tenant) (changed bool, err error) {
	err = s.db.Transact(ctx, "put tenant", func(tx *database.Tx) error {
		now := database.Micros(time.Now())
		made, err := database.Affected(tx.ExecContext(ctx, `INSERT INTO tenants (`+tenantColumns+`)
			VALUES ($1, $2, $3, $4, false, $5) ON CONFLICT (id) DO NOTHING`, t.ID, t.Name, t.Settings, t.Sealed, now))
		if err != nil || made > 0 {
			changed = made > 0
			return err
		}
		old, err := readTenant(ctx, tx, t.ID)
		if err != nil {
			return err
		}
		changed = old.Dropped || old.Name != t.Name || !bytes.Equal(old.Settings, t.Settings)
		if !changed && (t.Sealed == nil || bytes.Equal(old.Sealed, t.Sealed)) {
			return nil
		}
		_, err = tx.ExecContext(ctx, `UPDATE tenants SET name = $2, settings = $3, sealed = coalesce($4, sealed),
			dropped = false, updated_at = $5 WHERE id = $1`, t.ID, t.Name, t.Settings, t.Sealed, now)
		return err
	})
	return changed && err == nil, err
}

// Tenant returns the tenant with that id, dropped or not, or ledger.ErrNotFound.
func (s *Store) Tenant(ctx context.Context, id string) (Tenant, error) {
	return readTenant(ctx, s.db.Read, id)
}

func readTenant(ctx context.Context, from database.Querier, id string) (Tenant, error) {
	t, err := scanTenant(from.QueryRowContext(ctx, `SELECT `+tenantColumns+` FROM tenants WHERE id = $1`, id))
	return t, database.WrapNotFound(err, "tenant")
}

// Tenants returns the tenants that aren't dropped, by id.
func (s *Store) Tenants(ctx context.Context) ([]Tenant, error) {
	all := database.Query{What: "tenants", Text: `SELECT ` + tenantColumns + ` FROM tenants WHERE NOT dropped
		ORDER BY id`}
	return database.Collect(database.Stream(ctx, s.db.Read, all,
		func(rows *sql.Rows) (Tenant, error) { return scanTenant(rows) }))
}

// DropTenant deletes a tenant's settings and credentials. Its members stay. Dropping a tenant twice is no error. The
// error is ledger.ErrNotFound if there is no such tenant.
func (s *Store) DropTenant(ctx context.Context, id string) error {
	return s.db.Transact(ctx, "drop tenant", func(tx *database.Tx) error {
		dropped, err := database.Affected(tx.ExecContext(ctx, `UPDATE tenants SET settings = NULL, sealed = NULL,
			dropped = true,
			updated_at = CASE WHEN dropped THEN updated_at ELSE $2 END WHERE id = $1`, id, database.Micros(time.Now())))
		if err == nil && dropped == 0 {
			err = ledger.ErrNotFound
		}
		if err == nil { // a restored tenant is neither overdue nor quarantined
			_, err = tx.ExecContext(ctx, `DELETE FROM conditions WHERE tenant = $1`, id)
		}
		return err
	})
}
