package reuse_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rollcall/rollcall/internal/reuse"
)

func TestMemoryIsAsItWasPutBackOrNew(t *testing.T) {
	t.Parallel()
	var pool reuse.Pool[[]int]
	assert.Empty(t, *pool.Take())
	used := &[]int{1, 2}
	pool.Put(used)
	if taken := pool.Take(); taken != used { // it may have been dropped
		assert.Empty(t, *taken)
	}
	assert.Empty(t, *pool.Take())
}
