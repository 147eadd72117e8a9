package control_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"

	"github.com/rollcall/rollcall/internal/control"
	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/workflows"
)

// fake stores requests and erasures in memory. Its tenant has no runs, and each run has one change.
type fake struct {
	requests map[string]store.Request
	erasures map[uuid.UUID]ledger.Erasure
}

func newFake() *fake {
	return &fake{requests: map[string]store.Request{}, erasures: map[uuid.UUID]ledger.Erasure{}}
}

func (f *fake) Runs(context.Context, string, int) ([]run.Run, error) { return nil, nil }

func (f *fake) Tenant(context.Context, string) (store.Tenant, error) {
	return store.Tenant{ID: "acme", Settings: []byte(`{"id":"acme"}`)}, nil
}

func (f *fake) Condition(context.Context, string) (health.Status, error) { return health.Status{}, nil }

func (f *fake) Request(_ context.Context, id string) (store.Request, error) {
	return f.requests[id], nil
}

func (f *fake) PutRequest(_ context.Context, r store.Request) error {
	f.requests[r.ID] = r
	return nil
}

func (f *fake) Run(context.Context, string, uuid.UUID) (run.Run, error) {
	return run.Run{}, ledger.ErrNotFound
}

func (f *fake) RunChanges(context.Context, string, uuid.UUID) iter.Seq2[ledger.AuditRow, error] {
	return func(yield func(ledger.AuditRow, error) bool) { yield(ledger.AuditRow{}, nil) }
}

func (f *fake) PutErasure(_ context.Context, e ledger.Erasure) error {
	f.erasures[e.ID] = e
	return nil
}

func (f *fake) DropErasure(_ context.Context, _ string, id uuid.UUID) error {
	delete(f.erasures, id)
	return nil
}

var errDown = errors.New("the server is down")

// scheduled returns a client of a server with one Schedule and no open workflow.
func scheduled(t *testing.T, paused bool) (*mocks.Client, *mocks.ScheduleHandle) {
	t.Helper()
	c, schedules, handle := &mocks.Client{}, &mocks.ScheduleClient{}, &mocks.ScheduleHandle{}
	c.On("ScheduleClient").Return(schedules)
	c.On("DescribeWorkflowExecution", mock.Anything, workflows.SyncID("acme"), "").Return(nil,
		serviceerror.NewNotFound("none"))
	schedules.On("GetHandle", mock.Anything, workflows.ScheduleID("acme")).Return(handle)
	handle.On("Describe", mock.Anything).Return(&client.ScheduleDescription{
		Schedule: client.Schedule{State: &client.ScheduleState{Paused: paused}},
	}, nil)
	return c, handle
}

func TestAnUndoThatCannotStartRestoresTheSchedule(t *testing.T) {
	t.Parallel()
	for name, paused := range map[string]bool{"running": false, "paused by an operator": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, handle := scheduled(t, paused)
			c.On("ExecuteWorkflow", mock.Anything, mock.Anything, workflows.UndoName, mock.Anything).Return(nil,
				errDown)
			if !paused {
				handle.On("Pause", mock.Anything, mock.Anything).Return(nil).Once()
				handle.On("Unpause", mock.Anything, mock.Anything).Return(nil).Once()
			}
			requests := control.Control{Store: newFake(), Temporal: c, TaskQueue: "queue"}
			_, err := requests.Undo(t.Context(), request.Request{Tenant: "acme", By: "Jo"},
				run.Run{ID: uuid.New(), Tenant: "acme"})
			require.ErrorIs(t, err, errDown)
			handle.AssertExpectations(t)
		})
	}
}

func TestARunThatChangedNothingIsNotUndone(t *testing.T) {
	t.Parallel()
	requests := control.Control{Store: newFake(), Temporal: &mocks.Client{}, TaskQueue: "queue"} // not called
	_, err := requests.Undo(t.Context(), request.Request{Tenant: "acme"}, run.Run{Preview: true})
	assert.ErrorContains(t, err, "is a preview: it changed nothing")
}

func TestAnErasureThatCannotStartStoresNothingAboutThePerson(t *testing.T) {
	t.Parallel()
	f, c := newFake(), &mocks.Client{}
	c.On("ExecuteWorkflow", mock.Anything, mock.Anything, workflows.EraseName, mock.Anything).Return(nil, errDown)
	requests := control.Control{Store: f, Temporal: c, TaskQueue: "queue"}
	_, err := requests.Erase(t.Context(), request.Request{Tenant: "acme"},
		erasure.Subject{Emails: []string{"dee@example.com"}})
	require.ErrorIs(t, err, errDown)
	assert.Empty(t, f.erasures)
}

