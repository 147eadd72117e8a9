// Package fault names what can go wrong in a sync: which kind it is, whether another try can help, who acts, and what
// to tell them. A Fault holds no personal data and no credential, in no part of it; its Cause stays in this process.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind names a fault in lower snake case. Kinds are part of results and histories: never rename one.
type Kind string

// Actor is who can put a fault right.
type Actor string

// The actors.
const (
	Customer Actor = "customer" // the tenant's Workday or WorkOS admin
	Operator Actor = "operator" // who runs Rollcall
	Nobody   Actor = "nobody"   // it passes by itself
)

// Fault is an error of a known kind.
type Fault struct {
	Kind   Kind
	Detail string        // what and where, without personal data
	Hint   string        // what to do about it
	Retry  bool          // whether another try can help
	After  time.Duration // when Retry: not before; 0 leaves it to the back-off
	Actor  Actor
	Cause  error // for errors.Is in this process; never sent to Temporal or a log
}

// Error is kind and detail.
func (f *Fault) Error() string { return fmt.Sprintf("%s: %s", f.Kind, f.Detail) }

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// Of finds the Fault in err's chain.
func Of(err error) (*Fault, bool) {
	var f *Fault
	ok := errors.As(err, &f)
	return f, ok
}
