package ledger

import "errors"

// ErrSuperseded is what Stages, Runs and Ledger answer to an older attempt, or to a plan made from a generation that is
// no longer the tenant's. Another try cannot help.
var ErrSuperseded = errors.New("superseded")

// ErrNotFound is what they answer when there is no such thing.
var ErrNotFound = errors.New("not found")
