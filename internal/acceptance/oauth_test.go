package acceptance_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/simulator"
)

func TestReportsAreReadByAnAPIClientAndItsSecretsLeaveTheStoreNowhere(t *testing.T) {
	t.Parallel()
	for name, grant := range map[string]string{
		"refresh": `client_secret: "${CLIENT_SECRET}", refresh_token: "${REFRESH_TOKEN}"`,
		"signed":  `subject: %s, private_key: "${PRIVATE_KEY}"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenant := "oauth-" + name
			w := newWorld(t, simulator.Tenant{ID: tenant, Kind: simulator.Workday, People: 40, Seed: 3})
			access, client := w.simulator.Access(tenant), w.simulator.Client(tenant)
			if name == "signed" {
				grant = fmt.Sprintf(grant, client.Subject)
			}
			w.settings = []string{
				"CLIENT_SECRET=" + client.Secret, "REFRESH_TOKEN=" + client.RefreshToken, "PRIVATE_KEY=" + client.PrivateKey,
			}
			file := fmt.Sprintf("tenants:\n  - id: %s\n    schedule: {cron: \"0 3 1 1 *\", timezone: UTC}\n    workday:\n"+
				"      users: %s\n      groups: %s\n      oauth: {token_url: %s, client_id: %s, %s}\n",
				tenant, access.Users, access.Groups, client.TokenURL, client.ID, grant)
			path := filepath.Join(w.home, tenant+".yaml")
			require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
			w.starter(0, "apply", "-f", path)
			require.Contains(t, w.starter(0, "check", tenant), "ready")
			w.settings = nil
			w.start()
			require.Equal(t, run.Applied, w.resync(0, tenant).Outcome)
			w.requireSynced(tenant)

			for range 2 {
				w.simulator.RevokeTokens(tenant)
				require.Equal(t, run.Unchanged, w.resync(0, tenant).Outcome)
			}
			w.simulator.Inject(simulator.Fault{
				Tenant: tenant, Endpoint: simulator.Token, Kind: simulator.Status, Status: http.StatusBadRequest,
				Body: `{"error":"invalid_grant","error_description":"canary"}`,
			})
			failed := w.resync(1, tenant)
			require.Equal(t, "token_refused", failed.Error.Kind)
			require.Contains(t, failed.Error.Hint, "workday.oauth in tenants.yaml")

			log, err := os.ReadFile(w.log.Name())
			require.NoError(t, err)
			places := w.histories(tenant)
			places["the worker's log"] = string(log)
			for place, text := range places {
				for _, secret := range []string{client.Secret, client.RefreshToken, client.PrivateKey, "Bearer ", "canary"} {
					require.NotContains(t, text, secret, "in %s", place)
				}
			}
		})
	}
}
