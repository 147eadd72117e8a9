package workflows_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/guard"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/temporaltest"
	"github.com/rollcall/rollcall/workflows"
)

const histories = "testdata"

// Every kept history must replay: a change of a workflow that doesn't would break syncs that are open while it is
// deployed. With ROLLCALL_RECORD_HISTORIES set this code records them again first: only before a release.
func TestRecordedHistoriesReplay(t *testing.T) {
	t.Parallel()
	if os.Getenv("ROLLCALL_RECORD_HISTORIES") != "" {
		record(t)
	}
	files, err := filepath.Glob(filepath.Join(histories, "*.json"))
	require.NoError(t, err)
	var kept []string
	for _, file := range files {
		kept = append(kept, filepath.Base(file))
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			replayer := worker.NewWorkflowReplayer()
			workflows.Register(replayer)
			require.NoError(t, replayer.ReplayWorkflowHistoryFromJSONFile(silent(), file))
		})
	}
	for _, each := range scenes() {
		require.Contains(t, kept, each.name+".json", "a kind of run has no history: make histories")
	}
}

// A sync of a million changes keeps a small history, also when it then holds and replans: each round has its own history.
func TestAHistoryOfAMillionChangesIsSmall(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"large", "held_ticked"} {
		raw, err := os.ReadFile(filepath.Join(histories, name+".json"))
		require.NoError(t, err)
		var history historypb.History
		require.NoError(t, protojson.Unmarshal(raw, &history))
		require.Less(t, len(history.GetEvents()), 1000)
		require.Less(t, len(raw), 1<<20)
	}
}

func silent() log.Logger { return log.NewStructuredLogger(slog.New(slog.DiscardHandler)) }

// scene is one kind of run, played by activities that answer at once.
type scene struct {
	name     string
	workflow string
	play     script
	during   func(context.Context, client.Client) error // while Validate waits
	holding  func(context.Context, client.Client) error // once it holds
	again    bool                                       // it goes round again, which isn't played
	carried  bool                                       // it begins with an approved plan
	input    any                                        // nil: a manual sync's
	of       string                                     // the workflow whose history is kept; "": the one started
}

// script is what the activities answer.
type script struct {
	shared    bool
	lanes     int
	unchanged bool
	plan      activities.Plan
	verdict   activities.GuardResult
	refuse    error // what FetchUsers answers
	flaky     bool  // Diff fails twice first
	hold      time.Duration
	told      []activities.Announcement // what Finish, Remind, Conclude and Watch have told
	outside   bool                      // no tick is the day's try
	wait      bool                      // Validate waits until it is cancelled, or play.during is over
}

