package workflows

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSpansCoverEveryBatchOnceAndAreFew(t *testing.T) {
	t.Parallel()
	for batches := range 1100 {
		next := 0
		cut := spans(batches, spansPerPart)
		require.LessOrEqual(t, len(cut), spansPerPart)
		for _, s := range cut {
			require.Equal(t, next, s.from)
			require.Greater(t, s.to, s.from)
			require.LessOrEqual(t, s.to-s.from, batches/len(cut)+1)
			next = s.to
		}
		require.Equal(t, batches, next)
	}
}
