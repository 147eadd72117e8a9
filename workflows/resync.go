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
	ticked  bool // a tick of the Schedule came in
}

func newResyncs(ctx workflow.Context, own string, next *Resync) *resyncs {
	return &resyncs{channel: workflow.GetSignalChannel(ctx, ResyncSignal), own: own, next: next}
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

// take keeps a resync unless this round already answers it. A tick of the Schedule is only noted: while a round is under
// way it is the one that the tick would have started.
func (r *resyncs) take(resync Resync) {
	switch {
	case resync.Origin == run.Scheduled:
		r.ticked = true
	case resync.Request == "" || resync.Request != r.own:
		r.next = &resync
	}
}

// tick tells whether a tick has come in since it was last asked.
func (r *resyncs) tick() bool {
	ticked := r.ticked
	r.ticked = false
	return ticked
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
