package workday_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workday"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/simulator"
)

// client returns a directory that is read as an API client of the simulator, by its refresh token or by its key.
func client(t *testing.T, s *simulator.Simulator, change ...func(*workday.OAuth)) *workday.Directory {
	t.Helper()
	access, of := s.Access("acme"), s.Client("acme")
	oauth := workday.OAuth{
		TokenURL: of.TokenURL, ClientID: of.ID, ClientSecret: of.Secret, RefreshToken: of.RefreshToken,
	}
	for _, c := range change {
		c(&oauth)
	}
	d, err := workday.New(workday.Options{
		Users: []string{access.Users}, Groups: access.Groups, OAuth: &oauth, Hosts: []string{"127.0.0.1"},
	})
	require.NoError(t, err)
	return d
}

// signing lets a client use its key.
func signing(s *simulator.Simulator) func(*workday.OAuth) {
	return func(o *workday.OAuth) {
		of := s.Client("acme")
		o.ClientSecret, o.RefreshToken, o.PrivateKey, o.Subject = "", "", of.PrivateKey, of.Subject
	}
}

func users(ctx context.Context, d *workday.Directory) (rows int, err error) {
	_, err = d.Users(ctx, "", 1, func(p directory.Page) error {
		rows += len(p.Rows)
		return nil
	})
	return rows, err
}

func TestReportsAreReadWithAnAccessToken(t *testing.T) {
	t.Parallel()
	s := simulator.Start(t, simulator.Tenant{ID: "acme", Kind: simulator.Workday, People: 20})
	for name, d := range map[string]*workday.Directory{
		"a refresh token": client(t, s), "a private key": client(t, s, signing(s)),
	} {
		t.Run(name, func(t *testing.T) {
			before := s.Served("acme", simulator.Token).Requests
			var reads sync.WaitGroup
			for range 3 {
				reads.Go(func() {
					rows, err := users(t.Context(), d)
					assert.NoError(t, err)
					assert.Equal(t, 20, rows)
				})
			}
			reads.Wait()
			_, err := d.Groups(t.Context(), "", 1, func(directory.Page) error { return nil })
			require.NoError(t, err)
			assert.Equal(t, 1, s.Served("acme", simulator.Token).Requests-before, "one token for all reads")

			s.RevokeTokens("acme")
			rows, err := users(t.Context(), d)
			require.NoError(t, err, "a revoked token is replaced")
			assert.Equal(t, 20, rows)
			assert.Equal(t, 2, s.Served("acme", simulator.Token).Requests-before)
		})
	}
}

func TestATokenThatIsRefusedTwiceIsAFault(t *testing.T) {
	t.Parallel()
	s := simulator.Start(t, simulator.Tenant{ID: "acme", Kind: simulator.Workday, People: 3})
	s.Inject(simulator.Fault{Tenant: "acme", Endpoint: simulator.Users, Kind: simulator.Status, Status: http.StatusUnauthorized})
	_, err := users(t.Context(), client(t, s))
	known, _ := fault.Of(err)
	require.NotNil(t, known, "%v", err)
	assert.Equal(t, fault.KindCredentialsRefused, known.Kind)
	assert.Contains(t, known.Detail, "the API client's access token")
	assert.Equal(t, 2, s.Served("acme", simulator.Token).Requests)
}

func TestATokenEndpointThatGivesNoTokenIsAFault(t *testing.T) {
	t.Parallel()
	const canary = "the-secret-of-acme"
	answering := func(status int, body string) func(*workday.OAuth) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Location", "http://127.0.0.1:1/elsewhere")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}))
		t.Cleanup(server.Close)
		return func(o *workday.OAuth) { o.TokenURL = server.URL }
	}
	s := simulator.Start(t, simulator.Tenant{ID: "acme", Kind: simulator.Workday, People: 3})
	for name, c := range map[string]struct {
		change []func(*workday.OAuth)
		kind   fault.Kind
		detail string
	}{
		"a wrong secret":        {[]func(*workday.OAuth){func(o *workday.OAuth) { o.ClientSecret = canary }}, fault.KindTokenRefused, "invalid_client"},
		"a wrong refresh token": {[]func(*workday.OAuth){func(o *workday.OAuth) { o.RefreshToken = canary }}, fault.KindTokenRefused, "invalid_grant"},
		"another user": {
			[]func(*workday.OAuth){signing(s), func(o *workday.OAuth) { o.Subject = canary }}, fault.KindTokenRefused, "invalid_grant",
		},
		"an error of the server": {[]func(*workday.OAuth){answering(503, canary)}, fault.KindServerError, "503"},
		"too many requests":      {[]func(*workday.OAuth){answering(429, canary)}, fault.KindRateLimited, ""},
		"no token":               {[]func(*workday.OAuth){answering(200, `{"a":"`+canary+`"}`)}, fault.KindTokenRefused, "without an access token"},
		"no JSON":                {[]func(*workday.OAuth){answering(200, "<html>"+canary)}, fault.KindTokenRefused, "without an access token"},
		"a redirect":             {[]func(*workday.OAuth){answering(302, canary)}, fault.KindRequestRefused, ""},
		"nothing there":          {[]func(*workday.OAuth){answering(404, canary)}, fault.KindNotFound, ""},
		"no server": {
			[]func(*workday.OAuth){func(o *workday.OAuth) { o.TokenURL = "http://127.0.0.1:1/" + canary }}, fault.KindUnreachable, "",
		},
		"a server that fails a signed request": {[]func(*workday.OAuth){signing(s), answering(500, canary)}, fault.KindServerError, ""},
		"a signed request without a token":     {[]func(*workday.OAuth){signing(s), answering(200, "{}")}, fault.KindTokenRefused, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := users(t.Context(), client(t, s, c.change...))
			known, _ := fault.Of(err)
			require.NotNil(t, known, "%v", err)
			assert.Equal(t, c.kind, known.Kind, known.Detail)
			assert.Contains(t, known.Detail, c.detail)
			assert.NotContains(t, known.Detail+known.Hint, canary)
		})
	}
}

func TestATokenIsRequestedOnlyFromAnAllowedHost(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "http://wd5.myworkday.com/token", "https://evil.example/token", "https://u:p@wd5.myworkday.com/token", "wd5.myworkday.com",
	} {
		_, err := workday.New(workday.Options{
			Users: []string{"https://wd5.myworkday.com/r"}, OAuth: &workday.OAuth{TokenURL: address},
		})
		known, _ := fault.Of(err)
		require.NotNil(t, known, address)
		assert.Equal(t, fault.KindAddressRefused, known.Kind)
		assert.False(t, address != "" && strings.Contains(known.Detail+known.Hint, address))
	}
}
