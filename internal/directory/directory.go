// Package directory defines how Rollcall reads a tenant's directory. Package workday and package workos implement it.
//
// An adapter passes each page to a handler as it arrives. It returns a valid Sealed only after it reached the true end
// of the directory. A partial read returns an error, so people missing from half a report are never taken for leavers.
package directory

import (
	"context"

	"github.com/rollcall/rollcall/internal/roster"
)

// Row is the JSON of one row as the source sent it. It is not always an object. The handler must not keep it.
//
// A WorkOS row is a flat object of the user's standard and custom attributes with sorted keys. It holds nothing that
// changes by itself, so equal rows mean equal people.
type Row []byte

// Unreadable returns the row of somebody whose own row can't be used, such as one over the size limit.
func Unreadable() Row { return Row("null") }

// Membership is one user of one group, as WorkOS lists it.
type Membership struct {
	Group string // the group's key
	User  string // the user's external id (idp_id); "" when the user has none
	Email string
}

// Group is a group as the directory describes it. Two groups may have the same name.
type Group struct {
	Row  int    // position in the report, from 1
	Key  string // "" for Workday, which identifies a group by its name
	Name string // trimmed; "" when the row names no group, which is an issue of that row
}

// Page is what the source sent at once: Rows when reading users, Groups and Memberships when reading groups.
// Its slices are valid only until the handler returns.
type Page struct {
	First       int // number of the first row or group, from 1; rows are numbered through all reports
	Report      int // number of the report that the rows are of, from 1; 0: the source has no reports
	Rows        []Row
	Groups      []Group
	Memberships []Membership
	Next        Cursor // where the next page starts; "" for Workday, which has no pages
}

// Cursor is a position to resume a read from. The zero Cursor is the beginning. Only the adapter that made a cursor
// can interpret it. A cursor holds no personal data.
type Cursor string

// Directory reads one tenant's directory. It is safe for concurrent use.
//
// Users and Groups pass pages to handle in order and stop at its first error, which they return wrapped. When ctx ends,
// they return its cause wrapped. Every other error is a *fault.Fault. They retry nothing.
type Directory interface {
	// Users reads all users, starting at from. first is the number of the next row, 1 at the beginning. A source that
	// can't resume reads from the beginning. A directory without users is a fault of kind empty_directory.
	Users(ctx context.Context, from Cursor, first int, handle func(Page) error) (Sealed, error)
	// Groups reads all groups, and memberships if the source lists them by group. A directory may have no groups.
	Groups(ctx context.Context, from Cursor, first int, handle func(Page) error) (Sealed, error)
	// Source describes what differs between this source and others.
	Source() roster.Source
}

// Sealed is proof that a read reached its true end. The zero Sealed is not valid; only Seal makes a valid one.
type Sealed struct{ rows int }

// Seal returns a valid Sealed. Only adapters call it, at the true end of a read. rows counts all rows or groups from
// the beginning, including those of earlier attempts.
func Seal(rows int) Sealed { return Sealed{rows: rows + 1} }

// Rows returns the number of rows or groups. ok is false for the zero Sealed.
func (s Sealed) Rows() (rows int, ok bool) { return s.rows - 1, s.rows > 0 }
