package reuse_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rollcall/rollcall/internal/reuse"
	"github.com/rollcall/rollcall/internal/reuse/reusetest"
)

func init() { reuse.Overwrite = reusetest.Overwrite }

type memory struct {
	numbers []int
	text    struct{ bytes []byte }
}

func TestTakeReturnsAPutValueOrANewOne(t *testing.T) {
	t.Parallel()
	var pool reuse.Pool[memory]
	assert.Empty(t, *pool.Take())
	used := &memory{numbers: []int{1, 2}}
	pool.Put(used)
	if taken := pool.Take(); taken != used { // it may have been dropped
		assert.Empty(t, *taken)
	}
	assert.Empty(t, *pool.Take())
}

func TestPutOverwritesAValueInTests(t *testing.T) {
	t.Parallel()
	var pool reuse.Pool[memory]
	m := &memory{numbers: []int{1, 2}[:1]}
	m.text.bytes = []byte("ann@x.org")
	numbers, text := m.numbers[:2], m.text.bytes
	pool.Put(m)
	assert.Equal(t, []int{0, 0}, numbers)
	assert.Equal(t, "!!!!!!!!!", string(text))
}
