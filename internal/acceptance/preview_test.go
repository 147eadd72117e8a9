package acceptance_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/simulator"
)

// previewed is the output of a preview.
type previewed struct {
	Run     string
	Preview bool
	Tried   []string
	Result  run.Result
	Changes []struct {
		Op, Member string
		Fields     map[string][2]any
	}
	Replayed *struct{ Members, Changed int }
	Compared *struct {
		Run     string
		Preview bool
		Changes []struct {
			Kind          string
			Before, After *struct {
				Op     string
				Fields map[string][2]any
			}
		}
		Issues []struct{ Kind string }
		Totals struct {
			Changes struct{ New, Gone, Changed int }
			Issues  struct{ New, Gone int }
		}
	}
}

// preview runs a preview and requires that it changed nothing of the tenant.
func (w *world) preview(tenant string, args ...string) (p previewed) {
	w.Helper()
	before := w.contentExceptRuns()
	text := w.starter(0, append([]string{"preview", tenant, "-o", "json"}, args...)...)
	require.NoError(w, json.Unmarshal([]byte(text), &p), text)
	require.True(w, p.Preview)
	require.Equal(w, run.Previewed, p.Result.Outcome)
	require.Equal(w, before, w.contentExceptRuns(), "a preview changes nothing")
	return p
}

// contentExceptRuns returns the content of the database that no preview may change.
func (w *world) contentExceptRuns() map[string][]string {
	content := maps.Clone(w.content())
	for _, own := range []string{"runs", "stages", "chunks", "requests"} {
		delete(content, own)
	}
	return content
}

// yaml writes a file and returns its path.
func (w *world) yaml(name, text string) string {
	w.Helper()
	path := filepath.Join(w.home, name)
	require.NoError(w, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestPreviewsAreStoredShownAndCompared(t *testing.T) {
	t.Parallel()
	const tenant = "previewed-acme"
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 120, Seed: 31, Churn: -1})
	w.start()
	w.apply(tenant, "")
	first := w.preview(tenant)
	require.Equal(t, 120, first.Result.Changes.Added)
	require.Nil(t, first.Compared)

	w.simulator.Inject(simulator.Fault{Tenant: tenant, Endpoint: "users", Kind: simulator.Shuffle})
	same := w.preview(tenant)
	require.Equal(t, first.Run, same.Compared.Run)
	require.Empty(t, same.Compared.Changes, "the same people under other ids, in another order")
	require.Empty(t, same.Compared.Issues)

	w.simulator.Inject(simulator.Fault{
		Tenant: tenant, Endpoint: "users", Kind: simulator.BadValue, Person: 7, Column: "City",
		Value: json.RawMessage(`"Atlantis"`),
	})
	w.simulator.Inject(simulator.Fault{
		Tenant: tenant, Endpoint: "users", Kind: simulator.BadValue, Person: 9, Column: "Email_-_Work",
		Value: json.RawMessage(`"no address"`),
	})
	other := w.preview(tenant)
	require.Equal(t, same.Run, other.Compared.Run)
	counts := map[string]int{}
	for _, d := range other.Compared.Changes {
		side := d.After
		if side == nil {
			side = d.Before
		}
		counts[d.Kind+" "+side.Op]++
		if d.Kind == "changed" {
			require.Equal(t, "Atlantis", d.After.Fields["city"][1])
			require.NotEqual(t, "Atlantis", d.Before.Fields["city"][1])
		}
	}
	require.Equal(t, 1, counts["changed added"], "%v", counts)
	require.Equal(t, 1, counts["gone added"], "%v", counts)
	require.Positive(t, counts["gone membership_added"], "%v", counts)
	require.Positive(t, other.Compared.Totals.Issues.New)
	require.Equal(t, first.Run, w.preview(tenant, "--against", first.Run).Compared.Run)
	shown := w.starter(0, "preview", tenant, "--against", first.Run)
	t.Log("\n" + shown)
	require.NotRegexp(
		t, `member [0-9a-f]{8}-|group [0-9a-f]{8}-`, shown, "people and groups that aren't kept yet have names too",
	)

	w.simulator.Clear(tenant)
	synced := w.resync(0, tenant)
	settled := w.preview(tenant, "--against", synced.Run)
	require.Empty(t, settled.Changes)
	require.False(t, settled.Compared.Preview)
	require.Equal(
		t, synced.Changes.Total(), settled.Compared.Totals.Changes.Gone, "what the sync did is no longer to be done",
	)

	require.Len(t, w.lines("runs", tenant, "--previews"), 6)
	for _, format := range []string{"text", "json", "csv", "html"} {
		again := w.starter(0, "report", tenant, other.Run, "-o", format)
		if format == "text" || format == "html" {
			require.Contains(t, again, "This preview shows", format)
		}
		if format != "text" { // text shows only the first of each kind
			require.Contains(t, again, "Atlantis", format)
		}
	}
	text := w.starter(0, "preview", tenant)
	require.Contains(t, text, "Compared with preview "+settled.Run)
	require.Contains(t, text, "The same plan and the same issues.")
	w.starter(2, "preview", tenant, "--against", "yesterday")
}

