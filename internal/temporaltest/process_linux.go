package temporaltest

import "syscall"

// dieWithParent kills the server if the test's process is killed.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
