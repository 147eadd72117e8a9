package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

// Whatever arrives at whatever moment, nothing that a Sync or an Undo accepts is without effect.
//
// Every decision is answered: refused, with one of the three kinds, or accepted. What is accepted has this effect,
// unless another decision is accepted before it, which then counts in its place:
//
//   - An approval: the next round that begins is to apply that plan, in the name of that approval. No round begins without
//     it until one that is to apply it doesn't fail, or the hold ends, as an Undo's does with that round. A cancellation takes
//     it back.
//   - A rejection: the next thing to be recorded is that this plan was rejected, in the name of that rejection. No round begins
//     before, and a round under way applies no removals that the guard let pass. A cancellation changes nothing about it.
//
// Every signal has this effect, unless a cancellation is delivered in a later workflow task and before the effect,
// which drops what had arrived:
//
//   - A resync: a manual round begins after it, in its name or in that of a later resync.
//   - A tick: if it is delivered when no round is under way, a Sync begins one after it. An Undo has no use for it. A round is
//     under way until its end is recorded and announced.
//
// After a cancellation no round begins for anything that was delivered before it.
func TestEveryAcceptedRequestHasAnEffect(t *testing.T) {
	t.Parallel()
	for _, name := range []string{workflows.SyncName, workflows.UndoName} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				s := drawStory(t, name)
				s.play()
				s.judge(t)
			})
		})
	}
}

// occasion is something that happens to a workflow from outside.
type occasion struct {
	at   time.Duration
	what string // approve, reject, resync, tick, cancel
	id   string // names it
	any  bool   // it decides about a plan that may not be held
}

// entry is what happened, in order.
type entry struct {
	what   string // opened, delivered, accepted, refused, begin, removals, over (the round), conclude, concluded, closed
	kind   string // of an occasion; the workflow's name; an outcome
	id     string // of an occasion; the request of a begin or a conclude
	plan   string
	origin run.Origin
	undoes bool
	idle   bool // no round was under way
	err    error
}

func (e entry) String() string {
	return strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s %s %v", e.what, e.kind, e.id, e.plan, e.origin, e.err)),
		" ")
}

// story is a chain of executions, with what is to happen meanwhile.
type story struct {
	workflow  string
	occasions []occasion
	rounds    []string                   // how each round ends
	latencies map[string][]time.Duration // of each activity, in turn
	announces bool                       // what is recorded is announced: when an Alert has started is chance

	clock     time.Time
	env       *testsuite.TestWorkflowEnvironment
	cancel    string // the cancellation that was sent last
	cancelled bool   // the present execution
	round     string // how the present one ends
	entries   []entry
}

// rounds is how many rounds a story may have after the first.
const rounds = 20

// short is how long the tenant holds plans in these stories.
const short = 4 * time.Hour

func drawStory(t *rapid.T, name string) *story {
	s := &story{workflow: name, clock: started, latencies: map[string][]time.Duration{}}
	kinds := []string{"tick", "tick", "tick", "approve", "approve", "reject", "reject", "resync", "cancel"}
	// Occasions come in bursts, never at the same moment as a step's end: which of both is first would be chance.
	pauses := rapid.SliceOfN(rapid.SampledFrom([]int{0, 1, 1, 2, 15, 15, 60, 119, 180}), 1, 8).Draw(t,
		"pauses in minutes")
	at := 30 * time.Second
	for i, pause := range pauses {
		at += time.Duration(pause)*time.Minute + time.Millisecond
		what := rapid.SampledFrom(kinds).Draw(t, "occasion")
		s.occasions = append(s.occasions, occasion{
			at: at, what: what, id: fmt.Sprint(what, i), any: rapid.IntRange(0, 9).Draw(t, "stale") == 0,
		})
	}
	ends := []string{
		"held bb", "held bb", "held ee", "released", "released", "nothing", "unchanged", "unread",
		"unbegun", "unapplied",
	}
	s.rounds = append([]string{"held bb"}, rapid.SliceOfN(rapid.SampledFrom(ends), rounds, rounds).Draw(t, "rounds")...)
	for _, step := range []string{
		workflows.BeginName, workflows.FetchUsersName, workflows.ValidateName, workflows.DiffName,
		workflows.ReverseName,
		workflows.ApplyName, workflows.FinishName, workflows.ConcludeName, workflows.RemindName,
	} {
		s.latencies[step] = rapid.SliceOfN(rapid.SampledFrom([]time.Duration{
			0, 0, time.Minute, 20 * time.Minute,
			3 * time.Hour,
		}), rounds, rounds).Draw(t, step)
	}
	s.announces = rapid.Bool().Draw(t, "announces")
	return s
}

