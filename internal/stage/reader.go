package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/wire"
)

// Sealed returns the summary of a sealed stage. It returns an error if the stage is missing (ledger.ErrNotFound) or
// not sealed.
func Sealed[T any](ctx context.Context, store ReadStore, run uuid.UUID, name string) (summary T, err error) {
	stage, err := store.Stage(ctx, run, name)
	if err != nil {
		return summary, fmt.Errorf("read stage %s: %w", name, err)
	}
	if !stage.Sealed {
		return summary, fmt.Errorf("read stage %s: not sealed", name)
	}
	return Summary[T](stage)
}

// SealedUsers returns the name and the summary of the stage that holds the users of a run. The errors are those of
// Sealed.
func SealedUsers(ctx context.Context, store ReadStore, run uuid.UUID) (name string, users UsersSummary, err error) {
	found, err := usersStage(ctx, store, run)
	if err != nil {
		return "", users, fmt.Errorf("read the stage of users: %w", err)
	}
	users, err = Sealed[UsersSummary](ctx, store, run, found.Name)
	return found.Name, users, err
}

// usersStage returns the stage that holds the users of a run: that of the second read, if there was one.
func usersStage(ctx context.Context, store ReadStore, run uuid.UUID) (ledger.Stage, error) {
	again, err := store.Stage(ctx, run, ledger.StageUsersAgain)
	if errors.Is(err, ledger.ErrNotFound) {
		return store.Stage(ctx, run, ledger.StageUsers)
	}
	return again, err
}

// Summary decodes the summary of a sealed stage.
func Summary[T any](stage ledger.Stage) (summary T, err error) {
	if err := json.Unmarshal(stage.Summary, &summary); err != nil {
		return summary, fmt.Errorf("decode summary of %s: %w", stage.Name, err)
	}
	return summary, nil
}

// Span is a range of a stage's chunks: from number From up to, but not including, To. To < 0 means all.
type Span struct {
	Store    ReadStore
	Run      uuid.UUID
	Stage    string
	From, To int
}

// All returns the span of all chunks of a stage.
func All(store ReadStore, run uuid.UUID, stage string) Span {
	return Span{Store: store, Run: run, Stage: stage, To: -1}
}

// Chunks yields the decoded chunks of a span. Later chunks are read and decoded in the background.
func Chunks[T any](ctx context.Context, s Span) iter.Seq2[T, error] {
	return Each(ctx, s, func(data []byte) (content T, err error) {
		err = s.Decode(new(wire.Buffer), data, &content)
		return content, err
	})
}

// Each yields the result of work for each chunk, in order. Later chunks are read and processed in the background.
// data is valid until work returns.
func Each[R any](ctx context.Context, s Span, work func(data []byte) (R, error)) iter.Seq2[R, error] {
	return Ordered(ctx, SourceOf(s.copies), func(data *[]byte) (R, error) {
		defer buffers.Put(data)
		return work(*data)
	})
}

// copies yields copies of the chunks, in pooled memory.
func (s Span) copies(ctx context.Context) iter.Seq2[*[]byte, error] {
	return func(yield func(*[]byte, error) bool) {
		for data, err := range s.Data(ctx) {
			buffer := buffers.Take()
			*buffer = append((*buffer)[:0], data...)
			if !yield(buffer, err) {
				return
			}
		}
	}
}

// Data yields the encoded chunks. Each is valid until the next one.
func (s Span) Data(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for data, err := range s.Store.Chunks(ctx, s.Run, s.Stage, s.From, s.To) {
			if !yield(data, s.wrap(err)) {
				return
			}
		}
	}
}

// Decode decodes a chunk into content. Its texts are valid until the buffer is used again.
func (s Span) Decode(buffer *wire.Buffer, data []byte, content any) error {
	return s.wrap(buffer.Decode(data, content))
}

func (s Span) wrap(err error) error {
	if err != nil {
		return fmt.Errorf("read chunks of %s: %w", s.Stage, err)
	}
	return nil
}
