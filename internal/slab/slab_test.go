package slab

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestASlabKeepsWhatWasAdded(t *testing.T) {
	t.Parallel()
	const n = 3*block + 7
	var s Slab[int]
	for i := range n {
		require.Equal(t, i, s.Len())
		s.Add(n - i)
	}
	s.Swap(0, n-1)
	require.Equal(t, 1, *s.At(0))
	require.Equal(t, n, *s.At(n - 1))
	for i := range n - 2 {
		require.Equal(t, n-1-i, *s.At(i + 1))
	}
}
