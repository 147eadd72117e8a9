package activities

import (
	"context"
	"fmt"
	"iter"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/intake"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
)

// FetchInput asks for one half of a snapshot.
type FetchInput struct {
	Round run.Round `json:"round"`
	// EveryRow asks for all users once more, known or not, because the known rows were judged by other groups.
	EveryRow bool `json:"every_row,omitempty"`
}

// FetchUsersResult says what is staged. Only a complete read has a result.
type FetchUsersResult = stage.UsersRead

// FetchUsers reads all users into the stage ledger.StageUsers.
func (a *Activities) FetchUsers(ctx context.Context, in FetchInput) (FetchUsersResult, error) {
	stages := []string{ledger.StageUsers, ledger.StageUsersAgain}
	return step(ctx, a, in.Round, stages, func(ctx context.Context, p *progress) (FetchUsersResult, error) {
		settings, err := a.settingsOf(ctx, in.Round)
		if err != nil {
			return FetchUsersResult{}, err
		}
		state, err := a.Runs.State(ctx, in.Round.Tenant)
		if err != nil {
			return FetchUsersResult{}, fmt.Errorf("read state: %w", err)
		}
		source, err := a.Directories.Open(ctx, in.Round.Tenant, settings.GroupColumns)
		if err != nil {
			return FetchUsersResult{}, fmt.Errorf("open directory: %w", err)
		}
		erased, err := a.erasedPeople(ctx, in.Round.Tenant)
		if err != nil {
			return FetchUsersResult{}, err
		}
		users := intake.Users{
			Attempt: a.attempt(ctx, in.Round), Directory: source, Mappings: settings.Mappings,
			State: state, Erased: erased,
			Full: in.Round.Full, Again: in.EveryRow,
			ChunkRows: a.chunkRows(), Progress: p,
			KnownRows: func(ctx context.Context) iter.Seq2[roster.KnownRow, error] {
				return a.Members.KnownRows(ctx, in.Round.Tenant, in.Round.Full)
			},
		}
		if !in.Round.Preview {
			users.Learn = func(ctx context.Context, marks []erasure.Mark) error {
				return a.Erasures.AddMarks(ctx, in.Round.Tenant, marks)
			}
		}
		return users.Read(ctx)
	})
}

// Read is the results of FetchUsers and FetchGroups.
type Read = stage.Read
