package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rollcall/rollcall/bench/people"
	"github.com/rollcall/rollcall/bench/results"
)

// A fleet is many small tenants, all asked to sync at once.
const (
	fleetTenants = 1000
	fleetPeople  = 1000
)

// fleets measures how many syncs end in a minute, with 1, 2 and 4 workers: all tenants updated by their first syncs.
func (b *bench) fleets(ctx context.Context) (fleets []results.Fleet, err error) {
	if b.product == nil {
		return nil, errors.New("a fleet is Rollcall's to sync")
	}
	if err := b.reports.Show(people.Report{People: fleetPeople}); err != nil {
		return nil, err
	}
	tenants := make([]string, fleetTenants)
	for i := range tenants {
		tenants[i] = fmt.Sprintf("%s-%d", tenantID, i)
	}
	for _, workers := range []int{1, 2, 4} {
		fleet, err := b.fleetOf(ctx, tenants, workers)
		if err != nil {
			return nil, fmt.Errorf("%d workers: %w", workers, err)
		}
		b.logf("%d workers: %.0f syncs a minute\n", workers, fleet.PerMinute())
		fleets = append(fleets, fleet)
	}
	return fleets, nil
}

func (b *bench) fleetOf(ctx context.Context, tenants []string, workers int) (fleet results.Fleet, err error) {
	d, err := b.newDatabase(ctx, b.databases[0])
	if err != nil {
		return fleet, err
	}
	defer func() { err = errors.Join(err, d.drop(ctx)) }()
	if err := b.product.apply(ctx, d, tenants...); err != nil {
		return fleet, err
	}
	for range workers {
		w, err := b.product.startWorker(ctx, d)
		if err != nil {
			return fleet, err
		}
		defer w.stop()
	}
	began := time.Now()
	asked, asking := errgroup.WithContext(ctx) // ended by Wait
	asked.SetLimit(256)
	for _, tenant := range tenants {
		asked.Go(func() error {
			_, _, err := b.product.ask(asking, tenant)
			return err
		})
	}
	if err := asked.Wait(); err != nil {
		return fleet, err
	}
	return results.Fleet{
		Tenants: len(tenants), People: fleetPeople, Workers: workers, Seconds: time.Since(began).Seconds(),
	}, nil
}
