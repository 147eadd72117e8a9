package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/rollcall/rollcall/bench/results"
)

//go:embed script
var scriptFiles embed.FS

// script is what a user would do instead: curl, jq, psql. It has tables of its own, no audit and no grace time.
type script struct {
	folder string
	users  string
}

// newScript puts the script's files into a folder and asks for the programs that it calls.
func newScript(folder, users string) (*script, error) {
	var missing []error
	for _, program := range []string{"bash", "curl", "jq", "psql"} {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, fmt.Errorf("%w: run `tools/install curl jq postgresql-client`", err))
		}
	}
	files, err := fs.Sub(scriptFiles, "script")
	if err := errors.Join(append(missing, err, os.CopyFS(folder, files))...); err != nil {
		return nil, err
	}
	return &script{folder: folder, users: users}, nil
}

func (*script) name() string { return "script" }

func (s *script) prepare(ctx context.Context, d *database) error {
	tables, err := scriptFiles.ReadFile("script/tables.sql")
	if err != nil {
		return err
	}
	_, err = d.look.ExecContext(ctx, string(tables))
	return err
}

func (s *script) sync(ctx context.Context, d *database, _ scenario) (results.Figures, error) {
	command := exec.CommandContext(ctx, "bash", filepath.Join(s.folder, "sync.sh")) //nolint:gosec // our own script
	command.Env = append(os.Environ(), "REPORT="+s.users, "CREDENTIALS="+username+":"+password, "DATABASE="+d.url)
	began := time.Now()
	if out, err := command.CombinedOutput(); err != nil {
		return results.Figures{}, fmt.Errorf("%w: %s", err, out)
	}
	state := command.ProcessState
	return results.Figures{
		Seconds: time.Since(began).Seconds(), Peak: peak(state), CPU: (state.UserTime() + state.SystemTime()).Seconds(),
	}, nil
}

func (s *script) holds(ctx context.Context, d *database) (c counts, err error) {
	c.departed = notKept
	err = d.look.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM memberships)`).
		Scan(&c.present, &c.memberships)
	return c, err
}
