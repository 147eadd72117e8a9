//go:build !linux

package postgrestest

import "syscall"

// dieWithParent does nothing here. A killed test leaves its server running.
func dieWithParent(*syscall.SysProcAttr) {}
