package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/rollcall/rollcall/internal/roster"
)

// Tally is what the guard asks about a tenant.
type Tally struct {
	Active   int
	Inactive int
	Departed int
	Removed  int // removals applied since the time asked for
}

// Tally counts the tenant's members by status, and the removals applied since then.
func (s *Store) Tally(ctx context.Context, tenant string, since time.Time) (Tally, error) {
	var t Tally
	type share struct {
		status string
		count  int
	}
	byStatus := query{what: "tally", args: []any{tenant}, text: `SELECT status, count(*) FROM members WHERE tenant = $1 GROUP BY status`}
	for each, err := range stream(ctx, s.read, byStatus, func(rows *sql.Rows) (c share, err error) {
		return c, rows.Scan(&c.status, &c.count)
	}) {
		if err != nil {
			return Tally{}, err
		}
		switch each.status {
		case roster.Active:
			t.Active = each.count
		case roster.Inactive:
			t.Inactive = each.count
		case roster.Departed:
			t.Departed = each.count
		}
	}
	err := s.read.QueryRowContext(ctx, `SELECT coalesce(sum(removals), 0) FROM batches WHERE tenant = $1 AND at >= $2`,
		tenant, micros(since)).Scan(&t.Removed)
	if err != nil {
		return Tally{}, fmt.Errorf("tally of removals: %w", err)
	}
	return t, nil
}
