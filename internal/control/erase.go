package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/workflows"
)

// Erased counts what an erasure removed. Its JSON is the output of `starter erase -o json`.
type Erased struct {
	Tenant      string    `json:"tenant"`
	Request     uuid.UUID `json:"request"`
	Members     int       `json:"members"`
	Memberships int       `json:"memberships"`
	Managers    int       `json:"managers"` // members whose manager email was cleared
	Chunks      int       `json:"chunks"`   // rewritten chunks of runs
}

// Erase starts the erasure of a person and waits for its result. If the workflow does not start, Erase removes the
// subject from the store again. After any other error, ResumeErasure can finish the erasure.
func (c Control) Erase(ctx context.Context, req request.Request, subject erasure.Subject) (Erased, error) {
	req.Verb = "erase"
	text, err := request.Put(ctx, c.Store, req)
	if err != nil {
		return Erased{}, err
	}
	id, err := uuid.Parse(text)
	if err != nil {
		return Erased{}, fmt.Errorf("the request's id: %w", err)
	}
	err = c.Store.PutErasure(ctx, ledger.Erasure{Tenant: req.Tenant, ID: id, Subject: &subject, At: time.Now()})
	if err != nil {
		return Erased{}, err
	}
	done, err := c.ResumeErasure(ctx, req.Tenant, id)
	var notStarted *startError
	if errors.As(err, &notStarted) {
		err = errors.Join(err, c.Store.DropErasure(context.WithoutCancel(ctx), req.Tenant, id))
	}
	return done, err
}

// ResumeErasure starts the workflow of a stored erasure, or joins it if it is open, and waits for its result.
func (c Control) ResumeErasure(ctx context.Context, tenant string, id uuid.UUID) (Erased, error) {
	workflow := workflows.EraseID(tenant, id)
	options := c.options(workflow, "Erase one person of "+tenant)
	execution, err := c.Temporal.ExecuteWorkflow(ctx, options, workflows.EraseName,
		workflows.EraseInput{Tenant: tenant, Request: id})
	if err != nil {
		return Erased{}, &startError{err}
	}
	var result workflows.EraseResult
	if err := execution.Get(ctx, &result); err != nil {
		return Erased{}, fmt.Errorf("the erasure is not finished (workflow %s): resume it with `starter erase %s "+
			"%s`: %w",
			workflow, tenant, id, err)
	}
	return Erased{
		Tenant: tenant, Request: id, Members: result.Erased.Members, Memberships: result.Erased.Memberships,
		Managers: result.Erased.Managers, Chunks: result.Chunks,
	}, nil
}

// startError reports that the workflow of an erasure did not start.
type startError struct{ err error }

// Error returns the text of the cause with the operation.
func (e *startError) Error() string { return "start the erasure: " + e.err.Error() }

// Unwrap returns the cause.
func (e *startError) Unwrap() error { return e.err }
