package alert

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/rollcall/rollcall/internal/directory/httpfault"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/tenant"
)

// requestTimeout is how long one request may take.
const requestTimeout = 20 * time.Second

// Sender sends messages. It follows no redirect, sends to https only (or plain http to this machine), and reads no answer.
type Sender struct {
	client *http.Client
	now    func() time.Time
}

// NewSender makes one.
func NewSender() *Sender {
	return &Sender{now: time.Now, client: &http.Client{
		Timeout:       requestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Send sends a message once. What goes wrong is a *fault.Fault, which doesn't repeat the address.
func (s *Sender) Send(ctx context.Context, hook tenant.Hook, id uuid.UUID, body []byte) error {
	u, err := url.Parse(hook.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return fault.HookRefused(hook.Name, "its address doesn't begin with https://")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(body))
	if err != nil {
		return fault.HookRefused(hook.Name, "its address can't be used")
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "rollcall")
	if err := sign(request.Header, hook, id, s.now(), body); err != nil {
		return fault.HookRefused(hook.Name, "its secret can't be used")
	}
	response, err := s.client.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fault.HookFailed(hook.Name, connectionProblem(err), 0)
	}
	defer response.Body.Close() //nolint:errcheck // it isn't read
	switch status := response.StatusCode; {
	case status/100 == 2:
		return nil
	case status == http.StatusGone:
		return fault.HookRefused(hook.Name, "it answers that it is gone (status 410)")
	default:
		return fault.HookFailed(hook.Name, "it answers with status "+strconv.Itoa(status), httpfault.RetryAfter(response.Header, s.now()))
	}
}

// sign names the message and signs it, where there is a secret.
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

// connectionProblem is a failure to connect in words that hold no address.
func connectionProblem(err error) string {
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &dns):
		return "its host name can't be resolved"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "it doesn't answer in time"
	default:
		return "there is no connection to it"
	}
}

// loopback tells whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}
