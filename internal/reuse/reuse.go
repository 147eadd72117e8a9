// Package reuse provides a typed sync.Pool that can detect use after Put in tests.
package reuse

import "sync"

// Pool is a pool of values of one type. The zero Pool is ready to use. It is safe for concurrent use.
type Pool[T any] struct{ pool sync.Pool }

// Take returns a value in the state in which it was put, or a new zero value.
func (p *Pool[T]) Take() *T {
	if used, ok := p.pool.Get().(*T); ok {
		return used
	}
	return new(T)
}

// Put adds a value to the pool. The caller must not use it afterwards. The pool may drop it.
func (p *Pool[T]) Put(memory *T) {
	if Overwrite != nil {
		Overwrite(memory)
	}
	p.pool.Put(memory)
}

// Overwrite, unless nil, is called by Put to make a value unusable. Only tests set it, before any use of a pool, to
// detect use after Put.
var Overwrite func(memory any) //nolint:gochecknoglobals // see above
