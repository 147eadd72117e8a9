// Package reuse keeps memory that is done with, for who needs such memory next.
package reuse

import "sync"

// Pool is memory of one kind. The zero Pool is ready, for several goroutines at once.
type Pool[T any] struct{ pool sync.Pool }

// Take is memory as it was put back, or a zero T.
func (p *Pool[T]) Take() *T {
	if used, ok := p.pool.Get().(*T); ok {
		return used
	}
	return new(T)
}

// Put puts memory back that nobody uses any more. It may be dropped.
func (p *Pool[T]) Put(memory *T) { p.pool.Put(memory) }
