package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/bench/people"
	"github.com/rollcall/rollcall/bench/results"
	"github.com/rollcall/rollcall/internal/run"
)

const (
	fewPeople    = 10
	smallestRuns = 12
	emptyName    = "Empty"
	emptyQueue   = "bench-empty"
)

// empty is a workflow of five empty activities. Its time is Temporal's overhead in a sync of ten people.
func empty(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	for range 5 {
		if err := workflow.ExecuteActivity(ctx, emptyName).Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

// smallest measures syncs of ten people and the empty workflow in turns.
func (b *bench) smallest(ctx context.Context) (_ *results.Smallest, err error) {
	w := sdkworker.New(b.rollcall.client, emptyQueue, sdkworker.Options{})
	w.RegisterWorkflowWithOptions(empty, workflow.RegisterOptions{Name: emptyName})
	w.RegisterActivityWithOptions(func(context.Context) error { return nil }, activity.RegisterOptions{Name: emptyName})
	if err := w.Start(); err != nil {
		return nil, fmt.Errorf("start the empty worker: %w", err)
	}
	defer w.Stop()
	d, err := b.newDatabase(ctx, results.Postgres)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.drop(context.WithoutCancel(ctx))) }()
	if err := b.rollcall.prepare(ctx, d); err != nil {
		return nil, err
	}
	process, err := b.rollcall.startWorker(ctx, d)
	if err != nil {
		return nil, err
	}
	defer process.stop()
	var empties, updated, unchanged []float64
	for i := range smallestRuns + 1 {
		began := time.Now()
		options := client.StartWorkflowOptions{TaskQueue: emptyQueue}
		execution, err := b.rollcall.client.ExecuteWorkflow(ctx, options, emptyName)
		if err == nil {
			err = execution.Get(ctx, nil)
		}
		if err != nil {
			return nil, fmt.Errorf("the empty workflow: %w", err)
		}
		empties = append(empties, time.Since(began).Seconds())
		if err := b.reports.Show(people.Report{People: fewPeople, Retitled: i}); err != nil {
			return nil, err
		}
		changed, err := b.rollcall.request(ctx, tenantID, run.Applied)
		if err != nil {
			return nil, err
		}
		same, err := b.rollcall.request(ctx, tenantID, run.Unchanged)
		if err != nil {
			return nil, err
		}
		updated, unchanged = append(updated, changed.Seconds), append(unchanged, same.Seconds)
	}
	// The first run of each warms up and is omitted.
	return &results.Smallest{
		Runs: smallestRuns, Empty: results.Median(empties[1:]), Unchanged: results.Median(unchanged[1:]),
		Updated: results.Median(updated[1:]),
	}, nil
}
