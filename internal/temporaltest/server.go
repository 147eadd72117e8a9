// Package temporaltest starts a real Temporal server for tests: the CLI's dev server, on a free port, in memory.
//
// The binary is $ROLLCALL_TEST_TEMPORAL, or else build/temporal at the repository's root, which make builds. A test
// without a binary fails and is not skipped.
package temporaltest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/rollcall/rollcall/deploy"
	"github.com/rollcall/rollcall/internal/environ"
)

// Variable is the environment variable with the path of the server's binary.
const Variable = "ROLLCALL_TEST_TEMPORAL"

// Namespace is the server's namespace.
const Namespace = "default"

// Nowhere is an address without a server.
const Nowhere = "127.0.0.1:1"

// Variables returns the environment variables of a client of the server at address. They exclude the machine's own
// configuration.
func Variables(address, namespace string) map[string]string {
	return map[string]string{
		"TEMPORAL_ADDRESS": address, "TEMPORAL_NAMESPACE": namespace, "TEMPORAL_CONFIG_FILE": os.DevNull,
	}
}

// startTimeout limits the start of a server, which is slow on a busy machine.
const startTimeout = 90 * time.Second

// Server is a running dev server.
type Server struct {
	Address string // host:port of the frontend

	command *exec.Cmd
	output  *os.File
	ended   chan struct{}
}

// Start starts a server for one test and stops it when the test ends. Flags are more of the dev server's.
func Start(t testing.TB, flags ...string) *Server {
	t.Helper()
	server, err := Launch(t.Context(), flags...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server
}

// Launch starts a server and waits until it is ready. TestMain uses it to share a server between tests. The caller
// stops the server.
func Launch(ctx context.Context, flags ...string) (*Server, error) {
	binary, err := Binary()
	if err != nil {
		return nil, err
	}
	// Another process may take the free port before the server does. Then the start is retried with another port.
	for attempt := 1; ; attempt++ {
		server, err := launch(ctx, binary, flags)
		if err == nil || attempt == 3 || ctx.Err() != nil {
			return server, err
		}
	}
}

func launch(ctx context.Context, binary string, flags []string) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	settings, err := deploy.TemporalFlags()
	if err != nil {
		return nil, err
	}
	output, err := os.CreateTemp("", "temporal-*.log")
	if err != nil {
		return nil, fmt.Errorf("log of the dev server: %w", err)
	}
	s := &Server{Address: fmt.Sprintf("127.0.0.1:%d", port), output: output, ended: make(chan struct{})}
	// The command has no context, because the server outlives this call.
	s.command = exec.Command(binary, append([]string{ //nolint:gosec,noctx // our own tool
		"server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", strconv.Itoa(port), "--log-level", "warn",
	}, append(settings, flags...)...)...)
	s.command.Env = environ.Bare(output.Name() + ".home") // doesn't exist
	s.command.Stdout, s.command.Stderr = output, output
	s.command.SysProcAttr = dieWithParent()
	if err := s.command.Start(); err != nil {
		s.removeLog()
		return nil, fmt.Errorf("start the dev server: %w", err)
	}
	go func() {
		_ = s.command.Wait() // its log says why it ended
		close(s.ended)
	}()
	if err := s.waitUntilReady(ctx); err != nil {
		log, _ := os.ReadFile(output.Name()) // the error below suffices without it
		s.Stop()
		return nil, fmt.Errorf("%w\n%s", err, log)
	}
	return s, nil
}

// waitUntilReady waits until the server and its namespace are ready.
func (s *Server) waitUntilReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	c, err := client.NewLazyClient(s.options())
	if err != nil {
		return fmt.Errorf("client of the dev server: %w", err)
	}
	defer c.Close()
	for {
		try, done := context.WithTimeout(ctx, 5*time.Second)
		_, err := c.CheckHealth(try, nil)
		if err == nil {
			_, err = c.CountWorkflow(try, &workflowservice.CountWorkflowExecutionsRequest{})
		}
		done()
		if err == nil {
			return nil
		}
		select {
		case <-s.ended:
			return errors.New("the dev server ended before it was ready")
		case <-ctx.Done():
			return fmt.Errorf("the dev server at %s doesn't respond: %w", s.Address, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Client returns a client of the server. It is closed when the test ends.
func (s *Server) Client(t testing.TB) client.Client {
	t.Helper()
	c, err := client.Dial(s.options())
	if err != nil {
		t.Fatalf("dial the dev server: %v", err)
	}
	t.Cleanup(c.Close)
	return c
}

func (s *Server) options() client.Options {
	return client.Options{HostPort: s.Address, Namespace: Namespace, Logger: discardLogger{}}
}

// Stop ends the server and removes its log.
func (s *Server) Stop() {
	_ = s.command.Process.Signal(os.Interrupt) // it may have ended by itself
	select {
	case <-s.ended:
	case <-time.After(10 * time.Second):
		_ = s.command.Process.Kill()
		<-s.ended
	}
	s.removeLog()
}

func (s *Server) removeLog() {
	_ = s.output.Close()           // only written by the server
	_ = os.Remove(s.output.Name()) // a leftover in the temporary folder is harmless
}

// Binary returns the path of the server's binary. It fails if there is none.
func Binary() (string, error) {
	if path := os.Getenv(Variable); path != "" {
		return path, nil
	}
	_, here, _, _ := runtime.Caller(0)
	path := filepath.Join(filepath.Dir(here), "..", "..", "build", "temporal")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf(
			"no Temporal server to test against: run `make build/temporal`, or set %s to a temporal binary", Variable,
		)
	}
	return path, nil
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer func() { _ = listener.Close() }() // nothing was accepted
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// discardLogger discards all records.
type discardLogger struct{}

var _ log.Logger = discardLogger{}

func (discardLogger) Debug(string, ...any) {}
func (discardLogger) Info(string, ...any)  {}
func (discardLogger) Warn(string, ...any)  {}
func (discardLogger) Error(string, ...any) {}
