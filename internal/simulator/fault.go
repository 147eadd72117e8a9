package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// FaultKind is what goes wrong.
type FaultKind string

// Faults of the transport.
const (
	Status        FaultKind = "status"         // answers Status, with RetryAfter and Body if given
	Truncated     FaultKind = "truncated"      // the connection is closed after Bytes of the body
	Short         FaultKind = "short"          // the body ends after Bytes as if it were whole
	Reset         FaultKind = "reset"          // the connection is reset after Bytes of the body; 0: before any answer
	SlowStart     FaultKind = "slow_start"     // nothing comes before Delay
	SlowDrip      FaultKind = "slow_drip"      // Bytes come, then nothing for Delay, and so on
	HTML          FaultKind = "html"           // a login page, status 200
	XML           FaultKind = "xml"            // an XML document, status 200
	ErrorPage     FaultKind = "error_page"     // an error as JSON, status 200
	NotAuthorized FaultKind = "not_authorized" // Workday's "task submitted is not authorized", status 500
	WrongType     FaultKind = "wrong_type"     // the right body under another content type
)

// Faults of what the answer says.
const (
	NoEntries  FaultKind = "no_entries"  // no Report_Entry, no data
	EmptyPage  FaultKind = "empty_page"  // WorkOS: no users on the page, but a next cursor
	SameCursor FaultKind = "same_cursor" // WorkOS: the next cursor is the one that was asked for
	Unlinked   FaultKind = "unlinked"    // WorkOS: the directory's state is State, or "unlinked"
	Deleted    FaultKind = "deleted"     // WorkOS: there is no such directory
)

// Faults of the data.
const (
	DropColumn   FaultKind = "drop_column"   // Column stands in no row
	BlankColumn  FaultKind = "blank_column"  // Column is "" in each row
	DuplicateRow FaultKind = "duplicate_row" // Person's row comes twice
	BadValue     FaultKind = "bad_value"     // Person's row has Value in Column
	RemovePeople FaultKind = "remove_people" // about Percent of the people are missing, never number 0
	Shuffle      FaultKind = "shuffle"       // rows come in another order; WorkOS: within each page
)

// Endpoints, for Fault and Served.
const (
	Users       = "users"       // Workday: the users report; WorkOS: a page of a directory's users
	Groups      = "groups"      // Workday: the groups report; WorkOS: a page of groups
	Memberships = "memberships" // WorkOS: a page of a group's users
	Directories = "directories" // WorkOS: a page of directories
	Directory   = "directory"   // WorkOS: one directory
	User        = "user"        // WorkOS: one user
	OneGroup    = "group"       // WorkOS: one group

	// DirectoryUsers is for Served only: Users and Memberships together, to which WorkOS's rate limit applies.
	DirectoryUsers = "directory_users"
)

// Fault is something that goes wrong, for certain requests, on demand.
type Fault struct {
	ID         int             // given by Inject
	Tenant     string          // "": any
	Endpoint   string          // "": any
	Kind       FaultKind       //
	Skip       int             // how many requests go well before it
	Times      int             // how many requests it hits; 0: all until it is lifted
	Status     int             // for Status
	RetryAfter int             // for Status: seconds in Retry-After; 0: no such header
	Body       string          // for Status, HTML, XML, ErrorPage, NotAuthorized; "": the usual one
	Bytes      int             // for Truncated, Short, Reset, SlowDrip: bytes of the body as sent (compressed, if it is)
	Delay      time.Duration   // for SlowStart, SlowDrip
	State      string          // for Unlinked
	Column     string          // for DropColumn, BlankColumn, BadValue: its name in the report or of the attribute
	Value      json.RawMessage // for BadValue; null leaves the cell out
	Person     int             // for DuplicateRow, BadValue: the number
	Percent    int             // for RemovePeople
}

var (
	faultKinds = []FaultKind{
		Status, Truncated, Short, Reset, SlowStart, SlowDrip, HTML, XML, ErrorPage, NotAuthorized, WrongType, NoEntries,
		EmptyPage, SameCursor, Unlinked, Deleted, DropColumn, BlankColumn, DuplicateRow, BadValue, RemovePeople, Shuffle,
	}
	endpoints = []string{"", Users, Groups, Memberships, Directories, Directory, User, OneGroup}
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

// faults are those that hit one request.
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

// absent tells whether a person is missing through a fault.
func (fs faults) removes(c *Company, number int) bool {
	f, ok := fs.find(RemovePeople)
	return ok && number > 0 && c.pick(drawRemove, number, 0, 100) < f.Percent
}

// copies is how often a person's row comes.
func (fs faults) copies(number int) int {
	n := 1
	for _, f := range fs {
		if f.Kind == DuplicateRow && f.Person == number {
			n++
		}
	}
	return n
}

// spoil puts the faults of columns and values into a person's row.
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
		default: // the others are no faults of a row
		}
	}
	return row
}
