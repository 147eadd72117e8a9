package activities

import (
	"context"

	"github.com/rollcall/rollcall/internal/fault"
)

// A step reads ahead, works and writes behind, each in a goroutine of its own, so that neither the source nor the
// database nor a core waits for another. The order stays, and so does what is kept when a step ends in the middle.

// aside does something in a goroutine of its own, and answers with how it ended. A panic is an error, as in the step's
// own goroutine.
func aside(do func() error) <-chan error {
	ended := make(chan error, 1)
	go func() {
		defer func() {
			if panicked := recover(); panicked != nil {
				ended <- fault.Internal(panicError{value: panicked, stack: callers()})
			}
		}()
		ended <- do()
	}()
	return ended
}

// pagesAhead is how many pages may have been read and not yet been taken in; most are of 500 rows or 256 kB.
const pagesAhead = 24

// readAhead reads pages while earlier ones are taken in. Those that came before the read failed are taken in, as far as
// nothing else fails.
func readAhead(ctx context.Context, read func(context.Context, *pages) error, take func(*page) error) error {
	reading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	p := &pages{stopped: reading, read: make(chan *page, pagesAhead), free: make(chan *page, pagesAhead)}
	ended := aside(func() error {
		defer close(p.read)
		return read(reading, p)
	})
	var failed error
	for came := range p.read {
		if failed == nil {
			if failed = take(came); failed != nil {
				stop(failed)
			}
		}
		select {
		case p.free <- came:
		default:
		}
	}
	if err := <-ended; failed == nil {
		return err
	}
	return failed
}

// pages are those on their way. Their memory is used again.
type pages struct {
	stopped    context.Context //nolint:containedctx // of the one read
	read, free chan *page
}

// empty is a page to fill.
func (p *pages) empty() *page {
	select {
	case used := <-p.free:
		used.clear()
		return used
	default:
		return &page{}
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
