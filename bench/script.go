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
	"github.com/rollcall/rollcall/internal/environ"
)

//go:embed script
var scriptFiles embed.FS

// script is what a user might write instead of Rollcall, with curl, jq and psql. It has its own tables, without audit
// and grace time.
type script struct {
	folder string
	users  string
}

// newScript copies the script into a folder and looks for the programs that it calls.
func newScript(folder, users string) (*script, error) {
	var missing []error
	for _, program := range []string{"bash", "curl", "jq", "psql"} {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, fmt.Errorf("%w: run `tools/install curl jq postgresql-client`", err))
		}
	}
	if err := errors.Join(missing...); err != nil {
		return nil, err
	}
	return &script{filepath.Join(folder, "script"), users}, os.CopyFS(folder, scriptFiles)
}

func (*script) name() string { return results.ScriptName }

func (s *script) prepare(ctx context.Context, d *database) error {
	tables, err := fs.ReadFile(scriptFiles, "script/tables.sql")
	if err != nil {
		return err
	}
	_, err = d.conn.ExecContext(ctx, string(tables))
	return err
}

func (s *script) sync(ctx context.Context, d *database, _ scenario) (results.Figures, error) {
	command := exec.CommandContext(ctx, "bash", filepath.Join(s.folder, "sync.sh")) //nolint:gosec // our own script
	command.Env = environ.Bare(s.folder, "REPORT="+s.users, "CREDENTIALS="+username+":"+password, "DATABASE="+d.url)
	began := time.Now()
	if out, err := command.CombinedOutput(); err != nil {
		return results.Figures{}, fmt.Errorf("%w: %s", err, out)
	}
	figures := usedBy(command.ProcessState)
	figures.Seconds = time.Since(began).Seconds()
	return figures, nil
}

func (s *script) count(ctx context.Context, d *database) (c counts, err error) {
	c.departed = departedUnknown
	err = d.conn.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM memberships)`).
		Scan(&c.present, &c.memberships)
	return c, err
}
