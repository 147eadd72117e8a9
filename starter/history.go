package main

import (
	"context"
	"fmt"

	"github.com/rollcall/rollcall/internal/report"
	round "github.com/rollcall/rollcall/internal/run"
)

// history are the runs up to this one, previews aside, latest first.
func (g *gatherer) history(ctx context.Context) ([]round.Run, error) {
	runs, err := g.store.Runs(ctx, g.run.Tenant, 0)
	if err != nil {
		return nil, fmt.Errorf("runs of %s: %w", g.run.Tenant, err)
	}
	var history []round.Run
	for _, r := range runs {
		if len(history) < report.HistoryLength && !r.Started.After(g.run.Started) && (!r.Preview || r.ID == g.run.ID) {
			history = append(history, r)
		}
	}
	return history, nil
}
