package postgrestest

import "syscall"

// dieWithParent stops the server if the test's process is killed.
func dieWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGQUIT }
