package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// The growth of the heap between collections. A large sync's heap is mostly the index, which is long-lived, has no
// pointers and is cheap to mark. Go's default growth would double the worker's memory. A small heap may grow freely,
// because it would otherwise be collected all the time.
const (
	smallHeap = 96 << 20 // bytes; a smaller heap may grow to this size
	minGrowth = 10       // percent of the live heap
	maxGrowth = 400
)

// growth returns the GOGC for a number of live bytes.
func growth(live uint64) int {
	if live == 0 {
		return maxGrowth
	}
	percent := (smallHeap - float64(live)) / float64(live) * 100
	return int(math.Max(minGrowth, math.Min(maxGrowth, percent)))
}

// tuneCollector adjusts GOGC after each collection, unless the operator set it.
func tuneCollector() {
	if os.Getenv("GOGC") != "" {
		return
	}
	afterNextCollection()
}

// afterNextCollection adjusts GOGC after the next collection, by a finalizer of an unreachable object. A finalizer runs
// right after marking. A cleanup would run only after sweeping, which an activity on all cores may delay until the heap
// is several times too large.
func afterNextCollection() {
	runtime.SetFinalizer(new(*byte), func(**byte) {
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(sample)
		debug.SetGCPercent(growth(sample[0].Value.Uint64()))
		afterNextCollection()
	})
}