func scenes() []scene {
	small := activities.Plan{
		Additions: activities.Part{Batches: 2, Changes: 1200, Counts: run.ChangeCounts{Added: 1200}, ID: "aa"},
		Removals:  activities.Part{Batches: 1, Changes: 5, Counts: run.ChangeCounts{Departed: 5}, ID: "bb"},
		Leaving:   5,
	}
	large := activities.Plan{
		Additions: activities.Part{
			Batches: 1000, Changes: 1_000_000, Counts: run.ChangeCounts{Updated: 1_000_000},
			ID: "aa",
		},
		Removals: activities.Part{
			Batches: 500, Changes: 500_000,
			Counts: run.ChangeCounts{MembershipsRemoved: 500_000}, ID: "bb",
		},
	}
	several := small
	several.Additions.Batches = 10
	released := small
	released.Released, released.Approved, released.LeftOut = activities.Part{Batches: 3, Changes: 2100, ID: "cc"}, 2100,
		4
	parts := small
	parts.Newcomers = activities.Part{Batches: 2, Changes: 900, Counts: run.ChangeCounts{Added: 900}, ID: "nn"}
	parts.Updates = activities.Part{Batches: 1, Changes: 70, Counts: run.ChangeCounts{Updated: 70}, ID: "uu"}
	parts.Joining, parts.Changing = 900, 70
	hold := activities.GuardResult{Held: &run.HeldPlan{Plan: "bb", Removals: 5}, Limit: 3}
	pass := activities.GuardResult{Release: true, Limit: 25}
	decide := func(update string) func(context.Context, client.Client) error {
		return func(ctx context.Context, c client.Client) error {
			_, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
				WorkflowID: workflows.SyncID("acme"), UpdateName: update,
				WaitForStage: client.WorkflowUpdateStageCompleted,
				Args:         []any{workflows.Decision{Plan: "bb", Request: "d1"}},
			})
			return err
		}
	}
	signal := func(resync any) func(context.Context, client.Client) error {
		return func(ctx context.Context, c client.Client) error {
			return c.SignalWorkflow(ctx, workflows.SyncID("acme"), "", workflows.ResyncSignal, resync)
		}
	}
	return append(forgettingScenes(), []scene{
		{name: "unchanged", workflow: workflows.SyncName, play: script{unchanged: true}},
		{name: "applied", workflow: workflows.SyncName, play: script{plan: small, verdict: pass, flaky: true}},
		{name: "shared", workflow: workflows.SyncName, play: script{shared: true, plan: small, verdict: pass}},
		{name: "large", workflow: workflows.SyncName, play: script{plan: large, verdict: pass}},
		{name: "parts", workflow: workflows.SyncName, play: script{lanes: 2, plan: parts, verdict: pass}},
		{
			name: "parts_held", workflow: workflows.SyncName, again: true, play: script{
				lanes: 2, plan: parts, hold: time.Hour, verdict: activities.GuardResult{
					Held: &run.HeldPlan{Plan: "bb", Additions: 900, Changes: 70}, Release: true,
					Additions: guard.Result{Held: true, Limit: 100, Planned: 900},
					Changes:   guard.Result{Held: true, Limit: 50, Planned: 70},
				},
			},
			holding: func(ctx context.Context, c client.Client) error {
				_, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
					WorkflowID: workflows.SyncID("acme"), UpdateName: workflows.ApproveUpdate,
					WaitForStage: client.WorkflowUpdateStageCompleted,
					Args:         []any{workflows.Decision{Plan: "bb", Request: "d1", Only: run.Additions}},
				})
				return err
			},
		},
		{name: "lanes", workflow: workflows.SyncName, play: script{lanes: 2, plan: several, verdict: pass}},
		{
			name: "held_rejected", workflow: workflows.SyncName, play: script{plan: small, verdict: hold},
			holding: decide(workflows.RejectUpdate),
		},
		{
			name: "held_approved", workflow: workflows.SyncName, play: script{plan: small, verdict: hold},
			holding: decide(workflows.ApproveUpdate), again: true,
		},
		{name: "held_expired", workflow: workflows.SyncName, play: script{
			plan: small, verdict: hold,
			hold: 3 * time.Second,
		}},
		{
			name: "held_ticked", workflow: workflows.SyncName, play: script{plan: large, verdict: hold},
			holding: signal(workflows.Resync{Origin: run.Scheduled}), again: true,
		},
		{
			name: "held_replaced", workflow: workflows.SyncName, play: script{plan: small, verdict: hold},
			holding: signal(workflows.Resync{Origin: run.Manual, Request: "r2"}), again: true,
		},
		{
			name: "held_cancelled", workflow: workflows.SyncName, play: script{plan: small, verdict: hold},
			holding: func(ctx context.Context, c client.Client) error {
				return c.CancelWorkflow(ctx, workflows.SyncID("acme"), "")
			},
		},
		{
			name: "approved", workflow: workflows.SyncName, play: script{plan: released, verdict: pass}, carried: true,
		},
		{
			name: "failed", workflow: workflows.SyncName,
			play: script{refuse: refused("not_found", "there is no such report", "look")},
		},
		{
			name: "undo_rejected", workflow: workflows.UndoName, input: undoing(), play: script{plan: small},
			holding: decide(workflows.RejectUpdate),
		},
		{
			name: "undo_approved", workflow: workflows.UndoName, input: undoing(), play: script{plan: small},
			holding: decide(workflows.ApproveUpdate), again: true,
		},
		{
			name: "undo_expired", workflow: workflows.UndoName, input: undoing(),
			play: script{plan: small, hold: 3 * time.Second},
		},
		{
			name: "undo_replaced", workflow: workflows.UndoName, input: undoing(), play: script{plan: small},
			holding: signal(workflows.Resync{Origin: run.Manual, Request: "r2"}), again: true,
		},
		{name: "undo_applied", workflow: workflows.UndoName, input: approvedUndo(), play: script{plan: small}},
		{name: "undo_empty", workflow: workflows.UndoName, input: undoing()},
		{name: "preview", workflow: workflows.PreviewName, play: script{plan: small, verdict: pass}},
		{
			name: "resync", workflow: workflows.SyncName, play: script{unchanged: true, wait: true},
			during: signal(workflows.Resync{Origin: run.Manual, Request: "r2"}),
		},
		{
			name: "tick_ignored", workflow: workflows.SyncName, play: script{unchanged: true, wait: true},
			during: signal(workflows.Resync{Origin: run.Scheduled}),
		},
		{name: "cancelled", workflow: workflows.SyncName, play: script{wait: true}, during: func(ctx context.Context,
			c client.Client,
		) error {
			return c.CancelWorkflow(ctx, workflows.SyncID("acme"), "")
		}},
		{name: "scheduled", workflow: workflows.ScheduledSyncName, play: script{plan: small, verdict: pass}},
		{
			name: "scheduled_failed", workflow: workflows.ScheduledSyncName,
			play: script{refuse: refused("not_found", "there is no such report", "look")},
		},
		{name: "scheduled_admitted", workflow: workflows.ScheduledSyncName, play: script{plan: small, verdict: pass}},
		{name: "scheduled_quarantined", workflow: workflows.ScheduledSyncName, play: script{outside: true}},
		{
			name: "told", workflow: workflows.SyncName,
			play: script{unchanged: true, told: []activities.Announcement{told}},
		},
		{name: "held_told", workflow: workflows.SyncName, play: script{
			plan: small, verdict: hold,
			hold: 3 * time.Second, told: []activities.Announcement{told},
		}},
		{name: "alert", workflow: workflows.AlertName, input: told, play: script{}},
		{name: "watch", workflow: workflows.WatchName, play: script{told: []activities.Announcement{told}}},
		{
			name: "joined", workflow: workflows.SyncName, play: script{unchanged: true, wait: true}, of: "tick",
			during: func(ctx context.Context, c client.Client) error {
				tick, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: "tick", TaskQueue: "histories-joined"},
					workflows.ScheduledSyncName, workflows.Input{Tenant: "acme"})
				if err != nil {
					return err
				}
				return tick.Get(ctx, nil)
			},
		},
	}...)
}

