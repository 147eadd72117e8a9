package main

import (
	"os"
	"syscall"
)

// peak is the most that a process that has ended, or one that it waited for, had resident, in bytes.
func peak(state *os.ProcessState) int64 {
	if used, ok := state.SysUsage().(*syscall.Rusage); ok {
		return used.Maxrss << 10
	}
	return 0
}
