package activities_test

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/postgrestest"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/workflows"
)

// counter counts the rows written to each table of a database, by triggers.
type counter struct {
	t  *testing.T
	db *sql.DB
}

func count(t *testing.T, driver, address string) counter {
	t.Helper()
	db, err := sql.Open(driver, address)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	c := counter{t, db}
	tables := `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'`
	if driver == "pgx" {
		tables = `SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace`
	}
	all := c.column(tables)
	c.do(`CREATE TABLE written (name TEXT)`)
	if driver == "pgx" {
		c.do(`CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
			'BEGIN INSERT INTO written VALUES (TG_ARGV[0]); RETURN NULL; END'`)
	}
	for _, table := range all {
		for _, verb := range []string{"INSERT", "UPDATE", "DELETE"} {
			if driver == "pgx" {
				c.do(`CREATE TRIGGER note_` + verb + ` AFTER ` + verb + ` ON ` + table +
					` FOR EACH ROW EXECUTE FUNCTION note('` + table + `')`)
			} else {
				c.do(`CREATE TRIGGER note_` + verb + `_` + table + ` AFTER ` + verb + ` ON ` + table +
					` BEGIN INSERT INTO written VALUES ('` + table + `'); END`)
			}
		}
	}
	return c
}

func (c counter) do(statement string) {
	c.t.Helper()
	_, err := c.db.ExecContext(c.t.Context(), statement)
	require.NoError(c.t, err, statement)
}

func (c counter) column(query string) (values []string) {
	c.t.Helper()
	rows, err := c.db.QueryContext(c.t.Context(), query)
	require.NoError(c.t, err)
	defer rows.Close()
	for rows.Next() {
		var value string
		require.NoError(c.t, rows.Scan(&value))
		values = append(values, value)
	}
	require.NoError(c.t, rows.Err())
	return values
}

// since are the tables written to since the last time, once for each row.
func (c counter) since() []string {
	c.t.Helper()
	written := c.column(`SELECT name FROM written ORDER BY name`)
	c.do(`DELETE FROM written`)
	return written
}

func TestAnUnchangedSyncWritesNothingButItsRun(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rollcall.db")
	postgres := postgrestest.Start(t, "fsync=off").Database(t)
	for name, at := range map[string]struct{ url, driver, address string }{
		"sqlite":   {"sqlite://" + path, "sqlite", path},
		"postgres": {postgres, "pgx", postgres},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := openOn(t, at.url)
			written := count(t, at.driver, at.address)
			o.source.groups = namedGroups("Sales", "Ops")
			o.source.users = with(people(9), 2, "Groups", "Sales; Ops")
			first := o.sync(run.Applied)
			require.Subset(t, written.since(), []string{
				"runs", "members", "memberships", "changes", "states", "stages",
				"chunks",
			})
			theRun := []string{"runs", "runs"} // when it begins, and when it ends
			for range 2 {                      // the second goes by the first
				again := o.sync(run.Unchanged)
				assert.Equal(t, theRun, written.since(), "asked for")
				assert.Equal(t, first.Snapshot, again.Snapshot)
				assert.Equal(t, first.Rows, again.Rows)
				assert.Equal(t, o.issues(first), o.issues(again))
			}
			slices.Reverse(o.source.users)
			slices.Reverse(o.source.groups)
			o.origin = run.Scheduled
			o.sync(run.Unchanged)
			assert.Equal(t, theRun, written.since(), "scheduled, in another order")
			previewed, err := o.round(workflows.PreviewName)
			require.NoError(t, err)
			assert.Equal(t, run.Previewed, previewed.Outcome)
			assert.Equal(t, theRun, written.since(), "a preview")
			o.source.users = with(o.source.users, 3, "City", "Paris")
			o.sync(run.Applied)
			written.since()
			o.sync(run.Unchanged)
			assert.Equal(t, theRun, written.since(), "after a change")
		})
	}
}

