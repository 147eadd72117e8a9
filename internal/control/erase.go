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

// Erased says what an erasure took out. As JSON it is what `starter erase -o json` prints.
type Erased struct {
	Tenant      string    `json:"tenant"`
	Request     uuid.UUID `json:"request"`
	Members     int       `json:"members"`
	Memberships int       `json:"memberships"`
	Managers    int       `json:"managers"` // members whose manager's email was cleared
	Chunks      int       `json:"chunks"`   // of runs, rewritten
}

// Erase erases a person and waits until it is done. If the workflow doesn't start, nothing of the person stays behind
// in the request.
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

// ResumeErasure starts the workflow of an erasure that was asked for, or joins it, and waits until it is done.
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
		return Erased{}, fmt.Errorf("the erasure isn't done (workflow %s); resume it with `starter erase %s %s`: %w",
			workflow, tenant, id, err)
	}
	return Erased{
		Tenant: tenant, Request: id, Members: result.Erased.Members, Memberships: result.Erased.Memberships,
		Managers: result.Erased.Managers, Chunks: result.Chunks,
	}, nil
}

// startError says that an erasure's workflow was not started.
type startError struct{ err error }

func (e *startError) Error() string { return "start the erasure: " + e.err.Error() }
func (e *startError) Unwrap() error { return e.err }
