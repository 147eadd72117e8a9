package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/read"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/wire"
)

// RunStore reads the stages of runs, and their openings.
type RunStore interface {
	ReadStore
	// Opening returns the stored opening of a run, or ledger.ErrNotFound.
	Opening(ctx context.Context, run uuid.UUID) ([]byte, error)
}

// ErrDropped says that the chunks of a run were deleted after the retention.
var ErrDropped = errors.New("deleted after the retention")

// Run reads the stages of one run, for people. A stage that the run never reached is empty. A stage whose chunks
// were deleted ends with ErrDropped.
type Run struct {
	store RunStore
	run   run.Run
}

// NewRun returns a reader of the run's stages.
func NewRun(s RunStore, r run.Run) Run { return Run{store: s, run: r} }

// Opening returns the settings and facts with which the run began.
func (r Run) Opening(ctx context.Context) (run.Opening, error) {
	kept, err := r.store.Opening(ctx, r.run.ID)
	if err != nil {
		return run.Opening{}, fmt.Errorf("run %s: %w", r.run.ID, err)
	}
	opening, err := run.DecodeOpening(kept)
	if err != nil {
		return run.Opening{}, fmt.Errorf("run %s: %w", r.run.ID, err)
	}
	return opening, nil
}

// Judged reports whether the run judged its rows, or repeated the verdict of an earlier run.
func (r Run) Judged(ctx context.Context) (bool, error) {
	if r.run.SameAs != uuid.Nil {
		return true, nil
	}
	stage, err := r.store.Stage(ctx, r.run.ID, ledger.StageRoster)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return false, err
	}
	return err == nil && stage.Sealed, nil
}

// Roster yields the chunks of the roster.
func (r Run) Roster(ctx context.Context) iter.Seq2[RosterChunk, error] {
	return decoded[RosterChunk](r.chunks(ctx, ledger.StageRoster))
}

// Words returns the words of the status and locale columns that the run read. It returns none if it judged no rows, and
// ErrDropped after the retention.
func (r Run) Words(ctx context.Context) ([]roster.WordCount, error) {
	judged := r
	if r.run.SameAs != uuid.Nil {
		judged.run.ID = r.run.SameAs
	}
	for chunk, err := range judged.Roster(ctx) {
		return chunk.Words, err // they are in the first one
	}
	return nil, nil
}

// Issues yields the issues of the run in the order of rows. A run that repeats a verdict has only the issues of
// missing columns.
func (r Run) Issues(ctx context.Context) iter.Seq2[roster.Issue, error] {
	if r.run.SameAs != uuid.Nil {
		return r.repeatedIssues(ctx)
	}
	return elements(wrapped("issues", decoded[[]roster.Issue](r.chunks(ctx, ledger.StageIssues))))
}

// repeatedIssues yields the issues of the run whose verdict this one repeats: missing columns.
func (r Run) repeatedIssues(ctx context.Context) iter.Seq2[roster.Issue, error] {
	return elements(wrapped("issues", func(yield func([]roster.Issue, error) bool) {
		stage, err := r.store.Stage(ctx, r.run.SameAs, ledger.StageRoster)
		var found RosterSummary
		if err == nil {
			found, err = Summary[RosterSummary](stage)
		}
		yield(found.Columns, err)
	}))
}

// Rows are the unknown rows of a run, and how the run read them.
type Rows struct {
	Columns  read.Columns
	Bindings roster.Bindings
	Rules    *roster.Rules // of the run, without groups
	All      iter.Seq2[roster.Row, error]
}

// Rows returns the rows that the run staged. A run that knew all of its rows has none.
func (r Run) Rows(ctx context.Context) (Rows, error) {
	none := Rows{All: func(func(roster.Row, error) bool) {}}
	stage, err := usersStage(ctx, r.store, r.run.ID)
	if errors.Is(err, ledger.ErrNotFound) {
		return none, nil
	}
	if err != nil {
		return none, err
	}
	users, err := Summary[UsersSummary](stage)
	if err != nil || users.Again { // the second read never began
		return none, err
	}
	opening, err := r.Opening(ctx)
	if err != nil {
		return none, err
	}
	mappings := opening.Settings.Mappings
	bindings := read.Bind(mappings, &users.Columns, users.Filled)
	return Rows{
		Columns: users.Columns, Bindings: bindings,
		Rules: roster.NewRules(roster.RulesSettings{Mappings: mappings, Bindings: bindings, Source: users.Source}),
		All: func(yield func(roster.Row, error) bool) {
			for chunk, err := range decoded[UsersChunk](r.chunks(ctx, stage.Name)) {
				if err != nil {
					yield(roster.Row{}, err)
					return
				}
				for _, row := range chunk.Rows {
					if !yield(row, nil) {
						return
					}
				}
			}
		},
	}, nil
}

// Simulation decodes the result of a level simulation into result. It returns false if the run has none.
func (r Run) Simulation(ctx context.Context, result any) (found bool, err error) {
	return r.summary(ctx, ledger.StageReplay, result)
}

// summary decodes the summary of a stage into result. It returns false if no step has sealed the stage.
func (r Run) summary(ctx context.Context, name string, result any) (sealed bool, err error) {
	stage, err := r.store.Stage(ctx, r.run.ID, name)
	if errors.Is(err, ledger.ErrNotFound) || err == nil && !stage.Sealed {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("run %s: %w", r.run.ID, err)
	}
	if err := json.Unmarshal(stage.Summary, result); err != nil {
		return false, fmt.Errorf("run %s: decode the summary of %s: %w", r.run.ID, name, err)
	}
	return true, nil
}

// chunks yields the chunks of a stage.
func (r Run) chunks(ctx context.Context, stage string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for data, err := range r.store.Chunks(ctx, r.run.ID, stage, 0, -1) {
			if errors.Is(err, ledger.ErrNotFound) {
				if _, known := r.store.Stage(ctx, r.run.ID, stage); known == nil {
					yield(nil, ErrDropped)
				}
				return
			}
			if !yield(data, err) || err != nil {
				return
			}
		}
	}
}

// decoded decodes each chunk, up to the first error.
func decoded[T any](chunks iter.Seq2[[]byte, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for data, err := range chunks {
			var content T
			if err == nil {
				err = wire.Decode(data, &content)
			}
			if !yield(content, err) || err != nil {
				return
			}
		}
	}
}

// elements yields the elements of each list, up to the first error.
func elements[T any](lists iter.Seq2[[]T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for list, err := range lists {
			if err != nil {
				var zero T
				yield(zero, err)
				return
			}
			for _, element := range list {
				if !yield(element, nil) {
					return
				}
			}
		}
	}
}

// wrapped adds the operation to each error.
func wrapped[T any](operation string, values iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for value, err := range values {
			if err != nil {
				err = fmt.Errorf("%s: %w", operation, err)
			}
			if !yield(value, err) {
				return
			}
		}
	}
}
