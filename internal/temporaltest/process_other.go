//go:build !linux

package temporaltest

import "syscall"

// dieWithParent does nothing here. A killed test leaves its server running.
func dieWithParent() *syscall.SysProcAttr { return nil }
