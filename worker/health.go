package main

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/telemetry"
)

// serve serves metrics and health checks at address, unless it is "". The worker is ready if Temporal and the store
// respond.
func serve(
	address string, metrics *telemetry.Metrics, db *store.Store, temporal client.Client,
) (closeServer func(), err error) {
	if address == "" {
		return func() {}, nil
	}
	server, err := metrics.Serve(address, func(ctx context.Context) error {
		if _, err := temporal.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
			return fmt.Errorf("ask Temporal: %w", err)
		}
		if _, err := db.State(ctx, ""); err != nil {
			return fmt.Errorf("ask the store: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("serve metrics (ROLLCALL_METRICS_ADDR): %w", err)
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = server.Close(ctx) // the process ends anyway
	}, nil
}
