package activities

import (
	"context"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/wire"
)

// span is the chunks [from, to) of a stage; to < 0: to the end.
type span struct {
	stages   Stages
	run      uuid.UUID
	stage    string
	from, to int
}

// chunks yields a stage's chunks [from, to), decoded; to < 0: to the end. The next ones are read and decoded meanwhile.
func chunks[T any](ctx context.Context, stages Stages, run uuid.UUID, stage string, from, to int) iter.Seq2[T, error] {
	s := span{stages, run, stage, from, to}
	return each(ctx, s, func(data []byte) (content T, err error) {
		err = s.decode(new(wire.Buffer), data, &content)
		return content, err
	})
}

// each yields what comes of each chunk, in order. The next ones are read and worked on meanwhile. What work is given is valid
// until it returns.
func each[R any](ctx context.Context, s span, work func(data []byte) (R, error)) iter.Seq2[R, error] {
	return inOrder(ctx, s.copied, func(data *[]byte) (R, error) {
		defer encoded.giveBack(data)
		return work(*data)
	})
}

// copied yields the chunks as they are kept, in memory that is lent.
func (s span) copied(ctx context.Context) iter.Seq2[*[]byte, error] {
	return func(yield func(*[]byte, error) bool) {
		for data, err := range s.kept(ctx) {
			room := encoded.lend()
			*room = append((*room)[:0], data...)
			if !yield(room, err) {
				return
			}
		}
	}
}

// kept yields the chunks as they are kept, each valid until the next is asked for.
func (s span) kept(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for data, err := range s.stages.Chunks(ctx, s.run, s.stage, s.from, s.to) {
			if !yield(data, s.located(err)) {
				return
			}
		}
	}
}

// decode reads a chunk into content, in a room.
func (s span) decode(room *wire.Buffer, data []byte, content any) error {
	return s.located(room.Decode(data, content))
}

func (s span) located(err error) error {
	if err != nil {
		return fmt.Errorf("read chunks of %s: %w", s.stage, err)
	}
	return nil
}