func TestAChangedLevelMapIsPreviewedOffline(t *testing.T) {
	t.Parallel()
	const tenant = "replayed-acme"
	w := newQuietWorld(t, tenant, "    levels: {Nothing: Nobody}\n")
	w.stop(syscall.SIGTERM)
	level := w.lines("members", tenant)[0]["management_level"].(string)
	read := w.simulator.Served(tenant, "").Requests
	w.settings = append(w.settings, "TEMPORAL_PROFILE=nowhere") // connecting to Temporal would fail
	path := w.yaml("levels.yaml", "levels: {\""+level+"\": Chief of Tests}\n")
	replayed := w.preview(tenant, "--levels", path)
	w.settings = nil
	require.Equal(t, []string{"levels"}, replayed.Tried)
	require.Equal(t, 60, replayed.Replayed.Members)
	require.Equal(t, read, w.simulator.Served(tenant, "").Requests, "nothing is read")
	require.Len(t, replayed.Changes, replayed.Replayed.Changed)
	again := w.preview(tenant, "--levels", w.yaml("bare.yaml", "\""+level+"\": Chief of Tests\n"))
	require.Equal(t, replayed.Run, again.Compared.Run)
	require.Empty(t, again.Compared.Changes)
	require.Contains(t, w.starter(0, "preview", tenant, "--levels", path), "Chief of Tests")
	require.Contains(t, w.starter(0, "report", tenant, replayed.Run, "-o", "html"), "Chief of Tests")

	// A sync with that map makes the previewed changes.
	w.apply(tenant, "    levels: {\""+level+"\": Chief of Tests}\n")
	w.start()
	foreseen := w.preview(tenant, "--against", replayed.Run)
	require.Empty(t, foreseen.Compared.Changes)
	require.Equal(t, run.ChangeCounts{Updated: replayed.Replayed.Changed}, w.resync(0, tenant).Changes)

	w.starter(1, "preview", tenant, "--levels", w.yaml("wrong.yaml", "levels: {M4: }\n"))
}

