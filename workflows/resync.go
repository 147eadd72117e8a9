package workflows

import (
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/internal/run"
)

// resyncs are the requests for another round. All requests that have arrived cause one more round, with the request of
// the last.
//
// The workflow itself takes signals from their channel before it ends. A value handed to a coroutine that doesn't run
// again would be lost. Another coroutine takes signals as they arrive, so that the channel is empty after each workflow
// task. Signals that are in the channel when a cancellation is seen arrived with it, or later. Earlier ones are
// dropped.
type resyncs struct {
	ctx     workflow.Context
	channel workflow.ReceiveChannel
	own     string // the request that this round answers; the signal that came with the start carries it too
	next    *Resync
	ticked  bool // a tick of the Schedule arrived

	canceled bool // what had arrived before the cancellation is dropped
}

func newResyncs(ctx workflow.Context, own string, next *Resync) *resyncs {
	r := &resyncs{ctx: ctx, channel: workflow.GetSignalChannel(ctx, ResyncSignal), own: own, next: next}
	workflow.Go(ctx, func(ctx workflow.Context) {
		for workflow.Await(ctx, func() bool { return r.channel.Len() > 0 }) == nil {
			r.drain()
		}
		r.drain()
	})
	return r
}

// drain takes all signals that have arrived. It returns the resync to follow, nil when there is none.
func (r *resyncs) drain() *Resync {
	if r.ctx.Err() != nil && !r.canceled {
		r.next, r.ticked, r.canceled = nil, false, true
	}
	for {
		var raw converter.RawValue
		if !r.channel.ReceiveAsync(&raw) {
			return r.next
		}
		r.take(readResync(raw))
	}
}

// take keeps a resync unless this round already answers it. A tick of the Schedule is only noted: a round under way is
// the one that it would have started.
func (r *resyncs) take(resync Resync) {
	switch {
	case resync.Origin == run.Scheduled:
		r.ticked = true
	case resync.Request == "" || resync.Request != r.own:
		r.next = &resync
	}
}

// tick reports whether a tick has arrived since it was last asked.
func (r *resyncs) tick() bool {
	ticked := r.ticked
	r.ticked = false
	return ticked
}

// waiting reports whether another round will follow, as far as that is known. It changes nothing.
func (r *resyncs) waiting() bool { return r.next != nil || r.channel.Len() > 0 }

// arrived reports whether a resync or a tick has arrived. It changes nothing.
func (r *resyncs) arrived() bool { return r.ticked || r.waiting() }

// readResync reads a signal's payload. A signal sent by hand may have no payload, or an unreadable one. That is a
// manual resync too.
func readResync(raw converter.RawValue) Resync {
	resync := Resync{Origin: run.Manual}
	if raw.Payload() == nil {
		return resync
	}
	var sent Resync
	if converter.GetDefaultDataConverter().FromPayload(raw.Payload(), &sent) != nil {
		return resync // a manual one, see above
	}
	if sent.Origin == run.Scheduled {
		resync.Origin = run.Scheduled
	}
	resync.Request = sent.Request
	return resync
}
