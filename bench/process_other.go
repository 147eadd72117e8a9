//go:build !linux

package main

import "os/exec"

// dieWithParent can't be had here. Nor can what the bench measures: it needs /proc.
func dieWithParent(*exec.Cmd) {}