func TestAChangedFieldMapIsPreviewedAgainstTheDirectory(t *testing.T) {
	t.Parallel()
	const tenant = "tried-acme"
	w := newQuietWorld(t, tenant, "")
	reads := func() int { return w.simulator.Served(tenant, "users").Requests }
	before := reads()
	fields := w.yaml("fields.yaml", "fields:\n  Cost_Center: business_unit\n")
	tried := w.preview(tenant, "--fields", fields)
	require.Equal(t, []string{"fields"}, tried.Tried)
	require.Equal(t, 2, reads()-before, "once as it is set up, to compare with")
	require.Equal(t, run.ChangeCounts{Updated: 60}, tried.Result.Changes)
	require.Len(t, tried.Compared.Changes, 60)
	for _, d := range tried.Compared.Changes {
		require.Equal(t, "new", d.Kind)
		require.Contains(t, d.After.Fields["business_unit"][1], "CC")
	}
	again := w.preview(tenant, "--fields", fields)
	require.Equal(t, tried.Compared.Run, again.Compared.Run)
	require.Equal(t, 3, reads()-before, "there is a preview of the members as they are")
	require.Len(t, w.lines("runs", tenant, "--previews"), 3)

	level := w.lines("members", tenant)[0]["management_level"].(string)
	both := w.preview(tenant, "--fields", fields, "--levels", w.yaml("levels.yaml", "\""+level+"\": Canary Level\n"))
	require.Equal(t, []string{"fields", "levels"}, both.Tried)
	roles := 0
	for _, c := range both.Changes {
		require.Contains(t, c.Fields, "business_unit")
		if role, changed := c.Fields["role"]; changed {
			require.Equal(t, "Canary Level", role[1])
			roles++
		}
	}
	require.Positive(t, roles)
	require.Equal(t, run.Unchanged, w.resync(0, tenant).Outcome, "what was tried isn't remembered")
	for place, text := range w.histories(tenant) {
		for _, secret := range []string{"Cost_Center", "Canary Level", "business_unit"} {
			require.NotContains(t, text, secret, place)
		}
	}

	// The baseline uses the current members and settings.
	w.simulator.Inject(simulator.Fault{
		Tenant: tenant, Endpoint: "users", Kind: simulator.BadValue, Person: 7, Column: "City",
		Value: json.RawMessage(`"Atlantis"`),
	})
	require.Equal(t, run.Applied, w.resync(0, tenant).Outcome)
	for _, change := range []string{"the members", "the settings"} {
		before = reads()
		require.Len(t, w.preview(tenant, "--fields", fields).Compared.Changes, 60)
		require.Equal(t, 2, reads()-before, change)
		w.apply(tenant, "    levels: {Nothing: Nobody}\n")
	}

	// A trial may also map a column of the group report.
	require.Positive(
		t,
		w.preview(tenant, "--fields", w.yaml("groups.yaml", "Nowhere: group_name\nGroups: []\n")).Result.Snapshot.Users,
	)
}

func TestATrialFieldMapReplacesOneThatCannotReadTheDirectory(t *testing.T) {
	t.Parallel()
	const tenant = "mended-acme"
	w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 60, Seed: 33, Churn: -1})
	w.start()
	w.apply(tenant, "    fields: {Email_-_Work: office}\n")
	w.starter(1, "preview", tenant)
	mended := w.preview(tenant, "--fields", w.yaml("fields.yaml", "{}\n"))
	require.Nil(t, mended.Compared, "under the tenant's own settings there is no plan")
	require.Equal(t, 60, mended.Result.Changes.Added)
	require.Contains(t, w.starter(0, "runs", tenant), "preview fields")

	w.simulator.Inject(simulator.Fault{Tenant: tenant, Kind: simulator.Status, Status: 401})
	before := w.simulator.Served(tenant, "users").Requests
	w.starter(1, "preview", tenant, "--fields", filepath.Join(w.home, "fields.yaml"))
	require.Equal(t, before+1, w.simulator.Served(tenant, "users").Requests, "an account can be locked by retries")
}

func TestAPreviewWithATrialDoesNotJoinAnotherPreview(t *testing.T) {
	t.Parallel()
	const tenant = "joined-preview-acme"
	w := newQuietWorld(t, tenant, "")
	w.preview(tenant)
	fields := w.yaml("fields.yaml", "Cost_Center: business_unit\n")
	w.simulator.Inject(simulator.Fault{
		Tenant: tenant, Endpoint: "users", Kind: simulator.SlowStart, Delay: 2 * time.Second,
	})
	before := w.simulator.Served(tenant, "users").Requests
	var plain [2]string
	var both sync.WaitGroup
	for i := range plain {
		both.Go(func() { plain[i] = w.starter(0, "preview", tenant, "-o", "json") })
	}
	w.eventually(
		func() bool { return w.simulator.Served(tenant, "users").Requests > before }, "the plain preview reads",
	)
	tried := w.starter(0, "preview", tenant, "--fields", fields, "-o", "json")
	both.Wait()
	require.Contains(t, tried, `"tried":["fields"]`)
	require.Contains(t, tried, "CC0")
	for _, text := range plain {
		require.Contains(t, text, `"tried":null`)
		require.Equal(t, strings.Count(text, `"op":"updated"`), 0)
	}
}
