// Package fault defines the errors of a sync. A Fault has a kind, whether a retry can help, who must act, and a hint
// what to do. Each kind has one constructor that fixes these.
//
// Neither the detail nor the hint contains personal data or credentials. The cause may, so it stays in this process.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind identifies a kind of fault, in lower snake case. Kinds are part of results and histories, so never rename one.
type Kind string

// Actor is who can correct a fault.
type Actor string

// The actors.
const (
	Customer Actor = "customer" // the tenant's Workday or WorkOS admin
	Operator Actor = "operator" // the person who runs Rollcall
	Nobody   Actor = "nobody"   // the fault is temporary
)

// Fault is an error of a known kind.
type Fault struct {
	Kind   Kind
	Detail string        // what failed and where, without personal data
	Hint   string        // what the actor should do
	Retry  bool          // whether a retry can help
	After  time.Duration // minimum delay before a retry; 0 leaves it to the retry policy
	Actor  Actor
	Cause  error // for errors.Is in this process; never sent to Temporal or a log
}

// Error returns the kind and the detail.
func (f *Fault) Error() string { return fmt.Sprintf("%s: %s", f.Kind, f.Detail) }

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// Of returns the first Fault in err's chain. ok is false if there is none.
func Of(err error) (_ *Fault, ok bool) {
	var f *Fault
	ok = errors.As(err, &f)
	return f, ok
}