func TestAnErasureThatFailsCanBeResumed(t *testing.T) {
	t.Parallel()
	f, c, execution := newFake(), &mocks.Client{}, &mocks.WorkflowRun{}
	c.On("ExecuteWorkflow", mock.Anything, mock.Anything, workflows.EraseName, mock.Anything).Return(execution, nil)
	execution.On("Get", mock.Anything, mock.Anything).Return(errDown)
	requests := control.Control{Store: f, Temporal: c, TaskQueue: "queue"}
	_, err := requests.Erase(t.Context(), request.Request{Tenant: "acme"},
		erasure.Subject{Emails: []string{"dee@example.com"}})
	require.ErrorIs(t, err, errDown)
	require.Len(t, f.erasures, 1)
	for id, kept := range f.erasures {
		assert.ErrorContains(t, err, "starter erase acme "+id.String())
		assert.NotNil(t, kept.Subject)
		assert.WithinDuration(t, time.Now(), kept.At, time.Minute)
	}
}

// linkStore has an open sync for so many looks, and takes any decision.
type linkStore struct {
	open    int
	decided []string
	erased  *erasure.List
}

func (s *linkStore) KeptOut(context.Context, string) (*erasure.List, error) { return s.erased, nil }

func (s *linkStore) RunOpen(context.Context, string) (bool, error) {
	s.open--
	return s.open >= 0, nil
}

func (s *linkStore) Link(_ context.Context, r store.Request, _ uuid.UUID, external string) (ledger.Link, error) {
	s.decided = append(s.decided, r.Verb+" "+external)
	return ledger.Link{ExternalID: external}, nil
}

func (s *linkStore) Unlink(ctx context.Context, r store.Request, m uuid.UUID, external string) (ledger.Link, error) {
	return s.Link(ctx, r, m, "its own "+external)
}

func TestADecisionAboutALinkWaitsForAnOpenSync(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, begin := &linkStore{open: 3}, time.Now()
		req := request.Request{Tenant: "acme", Verb: control.LinkVerb, By: "Jo"}
		linked, err := control.Link(t.Context(), s, req, uuid.Max, "E1")
		require.NoError(t, err)
		assert.Equal(t, control.Linked{
			Tenant: "acme", Decision: "link", Member: uuid.Max, ExternalID: "E1", Request: linked.Request,
		}, linked)
		assert.Equal(t, 1500*time.Millisecond, time.Since(begin))

		s.open, begin, req.Verb = 1<<30, time.Now(), control.UnlinkVerb
		_, err = control.Link(t.Context(), s, req, uuid.Max, "")
		require.NoError(t, err)
		assert.Equal(t, 10*time.Minute, time.Since(begin), "not longer")
		assert.Equal(t, []string{"link E1", "unlink its own "}, s.decided)

		interrupted, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err = control.Link(interrupted, s, req, uuid.Max, "")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Len(t, s.decided, 2, "nothing is decided")
	})
}

func TestNobodyIsLinkedToTheIDOfAnErasedPerson(t *testing.T) {
	t.Parallel()
	key := make([]byte, erasure.KeySize)
	s := &linkStore{erased: erasure.NewList(key, erasure.Marks(key, uuid.Max, erasure.Subject{
		Externals: []erasure.External{{Kind: "workday:Employee_ID", ID: "E1"}},
	}))}
	link := func(verb, external string) error {
		_, err := control.Link(t.Context(), s, request.Request{Tenant: "acme", Verb: verb, By: "Jo"}, uuid.Max, external)
		return err
	}
	var erased *control.ErasedIDError
	require.ErrorAs(t, link(control.LinkVerb, "E1"), &erased)
	require.ErrorContains(t, erased, "starter erase acme EXTERNAL_ID --lift")
	require.Empty(t, s.decided)
	require.NoError(t, link(control.LinkVerb, "E2"))
	require.NoError(t, link(control.UnlinkVerb, "E1"))
}

func TestTemporalGetsOnlyTheIDOfARequest(t *testing.T) {
	t.Parallel()
	f, c, execution := newFake(), &mocks.Client{}, &mocks.WorkflowRun{}
	var seen []any
	c.On("SignalWithStartWorkflow", mock.Anything, workflows.SyncID("acme"), workflows.ResyncSignal, mock.Anything,
		mock.Anything,
		workflows.SyncName, mock.Anything).Run(func(args mock.Arguments) { seen = args[1:] }).Return(execution, nil)
	execution.On("GetID").Return(workflows.SyncID("acme"))
	execution.On("GetRunID").Return("execution")
	requests := control.Control{Store: f, Temporal: c, TaskQueue: "queue"}
	started, err := requests.Resync(t.Context(), request.Request{Tenant: "acme", By: "canary", Reason: "canary"})
	require.NoError(t, err)
	assert.Equal(t, workflows.Resync{Origin: run.Manual, Request: started.Request}, seen[2])
	assert.Equal(t, "canary", f.requests[started.Request].By)
	for _, argument := range seen {
		assert.NotContains(t, fmt.Sprint(argument), "canary")
	}
}
