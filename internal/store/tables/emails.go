package tables

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/google/uuid"
	"github.com/pressly/goose/v3"

	"github.com/rollcall/rollcall/internal/roster"
)

// NormalEmails returns the migration that brings members' emails into the form that roster.NormalEmail has since this
// version. Only emails with other characters than ASCII can differ. The index of their tenants is built again, plans
// made before are refused, and the next sync compares every row.
func NormalEmails(version int64) *goose.Migration {
	return goose.NewGoMigration(version, &goose.GoFunc{RunTx: normalEmails}, nil)
}

func normalEmails(ctx context.Context, tx *sql.Tx) error {
	type member struct {
		tenant         string
		id             uuid.UUID
		email, manager string
	}
	var found []member
	rows, err := tx.QueryContext(ctx, `SELECT tenant, id, email, manager_email FROM members
		WHERE octet_length(email) <> length(email) OR octet_length(manager_email) <> length(manager_email)`)
	if err != nil {
		return fmt.Errorf("read members: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var m member
		if err := rows.Scan(&m.tenant, &m.id, &m.email, &m.manager); err != nil {
			return fmt.Errorf("read members: %w", err)
		}
		found = append(found, m)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read members: %w", err)
	}
	tenants := map[string]bool{}
	for _, m := range found {
		email, manager := normalOr(m.email), normalOr(m.manager)
		if email == m.email && manager == m.manager {
			continue
		}
		tenants[m.tenant] = true
		_, err := tx.ExecContext(ctx, `UPDATE members SET email = $1, manager_email = $2 WHERE tenant = $3 AND id = $4`,
			email, manager, m.tenant, m.id[:])
		if err != nil {
			return fmt.Errorf("write members: %w", err)
		}
	}
	for tenant := range tenants {
		for _, forget := range []string{
			`UPDATE states SET generation = generation + 1, digest = '', rules = '', indexed = false WHERE tenant = $1`,
			`DELETE FROM index_parts WHERE tenant = $1`,
		} {
			if _, err := tx.ExecContext(ctx, forget, tenant); err != nil {
				return fmt.Errorf("forget the index: %w", err)
			}
		}
	}
	return nil
}

// normalOr returns the normal form of an email, or the text itself if it is none.
func normalOr(text string) string {
	if email, ok := roster.NormalEmail(text); ok {
		return email
	}
	return text
}
