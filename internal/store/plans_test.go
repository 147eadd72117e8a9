package store_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
)

// A thousand ids must be looked up, not looked for among all rows of the tenant: what SQLite does without the figures
// that the migration gives it.
func TestManyIDsAreLookedUpByIndex(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	open(t, path)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	among := "IN (x'00'" + strings.Repeat(",x'00'", 999) + ")"
	pairs := "IN (VALUES (x'00',x'00')" + strings.Repeat(",(x'00',x'00')", 999) + ")"
	for statement, key := range map[string]string{
		"SELECT id, version FROM members WHERE tenant = 'a' AND id " +
			among: "(tenant=? AND id=?)",
		"DELETE FROM members WHERE tenant = 'a' AND id " +
			among: "(tenant=? AND id=?)",
		"UPDATE changes SET vals = NULL WHERE tenant = 'a' AND vals IS NOT NULL AND member " +
			among: "(tenant=? AND member=?)",
		"SELECT seq FROM changes WHERE tenant = 'a' AND run = x'00' AND member " +
			among: "(tenant=? AND member=?)",
		"DELETE FROM memberships WHERE tenant = 'a' AND (group_id, member_id) " +
			pairs: "(tenant=? AND group_id=? AND member_id=?)",
		"SELECT group_id FROM memberships WHERE tenant = 'a' AND member_id " +
			among: "(tenant=? AND member_id=?)",
		"SELECT run FROM claims WHERE tenant = 'a' AND NOT closed": "claims_open (tenant=?)",
	} {
		var id, parent, unused int
		var plan string
		if err := db.QueryRowContext(t.Context(), "EXPLAIN QUERY PLAN "+statement).Scan(&id, &parent, &unused,
			&plan); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(plan, key) {
			t.Errorf("%s...: %s, want %s", statement[:60], plan, key)
		}
	}
}
