package simulator

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// tokenLife is how long an access token is valid. Workday's own are valid for a few hours.
const tokenLife = 4 * time.Hour

// audience is the audience of a signed assertion for Workday.
const audience = "wd"

// oauth is the API client of a tenant of Workday, and its access tokens.
type oauth struct {
	once sync.Once
	key  *rsa.PrivateKey

	mu     sync.Mutex
	issued map[string]time.Time // access tokens and their ends
}

func (t *tenant) clientID() string     { return "client-" + t.secret(10) }
func (t *tenant) clientSecret() string { return "wds-" + t.secret(11) }
func (t *tenant) refreshToken() string { return "wdr-" + t.secret(12) }

// privateKey returns the API client's key, which is made when it is first needed.
func (t *tenant) privateKey() *rsa.PrivateKey {
	t.oauth.once.Do(func() {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic("simulator: make a key: " + err.Error())
		}
		t.oauth.key = key
	})
	return t.oauth.key
}

// Client is the API client that may read a tenant's reports, by its refresh token or by its key.
type Client struct {
	TokenURL     string
	ID           string
	Secret       string
	RefreshToken string
	Subject      string // the integration system user for whom the key signs
	PrivateKey   string // PEM
}

// Client returns the API client of a Workday tenant.
func (s *Simulator) Client(tenant string) Client {
	t := s.tenant(tenant)
	key, err := x509.MarshalPKCS8PrivateKey(t.privateKey())
	if err != nil {
		panic("simulator: write a key: " + err.Error())
	}
	return Client{
		TokenURL: s.url + "/ccx/oauth2/" + t.ID + "/token", ID: t.clientID(), Secret: t.clientSecret(),
		RefreshToken: t.refreshToken(), Subject: reportUser,
		PrivateKey: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
	}
}

// RevokeTokens makes all access tokens of a tenant invalid.
func (s *Simulator) RevokeTokens(tenant string) {
	t := s.tenant(tenant)
	t.oauth.mu.Lock()
	defer t.oauth.mu.Unlock()
	clear(t.oauth.issued)
}

// token serves Workday's token endpoint.
func (s *Simulator) token(w http.ResponseWriter, r *http.Request) {
	t := s.tenants[r.PathValue("tenant")]
	if t == nil || t.Kind != Workday {
		workdayError(w, http.StatusNotFound, "Not Found")
		return
	}
	s.serve(w, r, t, exchange{
		endpoint: Token,
		refuse: func(w http.ResponseWriter) bool {
			code := t.tokenError(r)
			if code == "" {
				return false
			}
			status := http.StatusBadRequest
			if code == "invalid_client" {
				status = http.StatusUnauthorized
			}
			workdayError(w, status, code)
			return true
		},
		errorBody: func(status int) []byte { return object{{"error", text(http.StatusText(status))}}.raw() },
		answer: func(w *faultyWriter) {
			token := rand.Text()
			t.oauth.mu.Lock()
			if t.oauth.issued == nil {
				t.oauth.issued = map[string]time.Time{}
			}
			t.oauth.issued[token] = t.now().Add(tokenLife)
			t.oauth.mu.Unlock()
			body, _ := json.Marshal(map[string]any{ // a map of plain values
				"access_token": token, "token_type": "Bearer", "expires_in": int(tokenLife.Seconds()),
			})
			w.answer(http.StatusOK, "application/json", body)
		},
	})
}

// tokenError returns the error code of a token request (RFC 6749, section 5.2), or "".
func (t *tenant) tokenError(r *http.Request) string {
	switch r.FormValue("grant_type") {
	case "refresh_token":
		if id, secret, _ := r.BasicAuth(); !equal(id, t.clientID()) || !equal(secret, t.clientSecret()) {
			return "invalid_client"
		}
		if !equal(r.FormValue("refresh_token"), t.refreshToken()) {
			return "invalid_grant"
		}
		return ""
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		_, err := jwt.Parse(r.FormValue("assertion"), func(*jwt.Token) (any, error) { return &t.privateKey().PublicKey, nil },
			jwt.WithValidMethods([]string{"RS256"}), jwt.WithAudience(audience), jwt.WithIssuer(t.clientID()),
			jwt.WithSubject(reportUser), jwt.WithExpirationRequired())
		if err != nil {
			return "invalid_grant"
		}
		return ""
	default:
		return "unsupported_grant_type"
	}
}

// bears reports whether a request has a valid access token.
func (t *tenant) bears(r *http.Request) bool {
	token, is := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	t.oauth.mu.Lock()
	defer t.oauth.mu.Unlock()
	ends, issued := t.oauth.issued[token]
	return is && issued && t.now().Before(ends)
}
