package source_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/source"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
)

// tenants returns the same tenant for every id.
type tenants struct {
	kept store.Tenant
	err  error
}

func (t tenants) Tenant(context.Context, string) (store.Tenant, error) { return t.kept, t.err }

type keeper struct{ err error }

func (k keeper) Open(context.Context, string, []byte) (tenant.Credentials, error) {
	return tenant.Credentials{Username: "u", Password: "p", APIKey: "k"}, k.err
}

func TestADirectoryIsOpenedOrTheFaultSaysWhyNot(t *testing.T) {
	t.Parallel()
	at := store.Tenant{
		Settings: []byte(`{"id":"acme","workday":{"users":"https://a.workday.com/u","groups":"https://a.workday.com/g"}}`),
	}
	workos := store.Tenant{Settings: []byte(`{"id":"acme","workos":{"directory":"directory_1"}}`)}
	for name, c := range map[string]struct {
		opener source.Opener
		kind   fault.Kind // "": none
		opens  string
	}{
		"Workday": {
			source.Opener{Tenants: tenants{kept: at}, Keeper: keeper{}, WorkdayHosts: []string{"*.workday.com"}},
			"",
			"Workday",
		},
		"WorkOS":         {source.Opener{Tenants: tenants{kept: workos}, Keeper: keeper{}}, "", "WorkOS"},
		"no host at all": {source.Opener{Tenants: tenants{kept: at}, Keeper: keeper{}}, fault.KindAddressRefused, ""},
		"another key": {
			source.Opener{Tenants: tenants{kept: at}, Keeper: keeper{errors.New("sealed otherwise")}},
			fault.KindCredentialsUnreadable, "",
		},
		"none": {
			source.Opener{Tenants: tenants{err: ledger.ErrNotFound}, Keeper: keeper{}}, fault.KindTenantUnknown, "",
		},
		"dropped": {
			source.Opener{Tenants: tenants{kept: store.Tenant{Dropped: true}}, Keeper: keeper{}},
			fault.KindTenantUnknown, "",
		},
		"no database": {
			source.Opener{Tenants: tenants{err: errors.New("disk")}, Keeper: keeper{}}, fault.KindStoreUnavailable, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opened, err := c.opener.Open(t.Context(), "acme")
			if c.kind == "" {
				require.NoError(t, err)
				assert.Equal(t, c.opens, opened.Source().Name)
				return
			}
			known, ok := fault.Of(err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, c.kind, known.Kind)
		})
	}
	_, err := source.Opener{Tenants: tenants{err: context.Canceled}}.Settings(t.Context(), "acme")
	assert.ErrorIs(t, err, context.Canceled)
}
