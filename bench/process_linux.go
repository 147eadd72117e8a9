package main

import (
	"os/exec"
	"syscall"
)

// dieWithParent ends a process when the bench is killed before it can end it.
func dieWithParent(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
