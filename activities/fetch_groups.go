package activities

import (
	"context"
	"fmt"

	"github.com/rollcall/rollcall/internal/intake"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/stage"
)

// FetchGroupsResult says what is staged. Only a complete read has a result.
type FetchGroupsResult = stage.GroupsRead

// FetchGroups reads all groups into the stage ledger.StageGroups. If the directory lists memberships by group, it reads
// those too.
func (a *Activities) FetchGroups(ctx context.Context, in FetchInput) (FetchGroupsResult, error) {
	return step(ctx, a, in.Round, []string{ledger.StageGroups},
		func(ctx context.Context, p *progress) (FetchGroupsResult, error) {
			settings, err := a.settingsOf(ctx, in.Round)
			if err != nil {
				return FetchGroupsResult{}, err
			}
			source, err := a.Directories.Open(ctx, in.Round.Tenant, settings.GroupColumns)
			if err != nil {
				return FetchGroupsResult{}, fmt.Errorf("open directory: %w", err)
			}
			state, err := a.Runs.State(ctx, in.Round.Tenant)
			if err != nil {
				return FetchGroupsResult{}, fmt.Errorf("read state: %w", err)
			}
			erased, err := a.erasedPeople(ctx, in.Round.Tenant)
			if err != nil {
				return FetchGroupsResult{}, err
			}
			groups := intake.Groups{
				Attempt: a.attempt(ctx, in.Round), Directory: source, Erased: erased, ChunkRows: a.batchRows(),
				Progress: p, State: state,
				Own: func(ctx context.Context) ([]roster.Group, error) {
					return a.Members.Groups(ctx, in.Round.Tenant)
				},
			}
			return groups.Read(ctx)
		})
}
