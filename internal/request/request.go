// Package request keeps what operators ask for: who asks, why, and which settings a preview tries. All of it is
// personal or the customer's, so it stays in the store. Temporal sees the request's id alone.
package request

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
)

// Request is what somebody asked for.
type Request = store.Request

// PutStore keeps requests.
type PutStore interface {
	PutRequest(ctx context.Context, r store.Request) error
}

// Put keeps a new request, dated now, and returns its id.
func Put(ctx context.Context, s PutStore, r Request) (id string, err error) {
	unique, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make an id: %w", err)
	}
	r.ID, r.At = unique.String(), time.Now()
	if err := s.PutRequest(ctx, r); err != nil {
		return "", fmt.Errorf("keep the request: %w", err)
	}
	return r.ID, nil
}

// Store has the requests.
type Store interface {
	// Request returns the request with that id, or ledger.ErrNotFound.
	Request(ctx context.Context, id string) (store.Request, error)
}

// ForRun returns the request that a run was made for. It returns the zero Request for a scheduled run, and for one that
// somebody started in the Web UI under an id of their own.
func ForRun(ctx context.Context, s Store, r run.Run) (Request, error) {
	if r.Request == "" {
		return Request{}, nil
	}
	found, err := s.Request(ctx, r.Request)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return Request{}, fmt.Errorf("who asked for run %s: %w", r.ID, err)
	}
	return found, nil
}

// Tried returns the keys of tenants.yaml that a preview's request tries other settings for; nil for any other request.
func Tried(r Request) ([]string, error) {
	trial, err := tenant.ReadTrial(r.Payload)
	if err != nil {
		return nil, fmt.Errorf("request %s: %w", r.ID, err)
	}
	return trial.Tries(), nil
}