// record plays every scene on a real server and keeps its history.
func record(t *testing.T) {
	t.Helper()
	server := temporaltest.Start(t)
	c, err := client.Dial(client.Options{HostPort: server.Address, Identity: "recorder", Logger: silent()})
	require.NoError(t, err)
	defer c.Close()
	registerAttributes(t, c)
	for _, each := range scenes() {
		each.record(t, c)
	}
}

func registerAttributes(t *testing.T, c client.Client) {
	t.Helper()
	_, err := c.OperatorService().AddSearchAttributes(t.Context(), &operatorservice.AddSearchAttributesRequest{
		Namespace: temporaltest.Namespace,
		SearchAttributes: map[string]enumspb.IndexedValueType{
			workflows.TenantAttribute:   enumspb.INDEXED_VALUE_TYPE_KEYWORD,
			workflows.OutcomeAttribute:  enumspb.INDEXED_VALUE_TYPE_KEYWORD,
			workflows.ChangesAttribute:  enumspb.INDEXED_VALUE_TYPE_INT,
			workflows.RemovalsAttribute: enumspb.INDEXED_VALUE_TYPE_INT,
			workflows.IssuesAttribute:   enumspb.INDEXED_VALUE_TYPE_INT,
			workflows.HeldAttribute:     enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		},
	})
	require.NoError(t, err)
}

