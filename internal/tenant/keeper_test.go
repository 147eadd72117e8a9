package tenant_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/tenant"
)

var canary = tenant.Credentials{
	Username: "isu-canary", Password: "pw-canary", APIKey: "key-canary",
	ClientSecret: "client-canary", RefreshToken: "refresh-canary", PrivateKey: "private-canary",
	Hooks: []tenant.Hook{{Name: "1", URL: "https://hooks.example.com/url-canary", Secret: "whsec_canary"}},
}

func keeper(t *testing.T, url, home string) *tenant.Keeper {
	t.Helper()
	k, err := tenant.OpenKeeper(t.Context(), url, home)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, k.Close()) })
	return k
}

func TestAnotherProcessCanOpenSealedCredentials(t *testing.T) {
	t.Parallel()
	home := filepath.Join(t.TempDir(), "not", "yet")
	sealed, err := keeper(t, "", home).Seal(t.Context(), "acme", canary)
	require.NoError(t, err)
	assert.NotContains(t, string(sealed), "canary")
	got, err := keeper(t, "", home).Open(t.Context(), "acme", sealed)
	require.NoError(t, err)
	assert.True(t, got.Equal(canary))
}

func TestCredentialsOfOneTenantCannotBeOpenedForAnother(t *testing.T) {
	t.Parallel()
	k := keeper(t, "", t.TempDir())
	sealed, err := k.Seal(t.Context(), "acme", canary)
	require.NoError(t, err)
	_, err = k.Open(t.Context(), "globex", sealed)
	require.ErrorIs(t, err, tenant.ErrWrongKey)
	assert.NotContains(t, err.Error(), "canary")
}

func TestTheFirstSealCreatesAKeyFileForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	home := filepath.Join(t.TempDir(), "home")
	k := keeper(t, "", home)
	_, err := k.Open(t.Context(), "acme", []byte("x"))
	require.ErrorIs(t, err, tenant.ErrWrongKey, "nothing can be opened before something was sealed")
	require.NoFileExists(t, filepath.Join(home, "secrets.key"))

	_, err = k.Seal(t.Context(), "acme", canary)
	require.NoError(t, err)
	info, err := os.Stat(filepath.Join(home, "secrets.key"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	folder, err := os.Stat(home)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o700), folder.Mode().Perm())
	entries, err := os.ReadDir(home)
	require.NoError(t, err)
	assert.Len(t, entries, 1, "no draft is left behind")
}

func TestProcessesThatStartTogetherAgreeOnOneKey(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	var all sync.WaitGroup
	sealed := make([][]byte, 16)
	for i := range sealed {
		k := keeper(t, "", home)
		all.Go(func() {
			var err error
			sealed[i], err = k.Seal(t.Context(), "acme", canary)
			assert.NoError(t, err)
		})
	}
	all.Wait()
	k := keeper(t, "", home)
	for _, s := range sealed {
		_, err := k.Open(t.Context(), "acme", s)
		assert.NoError(t, err)
	}
}

func TestAKeyFileReadableByOthersIsRefused(t *testing.T) {
	t.Parallel()
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o660} {
		home := t.TempDir()
		sealed, err := keeper(t, "", home).Seal(t.Context(), "acme", canary)
		require.NoError(t, err)
		path := filepath.Join(home, "secrets.key")
		require.NoError(t, os.Chmod(path, mode))
		_, err = keeper(t, "", home).Open(t.Context(), "acme", sealed)
		assert.ErrorContains(t, err, "chmod 600 "+path, mode)
		_, err = keeper(t, "", home).Seal(t.Context(), "acme", canary)
		assert.ErrorContains(t, err, "chmod 600 "+path, mode)
	}
}

func TestAnInvalidKeyFileIsRefusedAndNotOverwritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "secrets.key")
	require.NoError(t, os.WriteFile(path, []byte("c2hvcnQ="), 0o600))
	_, err := keeper(t, "", filepath.Dir(path)).Seal(t.Context(), "acme", canary)
	require.ErrorContains(t, err, "doesn't hold a key of 32 bytes")
	assert.NotContains(t, err.Error(), "c2hvcnQ=")
}

func TestAnotherKeyCannotOpenCredentials(t *testing.T) {
	t.Parallel()
	sealed, err := keeper(t, "", t.TempDir()).Seal(t.Context(), "acme", canary)
	require.NoError(t, err)
	other := keeper(t, "", t.TempDir())
	_, err = other.Seal(t.Context(), "acme", canary)
	require.NoError(t, err)
	_, err = other.Open(t.Context(), "acme", sealed)
	assert.ErrorIs(t, err, tenant.ErrWrongKey)
}

func TestAKeyMayComeFromAURL(t *testing.T) {
	t.Parallel()
	const url = "base64key://smGbjm71Nxd1Ig5FS0wj9SlbzAIrnolCz9bQQ6uAhl4="
	home := t.TempDir()
	sealed, err := keeper(t, url, home).Seal(t.Context(), "acme", canary)
	require.NoError(t, err)
	got, err := keeper(t, url, home).Open(t.Context(), "acme", sealed)
	require.NoError(t, err)
	assert.True(t, got.Equal(canary))
	assert.NoFileExists(t, filepath.Join(home, "secrets.key"))
}

func TestAnInvalidKeyURLIsRefusedWithoutRepeatingIt(t *testing.T) {
	t.Parallel()
	_, err := tenant.OpenKeeper(t.Context(), "base64key://canary", t.TempDir())
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "canary")
}

func TestCredentialsAreRedactedHoweverTheyArePrinted(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info(
		"x", "value", canary, "pointer", &canary, "within", struct{ C tenant.Credentials }{canary},
	)
	slog.New(slog.NewTextHandler(&log, nil)).Info(
		"x", "value", canary, "pointer", &canary, "within", struct{ C tenant.Credentials }{canary},
	)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&log, verb, canary)
		fmt.Fprintf(&log, verb, &canary)
		fmt.Fprintf(&log, verb, struct{ C tenant.Credentials }{canary})
	}
	text, err := json.Marshal(map[string]any{"c": canary, "t": tenant.Tenant{Credentials: canary}})
	require.NoError(t, err)
	log.Write(text)
	for _, secret := range []string{"isu-canary", "pw-canary", "key-canary", "6361"} {
		assert.NotContains(t, log.String(), secret)
	}
}
