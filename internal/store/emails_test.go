package store_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // to change the database by hand

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// A database of an earlier release has emails in an earlier form. Opening it brings them into today's.
func TestEmailsOfAnEarlierReleaseAreBroughtIntoTheNormalForm(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "rollcall.db")
	postgres := server.Database(t)
	for name, c := range map[string]struct{ url, driver, address, versions string }{
		"sqlite":   {"sqlite://" + file, "sqlite", file, "goose_db_version"},
		"postgres": {postgres, "pgx", postgres, "rollcall_versions"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openURL(t, c.url)
			r, base := claimOf(t, s, 1, 3)
			for _, batch := range batchesOf(r, base, changesOf(plan.Add, 3), 3) {
				if _, err := s.ApplyBatch(t.Context(), batch); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.MaintainIndex(t.Context(), "acme", r, true); err != nil {
				t.Fatal(err)
			}
			var emails []string
			for m, err := range s.Members(t.Context(), "acme") {
				if emails = append(emails, m.Values[roster.Email]); err != nil {
					t.Fatal(err)
				}
			}
			db, err := sql.Open(c.driver, c.address)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			for _, later := range []string{ // what later migrations make
				"DROP TABLE links", "ALTER TABLE batches DROP COLUMN joined", "ALTER TABLE batches DROP COLUMN guarded",
				"ALTER TABLE members DROP COLUMN custom", "ALTER TABLE members DROP COLUMN row_custom",
				"DELETE FROM " + c.versions + " WHERE version_id > 4",
			} {
				if _, err := db.ExecContext(t.Context(), later); err != nil {
					t.Fatal(later, err)
				}
			}
			for _, statement := range []string{
				"UPDATE members SET email = 'νίκος@bücher.example' WHERE email = '" + emails[0] + "'",
				"UPDATE members SET manager_email = 'νίκος@bücher.example' WHERE email = '" + emails[1] + "'",
				"DELETE FROM " + c.versions + " WHERE version_id = 4",
			} {
				done, err := db.ExecContext(t.Context(), statement)
				if err != nil {
					t.Fatal(err)
				}
				if rows, err := done.RowsAffected(); err != nil || rows != 1 {
					t.Fatal(statement, rows, err)
				}
			}
			again := openURL(t, c.url)
			normal, _ := roster.NormalEmail("νίκος@bücher.example")
			if !strings.HasSuffix(normal, "@xn--bcher-kva.example") {
				t.Fatal(normal)
			}
			var found, managers []string
			for m, err := range again.Members(t.Context(), "acme") {
				if err != nil {
					t.Fatal(err)
				}
				found, managers = append(found, m.Values[roster.Email]), append(managers, m.Values[roster.ManagerEmail])
			}
			if found[0] != normal || managers[1] != normal || found[1] != emails[1] || found[2] != emails[2] {
				t.Error(found, managers)
			}
			state, err := again.State(t.Context(), "acme")
			if err != nil || state.Rules != "" || state.Digest != "" {
				t.Errorf("%+v, %v", state, err)
			}
			if parts, err := again.IndexParts(t.Context(), "acme"); err != nil || parts.Kept {
				t.Errorf("%+v, %v", parts, err)
			}
		})
	}
}
