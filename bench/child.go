package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/rollcall/rollcall/bench/floor"
	"github.com/rollcall/rollcall/bench/results"
)

// childCommand is the argument by which this program, started by itself, does one job of the floor's: so it has memory
// and CPU of its own.
const childCommand = "child"

// task is what the child is told.
type task struct {
	Read string // a URL: read it and throw it away
	Job  floor.Job
}

// told is what it answers. Its time doesn't count the start of the process, as a worker's doesn't.
type told struct {
	Seconds float64
	Peak    int64
	Written int64
	Result  floor.Result
}

// child does a task.
func child(ctx context.Context, in io.Reader, out io.Writer) error {
	var t task
	if err := json.NewDecoder(in).Decode(&t); err != nil {
		return err
	}
	began := time.Now()
	var answer told
	var err error
	if t.Read != "" {
		err = floor.Discard(ctx, t.Read)
	} else {
		answer.Result, err = floor.Run(ctx, t.Job)
	}
	if err != nil {
		return err
	}
	answer.Seconds = time.Since(began).Seconds()
	used, err := usageOf(os.Getpid())
	if err != nil {
		return err
	}
	answer.Peak, answer.Written = used.peak, used.written
	return json.NewEncoder(out).Encode(answer)
}

// ask has a child do a task.
func ask(ctx context.Context, t task) (told, *os.ProcessState, error) {
	self, err := os.Executable()
	if err != nil {
		return told{}, nil, err
	}
	in, err := json.Marshal(t)
	if err != nil {
		return told{}, nil, err
	}
	command := exec.CommandContext(ctx, self, childCommand) //nolint:gosec // this program
	var out, complaint bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(in), &out, &complaint
	if err := command.Run(); err != nil {
		return told{}, nil, fmt.Errorf("%w: %s", err, &complaint)
	}
	var answer told
	return answer, command.ProcessState, json.Unmarshal(out.Bytes(), &answer)
}

// straight is the floor.
type straight struct {
	users, groups string
	pages         *floor.Pages // read instead
	lanes         int
}

func (straight) name() string { return "floor" }

func (straight) prepare(ctx context.Context, d *database) error { return d.migrate(ctx) }

func (f straight) sync(ctx context.Context, d *database, s scenario) (results.Figures, error) {
	job := floor.Job{Users: f.users, Pages: f.pages, Database: d.url, Tenant: tenantID, Lanes: f.lanes}
	if s.report != nil && s.report(1).Grouped {
		job.Groups = f.groups
	}
	answer, state, err := ask(ctx, task{Job: job})
	if err != nil {
		return results.Figures{}, err
	}
	figures := results.Figures{
		Seconds: answer.Seconds, Peak: answer.Peak, CPU: (state.UserTime() + state.SystemTime()).Seconds(),
	}
	if d.kind == results.SQLite {
		figures.Written = answer.Written
	}
	return figures, nil
}

func (straight) holds(ctx context.Context, d *database) (counts, error) { return d.holds(ctx) }

// reading is how long the report at a URL takes to be read and thrown away: the median of some times.
func reading(ctx context.Context, url string, times int) (float64, error) {
	var seconds []float64
	for range times {
		answer, _, err := ask(ctx, task{Read: url})
		if err != nil {
			return 0, fmt.Errorf("read the report: %w", err)
		}
		seconds = append(seconds, answer.Seconds)
	}
	return results.Median(seconds), nil
}
