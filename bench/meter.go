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

// ticks is how many of the kernel's clock ticks a second has, in /proc/PID/stat.
const ticks = 100

// usage is what a process has used so far.
type usage struct {
	cpu     float64 // seconds
	peak    int64   // bytes resident at most
	written int64   // bytes given to the disk
}

// usageOf reads what the kernel knows of a process that runs.
func usageOf(pid int) (usage, error) {
	stat, err := statOf(pid)
	if err != nil {
		return usage{}, err
	}
	peak, err := number(fmt.Sprintf("/proc/%d/status", pid), `VmHWM:\s+(\d+) kB`)
	if err != nil {
		return usage{}, err
	}
	written, err := number(fmt.Sprintf("/proc/%d/io", pid), `\nwrite_bytes: (\d+)`)
	if err != nil {
		return usage{}, err
	}
	return usage{cpu: stat.own, peak: peak << 10, written: written}, nil
}

// number finds a number in a file.
func number(path, pattern string) (int64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	match := regexp.MustCompile(pattern).FindSubmatch(text)
	if match == nil {
		return 0, fmt.Errorf("%s doesn't say %s", path, pattern)
	}
	return strconv.ParseInt(string(match[1]), 10, 64)
}

// stat is of /proc/PID/stat.
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

// familyCPU is what a process and its children have used so far, those that have ended included. 0 is no process.
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
