package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// workerProcess is a running worker.
type workerProcess struct {
	command *exec.Cmd
	log     string
	ended   chan struct{}
}

// settling is how long a worker that is ready gets before it is asked for anything: until it waits for tasks.
const settling = 300 * time.Millisecond

// startWorker starts a worker and waits until it is ready.
func (p *product) startWorker(ctx context.Context, d *database) (*workerProcess, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(p.folder, "worker-*.log")
	if err != nil {
		return nil, err
	}
	defer file.Close() // the process has its own handle
	w := &workerProcess{log: file.Name(), ended: make(chan struct{})}
	// Not bound to ctx: stop ends it.
	w.command = exec.Command(filepath.Join(p.binaries, "worker")) //nolint:gosec,noctx // our own
	w.command.Env = p.environment(d, address)
	w.command.Stdout, w.command.Stderr = file, file
	dieWithParent(w.command)
	if err := w.command.Start(); err != nil {
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	go func() {
		_ = w.command.Wait() // how it ended stands in its log
		close(w.ended)
	}()
	if err := w.ready(ctx, "http://"+address+"/ready"); err != nil {
		w.stop()
		return nil, err
	}
	return w, nil
}

func (w *workerProcess) ready(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			response.Body.Close()
		}
		pause := 20 * time.Millisecond
		ready := err == nil && response.StatusCode == http.StatusOK
		if ready {
			pause = settling
		}
		select {
		case <-w.ended:
			return fmt.Errorf("the worker ended:\n%s", w.said())
		case <-ctx.Done():
			return errors.New("the worker doesn't get ready")
		case <-time.After(pause):
		}
		if ready {
			return nil
		}
	}
}

func (w *workerProcess) pid() int { return w.command.Process.Pid }

// said is the end of its log.
func (w *workerProcess) said() []byte {
	text, err := os.ReadFile(w.log)
	if err != nil {
		return []byte(err.Error())
	}
	return bytes.TrimSpace(text[max(0, len(text)-4000):])
}

// stop ends the worker.
func (w *workerProcess) stop() {
	_ = w.command.Process.Signal(syscall.SIGTERM) // an error means that it has ended
	select {
	case <-w.ended:
	case <-time.After(30 * time.Second):
		_ = w.command.Process.Kill()
		<-w.ended
	}
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}
