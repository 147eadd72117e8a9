package workflows

import (
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/internal/run"
)

// resyncs are the requests for another round. However many come in, they make one more round, in the name of the last.
//
// Signals are taken from their channel by the workflow itself, never by a coroutine beside it: a value handed to a
// coroutine that doesn't run again before the workflow completes would be lost.
type resyncs struct {
	channel workflow.ReceiveChannel
	own     string // the request that this round answers; the signal that came with the start carries it too
	next    *Resync
}

func newResyncs(ctx workflow.Context, own string) *resyncs {
	return &resyncs{channel: workflow.GetSignalChannel(ctx, ResyncSignal), own: own}
}

// drain takes in all signals that have arrived, and answers with the one to follow, nil when there is none.
func (r *resyncs) drain() *Resync {
	for {
		var raw converter.RawValue
		if !r.channel.ReceiveAsync(&raw) {
			return r.next
		}
		r.take(readResync(raw))
	}
}

// take keeps a resync unless this round already answers it, or it is a tick of the Schedule: the round that it would
// have started is under way.
func (r *resyncs) take(resync Resync) {
	if resync.Origin == run.Scheduled || resync.Request != "" && resync.Request == r.own {
		return
	}
	r.next = &resync
}

// waiting tells queries whether another round will follow, as far as that is known; it changes nothing.
func (r *resyncs) waiting() bool { return r.next != nil || r.channel.Len() > 0 }

// readResync reads a signal's payload. Whoever sends one by hand may send none, or what we cannot read: that is a manual
// resync too.
func readResync(raw converter.RawValue) Resync {
	resync := Resync{Origin: run.Manual}
	if raw.Payload() == nil {
		return resync
	}
	var sent Resync
	if converter.GetDefaultDataConverter().FromPayload(raw.Payload(), &sent) != nil {
		return resync // what cannot be read is a manual resync, as said above
	}
	if sent.Origin == run.Scheduled {
		resync.Origin = run.Scheduled
	}
	resync.Request = sent.Request
	return resync
}
