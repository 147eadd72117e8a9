// Package directory is the port to a tenant's directory: what Rollcall reads and how it learns that it read all of it.
//
// An adapter (workday, workos) reads page by page and hands each page over as it comes. Only when the true end was
// reached does it return a Sealed; a partial read ends in an error, so that nobody who is merely missing from half a
// report can be taken for somebody who left.
package directory

import (
	"context"

	"github.com/rollcall/rollcall/internal/roster"
)

// Row is one row of a report as it was sent: JSON, valid only until the keep function returns, and not always an object.
// For WorkOS it is the user's standard attributes and custom attributes in one flat object, with its keys in order and
// nothing in it that changes by itself, so that equal rows mean equal people.
type Row []byte

// Membership names one user of one group, as WorkOS lists them.
type Membership struct {
	Group string // the group's key
	User  string // the user's external id (idp_id)
	Email string // for users without one
}

// Group is a group as the directory describes it. In a Workday report Key is empty: a group is known by its name. Name is
// trimmed; where it is "" the row named no group, which is an issue of that row. Two groups may have one name.
type Group struct {
	Row  int // 1-based place in the report
	Key  string
	Name string
}

// Page is what came in one piece: Rows in pages of Users, Groups and Memberships in pages of Groups. Its lists are valid
// only until the keep function returns.
type Page struct {
	First       int // number of the first row or group, from 1
	Rows        []Row
	Groups      []Group
	Memberships []Membership
	Next        Cursor // where to go on after this page; "" where the source can't (Workday starts again)
}

// Cursor is a place to go on reading from; the zero Cursor is the beginning. It is opaque to all but its adapter and
// holds no personal data.
type Cursor string

// Directory reads one tenant's directory. Both methods hand pages to keep in order, stop at keep's first error and
// return it wrapped; when ctx ends they return its cause wrapped; otherwise they fail only with a *fault.Fault. Nothing is
// tried again here. A Directory may be used by several at once.
type Directory interface {
	// Users reads all people from the cursor on. first is the number of the next row (1 at the beginning). A directory
	// without anybody in it is a fault. A source that can't go on from a cursor begins at the beginning.
	Users(ctx context.Context, from Cursor, first int, keep func(Page) error) (Sealed, error)
	// Groups reads all groups, and where the source lists them there, memberships. No group at all is a complete answer.
	Groups(ctx context.Context, from Cursor, first int, keep func(Page) error) (Sealed, error)
	// Source says what differs between this source and others.
	Source() roster.Source
}

// Sealed says that a read reached its true end. The zero Sealed doesn't; only Seal makes one that does.
type Sealed struct{ rows int }

// Seal is for adapters, at the true end of a read: rows is the number of rows (or groups) from the very beginning.
func Seal(rows int) Sealed { return Sealed{rows: rows + 1} }

// Rows is how many rows there were; ok is false for the zero Sealed.
func (s Sealed) Rows() (rows int, ok bool) { return s.rows - 1, s.rows > 0 }
