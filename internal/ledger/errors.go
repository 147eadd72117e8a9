package ledger

import "errors"

// Errors to test for with errors.Is.
var (
	// ErrNotFound says that the requested thing doesn't exist.
	ErrNotFound = errors.New("not found")
	// ErrSuperseded says that a later attempt has the stage, or that the tenant's generation isn't the plan's any more.
	// Trying again can't help.
	ErrSuperseded = errors.New("superseded")
)

// UnavailableError says that the database didn't answer, or answered with an error. Trying again may help.
type UnavailableError struct{ Err error }

// Error returns the database's error.
func (e *UnavailableError) Error() string { return e.Err.Error() }

// Unwrap returns the database's error.
func (e *UnavailableError) Unwrap() error { return e.Err }
