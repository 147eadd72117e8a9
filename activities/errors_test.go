package activities

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/reuse"
	"github.com/rollcall/rollcall/internal/reuse/reusetest"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/wire"
)

const secret = "ada.lovelace@acme.example"

// trial runs one step that does work, as an activity.
type trial struct {
	*testsuite.TestActivityEnvironment
	do   *Activities
	logs strings.Builder
}

func newTrial(t *testing.T) *trial {
	t.Helper()
	trial := &trial{do: &Activities{HeartbeatInterval: time.Millisecond}}
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.NewTextHandler(&trial.logs, nil))))
	trial.TestActivityEnvironment = suite.NewTestActivityEnvironment()
	return trial
}

func (tr *trial) run(stall time.Duration, work func(context.Context, *progress) (int, error)) (int, error) {
	tr.RegisterActivityWithOptions(func(ctx context.Context) (int, error) {
		return step(ctx, tr.do, run.Round{Tenant: "acme", Stall: stall}, nil, work)
	}, activity.RegisterOptions{Name: "step"})
	value, err := tr.ExecuteActivity("step")
	if err != nil {
		return 0, err
	}
	var result int
	return result, value.Get(&result)
}

func TestAFaultBecomesAnErrorWithKindDetailHintAndRetryVerdict(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err   error
		kind  fault.Kind
		retry bool
		after time.Duration
	}{
		"a fault that stays": {fault.TenantUnknown("acme"), fault.KindTenantUnknown, false, 0},
		"a wrapped fault": {
			fmt.Errorf("read %s: %w", secret, fault.KeyCollision()), fault.KindKeyCollision,
			false, 0,
		},
		"one that may pass": {fault.StoreUnavailable(errors.New(secret)), fault.KindStoreUnavailable, true, 0},
		"one that says when": {&fault.Fault{
			Kind: fault.KindRateLimited, Detail: "busy", Hint: "wait", Retry: true,
			After: time.Minute,
		}, fault.KindRateLimited, true, time.Minute},
		"an older attempt": {
			fmt.Errorf("put %s: %w", secret, ledger.ErrSuperseded), fault.KindSuperseded, false,
			0,
		},
		"data of a newer release": {
			fmt.Errorf("read %s: %w", secret, &wire.VersionError{Version: 9, Known: 1}), fault.KindNewerRelease, true, 0,
		},
		"keys that collide": {
			fmt.Errorf("target: %w", &plan.CollisionError{Row: 3}), fault.KindKeyCollision,
			false, 0,
		},
		"an error of any kind":   {fmt.Errorf("parse %s: %w", secret, errors.New(secret)), fault.KindInternal, true, 0},
		"several errors at once": {errors.Join(errors.New(secret), errors.New("b")), fault.KindInternal, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trial := newTrial(t)
			_, err := trial.run(0, func(context.Context, *progress) (int, error) { return 0, test.err })
			var seen *temporal.ApplicationError
			require.ErrorAs(t, err, &seen)
			require.Equal(t, string(test.kind), seen.Type())
			require.Equal(t, test.retry, !seen.NonRetryable())
			require.Equal(t, test.after, seen.NextRetryDelay())
			require.NotEmpty(t, seen.Message())
			var hint string
			require.NoError(t, seen.Details(&hint))
			require.NotEmpty(t, hint)
			require.NotContains(t, err.Error()+hint+trial.logs.String(), secret)
			require.NoError(t, seen.Unwrap(), "no cause is sent")
		})
	}
}

func TestAPanicIsAnErrorWithoutItsText(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]any{"text": secret, "an error": errors.New(secret)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trial := newTrial(t)
			_, err := trial.run(0, func(context.Context, *progress) (int, error) { panic(value) })
			var seen *temporal.ApplicationError
			require.ErrorAs(t, err, &seen)
			require.Equal(t, string(fault.KindInternal), seen.Type())
			require.False(t, seen.NonRetryable())
			require.NotContains(t, err.Error()+trial.logs.String(), secret)
			require.Contains(t, trial.logs.String(), "TestAPanicIsAnErrorWithoutItsText",
				"the log says where it was")
		})
	}
}

