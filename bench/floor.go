package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/rollcall/rollcall/bench/results"
	"github.com/rollcall/rollcall/internal/environ"
)

// floor runs the program of package floor on Rollcall's own tables.
type floor struct {
	*rollcall
	source []string // arguments for the source
}

func (floor) name() string { return results.FloorName }

func (f floor) sync(ctx context.Context, d *database, _ scenario) (results.Figures, error) {
	args := slices.Concat(f.source, []string{"-database", d.url, "-tenant", tenantID})
	command := exec.CommandContext(ctx, filepath.Join(f.binaries, "floor"), args...) //nolint:gosec // our own
	command.Env = environ.Bare(f.folder)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	seconds, err := command.Output()
	if err != nil {
		return results.Figures{}, fmt.Errorf("%w: %s", err, &complaint)
	}
	figures := usedBy(command.ProcessState)
	if d.kind == results.Postgres {
		figures.Written = 0 // the server writes
	}
	figures.Seconds, err = strconv.ParseFloat(strings.TrimSpace(string(seconds)), 64)
	return figures, err
}

// usedBy returns the usage of an ended process and of the children that it waited for.
func usedBy(state *os.ProcessState) (f results.Figures) {
	f.CPU = (state.UserTime() + state.SystemTime()).Seconds()
	if used, ok := state.SysUsage().(*syscall.Rusage); ok {
		f.Written = used.Oublock * 512
	}
	return f
}
