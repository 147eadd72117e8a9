// Package workos reads a tenant's directory from WorkOS Directory Sync, with WorkOS's own client: users and groups page
// by page, 100 a page, and the memberships by listing each group's users (a user's own list of groups is empty for newer
// teams; API reference, "Directory user").
//
// A read goes on from a Cursor, so that a fault costs one page. It is sealed only when the last page said that nothing
// follows and the directory is still linked: WorkOS serves what it has of a directory that lost its connection, which
// would look like people who left.
//
// The client's own mistakes to know of: its Iterator takes an empty page for the end, whatever the page says of more to
// come (pages checks Cursor), and a 200 of any other shape for an empty page (transport checks the shape).
package workos

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	sdk "github.com/workos/workos-go/v9"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/httpfault"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
)

// DefaultBaseURL is WorkOS itself.
const DefaultBaseURL = "https://api.workos.com"

const (
	// pageSize is the most that WorkOS lists in one page (API reference, "Pagination": limit from 1 to 100).
	pageSize = 100
	// requestTime is how long one request may take, its answer read.
	requestTime = 2 * time.Minute
	// connectTime is how long dialling may take, and again the TLS handshake.
	connectTime = 15 * time.Second
)

// Settings say which directory is read, and how.
type Settings struct {
	Directory string // directory_...
	APIKey    string
	BaseURL   string    // "" means DefaultBaseURL; https, but for loopback hosts
	Limiters  *Limiters // nil means one of its own, of DefaultRate
}

// Directory is one directory at WorkOS; it is a directory.Directory.
type Directory struct {
	id     string
	client *sdk.DirectorySyncService
}

var _ directory.Directory = (*Directory)(nil)

const source = "WorkOS"

func at(part string) fault.At {
	return fault.At{ //nolint:gosec // G101: it only names a credential
		Source: source, Part: part, Credential: "the WorkOS API key",
		Check: "In the WorkOS dashboard, under API Keys: is the key still there, and is it of the environment that the directory is in?",
	}
}

var (
	directoryAt   = at("the directory")
	usersAt       = at("the directory's users")
	groupsAt      = at("the directory's groups")
	membershipsAt = at("the users of a group")
)

// New connects to nothing yet. Its error is a *fault.Fault of the kind address_refused.
func New(s Settings) (*Directory, error) {
	if s.BaseURL == "" {
		s.BaseURL = DefaultBaseURL
	}
	if why := refuse(s.BaseURL); why != "" {
		return nil, fault.AddressRefused(directoryAt, why)
	}
	if s.Limiters == nil {
		s.Limiters = NewLimiters(DefaultRate)
	}
	client := sdk.NewClient(s.APIKey,
		sdk.WithBaseURL(s.BaseURL),
		sdk.WithMaxRetries(0), // Temporal retries, by kind of fault
		sdk.WithHTTPClient(&http.Client{Transport: newTransport(s.Limiters.of(s.Directory), requestTime)}),
	)
	return &Directory{id: s.Directory, client: client.DirectorySync()}, nil
}

// refuse says why the API key must not be sent to base; "" when it may.
func refuse(base string) string {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return "it is not a whole address"
	}
	ip := net.ParseIP(u.Hostname())
	loopback := strings.EqualFold(u.Hostname(), "localhost") || ip != nil && ip.IsLoopback()
	switch {
	case u.User != nil:
		return "it holds a user name or password"
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback):
		return "it doesn't start with https://"
	}
	return ""
}

// Source says what is particular to WorkOS: its groups list their members, by the ids that the directory's provider gave
// to people.
func Source() roster.Source {
	return roster.Source{
		Name: source, User: "user", IDs: "workos", Listed: "workos:idp_id", Provide: "map an attribute to it in the WorkOS dashboard",
	}
}

// Source is of directory.Directory.
func (d *Directory) Source() roster.Source { return Source() }

// Users reads the directory's users from the cursor on.
func (d *Directory) Users(ctx context.Context, from directory.Cursor, first int, keep func(directory.Page) error) (directory.Sealed, error) {
	next, err := parsePlace(usersAt, from)
	if err != nil {
		return directory.Sealed{}, err
	}
	if err := d.linked(ctx); err != nil {
		return directory.Sealed{}, err
	}
	if !next.end {
		params := &sdk.DirectorySyncListUsersParams{PaginationParams: paging(next.after), Directory: &d.id}
		err = pages(d.client.ListUsers(ctx, params), next.after, func(users []*sdk.DirectoryUserWithGroups, after string) error {
			page := directory.Page{First: first, Rows: make([]directory.Row, len(users)), Next: place{after: after, end: after == ""}.cursor()}
			for i, user := range users {
				row, err := d.row(user)
				if err != nil {
					return err
				}
				page.Rows[i] = row
			}
			first += len(users)
			return kept(keep(page))
		})
		if err != nil {
			return directory.Sealed{}, why(ctx, usersAt, next.after, err)
		}
	}
	if err := d.linked(ctx); err != nil {
		return directory.Sealed{}, err
	}
	if first == 1 {
		return directory.Sealed{}, fault.EmptyDirectory(source)
	}
	return directory.Seal(first - 1), nil
}

// row is a user's row, once it is certain that the user is of this directory.
func (d *Directory) row(user *sdk.DirectoryUserWithGroups) (directory.Row, error) {
	if err := d.ours(user.DirectoryID); err != nil {
		return nil, err
	}
	return row(user)
}

func (d *Directory) ours(directoryID string) error {
	if directoryID != d.id {
		return broken{func(at fault.At) *fault.Fault {
			return fault.PageMalformed(at, "an entry belongs to another directory")
		}}
	}
	return nil
}

// keepError marks an error as the receiver's own.
type keepError struct{ err error }

func (e keepError) Error() string { return e.err.Error() }

func kept(err error) error {
	if err != nil {
		return keepError{err}
	}
	return nil
}

// why turns what a call ended with into a fault; or into ctx's cause, wrapped, when it was us who ended it. after is the
// cursor that the call began from.
func why(ctx context.Context, at fault.At, after string, err error) error {
	var (
		own   keepError
		shape broken
		reply *sdk.APIError
	)
	switch {
	case errors.As(err, &own):
		return fmt.Errorf("keep %s: %w", at.Part, own.err)
	case ctx.Err() != nil:
		return fmt.Errorf("read %s: %w", at.Part, context.Cause(ctx))
	case errors.As(err, &shape):
		return shape.fault(at)
	case errors.As(err, &reply):
		refused := reply.StatusCode == http.StatusBadRequest || reply.StatusCode == http.StatusNotFound || reply.StatusCode == http.StatusUnprocessableEntity
		if after != "" && refused {
			return fault.CursorRefused(at)
		}
		return httpfault.Status(at, reply.StatusCode, time.Duration(reply.RetryAfter)*time.Second)
	}
	return httpfault.Exchange(at, err)
}
