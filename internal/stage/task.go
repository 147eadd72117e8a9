package stage

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/rollcall/rollcall/internal/fault"
)

// Task is a function that runs in its own goroutine. A panic becomes an error, as in the step's own goroutine.
type Task[R any] struct {
	done   chan struct{}
	result R
	err    error
}

// Start starts a task.
func Start[R any](do func() (R, error)) *Task[R] {
	t := newTask[R]()
	t.run(do)
	return t
}

func newTask[R any]() *Task[R] { return &Task[R]{done: make(chan struct{})} }

func (t *Task[R]) run(do func() (R, error)) {
	go func() {
		defer close(t.done)
		defer Recover(&t.err)
		t.result, t.err = do()
	}()
}

// Wait waits for the task and returns the function's result. A panic becomes a *fault.Fault of kind internal.
func (t *Task[R]) Wait() (R, error) {
	<-t.done
	return t.result, t.err
}

// Done reports whether the task has ended.
func (t *Task[R]) Done() bool {
	select {
	case <-t.done:
		return true
	default:
		return false
	}
}

// Job is a task without a result.
type Job struct{ task *Task[struct{}] }

// Go starts a job.
func Go(do func() error) Job {
	return Job{Start(func() (struct{}, error) { return struct{}{}, do() })}
}

// Wait waits for the job and returns its error.
func (j Job) Wait() error {
	_, err := j.task.Wait()
	return err
}

// Done reports whether the job has ended.
func (j Job) Done() bool { return j.task.Done() }

// Recover turns a panic into a *fault.Fault of kind internal, with a *PanicError as its cause. Defer it.
func Recover(err *error) {
	if value := recover(); value != nil {
		*err = fault.Internal(&PanicError{Value: value, Stack: callers()})
	}
}

// PanicError holds the value of a panic. Its text has no details, because the value may hold personal data.
type PanicError struct {
	Value any
	Stack string // the functions that led to the panic, by name and line
}

// Error returns "panic".
func (e *PanicError) Error() string { return "panic" }

// Unwrap returns the value if it is an error.
func (e *PanicError) Unwrap() error {
	err, ok := e.Value.(error)
	if !ok {
		return nil
	}
	return err
}

const maxFrames = 32

// callers returns the functions that led to a panic.
func callers() string {
	var b strings.Builder
	pcs := make([]uintptr, maxFrames)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(4, pcs)])
	for {
		frame, more := frames.Next()
		fmt.Fprintf(&b, "%s:%d ", frame.Function, frame.Line)
		if !more {
			return b.String()
		}
	}
}
