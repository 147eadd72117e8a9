package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	enumspb "go.temporal.io/api/enums/v1"

	"github.com/rollcall/rollcall/internal/nullable"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/terminal"
	"github.com/rollcall/rollcall/workflows"
)

func newStatus(a *app) *cobra.Command {
	var watch bool
	command := &cobra.Command{
		Use:   "status TENANT",
		Short: "Show what a tenant's sync is doing",
		Long: `Shows the step and counts of the open sync, what it holds back and until when, and when none is open the result of the last
one. With --watch it goes on until it is interrupted; as JSON it then prints a line whenever something changed.`,
		Example: `  starter status acme
  starter status acme --watch`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			if err := a.current(command.Context(), args[0]); err != nil {
				return err
			}
			if _, err := a.client(command.Context()); err != nil {
				return err
			}
			if watch {
				return a.watch(command.Context(), args[0])
			}
			s, err := a.status(command.Context(), args[0])
			if err != nil {
				return err
			}
			if err := a.printStatus(s); err != nil || !s.Paused || a.format == jsonFormat {
				return err
			}
			return a.print("%s\n", pausedLine(s.Tenant, s.Note))
		},
	}
	command.Flags().BoolVarP(&watch, "watch", "w", false, "go on until interrupted")
	return command
}

// status is what a tenant's sync is doing: its JSON. Of an open sync Step to Planned say how far it is (null when no worker
// answers) and Result what is known so far; otherwise Result is that of the last sync.
type status struct {
	Tenant    string             `json:"tenant"`
	Open      bool               `json:"open"`
	Workflow  string             `json:"workflow"`
	Execution *string            `json:"execution"`
	Step      *workflows.Step    `json:"step"`
	Since     *time.Time         `json:"since"`
	Waiting   bool               `json:"waiting"`
	Planned   *workflows.Planned `json:"planned"`
	Hold      *workflows.Hold    `json:"hold"` // the plan that waits for a person, also while it is planned anew
	Result    *round.Result      `json:"result"`
	Paused    bool               `json:"paused"`
	Note      *string            `json:"note"` // of the pause

	Quarantined *quarantine `json:"quarantined"` // null: it isn't
}

func (a *app) status(ctx context.Context, id string) (status, error) {
	s := status{Tenant: id, Workflow: workflows.SyncID(id)}
	pause, err := a.pauseOf(ctx, id)
	if err != nil {
		return status{}, err
	}
	s.Paused, s.Note = pause.paused, nullable.Of(pause.note)
	if s.Quarantined, err = a.quarantine(ctx, a.kept, id); err != nil {
		return status{}, err
	}
	found, err := a.temporal.DescribeWorkflowExecution(ctx, s.Workflow, "")
	if err != nil && !missing(err) {
		return status{}, fmt.Errorf("look at the sync of %s: %w", id, err)
	}
	if err == nil {
		info := found.GetWorkflowExecutionInfo()
		s.Execution = nullable.Of(info.GetExecution().GetRunId())
		s.Open = info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	}
	if !s.Open {
		s.Result, err = a.ended(ctx, id)
		return s, err
	}
	answer, err := ask(ctx, a.temporal, s.Workflow)
	if err != nil {
		if ctx.Err() != nil {
			return status{}, err
		}
		return s, nil // open, and no worker answers: that is what there is to say
	}
	s.Step, s.Since, s.Waiting = &answer.Step, nullable.Time(answer.Since), answer.Waiting
	s.Planned, s.Hold, s.Result = &answer.Planned, answer.Hold, &answer.Result
	return s, nil
}

// ended is how a tenant's last sync ended when none is open; nil when there was none. One that never recorded its end was
// terminated.
func (a *app) ended(ctx context.Context, id string) (*round.Result, error) {
	runs, err := a.kept.Runs(ctx, id, manyRuns)
	if err != nil {
		return nil, fmt.Errorf("runs of %s: %w", id, err)
	}
	for _, r := range runs {
		switch {
		case r.Preview:
		case r.Result == nil:
			return &round.Result{Tenant: id, Run: r.ID.String(), Outcome: round.Failed, Started: r.Started, Error: terminated()}, nil
		default:
			return r.Result, nil
		}
	}
	return nil, nil //nolint:nilnil // none is no error
}

func (a *app) printStatus(s status) error {
	if a.format == jsonFormat {
		return a.writeJSON(s)
	}
	if err := a.printSync(s); err != nil {
		return err
	}
	return a.printQuarantine(s.Tenant, s.Quarantined)
}

