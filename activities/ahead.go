package activities

import (
	"context"
	"iter"
	"runtime"

	"github.com/rollcall/rollcall/internal/fault"
)

// A step reads ahead, works and writes behind, each in a goroutine of its own, so that neither the source nor the
// database nor a core waits for another. The order stays, and so does what is kept when a step ends in the middle.

// rescue turns a panic into an error, when it is deferred.
func rescue(err *error) {
	if panicked := recover(); panicked != nil {
		*err = fault.Internal(panicError{value: panicked, stack: callers()})
	}
}

// task is something that is done in a goroutine of its own, and that several may wait for. A panic is an error, as in the
// step's own goroutine.
type task[R any] struct {
	ended  chan struct{}
	result R
	failed error
}

func begin[R any](do func() (R, error)) *task[R] {
	t := &task[R]{ended: make(chan struct{})}
	go func() {
		defer close(t.ended)
		defer rescue(&t.failed)
		t.result, t.failed = do()
	}()
	return t
}

func (t *task[R]) wait() (R, error) {
	<-t.ended
	return t.result, t.failed
}

// over tells whether it has ended.
func (t *task[R]) over() bool {
	select {
	case <-t.ended:
		return true
	default:
		return false
	}
}

// aside begins what has no result but how it ended.
func aside(do func() error) *task[struct{}] {
	return begin(func() (struct{}, error) { return struct{}{}, do() })
}

// failure waits, and is nil when it went well.
func (t *task[R]) failure() error {
	_, err := t.wait()
	return err
}

// inOrder works on what comes from a source, on as many goroutines as there are cores, and yields what comes of each in the
// order in which it came, until the first error. The source is read in a goroutine of its own, and has ended when the
// yielding ends.
func inOrder[T, R any](ctx context.Context, source func(context.Context) iter.Seq2[T, error], work func(T) (R, error)) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		reading, stop := context.WithCancel(ctx)
		doing := make(chan *task[R], cores()-1)
		read := aside(func() error {
			defer close(doing)
			for content, err := range source(reading) {
				if err != nil {
					return err
				}
				t := begin(func() (R, error) { return work(content) })
				select {
				case doing <- t:
				case <-reading.Done():
					return context.Cause(reading)
				}
			}
			return nil
		})
		defer func() {
			stop()
			for t := range doing {
				<-t.ended
			}
		}()
		var none R
		for t := range doing {
			if done, err := t.wait(); err != nil {
				yield(none, err)
				return
			} else if !yield(done, nil) {
				return
			}
		}
		if err := read.failure(); err != nil {
			yield(none, err)
		}
	}
}

// cores is on how many goroutines a step works at once. More than a few would hold more chunks in memory than they save time.
func cores() int { return min(max(runtime.GOMAXPROCS(0), 2), 4) }

// pagesAhead is how many pages may have been read and not yet been taken in; most are of 500 rows or 256 kB.
const pagesAhead = 24

// readAhead reads pages while earlier ones are worked on, several at once, and taken in, in order. Those that came before the
// read failed are taken in, as far as nothing else fails.
func readAhead(
	ctx context.Context, read func(context.Context, *pages) error, work func(*page) (*page, error), take func(*page) error,
) error {
	reading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	p := &pages{stopped: reading, read: make(chan *page, pagesAhead), free: make(chan *page, pagesAhead)}
	ended := aside(func() error {
		defer close(p.read)
		return read(reading, p)
	})
	for came, err := range inOrder(reading, p.all, work) {
		if err == nil {
			err = take(came)
		}
		if err != nil {
			stop(err)
			_ = ended.failure() // what went wrong first is told
			return err
		}
		p.rest(came)
	}
	return ended.failure()
}

// pages are those on their way. Their memory is used again.
type pages struct {
	stopped    context.Context //nolint:containedctx // of the one read
	read, free chan *page
}

// empty is a page to fill.
func (p *pages) empty() *page {
	used := &page{}
	select {
	case used = <-p.free:
	default:
	}
	used.clear()
	return used
}

// rest has a page used again.
func (p *pages) rest(done *page) {
	select {
	case p.free <- done:
	default:
	}
}

// all are the pages that were read.
func (p *pages) all(ctx context.Context) iter.Seq2[*page, error] {
	return func(yield func(*page, error) bool) {
		for {
			select {
			case came, ok := <-p.read:
				if !ok || !yield(came, nil) {
					return
				}
			case <-ctx.Done():
				yield(nil, context.Cause(ctx))
				return
			}
		}
	}
}

// send hands a page over.
func (p *pages) send(filled *page) error {
	select {
	case p.read <- filled:
		return nil
	case <-p.stopped.Done():
		return context.Cause(p.stopped)
	}
}
