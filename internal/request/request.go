// Package request stores the requests of operators: who requests something, why, and the trial settings of a preview.
// These data belong to persons and customers, so they stay in the store. Workflows get only the request's id.
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

// Request is the request of an operator.
type Request = store.Request

// PutStore stores requests.
type PutStore interface {
	// PutRequest stores a new request.
	PutRequest(ctx context.Context, r store.Request) error
}

// New returns the request with a new id, a UUID, and the current time.
func New(r Request) (Request, error) {
	unique, err := uuid.NewV7()
	if err != nil {
		return Request{}, fmt.Errorf("make an id: %w", err)
	}
	r.ID, r.At = unique.String(), time.Now()
	return r, nil
}

// Put stores a new request with a new id and the current time, and returns the id. The error is that of the store.
func Put(ctx context.Context, s PutStore, r Request) (id string, err error) {
	if r, err = New(r); err != nil {
		return "", err
	}
	if err := s.PutRequest(ctx, r); err != nil {
		return "", fmt.Errorf("store the request: %w", err)
	}
	return r.ID, nil
}

// Store has the requests.
type Store interface {
	// Request returns the request with the id, or ledger.ErrNotFound.
	Request(ctx context.Context, id string) (store.Request, error)
}

// ForRun returns the request that started a run. It returns the zero Request for a scheduled run, and for a run that
// was started in the Web UI with an id that the store lacks. The error is that of the store.
func ForRun(ctx context.Context, s Store, r run.Run) (Request, error) {
	if r.Request == "" {
		return Request{}, nil
	}
	found, err := s.Request(ctx, r.Request)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return Request{}, fmt.Errorf("request of run %s: %w", r.ID, err)
	}
	return found, nil
}

// DecisionOn returns what a person decided about the plan that a run held or applied, or nil. The error is that of the
// store.
func DecisionOn(ctx context.Context, s Store, r run.Run) (*run.Decision, error) {
	of := r
	if r.Result != nil && r.Result.Rejected != "" {
		of.Request = r.Result.Rejected
	}
	found, err := ForRun(ctx, s, of)
	if err != nil || found.Verb != approve && found.Verb != reject {
		return nil, err
	}
	return &run.Decision{Decision: found.Verb, By: found.By, Note: found.Reason, At: found.At.UTC()}, nil
}

// The verbs of decisions.
const (
	approve = "approve"
	reject  = "reject"
)

// Tried returns the keys of tenants.yaml that a preview replaces with trial settings. It returns nil for any other
// request, and an error if the payload is malformed.
func Tried(r Request) ([]string, error) {
	trial, err := tenant.DecodeTrial(r.Payload)
	if err != nil {
		return nil, fmt.Errorf("request %s: %w", r.ID, err)
	}
	return trial.Keys(), nil
}
