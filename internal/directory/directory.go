// Package directory is the port to a tenant's directory: what Rollcall reads and how it learns that it read all of it.
//
// An adapter (workday, workos) reads page by page and hands each page over as it comes. Only when the true end was
// reached does it return a Sealed; a partial read ends in an error, so that nobody who is merely missing from half a
// report can be taken for somebody who left.
package directory

import "context"

// Row is one object of a report as it was sent: JSON, valid only until the keep function returns. For WorkOS it is
// the user's standard attributes and custom attributes in one flat object.
type Row []byte

// Membership names one user of one group, as WorkOS lists them.
type Membership struct {
	Group string // the group's key
	User  string // the user's external id (idp_id)
	Email string // for users without one
}

// Group is a group as the directory describes it. In a Workday report Key is empty: a group is known by its name.
type Group struct {
	Row  int // 1-based place in the report
	Key  string
	Name string
}

// Page is what came in one piece. Rows of Users pages, Groups and Memberships of Groups pages.
type Page struct {
	First       int // number of the first row, from 1
	Rows        []Row
	Groups      []Group
	Memberships []Membership
	Next        Cursor // where to go on after this page; "" where the source can't (Workday starts again)
}

// Cursor is a place to go on reading from; the zero Cursor is the beginning. It is opaque to all but its adapter and
// holds no personal data.
type Cursor string

// Directory reads one tenant's directory. Both methods hand pages to keep in order, stop at keep's first error and
// return it wrapped, and otherwise fail only with a *fault.Fault.
type Directory interface {
	// Users reads all people from the cursor on. first is the number of the next row (1 at the beginning).
	Users(ctx context.Context, from Cursor, first int, keep func(Page) error) (Sealed, error)
	// Groups reads all groups, and where the source lists them there, memberships.
	Groups(ctx context.Context, from Cursor, first int, keep func(Page) error) (Sealed, error)
	// Kind names source and id column for members' ExternalKind, such as "workos:idp_id"; for Workday it is "workday:"
	// and the reader adds the column that is used.
	Kind() string
}

// Sealed says that a read reached its true end. The zero Sealed doesn't; only Seal makes one that does.
type Sealed struct{ rows int }

// Seal is for adapters, at the true end of a read: rows is the number of rows (or groups) from the very beginning.
func Seal(rows int) Sealed { return Sealed{rows: rows + 1} }

// Rows is how many rows there were; ok is false for the zero Sealed.
func (s Sealed) Rows() (rows int, ok bool) { return s.rows - 1, s.rows > 0 }
