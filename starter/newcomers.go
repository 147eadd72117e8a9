package main

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/store"
)

// welcome gives a batch of a run's plan that adds newcomers the changes that it only names.
func welcome(ctx context.Context, kept *store.Store, run uuid.UUID, batch *plan.Chunk) error {
	if batch.Roster == 0 {
		return nil
	}
	for data, err := range kept.Chunks(ctx, run, activities.RosterStage, batch.Roster-1, batch.Roster) {
		if err != nil {
			return fmt.Errorf("read newcomers: %w", err)
		}
		part, err := activities.ReadRoster(data)
		if err != nil {
			return err
		}
		if batch.Changes, err = new(plan.Room).Additions(part.Users); err != nil {
			return fmt.Errorf("read newcomers: %w", err)
		}
	}
	return nil
}
