package directory

import "context"

// Description is what a source says of a directory itself, in the source's own words.
type Description struct {
	Type  string // the provider behind it
	State string
}

// Describer is a Directory whose source says something of it. Workday's reports say nothing of themselves.
type Describer interface {
	// Describe fails as Directory's methods do. For a directory that isn't linked it answers with the fault and, beside it,
	// the description.
	Describe(ctx context.Context) (Description, error)
}
