package ledger

import "errors"

// Errors that callers tell apart by errors.Is.
var (
	// ErrNotFound says that what was asked for isn't there.
	ErrNotFound = errors.New("not found")
	// ErrSuperseded says that somebody else has taken over: an older attempt at a stage, or a plan made from a generation
	// that is no longer the tenant's. Another try cannot help.
	ErrSuperseded = errors.New("superseded")
)

// UnavailableError is what the database said when it didn't answer, or not as it should. Another try may help.
type UnavailableError struct{ Err error }

// Error is what the database said.
func (e *UnavailableError) Error() string { return e.Err.Error() }

// Unwrap returns what the database said.
func (e *UnavailableError) Unwrap() error { return e.Err }
