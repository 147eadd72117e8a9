package stage

import (
	"context"
	"iter"
	"runtime"
)

// Source sends items one after the other. If send returns an error, it returns that error at once. Any other error
// means that no more items follow.
type Source[T any] func(ctx context.Context, send func(T) error) error

// SourceOf returns a Source of the items of a sequence, up to its first error.
func SourceOf[T any](seq func(context.Context) iter.Seq2[T, error]) Source[T] {
	return func(ctx context.Context, send func(T) error) error {
		for item, err := range seq(ctx) {
			if err == nil {
				err = send(item)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// Ordered runs work on the items of a source, several at once, and yields the results in the order of the items. It
// ends with the first error, after the results of earlier items. The source runs in its own goroutine.
//
// Law: when the loop over Ordered ends, for any reason, neither the source nor any work is still running.
func Ordered[T, R any](ctx context.Context, source Source[T], work func(T) (R, error)) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		tasks := make(chan *Task[R], Parallel()-1)
		read := Go(func() error {
			defer close(tasks)
			return source(ctx, func(item T) error {
				if err := context.Cause(ctx); err != nil {
					return err
				}
				task := newTask[R]()
				select {
				case tasks <- task: // queued before it runs, so that the loop below waits for it
					task.run(func() (R, error) { return work(item) })
					return nil
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			})
		})
		defer func() {
			stop()
			for task := range tasks {
				<-task.done
			}
			_ = read.Wait() // its error, or an earlier one, was yielded
		}()
		for task := range tasks {
			result, err := task.Wait()
			if !yield(result, err) || err != nil {
				return
			}
		}
		if err := read.Wait(); err != nil {
			var none R
			yield(none, err)
		}
	}
}

// Parallel returns the number of goroutines of a step, between 2 and 4. More would hold more chunks in memory than
// the time saved is worth.
func Parallel() int { return min(max(runtime.GOMAXPROCS(0), 2), 4) }
