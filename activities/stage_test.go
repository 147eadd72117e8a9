package activities

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/ledger"
)

// slow keeps chunks when the gate opens, and fails.
type slow struct {
	shelf
	gate chan struct{}
}

var errFull = errors.New("the disk is full")

func (s *slow) PutChunk(context.Context, ledger.Chunk, ledger.Progress) error {
	<-s.gate
	return errFull
}

func TestPagesAreTakenInWhileAChunkIsOnItsWay(t *testing.T) {
	t.Parallel()
	stages := &slow{gate: make(chan struct{})}
	w := &writer{stages: stages, now: time.Now}
	require.NoError(t, w.put(t.Context(), &usersChunk{}, ledger.Progress{}))
	require.NoError(t, w.tell(t.Context(), ledger.Progress{}))
	close(stages.gate)
	<-w.behind[0].ended
	require.ErrorIs(t, w.tell(t.Context(), ledger.Progress{}), errFull, "what became of it comes with a later call")
	require.ErrorIs(t, w.wait(), errFull)
}
