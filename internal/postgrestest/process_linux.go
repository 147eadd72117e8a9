package postgrestest

import "syscall"

// dieWithParent ends the server when the test's process is killed before it can stop it.
func dieWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGQUIT }
