package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// process is one part of the demo, with its log in a file.
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
	// Its own group, so that Ctrl-C in the terminal reaches the demo alone and parts end in order.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return nil, err
	}
	p := &process{command: command, done: make(chan struct{})}
	go func() {
		_ = command.Wait() // how it ended stands in its log
		close(p.done)
	}()
	return p, nil
}

func (p *process) name() string { return filepath.Base(p.command.Path) }

// stop asks it to end, and ends it after ten seconds.
func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGTERM) // an error means that it has ended
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		_ = p.command.Process.Kill()
		<-p.done
	}
}
