package stage_test

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/stage"
)

var (
	errSource = errors.New("the source failed")
	errWork   = errors.New("work failed")
)

func TestResultsComeInTheOrderOfTheirItemsAndNothingRunsAfterwards(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.IntRange(0, 30).Draw(t, "items")
		sourceFails, workFails := rapid.Bool().
			Draw(t, "the source fails"),
			rapid.IntRange(-30, 30).
				Draw(t, "the item that fails")
		panics := rapid.Bool().Draw(t, "work panics")
		leaves := rapid.IntRange(0, 40).Draw(t, "the loop is left after")
		slow := rapid.SliceOfN(rapid.SampledFrom([]time.Duration{0, 0, 0, 50 * time.Microsecond, 300 * time.Microsecond}), 31, 31).
			Draw(t, "slow")
		var running atomic.Int64
		source := func(ctx context.Context, send func(int) error) error {
			running.Add(1)
			defer running.Add(-1)
			for i := range items {
				if err := send(i); err != nil {
					return err
				}
				time.Sleep(slow[i] / 3)
			}
			if sourceFails {
				return errSource
			}
			return nil
		}
		work := func(i int) (int, error) {
			running.Add(1)
			defer running.Add(-1)
			time.Sleep(slow[i])
			if i == workFails {
				if panics {
					panic("a fault of ours")
				}
				return 0, errWork
			}
			return 10 * i, nil
		}
		next, left := 0, false
		var failed error
		for result, err := range stage.Ordered(t.Context(), source, work) {
			if failed = err; err != nil {
				continue
			}
			require.Equal(t, 10*next, result)
			if next++; next == leaves {
				left = true
				break
			}
		}
		require.Zero(t, running.Load(), "something is still running")
		switch {
		case left:
		case workFails >= 0 && workFails < items:
			require.Equal(t, workFails, next)
			if known, ok := fault.Of(failed); panics {
				require.True(t, ok)
				require.Equal(t, fault.KindInternal, known.Kind)
			} else {
				require.ErrorIs(t, failed, errWork)
			}
		case sourceFails:
			require.Equal(t, items, next, "what came before the source failed is there")
			require.ErrorIs(t, failed, errSource)
		default:
			require.Equal(t, items, next)
			require.NoError(t, failed)
		}
	})
}

func TestAPipelineEndsWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	gone := errors.New("the step was cancelled")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	source := stage.SourceOf(func(context.Context) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			for i := 0; ; i++ {
				if !yield(i, nil) {
					return
				}
			}
		}
	})
	var failed error
	for i, err := range stage.Ordered(ctx, source, func(i int) (int, error) { return i, nil }) {
		if failed = err; i == 100 {
			cancel(gone)
		}
	}
	require.ErrorIs(t, failed, gone)
}
