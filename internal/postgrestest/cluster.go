package postgrestest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rollcall/rollcall/internal/environ"
)

// cluster is a data folder and its server process.
type cluster struct {
	bin      string // folder of the binaries
	folder   string // holds data, socket and log
	password string
	settings []string
	port     int

	command *exec.Cmd
	ended   chan struct{}
}

// newCluster creates the data folder. initdb doesn't wait for the disk, because a new cluster holds no data. The server
// does.
func newCluster(ctx context.Context, settings []string) (_ *cluster, err error) {
	c := &cluster{password: rand.Text(), settings: settings}
	if c.bin, err = binaries(); err != nil {
		return nil, err
	}
	if c.folder, err = os.MkdirTemp("", "postgres-"); err != nil {
		return nil, fmt.Errorf("folder of the cluster: %w", err)
	}
	defer func() {
		if err != nil {
			c.remove()
		}
	}()
	secret := filepath.Join(c.folder, "password")
	if err := os.WriteFile(secret, []byte(c.password), 0o600); err != nil {
		return nil, fmt.Errorf("folder of the cluster: %w", err)
	}
	if err := c.chown(c.folder, secret); err != nil {
		return nil, err
	}
	initdb := exec.CommandContext(ctx, filepath.Join(c.bin, "initdb"), "--pgdata", c.data(), "--username=postgres",
		"--pwfile="+secret, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
	initdb.Dir, initdb.Env = c.folder, environ.Bare(c.folder)
	if initdb.SysProcAttr, err = serverUser(); err != nil {
		return nil, err
	}
	if output, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, output)
	}
	return c, nil
}

func (c *cluster) data() string { return filepath.Join(c.folder, "data") }

func (c *cluster) url() string {
	return fmt.Sprintf("postgres://postgres:%s@127.0.0.1:%d/postgres?sslmode=disable", c.password, c.port)
}

// open starts the server on a free port.
func (c *cluster) startOnFreePort(ctx context.Context) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		return fmt.Errorf("find a free port: %w", err)
	}
	c.port = listener.Addr().(*net.TCPAddr).Port
	_ = listener.Close() // nothing was accepted
	return c.start(ctx)
}

// start starts the server on its port and waits until it answers.
func (c *cluster) start(ctx context.Context) (err error) {
	var stderr bytes.Buffer
	args := []string{
		"-D", c.data(), "-c", "listen_addresses=127.0.0.1", "-c", "port=" + strconv.Itoa(c.port),
		"-c", "unix_socket_directories=" + c.folder, "-c", "logging_collector=off",
	}
	for _, setting := range c.settings {
		args = append(args, "-c", setting)
	}
	// The command has no context, because the server outlives this call.
	c.command = exec.Command(filepath.Join(c.bin, "postgres"), args...) //nolint:gosec,noctx // our own tool
	c.command.Dir, c.command.Env, c.command.Stderr = c.folder, environ.Bare(c.folder), &stderr
	if c.command.SysProcAttr, err = serverUser(); err != nil {
		return err
	}
	dieWithParent(c.command.SysProcAttr)
	if err := c.command.Start(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	c.ended = make(chan struct{})
	go func() {
		_ = c.command.Wait() // its output says why it ended
		close(c.ended)
	}()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-c.ended:
			cancel(errEnded)
		case <-ctx.Done():
		}
	}()
	if err := waitUntilReady(ctx, c.url()); err != nil {
		c.kill()
		return fmt.Errorf("%w\n%s", err, &stderr)
	}
	return nil
}

var errEnded = errors.New("PostgreSQL ended before it was ready")

// kill stops the server at once. Its connections break, and it recovers from its log at the next start.
func (c *cluster) kill() {
	_ = c.command.Process.Signal(syscall.SIGQUIT) // it may have ended by itself
	select {
	case <-c.ended:
	case <-time.After(startTimeout):
		_ = c.command.Process.Kill() // its children end by themselves
		<-c.ended
	}
}

func (c *cluster) remove() { _ = os.RemoveAll(c.folder) } // a leftover in the temporary folder is harmless

// binaries returns the folder of the newest PostgreSQL.
func binaries() (string, error) {
	folders, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	slices.SortFunc(folders, func(a, b string) int { return version(b) - version(a) })
	for _, folder := range folders {
		if _, err := os.Stat(filepath.Join(folder, "initdb")); err == nil {
			return folder, nil
		}
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", errors.New("no PostgreSQL to test against: run `tools/install postgresql`, or set " + Variable +
		" to the URL of a server on which databases may be created")
}

// version returns the number in a path such as /usr/lib/postgresql/15/bin, or 0.
func version(folder string) int {
	number, err := strconv.Atoi(strings.TrimPrefix(filepath.Dir(folder), "/usr/lib/postgresql/"))
	if err != nil {
		return 0
	}
	return number
}
