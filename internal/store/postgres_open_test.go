package store_test

import (
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/rollcall/rollcall/internal/store"
)

func TestPostgresIsOpenedByAnyURLOfItsOwn(t *testing.T) {
	t.Parallel()
	database := server.Database(t)
	for name, form := range map[string]string{
		"postgres":               database,
		"postgresql":             strings.Replace(database, "postgres://", "postgresql://", 1),
		"a name of the program":  with(t, database, "application_name", "rollcall of ours"),
		"a limit of connections": with(t, database, "pool_max_conns", "3"),
		"several servers":        strings.Replace(database, "@", "@127.0.0.1:1,", 1),
		"statements not kept":    with(t, database, "default_query_exec_mode", "describe_exec"),
		"another isolation":      with(t, database, "default_transaction_isolation", "serializable"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openURL(t, form)
			if _, err := s.PutTenant(t.Context(), store.Tenant{ID: name}); err != nil {
				t.Error(err)
			}
			if _, err := s.Tenant(t.Context(), name); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("a schema of its own", func(t *testing.T) {
		t.Parallel()
		shared := server.Database(t)
		execute(t, shared, `CREATE TABLE groups (name text)`, `CREATE SCHEMA rollcall`)
		openURL(t, with(t, shared, "search_path", "rollcall"))
		execute(t, shared, `SELECT name FROM public.groups`, `SELECT id FROM rollcall.members`)
	})
}

func TestPostgresRefusesWhatItCannotUse(t *testing.T) {
	t.Parallel()
	database := server.Database(t)
	parsed, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := parsed.User.Password()
	other := func(change func(*url.URL)) string {
		copied := *parsed
		change(&copied)
		return copied.String()
	}
	for name, c := range map[string]struct{ url, says string }{
		"a URL that can't be read": {"postgres://ann:" + password + "@host:port/db", "can't be parsed"},
		"a server that isn't there": {
			other(func(u *url.URL) { u.Host = "127.0.0.1:1" }),
			"check that the server is running",
		},
		"a database that isn't there": {other(func(u *url.URL) { u.Path = "/nowhere" }), "CREATE DATABASE"},
		"a wrong password": {other(func(u *url.URL) {
			u.User = url.UserPassword("postgres", password+
				"x")
		}), "check user, password"},
		"an unknown parameter":      {with(t, database, "colour", "red"), "after the question mark"},
		"a schema that isn't there": {with(t, database, "search_path", "nowhere"), "CREATE SCHEMA"},
		"a protocol without binary": {
			with(t, database, "default_query_exec_mode", "simple_protocol"),
			"default_query_exec_mode",
		},
		"a protocol without the types": {
			with(t, database, "default_query_exec_mode", "exec"),
			"default_query_exec_mode",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := refused(t, c.url, c.says); strings.Contains(err.Error(), password) {
				t.Errorf("it tells the password: %v", err)
			}
		})
	}
	t.Run("somebody else's database, which stays as it is", func(t *testing.T) {
		t.Parallel()
		theirs := server.Database(t)
		execute(t, theirs, `CREATE TABLE orders (id int)`)
		refused(t, theirs, "aren't Rollcall's", "CREATE SCHEMA")
		execute(t, theirs, `DO $$ BEGIN ASSERT (SELECT count(*) FROM pg_tables WHERE schemaname = 'public') = 1; END $$`)
	})
	t.Run("a newer schema", func(t *testing.T) {
		t.Parallel()
		newer := server.Database(t)
		openURL(t, newer)
		execute(t, newer, `INSERT INTO rollcall_versions (version_id, is_applied) VALUES (99999, true)`)
		refused(t, newer, "99999", "newer release")
	})
	t.Run("a user who may not create tables", func(t *testing.T) {
		t.Parallel()
		denied := server.Database(t)
		execute(t, denied, `CREATE SCHEMA closed`, `CREATE ROLE reader_of_rollcall_test LOGIN PASSWORD 'secret word'`,
			`GRANT USAGE ON SCHEMA closed TO reader_of_rollcall_test`)
		t.Cleanup(func() {
			execute(t, denied, `DROP OWNED BY reader_of_rollcall_test`, `DROP ROLE reader_of_rollcall_test`)
		})
		parsed, err := url.Parse(with(t, denied, "search_path", "closed"))
		if err != nil {
			t.Fatal(err)
		}
		parsed.User = url.UserPassword("reader_of_rollcall_test", "secret word")
		refused(t, parsed.String(), "brought up to date", "GRANT CREATE")
	})
}

func TestStoresThatOpenAnEmptyPostgresAtOnceMigrateOnce(t *testing.T) {
	t.Parallel()
	database := server.Database(t)
	var errs [6]error
	var opened sync.WaitGroup
	for i := range errs {
		opened.Go(func() {
			s, err := store.Open(t.Context(), database)
			if err == nil {
				_, err = s.PutTenant(t.Context(), store.Tenant{ID: string(rune('a' + i))})
				err = errors.Join(err, s.Close())
			}
			errs[i] = err
		})
	}
	opened.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	if all, err := openURL(t, database).Tenants(t.Context()); err != nil || len(all) != len(errs) {
		t.Errorf("%d tenants, %v", len(all), err)
	}
}