func (s *story) note(e entry) { s.entries = append(s.entries, e) }

// play plays one execution after another, until one doesn't continue as new.
func (s *story) play() {
	name, in := s.workflow, manual
	if name == workflows.UndoName {
		in = undoing()
	}
	for range 40 {
		again := s.execute(name, in)
		if again == nil {
			return
		}
		name = again.WorkflowType.Name
		in = workflows.Input{}
		if err := converter.GetDefaultDataConverter().FromPayloads(again.Input, &in); err != nil {
			panic(err)
		}
	}
	panic("it goes round and round")
}

func (s *story) execute(name string, in workflows.Input) *workflow.ContinueAsNewError {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	s.env = suite.NewTestWorkflowEnvironment()
	s.env.SetStartTime(s.clock)
	s.env.SetTestTimeout(stepDeadline)
	s.env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&ear{story: s}}})
	workflows.Register(s.env)
	workflows.RegisterActivities(s.env, nil)
	s.round, s.rounds = s.rounds[0], s.rounds[1:]
	s.cancelled = false
	s.mock()
	s.listen()
	s.note(entry{what: "opened", kind: name})
	s.note(begin(in.Request, in.Origin, in.Undoes, approved(in)))
	for _, each := range s.occasions {
		s.env.RegisterDelayedCallback(func() { s.send(each) }, max(time.Millisecond, each.at-s.clock.Sub(started)))
	}
	s.env.ExecuteWorkflow(name, in)
	s.clock = s.env.Now()
	err := s.env.GetWorkflowError()
	var again *workflow.ContinueAsNewError
	errors.As(err, &again)
	s.note(entry{what: "closed", err: err})
	return again
}

// send sends an occasion to the workflow. What isn't delivered, as the workflow ends first, is sent to the next
// execution.
func (s *story) send(o occasion) {
	if s.delivered(o.id) {
		return
	}
	switch o.what {
	case "resync":
		s.env.SignalWorkflow(workflows.ResyncSignal, workflows.Resync{Origin: run.Manual, Request: o.id})
	case "tick":
		s.env.SignalWorkflow(workflows.ResyncSignal, workflows.Resync{Origin: run.Scheduled, Request: o.id})
	case "cancel":
		if s.cancel = o.id; s.cancelled { // again: the server refuses that
			s.note(entry{what: "refused", id: o.id, err: refused("not_held", "", "")})
			return
		}
		s.env.CancelWorkflow()
	default:
		about := "bb"
		if held := s.status().Hold; held != nil && !o.any {
			about = held.Plan
		}
		s.env.UpdateWorkflow(o.what, o.id, &testsuite.TestUpdateCallback{
			OnAccept: func() {},
			OnReject: func(err error) {
				s.note(entry{
					what: "refused", kind: o.what, id: o.id, plan: about,
					err: err,
				})
			},
			OnComplete: func(any, error) { s.note(entry{what: "accepted", kind: o.what, id: o.id, plan: about}) },
		}, workflows.Decision{Plan: about, Request: o.id})
	}
}

func (s *story) delivered(id string) bool {
	return slices.ContainsFunc(s.entries, func(e entry) bool {
		return e.id == id && (e.what == "delivered" || e.what == "accepted" || e.what == "refused")
	})
}

// idle tells whether the round is over: its plan is held, or the end of the hold is being recorded.
func (s *story) idle() bool {
	for _, e := range slices.Backward(s.entries) {
		switch e.what {
		case "conclude":
			return true
		case "opened":
			return s.status().Step == workflows.Holding
		}
	}
	return false
}

func (s *story) status() (status workflows.Status) {
	if value, err := s.env.QueryWorkflow(workflows.StatusQuery); err == nil {
		_ = value.Get(&status)
	}
	return status
}

