// Package postgrestest starts a real PostgreSQL for tests and for the bench: a cluster of its own in a temporary
// folder, on a free port of 127.0.0.1, with PostgreSQL's own defaults, so that a commit waits for the disk as it does
// in production.
//
// The binaries are those of the newest /usr/lib/postgresql, else those on PATH; a test that finds none fails, as a
// test that needs a database proves nothing without one. $ROLLCALL_TEST_POSTGRES names a server to use instead, by a
// URL whose user may create databases: it is only lent, and nothing but the databases made here is touched.
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

// Variable names a server to use instead of one that is started.
const Variable = "ROLLCALL_TEST_POSTGRES"

// patience is how long a server may take until it answers, or ends; on a machine with all cores busy it is slow.
const startTimeout = 60 * time.Second

// Server is a running PostgreSQL.
type Server struct {
	URL string // of its database "postgres", with a user who may do everything

	cluster *cluster // nil: lent
}

// Start starts a server for one test and stops it when the test is over. Settings are those of postgresql.conf, as
// "name=value"; a lent server keeps its own.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	server, err := Launch(t.Context(), settings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	return server
}

// Launch starts a server and waits until it answers: for TestMain, where several tests share one. The caller stops it.
func Launch(ctx context.Context, settings ...string) (*Server, error) {
	if external := os.Getenv(Variable); external != "" {
		return &Server{URL: external}, waitUntilReady(ctx, external)
	}
	c, err := newCluster(ctx, settings)
	if err != nil {
		return nil, err
	}
	// Between finding a free port and using it somebody may take it: then another is tried.
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

// Stop ends the server and removes all that it had.
func (s *Server) Stop() {
	if s.cluster != nil {
		s.cluster.kill()
		s.cluster.remove()
	}
}

// Process is the id of the server's first process, 0 of a lent one.
func (s *Server) Process() int {
	if s.cluster == nil {
		return 0
	}
	return s.cluster.command.Process.Pid
}

var errExternal = errors.New("a lent server isn't ours to end")

// Halt ends the server at once, as a crash does: what was committed stays, connections break. Resume undoes it.
func (s *Server) Halt() error {
	if s.cluster == nil {
		return errExternal
	}
	s.cluster.kill()
	return nil
}

// Resume starts a halted server on the same port and waits until it answers.
func (s *Server) Resume(ctx context.Context) error {
	if s.cluster == nil {
		return errExternal
	}
	return s.cluster.start(ctx)
}

// answers waits until a connection is accepted, but not for a server that refuses whom the URL names.
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
			return fmt.Errorf("PostgreSQL doesn't answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