func TestAStepThatFailsLongAfterItsLastProgressIsStalled(t *testing.T) {
	t.Parallel()
	busy := &fault.Fault{
		Kind: fault.KindServerError, Detail: "status 503", Hint: "wait", Retry: true,
		Actor: fault.Nobody,
	}
	begun := time.Now()
	for name, test := range map[string]struct {
		passed time.Duration // since the last progress
		kind   fault.Kind
	}{
		"just before":    {29 * time.Minute, fault.KindServerError},
		"when it is due": {30*time.Minute + time.Second, fault.KindStalled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			trial := newTrial(t)
			trial.SetHeartbeatDetails(Heartbeat{Done: 7, At: begun.Add(time.Hour)})
			trial.do.Now = func() time.Time { return begun.Add(time.Hour + test.passed) }
			_, err := trial.run(30*time.Minute, func(context.Context, *progress) (int, error) { return 0, busy })
			var seen *temporal.ApplicationError
			require.ErrorAs(t, err, &seen)
			require.Equal(t, string(test.kind), seen.Type())
			require.Equal(t, test.kind == fault.KindStalled, seen.NonRetryable())
			require.Contains(t, seen.Message(), "status 503")
		})
	}
	t.Run("progress in this attempt counts", func(t *testing.T) {
		t.Parallel()
		trial := newTrial(t)
		trial.do.Now = func() time.Time { return begun.Add(time.Hour) }
		_, err := trial.run(30*time.Minute, func(_ context.Context, p *progress) (int, error) {
			p.Add(1)
			return 0, busy
		})
		var seen *temporal.ApplicationError
		require.ErrorAs(t, err, &seen)
		require.Equal(t, string(fault.KindServerError), seen.Type())
	})
	t.Run("what cannot get better keeps its own kind", func(t *testing.T) {
		t.Parallel()
		trial := newTrial(t)
		trial.do.Now = func() time.Time { return begun.Add(time.Hour) }
		_, err := trial.run(30*time.Minute, func(context.Context, *progress) (int, error) {
			return 0,
				fault.KeyCollision()
		})
		var seen *temporal.ApplicationError
		require.ErrorAs(t, err, &seen)
		require.Equal(t, string(fault.KindKeyCollision), seen.Type())
	})
}

func TestAStepHeartbeatsInTheBackgroundWithCounts(t *testing.T) {
	t.Parallel()
	trial := newTrial(t)
	beats := make(chan Heartbeat, 100)
	trial.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) {
		var beat Heartbeat
		if details.Get(&beat) == nil {
			select {
			case beats <- beat:
			default:
			}
		}
	})
	_, err := trial.run(0, func(_ context.Context, p *progress) (int, error) {
		p.Of(9)
		p.Add(4)
		for beat := range beats {
			if beat.Done == 4 && beat.Total == 9 && !beat.At.IsZero() {
				return 1, nil
			}
		}
		return 0, errors.New("no heartbeat")
	})
	require.NoError(t, err)
}

func TestAStepEndsEarlyWhenItsWorkerStops(t *testing.T) {
	t.Parallel()
	trial := newTrial(t)
	trial.do.StopAfter = time.Millisecond
	stopping := make(chan struct{})
	trial.SetWorkerStopChannel(stopping)
	_, err := trial.run(0, func(ctx context.Context, _ *progress) (int, error) {
		close(stopping)
		<-ctx.Done()
		return 0, fmt.Errorf("read: %w", ctx.Err())
	})
	var seen *temporal.ApplicationError
	require.ErrorAs(t, err, &seen)
	require.Equal(t, string(fault.KindInterrupted), seen.Type())
	require.False(t, seen.NonRetryable(), "another worker goes on")
}

func TestTypesOfAnErrorAreNamedWithoutItsText(t *testing.T) {
	t.Parallel()
	names := typesOf(fmt.Errorf("a %s: %w", secret, errors.Join(&plan.CollisionError{}, errors.New("b"))))
	require.Equal(t, "*fmt.wrapError > *errors.joinError > *plan.CollisionError", names)
	require.Empty(t, typesOf(nil))
}

// In all tests here, memory that goes back to a pool is overwritten: a later use of it would find other bytes
// there.
func init() { reuse.Overwrite = reusetest.Overwrite }
