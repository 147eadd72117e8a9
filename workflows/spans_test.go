package workflows

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/activities"
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

func TestAPartIsCutAtItsBarriers(t *testing.T) {
	t.Parallel()
	require.Equal(t, []span{{0, 7}}, sections(activities.Part{Batches: 7}), "without barriers it is one section")
	require.Equal(t, []span{{0, 1}, {1, 5}, {5, 7}}, sections(activities.Part{Batches: 7, Barriers: []int{1, 5}}))
	require.Empty(t, sections(activities.Part{}))
}
