package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/check"
	"github.com/rollcall/rollcall/internal/simulator"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
)

// served returns a bench without Temporal, and a simulator that serves the directory of its tenant.
func newWithDirectory(t *testing.T, served simulator.Tenant) (*bench, *simulator.Simulator) {
	t.Helper()
	b, s := newBench(t, nil), simulator.Start(t, served)
	access := s.Access(served.ID)
	b.settings.WorkdayHosts, b.settings.WorkOSBaseURL, b.settings.WorkosRate = []string{"127.0.0.1"}, s.URL(), 1e6
	settings := tenant.Tenant{
		ID: served.ID, Name: "Acme Corporation",
		WorkOS: &tenant.WorkOS{Directory: access.Directory},
	}
	if access.Kind == simulator.Workday {
		settings.WorkOS, settings.Workday = nil, &tenant.Workday{Users: access.Users, Groups: access.Groups}
	}
	keeper, err := tenant.OpenKeeper(t.Context(), "", b.home)
	require.NoError(t, err)
	defer keeper.Close()
	sealed, err := keeper.Seal(t.Context(), served.ID, tenant.Credentials{
		Username: access.Username, Password: access.Password, APIKey: access.APIKey,
	})
	require.NoError(t, err)
	text, err := settings.Settings()
	require.NoError(t, err)
	_, err = b.store().PutTenant(t.Context(),
		store.Tenant{ID: served.ID, Name: settings.Name, Settings: text, Sealed: sealed})
	require.NoError(t, err)
	return b, s
}

func TestACheckShowsColumnsExamplesAndWhatIsMissing(t *testing.T) {
	t.Parallel()
	b, s := newWithDirectory(t, simulator.Tenant{
		ID: "acme", Kind: simulator.Workday, People: 80, Seed: 1,
		Columns: map[string]string{"city": "Town"},
	})
	golden(t, "check/warnings.txt", b.must("check", "acme", "--rows", "50"))
	var got check.Report
	require.NoError(t, json.Unmarshal([]byte(b.must("check", "acme", "-o", "json")), &got))
	assert.Equal(t, "workday", got.Source)
	assert.Equal(t, check.ReadyWithWarnings, got.Verdict)
	assert.True(t, got.Users.Complete)
	assert.Equal(t, 2, s.Served("acme", simulator.Users).Requests, "each check asks for a report once")

	s.Inject(simulator.Fault{Tenant: "acme", Kind: simulator.DropColumn, Column: "Email_-_Work"})
	status, out, errOut := b.run("check", "acme", "--rows", "50")
	assert.Equal(t, exitFailed, status)
	assert.Equal(t, "Reading the reports. Workday may need minutes to produce them.\n", errOut)
	golden(t, "check/not_ready.txt", out)
}

func TestACheckOfADirectoryAtWorkOS(t *testing.T) {
	t.Parallel()
	b, s := newWithDirectory(t, simulator.Tenant{ID: "globex", Kind: simulator.WorkOS, People: 40, Seed: 2, Rate: -1})
	golden(t, "check/workos.txt", b.must("check", "globex"))
	s.Inject(simulator.Fault{Tenant: "globex", Kind: simulator.Unlinked})
	status, out, _ := b.run("check", "globex")
	assert.Equal(t, exitFailed, status)
	golden(t, "check/unlinked.txt", out)
}

func TestACheckThatMayNotSendCredentialsIsNotReady(t *testing.T) {
	t.Parallel()
	b, s := newWithDirectory(t, simulator.Tenant{ID: "acme", Kind: simulator.Workday, People: 5})
	b.settings.WorkdayHosts = nil
	status, out, _ := b.run("check", "acme")
	assert.Equal(t, exitFailed, status)
	assert.Contains(t, out, "problem  address_refused")
	assert.Contains(t, out, "Verdict: not ready\n")
	assert.Zero(t, s.Served("acme", simulator.Users).Requests)

	b.settings.SecretsURL = "base64key://"
	status, out, errOut := b.run("check", "acme")
	assert.Equal(t, exitFailed, status, errOut)
	assert.Contains(t, out, "problem  credentials_unreadable")
}
