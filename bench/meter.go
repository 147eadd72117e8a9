package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// ticks is the number of clock ticks per second in /proc/PID/stat.
const ticks = 100

// usage holds the resources that a process has used so far.
type usage struct {
	cpu     float64 // seconds
	peak    int64   // bytes of memory, at most
	written int64   // bytes
}

// usageOf reads the usage of a running process from the kernel.
func usageOf(pid int) (u usage, err error) {
	s, err := statOf(pid)
	if err != nil {
		return u, err
	}
	u.cpu = s.own
	if u.peak, err = number(pid, "status", `VmHWM:\s+(\d+) kB`); err != nil {
		return u, err
	}
	u.peak <<= 10
	u.written, err = number(pid, "io", `\nwrite_bytes: (\d+)`)
	return u, err
}

// number finds a number in one of a process's files.
func number(pid int, file, pattern string) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	if err != nil {
		return 0, err
	}
	match := regexp.MustCompile(pattern).FindSubmatch(text)
	if match == nil {
		return 0, fmt.Errorf("a process's %s doesn't match %s", file, pattern)
	}
	return strconv.ParseInt(string(match[1]), 10, 64)
}

// stat is the content of /proc/PID/stat.
type stat struct {
	parent      int
	own, waited float64 // seconds of the process, and of its children that have ended
}

func statOf(pid int) (stat, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	// The second field is the name in parentheses, with any characters in it.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 15 {
		return stat{}, fmt.Errorf("/proc/%d/stat is cut short", pid)
	}
	var values [5]int
	for i, field := range []int{1, 11, 12, 13, 14} { // parent, user, system, and both of children
		if values[i], err = strconv.Atoi(fields[field]); err != nil {
			return stat{}, err
		}
	}
	return stat{
		parent: values[0], own: float64(values[1]+values[2]) / ticks, waited: float64(values[3]+values[4]) / ticks,
	}, nil
}

// familyCPU returns the CPU seconds of a process and its children, including ended ones. It returns 0 for pid 0.
func familyCPU(pid int) (float64, error) {
	if pid == 0 {
		return 0, nil
	}
	of, err := statOf(pid)
	if err != nil {
		return 0, err
	}
	seconds := of.own + of.waited
	paths, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	for _, path := range paths {
		child, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			return 0, err
		}
		if s, err := statOf(child); err == nil && s.parent == pid { // an error: it has just ended
			seconds += s.own
		}
	}
	return seconds, nil
}
