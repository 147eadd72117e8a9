package settings_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/settings"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
)

type rows map[string]store.Tenant

func (r rows) Tenant(_ context.Context, id string) (store.Tenant, error) {
	row, ok := r[id]
	if !ok {
		return row, ledger.ErrNotFound
	}
	return row, nil
}

func TestLoadReturnsTheSettingsAndNoneOfADroppedTenant(t *testing.T) {
	t.Parallel()
	s := rows{
		"acme":    {ID: "acme", Settings: []byte(`{"id":"acme","name":"Acme"}`)},
		"dropped": {ID: "dropped", Dropped: true},
	}
	acme, row, err := settings.Load(t.Context(), s, "acme")
	require.NoError(t, err)
	assert.Equal(t, "Acme", acme.Name)
	assert.Equal(t, "acme", row.ID)
	dropped, row, err := settings.Load(t.Context(), s, "dropped")
	require.NoError(t, err)
	assert.Equal(t, tenant.Tenant{}, dropped)
	assert.True(t, row.Dropped)
	_, _, err = settings.Load(t.Context(), s, "nobody")
	assert.ErrorIs(t, err, ledger.ErrNotFound)
}