// printSync prints what the open sync does, or how the last one ended.
func (a *app) printSync(s status) error {
	switch {
	case s.Open && s.Step == nil:
		return a.print("%s: open, and no worker answers on task queue %s\n", s.Tenant, a.settings.TaskQueue)
	case s.Open && *s.Step == workflows.Holding && s.Hold != nil:
		return a.printHold(s)
	case s.Open:
		step, counts := describe(workflows.Status{Step: *s.Step, Planned: *s.Planned, Result: *s.Result})
		line := s.Tenant + " " + step
		if counts != "" {
			line += ": " + counts
		}
		if s.Since != nil {
			line += ", since " + terminal.Time(*s.Since)
		}
		if s.Waiting {
			line += "; another round follows"
		}
		if s.Hold != nil {
			line += "; " + heldCount(s.Hold.Removals, s.Hold.Changes) + " held, plan " + s.Hold.Plan
		}
		return a.print("%s\n", line)
	case s.Result == nil:
		return a.print("%s: never synced; `starter resync %s --wait` does\n", s.Tenant, s.Tenant)
	}
	if err := a.printEnd(*s.Result); err != nil || s.Result.Outcome != round.Held {
		return err
	}
	return a.print("No sync is open that holds them: it was terminated. `starter resync %s` plans them anew.\n", s.Tenant)
}

// printEnd prints a result, with its error if there is one.
func (a *app) printEnd(r round.Result) error {
	if err := a.printResult(r); err != nil {
		return err
	}
	if e := r.Error; e != nil {
		return a.print("  error    %s (%s)\n%s\n", e.Detail, e.Kind, e.Hint)
	}
	return nil
}

// printHold prints what is held, until when, and the round that holds it.
func (a *app) printHold(s status) error {
	state := "waits for a decision"
	switch {
	case s.Hold.Approved:
		state = "is approved, and the read that was to apply it has failed: the next tick tries again"
	case s.Hold.Reminded:
		state = "waits for a decision, and half of the time is over"
	}
	if err := a.print("%s holds %s since %s: plan %s %s; it expires %s\n", s.Tenant, heldCount(s.Hold.Removals, s.Hold.Changes),
		terminal.Time(s.Hold.Since), s.Hold.Plan, state, terminal.Time(s.Hold.Until)); err != nil {
		return err
	}
	return a.printEnd(*s.Result)
}

// watch shows a tenant's syncs until it is interrupted.
func (a *app) watch(ctx context.Context, id string) error {
	shown := terminal.NewProgress(a.out)
	defer shown.Clear()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	var before status
	for first := true; ; first = false {
		now, err := a.status(ctx, id)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // interrupted, as it is meant to end
		}
		if err != nil {
			return err
		}
		if err := a.watched(shown, now, first || !now.like(before)); err != nil {
			return err
		}
		before = now
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// watched shows one look: an open sync on the progress line, a result when it is news.
func (a *app) watched(shown *terminal.Progress, now status, news bool) error {
	switch {
	case a.format == jsonFormat:
		if news {
			return a.writeJSON(now)
		}
	case now.Open && now.Step == nil:
		shown.Show(now.Tenant+" waits for a worker", "", 0)
	case now.Open:
		live := workflows.Status{Step: *now.Step, Waiting: now.Waiting, Planned: *now.Planned, Hold: now.Hold, Result: *now.Result}
		if now.Since != nil {
			live.Since = *now.Since
		}
		showStatus(shown, now.Tenant, live)
	case news:
		shown.Clear()
		return a.printStatus(now)
	}
	return nil
}

// like tells whether two looks show the same.
func (s status) like(other status) bool {
	return s.Open == other.Open && s.Paused == other.Paused && s.Waiting == other.Waiting && equal(s.Execution, other.Execution) &&
		equal(s.Step, other.Step) && equal(s.Planned, other.Planned) && equal(s.Hold, other.Hold) && (s.Result == nil) == (other.Result == nil) &&
		(s.Result == nil || s.Result.Run == other.Result.Run && s.Result.Outcome == other.Result.Outcome &&
			s.Result.Snapshot == other.Result.Snapshot && s.Result.Rows == other.Result.Rows && s.Result.Changes == other.Result.Changes)
}

// equal compares what two pointers point to.
func equal[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
