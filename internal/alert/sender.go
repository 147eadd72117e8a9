package alert

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/rollcall/rollcall/internal/directory/httpfault"
	"github.com/rollcall/rollcall/internal/endpoint"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/tenant"
)

// requestTimeout limits one request.
const requestTimeout = 20 * time.Second

// Sender sends messages over https, or over http to the local machine. It follows no redirects and reads no response
// bodies.
type Sender struct {
	client *http.Client
	now    func() time.Time
}

// NewSender returns a Sender.
func NewSender() *Sender {
	return &Sender{now: time.Now, client: &http.Client{
		Timeout:       requestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Send sends a message once. It returns ctx.Err if ctx ends. Any other error is a *fault.Fault, which does not contain
// the URL: fault.HookRefused if a retry cannot help, and fault.HookFailed otherwise.
func (s *Sender) Send(ctx context.Context, hook tenant.Hook, id uuid.UUID, body []byte) error {
	u, err := url.Parse(hook.URL)
	if err != nil || u.Host == "" || !endpoint.Secure(u) {
		return fault.HookRefused(hook.Name, "its URL does not begin with https://")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(body))
	if err != nil {
		return fault.HookRefused(hook.Name, "its URL is not valid")
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "rollcall")
	if err := sign(request.Header, hook, id, s.now(), body); err != nil {
		return fault.HookRefused(hook.Name, "its secret is not valid")
	}
	response, err := s.client.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fault.HookFailed(hook.Name, connectionProblem(err), 0)
	}
	defer response.Body.Close() //nolint:errcheck // the body is not read
	switch status := response.StatusCode; {
	case status/100 == 2:
		return nil
	case status == http.StatusGone:
		return fault.HookRefused(hook.Name, "it answered with status 410 (gone)")
	default:
		return fault.HookFailed(hook.Name, "it answered with status "+strconv.Itoa(status),
			httpfault.RetryAfter(response.Header, s.now()))
	}
}

// sign adds the id of the message, and its signature if the hook has a secret.
func sign(header http.Header, hook tenant.Hook, id uuid.UUID, at time.Time, body []byte) error {
	name := "msg_" + id.String()
	header.Set(standardwebhooks.HeaderWebhookID, name)
	header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	if hook.Secret == "" {
		return nil
	}
	webhook, err := standardwebhooks.NewWebhook(hook.Secret)
	if err != nil {
		return err
	}
	signature, err := webhook.Sign(name, at, body)
	header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return err
}

// connectionProblem describes a failed connection without the URL.
func connectionProblem(err error) string {
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &dns):
		return "its host name cannot be resolved"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "it did not answer in time"
	default:
		return "the connection failed"
	}
}
