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

// stage is everything that runs in a demo.
type environment struct {
	settings
	out       io.Writer
	server    string // Temporal's address
	ui        string // the Web UI's
	simulator control
	processes []*process // in the order in which they were started
}

// open starts Temporal, the simulator and the worker, each ready before the next.
func open(ctx context.Context, s settings, out io.Writer) (_ *environment, err error) {
	g := &environment{settings: s, out: out}
	defer func() {
		if err != nil {
			g.close()
		}
	}()
	ports, err := freePorts(ctx, 7233, 8233, 8099)
	if err != nil {
		return nil, err
	}
	g.server = "127.0.0.1:" + strconv.Itoa(ports[0])
	g.ui = "http://127.0.0.1:" + strconv.Itoa(ports[1])
	simulator := "127.0.0.1:" + strconv.Itoa(ports[2])
	g.simulator = control{"http://" + simulator}

	fmt.Fprintln(out, "Starting Temporal, a simulated Workday and WorkOS, and a worker ...")
	settings, err := deploy.TemporalFlags()
	if err != nil {
		return nil, err
	}
	if err := g.start("temporal", nil, append([]string{
		"server", "start-dev", "--ip", "127.0.0.1", "--port", strconv.Itoa(ports[0]),
		"--ui-port", strconv.Itoa(ports[1]), "--db-filename", filepath.Join(s.home, "temporal.db"), "--log-level", "warn",
	}, settings...)...); err != nil {
		return nil, err
	}
	if err := g.start("simulator", nil, "-address", simulator, "-seed", "10", "-tenants", "acme=workday:500,globex=workos:200"); err != nil {
		return nil, err
	}
	for _, ready := range []string{g.ui, g.simulator.url + "/control/tenants"} {
		if err := waitUntilServed(ctx, ready); err != nil {
			return nil, err
		}
	}
	if err := waitUntilServed(ctx, g.ui+"/api/v1/namespaces/default"); err != nil {
		return nil, err
	}
	return g, g.start("worker", g.variables())
}

// environment is what the worker and the starter get: nothing but where the demo's own parts are.
func (g *environment) variables() []string {
	return []string{
		"TEMPORAL_ADDRESS=" + g.server, "ROLLCALL_HOME=" + filepath.Join(g.home, "rollcall"),
		"ROLLCALL_WORKDAY_HOSTS=127.0.0.1", "WORKOS_BASE_URL=" + g.simulator.url, "ROLLCALL_METRICS_ADDR=127.0.0.1:0",
	}
}

func (g *environment) command(ctx context.Context, name string, environment []string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, filepath.Join(g.binaries, name), args...) //nolint:gosec // the demo's own binaries
	command.Env = environ.Bare(g.home, environment...)
	return command
}

// start doesn't take the demo's context: parts end by stop, in order, not all at once when the demo is told to end.
func (g *environment) start(name string, environment []string, args ...string) error {
	p, err := startProcess(g.command(context.Background(), name, environment, args...), filepath.Join(g.home, name+".log"))
	if err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	g.processes = append(g.processes, p)
	return nil
}

// wait stays until the demo is told to end or one of its parts does.
func (g *environment) wait(ctx context.Context) error {
	ended := make(chan string, len(g.processes))
	for _, p := range g.processes {
		go func() {
			<-p.done
			ended <- p.name()
		}()
	}
	select {
	case <-ctx.Done():
		return nil
	case name := <-ended:
		return fmt.Errorf("%s ended by itself; its log is in %s", name, g.home)
	}
}

// close ends what was started, last first.
func (g *environment) close() {
	for i := len(g.processes) - 1; i >= 0; i-- {
		g.processes[i].stop()
	}
}

// free finds ports to listen on: the preferred ones where nobody has them.
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

// answers waits until a page is served.
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
