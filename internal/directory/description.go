package directory

import "context"

// Description holds the source's own terms for a directory.
type Description struct {
	Type  string // the provider behind the directory, such as "okta scim v2.0"
	State string // such as "linked"
}

// Describer is implemented by a Directory that can describe itself. Workday's reports can't.
type Describer interface {
	// Describe asks the source. Its errors are those of Directory. For a directory that isn't linked it returns both
	// the description and a fault of kind directory_not_linked.
	Describe(ctx context.Context) (Description, error)
}
