package activities

import "github.com/rollcall/rollcall/internal/reuse"

// A step goes through chunk after chunk, and what it unpacks, judges or works out of one would be garbage with the next:
// gigabytes of a million people. So such memory is lent, and given back once nothing in it is in use: no text either, as
// texts stand in the memory of the chunk that they came with. What isn't given back, as when a step fails, is garbage.

// lender lends memory of one kind.
type lender[T any] struct{ pool reuse.Pool[T] }

func (l *lender[T]) lend() *T { return l.pool.Take() }

// giveBack comes from whoever is the last to use it.
func (l *lender[T]) giveBack(memory *T) {
	if spoil != nil {
		spoil(memory)
	}
	l.pool.Put(memory)
}

// spoil makes memory that was given back unusable, so that tests find out who still uses it.
var spoil func(memory any) //nolint:gochecknoglobals // only tests set it, before all else

// lent is content of a chunk in memory that was lent: it is given back when the content is encoded.
type lent interface{ Release() }
