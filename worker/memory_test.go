package main

import "testing"

func TestASmallHeapGrowsFreelyAndALargeOneLittle(t *testing.T) {
	t.Parallel()
	for live, want := range map[uint64]int{
		0: 400, 1 << 20: 400, 20 << 20: 380, 48 << 20: 100, 80 << 20: 20, 400 << 20: 10, 1 << 40: 10,
	} {
		if have := growth(live); have != want {
			t.Errorf("%d MB live: %d per cent, not %d", live>>20, have, want)
		}
	}
}
