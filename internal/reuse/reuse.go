// Package reuse keeps memory that is no longer used for the next user of such memory.
package reuse

import "sync"

// Pool is a pool of memory of one kind. The zero Pool is ready, for several goroutines at once.
type Pool[T any] struct{ pool sync.Pool }

// Take returns memory as it was put back, or a zero T.
func (p *Pool[T]) Take() *T {
	if used, ok := p.pool.Get().(*T); ok {
		return used
	}
	return new(T)
}

// Put puts memory back that nobody uses any more. It may be dropped.
func (p *Pool[T]) Put(memory *T) {
	if Overwrite != nil {
		Overwrite(memory)
	}
	p.pool.Put(memory)
}

// Overwrite, unless nil, makes memory unusable before it goes back to a pool. Only tests set it, before anything else, to
// find out who still uses such memory.
var Overwrite func(memory any) //nolint:gochecknoglobals // see above