// mock has each round end as it is to end. Every step takes a while.
func (s *story) mock() {
	on := func(name string, step any) {
		s.env.OnActivity(name, mock.Anything, mock.Anything).AfterFn(func() time.Duration {
			latencies := s.latencies[name]
			first := len(s.rounds) == rounds && name != workflows.ConcludeName && name != workflows.RemindName
			if len(latencies) == 0 || first { // the first plan is held soon: before that little can happen
				return 0
			}
			s.latencies[name] = latencies[1:]
			return latencies[0]
		}).Return(step)
	}
	fails := func(when string) error {
		if s.round == when {
			return refused("not_found", "for the test", "wait")
		}
		return nil
	}
	on(workflows.BeginName, func(_ context.Context, in activities.BeginInput) (activities.BeginResult, error) {
		r := run.Round{
			Tenant: "acme", Run: uuid.New(), Started: s.clock, Hold: short, Approved: in.Approved,
			Undoes: in.Undoes,
		}
		return activities.BeginResult{Round: r, Shared: true}, fails("unbegun")
	})
	on(workflows.FetchUsersName, func(context.Context, activities.FetchInput) (activities.FetchUsersResult, error) {
		return activities.FetchUsersResult{}, fails("unread")
	})
	on(workflows.FetchGroupsName, func(context.Context, activities.FetchInput) (activities.FetchGroupsResult, error) {
		return activities.FetchGroupsResult{}, nil
	})
	on(workflows.ValidateName, func(context.Context, activities.ValidateInput) (activities.ValidateResult, error) {
		return activities.ValidateResult{Unchanged: s.round == "unchanged"}, nil
	})
	on(workflows.DiffName, func(_ context.Context, in activities.DiffInput) (activities.DiffResult, error) {
		return activities.DiffResult{Plan: s.plan(in.Round)}, nil
	})
	on(workflows.ReverseName, func(_ context.Context, in activities.ReverseInput) (activities.ReverseResult, error) {
		answer := activities.ReverseResult{Plan: s.plan(in.Round)}
		if in.Round.Approved == nil && s.round != "nothing" {
			answer.Held = &run.HeldPlan{Plan: "uu", Removals: 5, Changes: 9}
		}
		return answer, fails("unread")
	})
	on(workflows.GuardName, func(context.Context, activities.GuardInput) (activities.GuardResult, error) {
		if held, ok := strings.CutPrefix(s.round, "held "); ok {
			return activities.GuardResult{Held: &run.HeldPlan{Plan: held, Removals: 5}}, nil
		}
		return activities.GuardResult{Release: true}, nil
	})
	on(workflows.ApplyName, func(context.Context, activities.ApplyInput) (activities.ApplyResult, error) {
		return activities.ApplyResult{Counts: run.ChangeCounts{Departed: 5}}, fails("unapplied")
	})
	on(workflows.FinishName, func(_ context.Context, in activities.FinishInput) (activities.FinishResult, error) {
		return activities.FinishResult{Result: in.Result, Alerts: s.alerts()}, nil
	})
	on(workflows.ConcludeName, func(_ context.Context, in activities.ConcludeInput) (activities.ConcludeResult, error) {
		return activities.ConcludeResult{Result: run.Result{Tenant: "acme", Outcome: in.Outcome}, Alerts: s.alerts()},
			nil
	})
	on(workflows.RemindName, func(context.Context, activities.RemindInput) (activities.RemindResult, error) {
		return activities.RemindResult{Alerts: s.alerts()}, nil
	})
	s.env.OnWorkflow(workflows.AlertName, mock.Anything, mock.Anything).Return(workflows.AlertResult{}, nil)
}

func (s *story) alerts() []activities.Announcement {
	if !s.announces {
		return nil
	}
	return []activities.Announcement{{Alert: uuid.New(), Tenant: "acme"}}
}

func (s *story) plan(round run.Round) activities.Plan {
	removals := activities.Part{Batches: 1, Changes: 5, Counts: run.ChangeCounts{Departed: 5}}
	p := activities.Plan{Additions: activities.Part{Batches: 1, Changes: 3}}
	if round.Approved != nil {
		p.Released = removals
	}
	if s.round != "nothing" {
		p.Removals = removals
	}
	return p
}

