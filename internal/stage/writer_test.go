package stage_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/reuse"
	"github.com/rollcall/rollcall/internal/reuse/reusetest"
	"github.com/rollcall/rollcall/internal/stage"
)

func init() { reuse.Overwrite = reusetest.Overwrite }

var errFull = errors.New("the disk is full")

// slow writes a chunk when the gate opens, and fails.
type slow struct {
	stage.Store
	gate chan struct{}
}

func (s *slow) ClaimStage(context.Context, uuid.UUID, string, int, bool, time.Time) (ledger.Stage, error) {
	return ledger.Stage{}, nil
}

func (s *slow) PutChunk(context.Context, ledger.Chunk, ledger.Progress) error {
	<-s.gate
	return errFull
}

func TestTheCallerContinuesWhileAChunkIsWritten(t *testing.T) {
	t.Parallel()
	stages := &slow{gate: make(chan struct{})}
	w, _, err := stage.Attempt{Store: stages, Number: 1, Now: time.Now}.Open(t.Context(), "users", true)
	require.NoError(t, err)
	released := make(chan struct{})
	require.NoError(t, w.Put(t.Context(), &stage.UsersChunk{}, ledger.Progress{}, func() { close(released) }))
	<-released
	require.NoError(t, w.Progress(t.Context(), ledger.Progress{}))
	close(stages.gate)
	require.ErrorIs(t, w.Wait(), errFull)
	require.ErrorIs(t, w.Progress(t.Context(), ledger.Progress{}), errFull, "the error comes with a later call")
	require.ErrorIs(t, w.Put(t.Context(), &stage.UsersChunk{}, ledger.Progress{}, nil), errFull)
	require.ErrorIs(t, w.Seal(t.Context(), nil), errFull)
}

func TestAFirstAttemptClaimsItsStageWithTheFirstChunk(t *testing.T) {
	t.Parallel()
	s := open(t)
	r := begin(t, s)
	attempt := stage.Attempt{Store: s, Run: r.ID, Number: 1, Now: time.Now}
	w, _, err := attempt.Open(t.Context(), "users", true)
	require.NoError(t, err)
	_, err = s.Stage(t.Context(), r.ID, "users")
	require.ErrorIs(t, err, ledger.ErrNotFound)
	require.NoError(t, w.Put(t.Context(), &stage.UsersChunk{First: 7}, ledger.Progress{Rows: 3}, nil))
	require.NoError(t, w.Wait())

	attempt.Number = 2
	later, claimed, err := attempt.Open(t.Context(), "users", true)
	require.NoError(t, err)
	require.Equal(t, 1, claimed.Chunks)
	require.Equal(t, 1, later.Next())
	require.NoError(t, w.Put(t.Context(), &stage.UsersChunk{}, ledger.Progress{}, nil))
	require.ErrorIs(t, w.Wait(), ledger.ErrSuperseded, "the attempt before is fenced off")
	require.NoError(t, later.Seal(t.Context(), stage.UsersSummary{Again: true}))
	none, sealed, err := attempt.Open(t.Context(), "users", true)
	require.NoError(t, err)
	require.Nil(t, none)
	summary, err := stage.Summary[stage.UsersSummary](sealed)
	require.NoError(t, err)
	require.True(t, summary.Again)
}