func TestOtherGroupsMakeEveryRowBeJudgedAndNothingElse(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.groups = namedGroups("Sales")
	o.source.users = with(people(5), 1, "Groups", "Sales")
	first := o.sync(run.Applied)
	o.source.groups = namedGroups("Sales", "Ops")
	other := o.sync(run.Applied)
	assert.Equal(t, run.ChangeCounts{GroupsAdded: 1}, other.Changes)
	assert.Zero(t, o.chunksOf(other, ledger.StageUsers))
	assert.Positive(t, o.chunksOf(other, ledger.StageUsersAgain))
	assert.Equal(t, first.Rows, other.Rows)
	assert.Equal(t, o.issues(first), o.issues(other))
	assert.Equal(t, run.SnapshotCounts{Users: 5, Groups: 2, Memberships: 1}, other.Snapshot)
	o.sync(run.Unchanged)
}

func TestEditsOfGroupsByHandAreReverted(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.groups = namedGroups("Sales", "Ops")
	o.source.users = people(5)
	o.sync(run.Applied)
	o.edit("DELETE FROM groups WHERE name = 'Ops'")
	o.source.users = with(o.source.users, 1, "City", "Paris")
	assert.Equal(t, run.ChangeCounts{Updated: 1, GroupsAdded: 1}, o.sync(run.Applied).Changes)
	o.sync(run.Unchanged)
}

func TestKnownRowsMustStillBeKnownInValidation(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]string{
		"a member": "UPDATE members SET row_hash = NULL WHERE email = '" + email(2) +
			"'; UPDATE states SET indexed = false",
		"a group": "DELETE FROM groups WHERE name = 'Sales'",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			o.source.groups, o.source.users = namedGroups("Sales"), people(5)
			o.sync(run.Applied)
			if name == "a member" {
				o.protect(4, "") // the users and the groups are known, and there may be something to plan
			} else {
				o.source.users = with(o.source.users, 1, "City", "Paris") // and the other way round
			}
			o.during = func(env *testsuite.TestWorkflowEnvironment) {
				env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context,
					_ converter.EncodedValues,
				) {
					if info.ActivityType.Name == workflows.ValidateName {
						o.edit(statement)
					}
				})
			}
			o.fails(fault.KindSuperseded)
			o.during = nil
			o.source.users = with(o.source.users, 3, "City", "Oslo")
			o.sync(run.Applied)
			o.sync(run.Unchanged)
		})
	}
}

func TestAnUnchangedSyncWhoseReadFailedFirstEndsUnchanged(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.groups, o.source.users = namedGroups("Sales"), people(9)
	first := o.sync(run.Applied)
	refused := o.source.cut(2, 2)
	again := o.sync(run.Unchanged)
	assert.Equal(t, 2, *refused)
	assert.Equal(t, first.Snapshot, again.Snapshot)
	assert.Equal(t, o.issues(first), o.issues(again))
	stage, err := o.kept.Stage(t.Context(), mustID(t, again.Run), ledger.StageUsers)
	require.NoError(t, err)
	assert.Positive(t, stage.Furthest, "later attempts are held to what the first came to")
	assert.False(t, stage.Sealed)
}

func TestAnUnchangedSyncInterruptedAtAnyWriteEndsTheSame(t *testing.T) {
	t.Parallel()
	for cut := 1; cut <= 2; cut++ {
		for _, after := range []bool{false, true} {
			o := open(t)
			o.source.groups, o.source.users = namedGroups("Sales", "Ops"), people(5)
			first := o.sync(run.Applied)
			before := picture(o)
			u := &unreliable{Store: o.kept, cut: cut, after: after}
			o.do.Runs, o.do.Stages, o.do.Ledger, o.do.Conditions = u, u, u, u
			again := o.sync(run.Unchanged)
			require.Equal(t, 3, u.writes, "the two, and one of them again")
			require.Equal(t, before, picture(o))
			require.Equal(t, first.Rows, again.Rows)
			require.Equal(t, o.issues(first), o.issues(again))
			runs, err := o.kept.Runs(t.Context(), acme, 0)
			require.NoError(t, err)
			require.Len(t, runs, 2)
			require.Equal(t, first.Run, runs[0].SameAs.String())
		}
	}
}

// thorough makes a harness stage everything that it reads, known or not.
func thorough(o *harness) {
	o.do.Directories, o.do.Stages = paged{o}, forgetful{o.kept}
}