// begin is the begin of a round.
func begin(request string, origin run.Origin, undoes uuid.UUID, approved *run.Approved) entry {
	e := entry{what: "begin", id: request, origin: origin, undoes: undoes != uuid.Nil}
	if approved != nil {
		e.plan = approved.Plan
	}
	return e
}

func approved(in workflows.Input) *run.Approved {
	if in.Hold == nil || !in.Hold.Approved {
		return nil
	}
	return &run.Approved{Plan: in.Hold.Plan, Run: in.Hold.Run}
}

// listen notes what activities begin and end.
func (s *story) listen() {
	s.env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, args converter.EncodedValues) {
		switch info.ActivityType.Name {
		case workflows.BeginName:
			var in activities.BeginInput
			_ = args.Get(&in)
			if e := begin(in.Request, in.Origin, in.Undoes, in.Approved); !slices.Contains(s.entries, e) {
				s.note(entry{what: "refused", err: errors.New("the round that begins is another than the execution's")})
			}
		case workflows.ApplyName:
			var in activities.ApplyInput
			if _ = args.Get(&in); in.Part == plan.PartRemovals {
				s.note(entry{what: "removals"})
			}
		case workflows.ConcludeName:
			var in activities.ConcludeInput
			_ = args.Get(&in)
			s.note(entry{what: "conclude", kind: string(in.Outcome), id: in.Request, plan: in.Plan})
		}
	})
	s.env.SetOnActivityCompletedListener(func(info *activity.Info, value converter.EncodedValue, err error) {
		switch {
		case info.ActivityType.Name == workflows.ConcludeName:
			s.note(entry{what: "concluded"})
		case info.ActivityType.Name == workflows.BeginName && err != nil:
			s.note(entry{what: "over", kind: string(run.Failed)})
		case info.ActivityType.Name == workflows.FinishName:
			var finished activities.FinishResult
			_ = value.Get(&finished)
			s.note(entry{what: "over", kind: string(finished.Result.Outcome)})
		}
	})
}

// ear notes what is delivered, as it is.
type ear struct {
	interceptor.WorkerInterceptorBase
	story *story
}

func (e *ear) InterceptWorkflow(
	_ workflow.Context, next interceptor.WorkflowInboundInterceptor,
) interceptor.WorkflowInboundInterceptor {
	return &inner{
		WorkflowInboundInterceptorBase: interceptor.WorkflowInboundInterceptorBase{Next: next},
		story:                          e.story,
	}
}

// inner is the part of an ear that is inside of a workflow.
type inner struct {
	interceptor.WorkflowInboundInterceptorBase
	story *story
}

func (i *inner) HandleSignal(ctx workflow.Context, in *interceptor.HandleSignalInput) error {
	var resync workflows.Resync
	if err := converter.GetDefaultDataConverter().FromPayloads(in.Arg, &resync); err != nil {
		return err
	}
	kind := "resync"
	if resync.Origin == run.Scheduled {
		kind = "tick"
	}
	i.story.note(entry{what: "delivered", kind: kind, id: resync.Request, idle: i.story.idle()})
	return i.Next.HandleSignal(ctx, in)
}

func (i *inner) ValidateUpdate(ctx workflow.Context, in *interceptor.UpdateInput) error {
	i.story.note(entry{what: "delivered", kind: in.Name, id: workflow.GetCurrentUpdateInfo(ctx).ID})
	return i.Next.ValidateUpdate(ctx, in)
}

func (i *inner) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	if workflow.GetInfo(ctx).WorkflowType.Name == workflows.AlertName {
		return i.Next.ExecuteWorkflow(ctx, in)
	}
	note := func() {
		if s := i.story; ctx.Err() != nil && !s.cancelled {
			s.cancelled = true
			s.note(entry{what: "delivered", kind: "cancel", id: s.cancel})
		}
	}
	workflow.Go(ctx, func(ctx workflow.Context) {
		ctx.Done().Receive(ctx, nil)
		note()
	})
	defer note() // where it ends in the very task that brings the cancellation
	return i.Next.ExecuteWorkflow(ctx, in)
}
