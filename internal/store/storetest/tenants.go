package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/store"
)

func tenants(t *testing.T, open Opener) {
	ctx := t.Context()
	put := store.Tenant{ID: acme, Name: "Acme", Settings: []byte(`{"a":1}`), Sealed: []byte{0, 1, 2}}

	it(t, open, "a tenant is read back as it was put", func(t *testing.T, s *store.Store) {
		if !got(s.PutTenant(ctx, put))(t) {
			t.Error("a new tenant is no change")
		}
		have := got(s.Tenant(ctx, acme))(t)
		if time.Since(have.UpdatedAt).Abs() > time.Hour {
			t.Errorf("updated at %v", have.UpdatedAt)
		}
		have.UpdatedAt = time.Time{}
		same(t, "tenant", have, put)
	})
	it(t, open, "the same tenant sealed again is no change", func(t *testing.T, s *store.Store) {
		got(s.PutTenant(ctx, put))(t)
		again := put
		again.Sealed = []byte{3}
		if got(s.PutTenant(ctx, again))(t) {
			t.Error("changed")
		}
		same(t, "sealed", got(s.Tenant(ctx, acme))(t).Sealed, again.Sealed)
		again.Sealed = nil
		got(s.PutTenant(ctx, again))(t)
		same(t, "sealed, without new ones", got(s.Tenant(ctx, acme))(t).Sealed, []byte{3})
	})
	it(t, open, "another name or setting is a change", func(t *testing.T, s *store.Store) {
		got(s.PutTenant(ctx, put))(t)
		other := put
		other.Name = "Acme Corporation"
		if !got(s.PutTenant(ctx, other))(t) {
			t.Error("a name is no change")
		}
		other.Settings = []byte(`{"a":2}`)
		if !got(s.PutTenant(ctx, other))(t) {
			t.Error("settings are no change")
		}
		same(t, "settings", got(s.Tenant(ctx, acme))(t).Settings, other.Settings)
	})
	it(t, open, "a dropped tenant keeps its members, loses credentials and settings, and can come back",
		func(t *testing.T, s *store.Store) {
			got(s.PutTenant(ctx, put))(t)
			got(s.PutTenant(ctx, store.Tenant{ID: "globex"}))(t)
			apply(t, s, 1, added(person(1))...)
			must(t, s.DropTenant(ctx, acme))
			must(t, s.DropTenant(ctx, acme))
			have := got(s.Tenant(ctx, acme))(t)
			if !have.Dropped || have.Sealed != nil || have.Settings != nil {
				t.Errorf("%+v", have)
			}
			left := got(s.Tenants(ctx))(t)
			if len(left) != 1 || left[0].ID != "globex" {
				t.Errorf("tenants: %+v", left)
			}
			same(t, "members", len(all(t, s.Members(ctx, acme))), 1)
			if !got(s.PutTenant(ctx, put))(t) || got(s.Tenant(ctx, acme))(t).Dropped {
				t.Error("it did not come back")
			}
		})
	it(t, open, "an unknown tenant is not found", func(t *testing.T, s *store.Store) {
		if _, err := s.Tenant(ctx, acme); !errors.Is(err, ledger.ErrNotFound) {
			t.Error(err)
		}
		if err := s.DropTenant(ctx, acme); !errors.Is(err, ledger.ErrNotFound) {
			t.Error(err)
		}
	})
	it(t, open, "a tenant that was never synced has the zero state", func(t *testing.T, s *store.Store) {
		same(t, "state", got(s.State(ctx, acme))(t), ledger.State{})
	})
	it(t, open, "a request keeps its payload", func(t *testing.T, s *store.Store) {
		want := store.Request{ID: "r", Tenant: acme, Verb: "preview", At: noon, Payload: []byte(`{"levels":{}}`)}
		must(t, s.PutRequest(ctx, want))
		same(t, "request", got(s.Request(ctx, "r"))(t), want)
	})
	it(t, open, "a second request with the same id is ignored", func(t *testing.T, s *store.Store) {
		want := store.Request{ID: "r", Tenant: acme, Verb: "resync", By: "ann", Reason: "asked", At: noon}
		must(t, s.PutRequest(ctx, want))
		must(t, s.PutRequest(ctx, store.Request{ID: "r", By: "bob"}))
		same(t, "request", got(s.Request(ctx, "r"))(t), want)
		if _, err := s.Request(ctx, "none"); !errors.Is(err, ledger.ErrNotFound) {
			t.Error(err)
		}
	})
}
