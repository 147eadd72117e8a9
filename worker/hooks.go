package main

import (
	"context"
	"errors"
	"slices"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/alert"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/source"
	"github.com/rollcall/rollcall/workflows"
)

// hooks sends alerts to the webhooks of tenants.
type hooks struct {
	source.Opener
	sender *alert.Sender
	webUI  string // base URL of the Web UI; "": messages have no link
}

var _ activities.Hooks = hooks{}

// Names implements activities.Hooks.
func (h hooks) Names(ctx context.Context, id string, condition health.Condition) ([]string, error) {
	t, err := h.Settings(ctx, id)
	if f, ok := fault.Of(err); ok && f.Kind == fault.KindTenantUnknown {
		return nil, nil // the tenant was dropped meanwhile
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, a := range t.Alerts {
		if slices.Contains(a.On, condition) {
			names = append(names, a.Name)
		}
	}
	return names, nil
}

// Send implements activities.Hooks.
func (h hooks) Send(ctx context.Context, name string, a health.Alert, namespace string) error {
	credentials, err := h.Credentials(ctx, a.Tenant)
	if f, ok := fault.Of(err); ok && f.Kind == fault.KindCredentialsUnreadable {
		// A key service may be unavailable for a while.
		return fault.HookFailed(name, "its URL can't be opened with the key in use", 0)
	}
	if err != nil {
		return err
	}
	hook, ok := credentials.Hook(name)
	if !ok {
		return fault.HookRefused(name, "tenants.yaml has no alert with this name")
	}
	body, err := alert.Body(a, alert.Link(h.webUI, namespace, workflows.SyncID(a.Tenant)))
	if err != nil {
		return errors.Join(fault.HookRefused(name, "the message can't be encoded"), err)
	}
	return h.sender.Send(ctx, hook, a.ID, body)
}
