package activities

import (
	"context"

	"github.com/rollcall/rollcall/internal/directory"
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

// pagesAhead is how many pages may have been read and not yet been taken in; a page of Workday's is 500 rows or 1 MB.
const pagesAhead = 24

// readAhead reads a directory while begin gets ready to take pages in, and while earlier pages are taken in. Pages that
// came before the read failed are taken in, as far as nothing else fails.
func readAhead(
	ctx context.Context, read func(context.Context, func(directory.Page) error) (directory.Sealed, error),
	begin func() error, take func(directory.Page) error,
) (end directory.Sealed, err error) {
	reading, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	pages, free := make(chan *page, pagesAhead), make(chan *page, pagesAhead)
	ended := aside(func() (err error) {
		defer close(pages)
		end, err = read(reading, func(came directory.Page) error {
			var p *page
			select {
			case p = <-free:
			default:
				p = &page{}
			}
			p.copy(came)
			select {
			case pages <- p:
				return nil
			case <-reading.Done():
				return context.Cause(reading)
			}
		})
		return err
	})
	failed := begin()
	if failed != nil {
		stop(failed)
	}
	for p := range pages {
		if failed == nil {
			if failed = take(p.Page); failed != nil {
				stop(failed)
			}
		}
		select {
		case free <- p:
		default:
		}
	}
	if err = <-ended; failed != nil {
		return directory.Sealed{}, failed
	}
	return end, err
}

// page is a page of users that is kept longer than the directory's own.
type page struct {
	directory.Page
	data []byte
}

func (p *page) copy(came directory.Page) {
	size := 0
	for _, row := range came.Rows {
		size += len(row)
	}
	if cap(p.data) < size {
		p.data = make([]byte, 0, size+size/4)
	}
	p.data, came.Rows = p.data[:0], append(p.Rows[:0], came.Rows...)
	p.Page = came
	for i, row := range p.Rows {
		at := len(p.data)
		p.data = append(p.data, row...)
		p.Rows[i] = p.data[at:len(p.data):len(p.data)]
	}
}