// paged is a harness whose directory can resume reading groups after each page. So groups are always staged.
type paged struct{ *harness }

func (p paged) Open(ctx context.Context, tenant string, columns []string) (directory.Directory, error) {
	d, err := p.harness.Open(ctx, tenant, columns)
	return pagedDirectory{d}, err
}

type pagedDirectory struct{ directory.Directory }

func (d pagedDirectory) Groups(
	ctx context.Context, _ directory.Cursor, first int, keep func(directory.Page) error,
) (directory.Sealed, error) {
	return d.Directory.Groups(ctx, "", first, func(page directory.Page) error {
		page.Next = "more"
		return keep(page)
	})
}

// forgetful are stages that don't know what earlier runs found.
type forgetful struct{ *store.Store }

func (f forgetful) Stage(ctx context.Context, id uuid.UUID, name string) (ledger.Stage, error) {
	if name == ledger.StageRoster {
		if r, err := f.Run(ctx, acme, id); err == nil && !r.Finished.IsZero() {
			return ledger.Stage{}, ledger.ErrNotFound
		}
	}
	return f.Store.Stage(ctx, id, name)
}

// Whatever comes after whatever, a sync that keeps nothing of what is known does what one does that keeps all of it.
func TestKnownRowsLoseNoInformation(t *testing.T) {
	t.Parallel()
	var kept atomic.Int64 // chunks of the thorough one, beyond those of the other
	t.Cleanup(func() { require.Positive(t, kept.Load()) })
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			quiet, full := open(t), open(t)
			thorough(full)
			chance := rand.New(rand.NewPCG(seed, 7))
			d := hazard{chance: chance, users: people(6), groups: []string{"Sales", "Ops"}}
			for step := range 16 {
				if step > 0 && chance.IntN(3) > 0 {
					d.turn()
				}
				var seen [2][]string
				for i, o := range []*harness{quiet, full} {
					o.source.users, o.source.groups = d.users, d.listed()
					result, err := o.round(workflows.SyncName)
					require.NoError(t, err)
					kept.Add(int64(o.chunksOf(result, ledger.StageUsers) * (2*i - 1)))
					seen[i] = append(picture(o), fmt.Sprint(result.Outcome, result.Snapshot, result.Rows,
						result.Changes, result.Held != nil))
					issues := o.issues(result)
					slices.SortFunc(issues, func(a, b roster.Issue) int {
						return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)))
					})
					seen[i] = append(seen[i], fmt.Sprint(issues))
				}
				require.Equal(t, seen[1], seen[0], "step %d", step)
			}
		})
	}
}

// hazard is a directory that changes by chance.
type hazard struct {
	chance *rand.Rand
	users  []person
	groups []string
}

func (d *hazard) turn() {
	i := d.chance.IntN(len(d.users))
	switch d.chance.IntN(12) {
	case 0, 1:
		d.users = slices.Clone(d.users)
		slices.Reverse(d.users)
		slices.Reverse(d.groups)
	case 2:
		d.users = with(d.users, i, "City", []string{"Paris", "Rome", "Toronto"}[d.chance.IntN(3)])
	case 3:
		d.users = with(d.users, i, "Groups", []string{"Sales", "Ops; Sales", "Nobody", ""}[d.chance.IntN(4)])
	case 4:
		d.users = with(d.users, i, "Last_Name", []string{"", "Byron"}[d.chance.IntN(2)])
	case 5:
		d.users = with(d.users, i, "Manager_Email", []string{"stranger@elsewhere.example", ""}[d.chance.IntN(2)])
	case 6:
		d.users = append(slices.Clone(d.users), d.users[i]) // twice
	case 7:
		if len(d.users) > 5 {
			d.users = without(d.users, i)
		}
	case 8: // all is well again
		d.users = people(6)
	default:
		d.groups = [][]string{
			{"Sales"},
			{"Sales", "Ops"},
			{"Sales", "Ops", "Legal"},
			{"Sales", "Sales"},
			{"Ops", ""},
		}[d.chance.IntN(5)]
		d.groups = slices.Clone(d.groups)
	}
}

func (d *hazard) listed() []directory.Group { return namedGroups(d.groups...) }
