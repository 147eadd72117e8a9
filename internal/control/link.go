package control

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/store"
)

// The decisions about a member and an external id, as Linked.Decision and the verb of a request.
const (
	LinkVerb   = "link"
	UnlinkVerb = "unlink"
)

// Linked is the result of such a decision. Its JSON is the output of `starter link -o json`.
type Linked struct {
	Tenant     string    `json:"tenant"`
	Decision   string    `json:"decision"` // LinkVerb or UnlinkVerb
	Member     uuid.UUID `json:"member"`
	ExternalID string    `json:"external_id"`
	Request    string    `json:"request"`
}

// LinkStore stores decisions about members and external ids.
type LinkStore interface {
	// Link decides that an external id is that of a member. The error is ledger.ErrNotFound if there is no such member.
	Link(ctx context.Context, r store.Request, member uuid.UUID, external string) (ledger.Link, error)
	// Unlink decides that an external id, or else the member's own, isn't that of a member. The error is
	// ledger.ErrNotFound if there is no such member, or a *ledger.UnlinkError if it isn't clear which id is meant.
	Unlink(ctx context.Context, r store.Request, member uuid.UUID, external string) (ledger.Link, error)
	// KeptOut returns the list of erased people who are kept out of a tenant. It is nil if there are none.
	KeptOut(ctx context.Context, tenant string) (*erasure.List, error)
	// RunOpen reports whether a sync or a preview of the tenant is open.
	RunOpen(ctx context.Context, tenant string) (bool, error)
}

// ErasedIDError says that a member can't be linked to an external id, because its person was erased.
type ErasedIDError struct{ Tenant string }

// Error says what to do.
func (e *ErasedIDError) Error() string {
	return "the external id is that of an erased person, whom syncs ignore, so the link could have no effect: " +
		"let the person in again first, with `starter erase " + e.Tenant + " EXTERNAL_ID --lift`"
}

// A decision waits for an open sync, which could apply nothing after it.
const (
	linkPause = 500 * time.Millisecond
	linkWait  = 10 * time.Minute
)

// Link decides whether an external id is that of a member. The verb of the request is LinkVerb or UnlinkVerb; only
// UnlinkVerb takes external "". Link waits up to ten minutes for an open sync. After that time the sync fails, and the
// next one does its work. The error is an *ErasedIDError for a link to an erased person's id, or that of the store.
func Link(ctx context.Context, s LinkStore, req request.Request, member uuid.UUID, external string) (Linked, error) {
	req, err := request.New(req)
	if err != nil {
		return Linked{}, err
	}
	if err := waitForSync(ctx, s, req.Tenant); err != nil {
		return Linked{}, err
	}
	decide := s.Unlink
	if req.Verb == LinkVerb {
		decide = s.Link
		erased, err := s.KeptOut(ctx, req.Tenant)
		if err != nil {
			return Linked{}, err //nolint:wrapcheck // the store names the operation
		}
		if len(erased.FindPerson(external, "")) > 0 {
			return Linked{}, &ErasedIDError{req.Tenant}
		}
	}
	link, err := decide(ctx, req, member, external)
	if err != nil {
		return Linked{}, err //nolint:wrapcheck // the store names the operation
	}
	return Linked{
		Tenant: req.Tenant, Decision: req.Verb, Member: member, ExternalID: link.ExternalID, Request: req.ID,
	}, nil
}

func waitForSync(
	ctx context.Context, s interface {
		RunOpen(ctx context.Context, tenant string) (bool, error)
	}, tenant string,
) error {
	for end := time.Now().Add(linkWait); time.Now().Before(end); {
		open, err := s.RunOpen(ctx, tenant)
		if err != nil || !open {
			return err //nolint:wrapcheck // the store names the operation
		}
		select {
		case <-ctx.Done():
			return ctx.Err() //nolint:wrapcheck // the caller's own
		case <-time.After(linkPause):
		}
	}
	return nil
}
