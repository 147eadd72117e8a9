package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// FaultKind is a kind of fault.
type FaultKind string

// Faults of the transport.
const (
	Status    FaultKind = "status"    // the response has Status, and RetryAfter and Body if given
	Truncated FaultKind = "truncated" // the connection is closed after Bytes of the body
	Short     FaultKind = "short"     // the body ends after Bytes without an error
	// Reset resets the connection after Bytes of the body; 0: before the response.
	Reset         FaultKind = "reset"
	SlowStart     FaultKind = "slow_start"     // nothing is sent before Delay
	SlowDrip      FaultKind = "slow_drip"      // pauses for Delay after each Bytes
	HTML          FaultKind = "html"           // a login page, status 200
	XML           FaultKind = "xml"            // an XML document, status 200
	ErrorPage     FaultKind = "error_page"     // an error as JSON, status 200
	NotAuthorized FaultKind = "not_authorized" // Workday's "task submitted is not authorized", status 500
	WrongType     FaultKind = "wrong_type"     // the right body under another content type
)

// Faults of the content.
const (
	NoEntries  FaultKind = "no_entries"  // no Report_Entry, no data
	EmptyPage  FaultKind = "empty_page"  // WorkOS: no users on the page, but a next cursor
	SameCursor FaultKind = "same_cursor" // WorkOS: the next cursor equals the requested one
	Unlinked   FaultKind = "unlinked"    // WorkOS: the directory's state is State, or "unlinked"
	Deleted    FaultKind = "deleted"     // WorkOS: the directory doesn't exist
)

// Faults of the data.
const (
	DropColumn   FaultKind = "drop_column"   // no row has Column
	BlankColumn  FaultKind = "blank_column"  // Column is "" in each row
	DuplicateRow FaultKind = "duplicate_row" // Person's row is sent twice
	BadValue     FaultKind = "bad_value"     // Person's row has Value in Column
	RemovePeople FaultKind = "remove_people" // about Percent of the people are missing, never number 0
	Shuffle      FaultKind = "shuffle"       // rows are in another order; WorkOS: within each page
)

// Endpoints, for Fault and Served.
const (
	Users       = "users"       // Workday: the users report; WorkOS: a page of a directory's users
	Token       = "token"       // Workday: the token endpoint
	Groups      = "groups"      // Workday: the groups report; WorkOS: a page of groups
	Memberships = "memberships" // WorkOS: a page of a group's users
	Directories = "directories" // WorkOS: a page of directories
	Directory   = "directory"   // WorkOS: one directory
	User        = "user"        // WorkOS: one user
	OneGroup    = "group"       // WorkOS: one group

	// DirectoryUsers counts Users and Memberships together, to which WorkOS's rate limit applies. It is for Served
	// only.
	DirectoryUsers = "directory_users"
)

// Fault is an error that is injected into certain requests.
type Fault struct {
	ID         int       // set by Inject
	Tenant     string    // "": any
	Endpoint   string    // "": any
	Kind       FaultKind //
	Skip       int       // number of matching requests before the first hit
	Times      int       // number of hits; 0: unlimited
	Status     int       // for Status
	RetryAfter int       // for Status: seconds in Retry-After; 0: no such header
	Body       string    // for Status, HTML, XML, ErrorPage, NotAuthorized; "": the default body
	// for Truncated, Short, Reset, SlowDrip: bytes of the body as sent (compressed, if it is)
	Bytes   int
	Delay   time.Duration   // for SlowStart, SlowDrip
	State   string          // for Unlinked
	Column  string          // for DropColumn, BlankColumn, BadValue: its name in the report or of the attribute
	Value   json.RawMessage // for BadValue; null leaves the cell out
	Person  int             // for DuplicateRow, BadValue: the number
	Percent int             // for RemovePeople
}

var (
	faultKinds = []FaultKind{
		Status, Truncated, Short, Reset, SlowStart, SlowDrip, HTML, XML, ErrorPage, NotAuthorized, WrongType, NoEntries,
		EmptyPage, SameCursor, Unlinked, Deleted, DropColumn, BlankColumn, DuplicateRow, BadValue, RemovePeople,
		Shuffle,
	}
	endpoints = []string{"", Users, Token, Groups, Memberships, Directories, Directory, User, OneGroup}
)

func (f Fault) check() error {
	switch {
	case !slices.Contains(faultKinds, f.Kind):
		return fmt.Errorf("unknown fault %q", f.Kind)
	case !slices.Contains(endpoints, f.Endpoint):
		return fmt.Errorf("unknown endpoint %q", f.Endpoint)
	case f.Kind == Status && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("status %d can't be answered", f.Status)
	case f.Kind == BadValue && !json.Valid(f.Value):
		return fmt.Errorf("value of %s isn't JSON", f.Column)
	case f.Kind == SlowDrip && f.Bytes <= 0:
		return fmt.Errorf("%s needs bytes", f.Kind)
	}
	return nil
}

// faults are the faults of one request.
type faults []Fault

func (fs faults) find(kind FaultKind) (Fault, bool) {
	for _, f := range fs {
		if f.Kind == kind {
			return f, true
		}
	}
	return Fault{}, false
}

func (fs faults) has(kind FaultKind) bool {
	_, ok := fs.find(kind)
	return ok
}

// removes reports whether a fault removes a person.
func (fs faults) removes(c *Company, number int) bool {
	f, ok := fs.find(RemovePeople)
	return ok && number > 0 && c.pick(drawRemove, number, 0, 100) < f.Percent
}

// copies returns the number of times that a person's row is sent.
func (fs faults) copies(number int) int {
	n := 1
	for _, f := range fs {
		if f.Kind == DuplicateRow && f.Person == number {
			n++
		}
	}
	return n
}

// applyTo applies the faults of columns and values to a person's row.
func (fs faults) applyTo(row object, number int) object {
	for _, f := range fs {
		switch f.Kind {
		case DropColumn:
			row = slices.DeleteFunc(row, func(c cell) bool { return c.name == f.Column })
		case BlankColumn:
			row = row.with(f.Column, text(""))
		case BadValue:
			if f.Person != number {
				continue
			}
			if string(f.Value) == "null" {
				row = slices.DeleteFunc(row, func(c cell) bool { return c.name == f.Column })
			} else {
				row = row.with(f.Column, f.Value)
			}
		default: // not a fault of a row
		}
	}
	return row
}
