package workday

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/jwt"

	"github.com/rollcall/rollcall/internal/directory/httpfault"
	"github.com/rollcall/rollcall/internal/fault"
)

// OAuth is an API client for integrations in Workday. It gets access tokens by a refresh token, or by a private key with
// which it signs that it acts for the integration system user.
//
// Sources: RFC 6749, section 6, for the refresh token; RFC 7523, section 2.1, for the signed assertion; Workday's claims
// (issuer: the client, subject: the user, audience: "wd") from the set-up guides of NetIQ's Workday driver (section 2.4)
// and of Talend's Workday connection (OAuth JWT authentication).
type OAuth struct {
	TokenURL string // the token endpoint; it must be on one of Options.Hosts
	ClientID string

	ClientSecret string // with RefreshToken
	RefreshToken string

	PrivateKey string // PEM of an RSA key, with Subject; "": the refresh token is used
	Subject    string // name of the integration system user
}

// What a token request may take, and how long a signed assertion is valid.
const (
	tokenTimeout  = time.Minute
	assertionLife = 5 * time.Minute
	audience      = "wd"
)

const (
	clientCredential = "the API client's access token"
	clientCheck      = "In Workday, check under View API Clients that the client is enabled and that its scope covers the " +
		"report's domains, and that the integration system user's account is active and the report is shared with it."
)

// refusals are the error codes by which trying again is useless (RFC 6749, section 5.2).
var refusals = []string{
	"invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope", "invalid_request",
}

// tokensAt describes the token endpoint.
var tokensAt = fault.At{
	Source: source, Part: "an access token", Credential: "the API client's id and secret", Check: clientCheck,
	Row:     "Open the address in a browser.",
	Format:  "Compare token_url in tenants.yaml with the Token Endpoint that Workday shows under View API Clients.",
	Address: "Compare token_url in tenants.yaml with the Token Endpoint that Workday shows under View API Clients.",
	Failure: "request a token with the same API client by hand", Empty: "Request a token by hand.",
}

// tokens gets access tokens and keeps the last one, in memory only. It is safe for concurrent use.
type tokens struct {
	oauth  OAuth
	client *http.Client

	mu      sync.Mutex
	last    *oauth2.Token
	refresh string // the newest refresh token
}

// newTokens returns tokens of an API client. Its error is a *fault.Fault of kind address_refused.
func newTokens(of OAuth, hosts hosts, timeouts Timeouts) (*tokens, error) {
	if _, err := hosts.parse(tokensAt, of.TokenURL); err != nil {
		return nil, err
	}
	client := newClient(timeouts)
	client.Timeout = tokenTimeout
	// A redirect would carry the client's secret elsewhere.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &tokens{oauth: of, client: client, refresh: of.RefreshToken}, nil
}

// token returns a valid access token. refused is one that Workday has refused and that isn't returned again; "" is none.
func (t *tokens) token(ctx context.Context, refused string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last.Valid() && t.last.AccessToken != refused {
		return t.last.AccessToken, nil
	}
	token, err := t.source(context.WithValue(ctx, oauth2.HTTPClient, t.client)).Token()
	if err != nil {
		return "", tokenFault(ctx, err)
	}
	if token.AccessToken == "" {
		return "", fault.TokenRefused(tokensAt, http.StatusOK, "")
	}
	t.last = token
	if token.RefreshToken != "" {
		t.refresh = token.RefreshToken
	}
	return token.AccessToken, nil
}

func (t *tokens) source(ctx context.Context) oauth2.TokenSource {
	if t.oauth.PrivateKey != "" {
		assertion := jwt.Config{
			Email: t.oauth.ClientID, PrivateKey: []byte(t.oauth.PrivateKey), Subject: t.oauth.Subject,
			TokenURL: t.oauth.TokenURL, Audience: audience, Expires: assertionLife,
		}
		return assertion.TokenSource(ctx)
	}
	config := oauth2.Config{
		ClientID: t.oauth.ClientID, ClientSecret: t.oauth.ClientSecret,
		Endpoint: oauth2.Endpoint{TokenURL: t.oauth.TokenURL, AuthStyle: oauth2.AuthStyleInHeader},
	}
	return config.TokenSource(ctx, &oauth2.Token{RefreshToken: t.refresh})
}

// tokenFault returns the fault for an error of a token request. It takes nothing from the answer but its status and a
// known error code.
func tokenFault(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("get %s: %w", tokensAt.Part, context.Cause(ctx))
	}
	var answer *oauth2.RetrieveError
	var request *url.Error
	switch {
	case errors.As(err, &answer) && answer.Response != nil:
		status := answer.Response.StatusCode
		if code := errorCode(answer); slices.Contains(refusals, code) {
			return fault.TokenRefused(tokensAt, status, code)
		}
		if f := httpfault.FromStatus(tokensAt, status, httpfault.RetryAfter(answer.Response.Header, time.Now())); f != nil {
			return f
		}
	case errors.As(err, &request):
		return httpfault.FromError(tokensAt, err)
	}
	return fault.TokenRefused(tokensAt, http.StatusOK, "")
}

// errorCode returns the error code of an answer (RFC 6749, section 5.2).
func errorCode(answer *oauth2.RetrieveError) string {
	if answer.ErrorCode != "" {
		return answer.ErrorCode
	}
	var body struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(answer.Body, &body) // another body has no code
	return body.Error
}
