package temporaltest

import "syscall"

// dieWithParent ends the server when the test's process is killed before it can stop it.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
