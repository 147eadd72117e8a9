//go:build !linux

package postgrestest

import "syscall"

// dieWithParent can't be had here: a test that is killed leaves its server behind.
func dieWithParent(*syscall.SysProcAttr) {}
