// Package postgrestest starts a real PostgreSQL server for tests and for the bench. The cluster is in a temporary
// folder and listens on a free port of 127.0.0.1. It has PostgreSQL's default settings, so a commit waits for the disk
// as in production.
//
// The package uses the newest version in /usr/lib/postgresql, or else the binaries on PATH. A test without binaries
// fails and is not skipped.
//
// $ROLLCALL_TEST_POSTGRES is the URL of an external server to use instead. Its user must be allowed to create
// databases. The package changes nothing on that server except the databases that it creates.
package postgrestest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Variable is the environment variable with the URL of an external server.
const Variable = "ROLLCALL_TEST_POSTGRES"

// startTimeout limits the start and the stop of a server, which are slow on a busy machine.
const startTimeout = 60 * time.Second

// Server is a running PostgreSQL.
type Server struct {
	URL string // of the database "postgres", with a superuser unless the server is external

	cluster *cluster // nil if the server is external
}

// Start starts a server for one test and stops it when the test ends. Settings are those of postgresql.conf, as
// "name=value". An external server ignores them.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	server, err := Launch(t.Context(), settings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server
}

// Launch starts a server and waits until it is ready. TestMain uses it to share a server between tests. The caller
// stops the server.
func Launch(ctx context.Context, settings ...string) (*Server, error) {
	if external := os.Getenv(Variable); external != "" {
		return &Server{URL: external}, waitUntilReady(ctx, external)
	}
	c, err := newCluster(ctx, settings)
	if err != nil {
		return nil, err
	}
	// Another process may take the free port before the server does. Then the start is retried with another port.
	for attempt := 1; ; attempt++ {
		err := c.startOnFreePort(ctx)
		if err == nil {
			return &Server{URL: c.url(), cluster: c}, nil
		}
		if attempt == 3 || ctx.Err() != nil {
			c.remove()
			return nil, err
		}
	}
}

// Stop stops the server and removes its files. It leaves an external server running.
func (s *Server) Stop() {
	if s.cluster != nil {
		s.cluster.kill()
		s.cluster.remove()
	}
}

// Process returns the id of the server's main process, or 0 for an external server.
func (s *Server) Process() int {
	if s.cluster == nil {
		return 0
	}
	return s.cluster.command.Process.Pid
}

var errExternal = errors.New("an external server can't be stopped here")

// Halt stops the server at once, like a crash: committed data remain and connections break. Resume starts it again.
// Halt fails for an external server.
func (s *Server) Halt() error {
	if s.cluster == nil {
		return errExternal
	}
	s.cluster.kill()
	return nil
}

// Resume starts a halted server on the same port and waits until it is ready. It fails for an external server.
func (s *Server) Resume(ctx context.Context) error {
	if s.cluster == nil {
		return errExternal
	}
	return s.cluster.start(ctx)
}

// waitUntilReady waits until the server accepts a connection. It fails at once if the server refuses the user.
func waitUntilReady(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, url)
		if err == nil {
			return conn.Close(ctx)
		}
		var operation *net.OpError
		starting := errors.As(err, &operation) || errors.Is(err, syscall.ECONNREFUSED) || sqlState(err) == "57P03"
		if !starting {
			return fmt.Errorf("connect to PostgreSQL: %w", err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL doesn't respond: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
