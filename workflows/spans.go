package workflows

import (
	"slices"

	"github.com/rollcall/rollcall/activities"
)

const (
	// spansPerPart keeps a history small: a plan's part is applied in at most so many activities, however many batches
	// it has.
	spansPerPart = 32
	// olderLanes is the number of lanes where an older worker began to apply, or began the round.
	olderLanes = 4
)

// span is some batches of one part, one after the other: [from, to).
type span struct{ from, to int }

// spans cuts batches into at most most spans whose sizes differ by no more than one.
func spans(batches, most int) []span {
	count := min(batches, most)
	cut := make([]span, count)
	for i := range cut {
		cut[i] = span{from: batches * i / count, to: batches * (i + 1) / count}
	}
	return cut
}

// sections cuts a part at its barriers. A section may begin only when the one before is applied.
func sections(part activities.Part) []span {
	var cut []span
	from := 0
	for _, to := range append(slices.Clone(part.Barriers), part.Batches) {
		if to > from {
			cut = append(cut, span{from: from, to: to})
		}
		from = to
	}
	return cut
}
