package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rollcall/rollcall/bench/people"
	"github.com/rollcall/rollcall/bench/results"
	"github.com/rollcall/rollcall/internal/run"
)

// The size of the fleet: many small tenants that request their first sync at the same time.
const (
	fleetTenants = 1000
	fleetPeople  = 1000
)

// fleets measures the syncs per minute of 1, 2 and 4 workers.
func (b *bench) fleets(ctx context.Context) (fleets []results.Fleet, err error) {
	if err := b.reports.Show(people.Report{People: fleetPeople}); err != nil {
		return nil, err
	}
	tenants := make([]string, fleetTenants)
	for i := range tenants {
		tenants[i] = fmt.Sprintf("%s-%d", tenantID, i)
	}
	for _, workers := range []int{1, 2, 4} {
		fleet := results.Fleet{Tenants: fleetTenants, People: fleetPeople, Workers: workers}
		if fleet.Seconds, err = b.syncAll(ctx, tenants, workers); err != nil {
			return nil, fmt.Errorf("%d workers: %w", workers, err)
		}
		fleets = append(fleets, fleet)
	}
	return fleets, nil
}

// syncAll returns the seconds until all tenants have synced.
func (b *bench) syncAll(ctx context.Context, tenants []string, workers int) (seconds float64, err error) {
	d, err := b.newDatabase(ctx, results.Postgres)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, d.drop(context.WithoutCancel(ctx))) }()
	if err := b.rollcall.apply(ctx, d, tenants...); err != nil {
		return 0, err
	}
	for range workers {
		w, err := b.rollcall.startWorker(ctx, d)
		if err != nil {
			return 0, err
		}
		defer w.stop()
	}
	began := time.Now()
	syncs, ctx := errgroup.WithContext(ctx)
	syncs.SetLimit(256)
	for _, tenant := range tenants {
		syncs.Go(func() error {
			_, err := b.rollcall.request(ctx, tenant, run.Applied)
			return err
		})
	}
	err = syncs.Wait()
	return time.Since(began).Seconds(), err
}