func (s scene) queue() string { return "histories-" + s.name }

func (s scene) record(t *testing.T, c client.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), stepDeadline)
	defer cancel()
	stage := &stage{script: s.play, waiting: make(chan struct{}), over: make(chan struct{})}
	// A queue of its own: the server may hand a task to the poll that an earlier scene's worker left behind.
	queue := s.queue()
	startWorkers(t, c, queue, worker.Options{Identity: "recorder", MaxHeartbeatThrottleInterval: time.Second},
		func(w worker.Worker) {
			stage.register(w)
			registerForgetting(w)
		})

	id := workflows.SyncID("acme")
	in := s.input
	if in == nil {
		in = manual
	}
	if s.carried {
		approved := manual
		approved.Hold = carried()
		approved.Hold.Approved, approved.Hold.Request = true, approved.Request
		in = approved
	}
	if s.workflow != workflows.SyncName && s.workflow != workflows.UndoName {
		id = s.workflow
	}
	started, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: queue}, s.workflow, in)
	require.NoError(t, err)
	execution := started.GetRunID()
	if s.holding != nil {
		require.Eventually(t, func() bool {
			var status workflows.Status
			answer, err := c.QueryWorkflow(ctx, id, "", workflows.StatusQuery)
			return err == nil && answer.Get(&status) == nil && status.Step == workflows.Holding
		}, stepDeadline, 20*time.Millisecond)
		require.NoError(t, s.holding(ctx, c))
	}
	if s.during != nil {
		<-stage.waiting
		require.NoError(t, s.during(ctx, c))
		close(stage.over)
	}
	if s.again {
		c.GetWorkflowHistory(ctx, id, execution, true, enumspb.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT).HasNext()
		require.NoError(t, c.TerminateWorkflow(ctx, id, "", "recorded"))
	} else {
		_ = started.Get(ctx, nil) // how it ends is what is recorded
	}
	require.NoError(t, ctx.Err())
	if s.of != "" {
		id, execution = s.of, ""
	}
	history := &historypb.History{}
	events := c.GetWorkflowHistory(ctx, id, execution, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(t, err)
		history.Events = append(history.Events, event)
	}
	raw, err := protojson.MarshalOptions{Indent: " "}.Marshal(history)
	require.NoError(t, err)
	host, err := os.Hostname()
	require.NoError(t, err)
	raw = bytes.ReplaceAll(raw, []byte(`"`+host+`:`), []byte(`"recorder:`)) // the name of a worker's own queue
	require.NoError(t, os.WriteFile(filepath.Join(histories, s.name+".json"), append(raw, '\n'), 0o644))
}

// stage plays a script.
type stage struct {
	script
	waiting, over chan struct{}
	waited        bool
	begin         func(context.Context, activities.BeginInput) (activities.BeginResult, error) // nil: at once
}

