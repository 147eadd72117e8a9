package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// What the heap may be before it is collected. Most of a large sync's is the index: long-lived, without pointers, cheap
// to mark. Half as much again for garbage would be most of what the worker takes, while a small heap that doubles is
// collected all the time.
const (
	smallHeap   = 96 << 20 // bytes; a smaller heap may grow up to it
	minGrowth = 10       // per cent of what is live
	maxGrowth  = 400
)

// growth is the GOGC for a heap of which so many bytes are live.
func growth(live uint64) int {
	if live == 0 {
		return maxGrowth
	}
	percent := (smallHeap - float64(live)) / float64(live) * 100
	return int(math.Max(minGrowth, math.Min(maxGrowth, percent)))
}

// tuneCollector sets GOGC after each collection to what suits the heap, unless the operator has set it.
func tuneCollector() {
	if os.Getenv("GOGC") != "" {
		return
	}
	afterNextCollection()
}

// awaitCollection has the next collection find something to clean up. A finalizer runs as soon as that is found; a cleanup
// would wait until all is swept, which a step that works on all cores may put off until the heap is several times too large.
func afterNextCollection() {
	runtime.SetFinalizer(new(*byte), func(**byte) {
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(sample)
		debug.SetGCPercent(growth(sample[0].Value.Uint64()))
		afterNextCollection()
	})
}
