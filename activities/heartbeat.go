package activities

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
)

// Heartbeat is a step's progress as the Web UI shows it.
type Heartbeat struct {
	Done  int64     `json:"done"`            // rows, batches, or whatever the step counts
	Total int64     `json:"total,omitempty"` // 0: not known
	At    time.Time `json:"at"`              // when Done last grew
}

// progress counts what a step has done. It is safe for concurrent use.
type progress struct {
	done, total, at atomic.Int64
	now             func() time.Time
}

// Of sets the total.
func (p *progress) Of(total int) { p.total.Store(int64(total)) }

// Add adds to what is done, at the current time.
func (p *progress) Add(n int) {
	p.done.Add(int64(n))
	p.at.Store(p.now().UnixNano())
}

func (p *progress) heartbeat() Heartbeat {
	return Heartbeat{Done: p.done.Load(), Total: p.total.Load(), At: p.Last()}
}

// Last returns the time of the last progress. It is zero if there was none in this attempt or the one before.
func (p *progress) Last() time.Time {
	if at := p.at.Load(); at != 0 {
		return time.Unix(0, at).UTC()
	}
	return time.Time{}
}

// resume takes over the time of the last progress from the attempt before.
func (p *progress) resume(ctx context.Context) {
	var beat Heartbeat
	if activity.HasHeartbeatDetails(ctx) && activity.GetHeartbeatDetails(ctx, &beat) == nil && !beat.At.IsZero() {
		p.at.Store(beat.At.UnixNano())
	}
}

// errWorkerStopping is the cause with which a step's context ends when its worker stops.
var errWorkerStopping = errors.New("the worker stops")

// step is the frame of every activity. It sends heartbeats in the background and ends early when the worker stops. It
// turns a panic into an error, and errors into those that Temporal may see. A step without progress for too long isn't
// tried again. stages names the stages whose progress counts.
func step[R any](
	ctx context.Context, a *Activities, round run.Round, stages []string,
	work func(context.Context, *progress) (R, error),
) (result R, err error) {
	p := &progress{now: a.now}
	p.resume(ctx)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	beating, stop := context.WithCancel(ctx)
	defer stop()
	go repeat(beating, a.heartbeatInterval(), func() { activity.RecordHeartbeat(ctx, p.heartbeat()) })
	go cancelOnStop(beating, activity.GetWorkerStopChannel(ctx), a.stopAfter(), cancel)

	if result, err = recovered(ctx, p, work); err != nil {
		var none R
		return none, a.stepError(ctx, err, func() time.Time { return a.lastProgress(ctx, round, stages, p) },
			round.Stall)
	}
	return result, nil
}

// recovered calls work and turns a panic into an error.
func recovered[R any](
	ctx context.Context, p *progress, work func(context.Context, *progress) (R, error),
) (result R, err error) {
	defer stage.Recover(&err)
	return work(ctx, p)
}

// cancelOnStop cancels a step a while after its worker began to stop. The step's error is then still sent, so another
// worker takes over at once. Otherwise that would wait for the heartbeat timeout.
func cancelOnStop(ctx context.Context, stopping <-chan struct{}, after time.Duration, cancel context.CancelCauseFunc) {
	select {
	case <-ctx.Done():
		return
	case <-stopping:
	}
	grace := time.NewTimer(after)
	defer grace.Stop()
	select {
	case <-ctx.Done():
	case <-grace.C:
		cancel(errWorkerStopping)
	}
}

// attemptOf returns the number of this attempt, from 1.
func attemptOf(ctx context.Context) int { return int(activity.GetInfo(ctx).Attempt) }
