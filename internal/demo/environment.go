package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/rollcall/rollcall/deploy"
	"github.com/rollcall/rollcall/internal/environ"
)

// environment holds the processes of a demo and their addresses.
type environment struct {
	settings
	out       io.Writer
	server    string // address of Temporal
	ui        string // URL of the Web UI
	simulator control
	processes []*process // in the order of their start
}

// open starts Temporal, the simulator and the worker in this order. It waits until each is ready.
func open(ctx context.Context, s settings, out io.Writer) (_ *environment, err error) {
	e := &environment{settings: s, out: out}
	defer func() {
		if err != nil {
			e.close()
		}
	}()
	ports, err := freePorts(ctx, 7233, 8233, 8099)
	if err != nil {
		return nil, err
	}
	e.server = "127.0.0.1:" + strconv.Itoa(ports[0])
	e.ui = "http://127.0.0.1:" + strconv.Itoa(ports[1])
	simulator := "127.0.0.1:" + strconv.Itoa(ports[2])
	e.simulator = control{"http://" + simulator}

	fmt.Fprintln(out, "Starting Temporal, a simulated Workday and WorkOS, and a worker ...")
	settings, err := deploy.TemporalFlags()
	if err != nil {
		return nil, err
	}
	if err := e.start("temporal", nil, append([]string{
		"server", "start-dev", "--ip", "127.0.0.1", "--port", strconv.Itoa(ports[0]),
		"--ui-port", strconv.Itoa(ports[1]), "--db-filename", filepath.Join(s.home, "temporal.db"), "--log-level",
		"warn",
	}, settings...)...); err != nil {
		return nil, err
	}
	if err := e.start(
		"simulator", nil, "-address", simulator, "-seed", "10", "-tenants", "acme=workday:500,globex=workos:200",
	); err != nil {
		return nil, err
	}
	for _, ready := range []string{e.ui, e.simulator.url + "/control/tenants"} {
		if err := waitUntilServed(ctx, ready); err != nil {
			return nil, err
		}
	}
	if err := waitUntilServed(ctx, e.ui+"/api/v1/namespaces/default"); err != nil {
		return nil, err
	}
	return e, e.start("worker", e.variables())
}

// variables returns the environment variables of the worker and the starter.
func (e *environment) variables() []string {
	return []string{
		"TEMPORAL_ADDRESS=" + e.server, "ROLLCALL_HOME=" + filepath.Join(e.home, "rollcall"),
		"ROLLCALL_WORKDAY_HOSTS=127.0.0.1", "WORKOS_BASE_URL=" + e.simulator.url, "ROLLCALL_METRICS_ADDR=127.0.0.1:0",
	}
}

func (e *environment) command(ctx context.Context, name string, environment []string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, filepath.Join(e.binaries, name), args...) //nolint:gosec // the demo's own binaries
	command.Env = environ.Bare(e.home, environment...)
	return command
}

// start starts a process. It takes no context, because close stops the processes in order.
func (e *environment) start(name string, environment []string, args ...string) error {
	p, err := startProcess(
		e.command(context.Background(), name, environment, args...), filepath.Join(e.home, name+".log"),
	)
	if err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	e.processes = append(e.processes, p)
	return nil
}

// wait returns when ctx ends or a process ends.
func (e *environment) wait(ctx context.Context) error {
	ended := make(chan string, len(e.processes))
	for _, p := range e.processes {
		go func() {
			<-p.done
			ended <- p.name()
		}()
	}
	select {
	case <-ctx.Done():
		return nil
	case name := <-ended:
		return fmt.Errorf("%s ended by itself; its log is in %s", name, e.home)
	}
}

// close stops the processes in reverse order.
func (e *environment) close() {
	for i := len(e.processes) - 1; i >= 0; i-- {
		e.processes[i].stop()
	}
}

// freePorts returns free ports, the preferred ones if possible.
func freePorts(ctx context.Context, preferred ...int) ([]int, error) {
	var listen net.ListenConfig
	ports := make([]int, len(preferred))
	for i, port := range preferred {
		listener, err := listen.Listen(ctx, "tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err != nil {
			listener, err = listen.Listen(ctx, "tcp", "127.0.0.1:0")
		}
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer listener.Close()
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

// waitUntilServed waits until url returns a status below 400.
func waitUntilServed(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return fmt.Errorf("ask %s: %w", url, err)
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			response.Body.Close()
			if response.StatusCode < http.StatusBadRequest {
				return nil
			}
			err = errors.New(response.Status)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", url, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
