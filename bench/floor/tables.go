package main

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/rollcall/rollcall/internal/roster"
)

// open connects to the job's database.
func open(ctx context.Context, j job) (database, error) {
	if path, ok := strings.CutPrefix(j.database, "sqlite://"); ok {
		return openSQLite(ctx, path, j.tenant)
	}
	conn, err := pgx.Connect(ctx, j.database)
	if err != nil {
		return nil, err
	}
	return &postgres{url: j.database, tenant: j.tenant, conn: conn}, nil
}

// valueColumns are the columns of a member's values, as the fields are named.
var valueColumns = func() string {
	var names []string
	for field := range roster.ValueFields() {
		names = append(names, field.String())
	}
	return strings.Join(names, ", ")
}()

// memberColumns and the following columns are in the order of writing.
var memberColumns = "tenant, id, version, row_hash, row_columns, row_issues, row_content, external_id, " +
	"external_kind, departed_at, created_at, updated_at, " + valueColumns

const (
	auditColumns      = "tenant, seq, run, at, op, member, group_id, why, fields, vals"
	membershipColumns = "tenant, group_id, member_id"
	groupColumns      = "tenant, id, key, name"
)

// selectMembers needs a condition on ids.
var selectMembers = "SELECT id, version, created_at, row_hash, external_id, " + valueColumns +
	" FROM members WHERE tenant = $1 AND "

// Statements for both databases.
const (
	insertRun = `INSERT INTO runs
		(id, tenant, origin, request, workflow, execution, preview, started_at, finished_at, dropped_at, succeeded, result)
		VALUES ($1, $2, 'manual', '', 'floor', $3, false, $4, $5, 0, true, $6)`
	upsertState = `INSERT INTO states
		(tenant, generation, claim_run, last_seq, digest, rules, bindings, compared_at, complete, last_run, indexed)
		VALUES ($1, 1, $2, $3, $4, '', '', $5, true, $2, false) ON CONFLICT (tenant) DO UPDATE SET
		generation = states.generation + 1, claim_run = excluded.claim_run, last_seq = excluded.last_seq,
		digest = excluded.digest, last_run = excluded.last_run`
	selectState  = `SELECT last_seq, digest FROM states WHERE tenant = $1`
	selectGroups = `SELECT key, id FROM groups WHERE tenant = $1`
)
