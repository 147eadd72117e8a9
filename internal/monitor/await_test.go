package monitor

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"

	"github.com/rollcall/rollcall/internal/run"
)

func TestACanceledTerminatedOrTimedOutSyncIsAFailure(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"canceled":   temporal.NewCanceledError(),
		"terminated": &temporal.TerminatedError{},
		"timed_out":  temporal.NewTimeoutError(enumspb.TIMEOUT_TYPE_START_TO_CLOSE, nil),
		"other":      temporal.NewNonRetryableApplicationError("why", "other", nil),
	} {
		got, unknown := failureResult("acme", err)
		require.NoError(t, unknown)
		assert.Equal(t, run.Failed, got.Outcome)
		assert.Equal(t, name, got.Error.Kind)
		assert.NotEmpty(t, got.Error.Detail)
	}
	_, err := failureResult("acme", context.DeadlineExceeded)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}
