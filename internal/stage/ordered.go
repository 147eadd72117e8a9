package stage

import (
	"context"
	"iter"
	"runtime"
)

// Source sends items one after the other. It returns the error of send at once; any other error of its own means that no
// more items follow.
type Source[T any] func(ctx context.Context, send func(T) error) error

// SourceOf sends what a sequence yields, until its first error.
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

// Ordered runs work on the items of a source, several at once, and yields the results in the order of the items. It ends
// with the first error; the results of earlier items come before it. The source runs in a goroutine of its own.
//
// Law: however the loop over Ordered ends, neither the source nor any work is still running when it has ended.
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
				case tasks <- task: // first a place in the queue, so that every task that runs is waited for
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
			_ = read.Wait() // its error was yielded, or another one before it
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

// Parallel is how many goroutines a step works in at once, between 2 and 4. More would hold more chunks in memory than they
// save time.
func Parallel() int { return min(max(runtime.GOMAXPROCS(0), 2), 4) }
