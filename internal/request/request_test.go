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

func TestADecisionOnARunIsTheRequestThatApprovedOrRejectedItsPlan(t *testing.T) {
	t.Parallel()
	f := fake{requests: map[string]store.Request{}}
	put := func(verb string) string {
		id, err := request.Put(t.Context(), f, request.Request{Verb: verb, By: "Jo", Reason: "as HR says"})
		require.NoError(t, err)
		return id
	}
	for name, tc := range map[string]struct {
		run  run.Run
		want string
	}{
		"an approved plan":            {run.Run{Request: put("approve")}, "approved by Jo at "},
		"a rejected plan":             {run.Run{Result: &run.Result{Rejected: put("reject")}}, "rejected by Jo at "},
		"a plan of a resync rejected": {run.Run{Request: put("resync"), Result: &run.Result{Rejected: put("reject")}}, "rejected by Jo at "},
		"a resync":                    {run.Run{Request: put("resync")}, ""},
		"a scheduled run":             {run.Run{}, ""},
		"an id from the Web UI":       {run.Run{Request: "unknown"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			decided, err := request.DecisionOn(t.Context(), f, tc.run)
			require.NoError(t, err)
			if tc.want == "" {
				assert.Nil(t, decided)
				return
			}
			assert.Contains(t, decided.Text(), tc.want)
			assert.Contains(t, decided.Text(), ": as HR says")
		})
	}
	_, err := request.DecisionOn(t.Context(), fake{err: errors.New("disk full")}, run.Run{Request: "a"})
	assert.ErrorContains(t, err, "disk full")
}
