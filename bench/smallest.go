package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/bench/people"
	"github.com/rollcall/rollcall/bench/results"
	"github.com/rollcall/rollcall/internal/run"
)

const (
	fewPeople  = 10
	emptyQueue = "bench-empty"
	emptyName  = "Empty"
)

// empty is the workflow that a sync of ten people is held against: what Temporal itself takes for five steps.
func empty(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	for range 5 {
		if err := workflow.ExecuteActivity(ctx, emptyName).Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

// smallest measures a sync of ten people beside the empty workflow, by turns.
func (b *bench) smallest(ctx context.Context, p *product, kind string, runs int) (_ *results.Smallest, err error) {
	w := worker.New(p.client, emptyQueue, worker.Options{})
	w.RegisterWorkflowWithOptions(empty, workflow.RegisterOptions{Name: emptyName})
	w.RegisterActivityWithOptions(func(context.Context) error { return nil }, activity.RegisterOptions{Name: emptyName})
	if err := w.Start(); err != nil {
		return nil, fmt.Errorf("start the empty worker: %w", err)
	}
	defer w.Stop()
	d, err := b.newDatabase(ctx, kind)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.drop(ctx)) }()
	if err := p.prepare(ctx, d); err != nil {
		return nil, err
	}
	process, err := p.startWorker(ctx, d)
	if err != nil {
		return nil, err
	}
	defer process.stop()
	var emptied, unchanged, updated []float64
	for i := range runs + 1 {
		took, err := runEmpty(ctx, p.client)
		if err != nil {
			return nil, err
		}
		emptied = append(emptied, took)
		if took, err = b.ten(ctx, p, i, run.Applied); err != nil {
			return nil, err
		}
		updated = append(updated, took)
		if took, err = b.ten(ctx, p, i, run.Unchanged); err != nil {
			return nil, err
		}
		unchanged = append(unchanged, took)
	}
	// The first of each warms up; and of Rollcall's it is a first load.
	return &results.Smallest{
		Runs: runs, Empty: results.Median(emptied[1:]), Unchanged: results.Median(unchanged[1:]), Updated: results.Median(updated[1:]),
	}, nil
}

func (b *bench) ten(ctx context.Context, p *product, titled int, want run.Outcome) (float64, error) {
	if err := b.reports.Show(people.Report{People: fewPeople, Retitled: titled}); err != nil {
		return 0, err
	}
	figures, result, err := p.ask(ctx, tenantID)
	if err == nil && result.Outcome != want {
		err = fmt.Errorf("a sync of %d people ended as %s", fewPeople, result.Outcome)
	}
	return figures.Seconds, err
}

func runEmpty(ctx context.Context, c client.Client) (float64, error) {
	began := time.Now()
	execution, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: emptyQueue}, emptyName)
	if err != nil {
		return 0, fmt.Errorf("start the empty workflow: %w", err)
	}
	if err := execution.Get(ctx, nil); err != nil {
		return 0, fmt.Errorf("the empty workflow: %w", err)
	}
	return time.Since(began).Seconds(), nil
}
