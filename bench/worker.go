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

// worker is a running worker process.
type worker struct {
	command *exec.Cmd
	log     string
	ended   chan struct{}
}

// warmup is the delay between a worker's readiness and the first request. A ready worker may not poll for tasks yet.
const warmup = 300 * time.Millisecond

// startWorker starts a worker and waits until it is ready.
func (r *rollcall) startWorker(ctx context.Context, d *database) (*worker, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		return nil, fmt.Errorf("find a free port: %w", err)
	}
	address := listener.Addr().String()
	file, err := os.CreateTemp(r.folder, "worker-*.log")
	if err := errors.Join(err, listener.Close()); err != nil {
		return nil, err
	}
	defer file.Close() // the process has its own handle
	w := &worker{log: file.Name(), ended: make(chan struct{})}
	// The command has no context, because stop ends it.
	w.command = exec.Command(filepath.Join(r.binaries, "worker")) //nolint:gosec,noctx // our own
	w.command.Env = r.environment(d, address)
	w.command.Stdout, w.command.Stderr = file, file
	dieWithParent(w.command)
	if err := w.command.Start(); err != nil {
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	go func() {
		_ = w.command.Wait() // its log says why it ended
		close(w.ended)
	}()
	if err := w.ready(ctx, "http://"+address+"/ready"); err != nil {
		w.stop()
		return nil, fmt.Errorf("start a worker: %w\n%s", err, w.output())
	}
	return w, nil
}

// ready waits until the worker is ready.
func (w *worker) ready(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	for {
		response, err := http.DefaultClient.Do(request)
		pause, ready := 20*time.Millisecond, false
		if err == nil {
			response.Body.Close()
			if ready = response.StatusCode == http.StatusOK; ready {
				pause = warmup
			}
		}
		select {
		case <-w.ended:
			return errors.New("it ended")
		case <-ctx.Done():
			return errors.New("not ready in time")
		case <-time.After(pause):
		}
		if ready {
			return nil
		}
	}
}

func (w *worker) pid() int { return w.command.Process.Pid }

// output returns the end of the worker's log.
func (w *worker) output() []byte {
	text, err := os.ReadFile(w.log)
	if err != nil {
		return []byte(err.Error())
	}
	return bytes.TrimSpace(text[max(0, len(text)-4000):])
}

// stop stops the worker.
func (w *worker) stop() {
	_ = w.command.Process.Signal(syscall.SIGTERM) // an error means that it has ended
	select {
	case <-w.ended:
	case <-time.After(30 * time.Second):
		_ = w.command.Process.Kill()
		<-w.ended
	}
}
