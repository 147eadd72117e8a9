package request_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
)

// fake stores requests in memory. If err is not nil, it returns err.
type fake struct {
	requests map[string]store.Request
	err      error
}

func (f fake) PutRequest(_ context.Context, r store.Request) error {
	f.requests[r.ID] = r
	return f.err
}

func (f fake) Request(_ context.Context, id string) (store.Request, error) {
	r, ok := f.requests[id]
	if !ok && f.err == nil {
		return r, ledger.ErrNotFound
	}
	return r, f.err
}

func TestForRunReturnsTheRequestOfARun(t *testing.T) {
	t.Parallel()
	f := fake{requests: map[string]store.Request{}}
	payload, err := tenant.Trial{Levels: map[string]string{"M4": "VP"}}.Payload()
	require.NoError(t, err)
	id, err := request.Put(t.Context(), f, request.Request{Tenant: "acme", Verb: "preview", By: "Jo", Payload: payload})
	require.NoError(t, err)
	found, err := request.ForRun(t.Context(), f, run.Run{Request: id})
	require.NoError(t, err)
	assert.Equal(t, "Jo", found.By)
	assert.False(t, found.At.IsZero())
	tried, err := request.Tried(found)
	require.NoError(t, err)
	assert.Equal(t, []string{"levels"}, tried)
}

func TestARunWithoutARequestHasTheZeroRequest(t *testing.T) {
	t.Parallel()
	f := fake{requests: map[string]store.Request{}}
	for _, id := range []string{"", "an id from the Web UI"} {
		found, err := request.ForRun(t.Context(), f, run.Run{Request: id})
		require.NoError(t, err)
		assert.Empty(t, found.By)
	}
	f.err = errors.New("the disk is gone")
	_, err := request.ForRun(t.Context(), f, run.Run{Request: "some"})
	assert.ErrorIs(t, err, f.err)
}
