package activities

import (
	"context"
	"fmt"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/internal/validation"
)

// ValidateInput names the run whose snapshot is complete.
type ValidateInput struct {
	Round run.Round  `json:"round"`
	Read  stage.Read `json:"read,omitzero"`
}

// ValidateResult is the verdict on a snapshot.
type ValidateResult = stage.Validated

// Validate judges every row that isn't known, checks all rows against each other, and writes the stage
// ledger.StageRoster.
func (a *Activities) Validate(ctx context.Context, in ValidateInput) (ValidateResult, error) {
	return step(ctx, a, in.Round, []string{ledger.StageRoster},
		func(ctx context.Context, p *progress) (ValidateResult, error) {
			settings, err := a.settingsOf(ctx, in.Round)
			if err != nil {
				return ValidateResult{}, err
			}
			state, err := a.Runs.State(ctx, in.Round.Tenant)
			if err != nil {
				return ValidateResult{}, fmt.Errorf("read state: %w", err)
			}
			erased, err := a.erasedPeople(ctx, in.Round.Tenant)
			if err != nil {
				return ValidateResult{}, err
			}
			links, err := a.Decisions.Links(ctx, in.Round.Tenant)
			if err != nil {
				return ValidateResult{}, fmt.Errorf("read links: %w", err)
			}
			return validation.Validation{
				Attempt: a.attempt(ctx, in.Round), Members: a.Members, Round: in.Round, Settings: settings,
				State: state, Erased: erased, Links: links, ChunkRows: a.chunkRows(), BatchRows: a.batchRows(), Progress: p,
			}.Run(ctx, in.Read)
		})
}