func (s *stage) register(w worker.Worker) {
	for name, step := range map[string]any{
		workflows.BeginName: func(ctx context.Context, in activities.BeginInput) (activities.BeginResult, error) {
			if s.begin != nil {
				return s.begin(ctx, in)
			}
			r := run.Round{
				Tenant: in.Tenant, Run: uuid.MustParse(runID.String()), Started: started,
				Preview: in.Preview, Stall: 30 * time.Minute, Hold: s.hold, Approved: in.Approved, Undoes: in.Undoes,
			}
			return activities.BeginResult{Round: r, Shared: s.shared, Lanes: s.lanes}, nil
		},
		workflows.FetchUsersName: func(context.Context, activities.FetchInput) (activities.FetchUsersResult, error) {
			return activities.FetchUsersResult{Stage: "users", Users: 500, Staged: 3, Digest: "d1"}, s.refuse
		},
		workflows.FetchGroupsName: func(context.Context, activities.FetchInput) (activities.FetchGroupsResult, error) {
			return activities.FetchGroupsResult{Groups: 9, Memberships: 700, Digest: "d2"}, nil
		},
		workflows.ValidateName: s.validate,
		workflows.DiffName: func(ctx context.Context, _ activities.DiffInput) (activities.DiffResult, error) {
			if s.flaky && activity.GetInfo(ctx).Attempt < 3 {
				return activities.DiffResult{}, temporal.NewApplicationError("the database does not answer",
					"store_unavailable", "wait")
			}
			return activities.DiffResult{Plan: s.plan}, nil
		},
		workflows.ReverseName: func(_ context.Context, in activities.ReverseInput) (activities.ReverseResult, error) {
			answer := activities.ReverseResult{Plan: s.plan, Skipped: 3}
			if in.Round.Approved == nil && s.plan.Additions.Changes > 0 {
				answer.Held = &run.HeldPlan{Plan: "bb", Removals: 5, Changes: 1205}
			}
			return answer, nil
		},
		workflows.GuardName: func(context.Context, activities.GuardInput) (activities.GuardResult, error) {
			return s.verdict, nil
		},
		workflows.ApplyName: func(_ context.Context, in activities.ApplyInput) (activities.ApplyResult, error) {
			return activities.ApplyResult{Counts: run.ChangeCounts{Updated: in.To - in.From}}, nil
		},
		workflows.FinishName: func(_ context.Context, in activities.FinishInput) (activities.FinishResult, error) {
			in.Result.Finished = finished
			return activities.FinishResult{Result: in.Result, Alerts: s.told}, nil
		},
		workflows.ConcludeName: func(_ context.Context,
			in activities.ConcludeInput,
		) (activities.ConcludeResult, error) {
			return activities.ConcludeResult{
				Result: run.Result{Tenant: in.Tenant, Outcome: in.Outcome, Error: in.Error, Finished: finished},
				Alerts: s.told,
			}, nil
		},
		workflows.AdmitName: func(context.Context, activities.AdmitInput) (activities.AdmitResult, error) {
			return activities.AdmitResult{Admitted: !s.outside, Since: started, Next: finished}, nil
		},
		workflows.RemindName: func(context.Context, activities.RemindInput) (activities.RemindResult, error) {
			return activities.RemindResult{Alerts: s.told}, nil
		},
		workflows.TakeName: func(context.Context, activities.TakeInput) (activities.TakeResult, error) {
			return activities.TakeResult{Hooks: []string{"slack", "pager"}}, nil
		},
		workflows.TellName: func(context.Context, activities.TellInput) (activities.TellResult, error) {
			return activities.TellResult{}, nil
		},
		workflows.WatchingName: func(context.Context, activities.WatchInput) (activities.WatchResult, error) {
			return activities.WatchResult{Tenants: 1, Overdue: 1, Alerts: s.told}, nil
		},
	} {
		w.RegisterActivityWithOptions(step, activity.RegisterOptions{Name: name})
	}
}

func (s *stage) validate(ctx context.Context, _ activities.ValidateInput) (activities.ValidateResult, error) {
	if s.wait && !s.waited {
		s.waited = true
		close(s.waiting)
		beat := time.NewTicker(200 * time.Millisecond)
		defer beat.Stop()
		for over := s.over; ; {
			select {
			case <-ctx.Done():
				return activities.ValidateResult{}, ctx.Err()
			case <-over:
				if s.unchanged {
					return activities.ValidateResult{Unchanged: true}, nil
				}
				over = nil // a cancellation is on its way
			case <-beat.C:
				activity.RecordHeartbeat(ctx)
			}
		}
	}
	return activities.ValidateResult{
		Snapshot: run.SnapshotCounts{Users: 500, Groups: 9, Memberships: 700}, Rows: run.RowCounts{
			Accepted: 498,
			Rejected: 2,
		}, Issues: 2,
		Unchanged: s.unchanged,
	}, nil
}
