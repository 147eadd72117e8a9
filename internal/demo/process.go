package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// process is a process of the demo that logs to a file.
type process struct {
	command *exec.Cmd
	done    chan struct{} // closed when it has ended
}

func startProcess(command *exec.Cmd, log string) (*process, error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600) //nolint:gosec // in the demo's own folder
	if err != nil {
		return nil, fmt.Errorf("open its log: %w", err)
	}
	defer file.Close() // the process has its own handle
	command.Stdout, command.Stderr = file, file
	// A group of its own, so Ctrl-C reaches only the demo, which stops the processes in order.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return nil, err
	}
	p := &process{command: command, done: make(chan struct{})}
	go func() {
		_ = command.Wait() // its log says why it ended
		close(p.done)
	}()
	return p, nil
}

func (p *process) name() string { return filepath.Base(p.command.Path) }

// stop terminates the process, and kills it after ten seconds.
func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM) // an error means that it has ended
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		_ = p.command.Process.Kill()
		<-p.done
	}
}
