// Package workos reads a tenant's directory from WorkOS Directory Sync with WorkOS's own client.
//
// It reads users and groups in pages of 100. It reads memberships by listing each group's users, because a user's own
// list of groups is empty for newer teams (API reference, "Directory user").
//
// A read resumes from a Cursor, so a fault costs one page. It is sealed only if the last page says that nothing follows
// and the directory is still linked. WorkOS keeps serving the data of a directory that lost its connection, and stale
// data would look like people who left.
//
// The package works around four faults of the client. The client's Iterator takes an empty page for the end even if the
// page has a next cursor; pages checks the cursor. The client takes a 200 response of any other shape for an empty
// page; transport checks the shape. The client decodes numbers of custom attributes as floating point, and refuses a
// page for one entry that it can't decode; readBody prepares the entries.
package workos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	sdk "github.com/workos/workos-go/v9"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/httpfault"
	"github.com/rollcall/rollcall/internal/endpoint"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
)

// DefaultBaseURL is the URL of WorkOS's API.
const DefaultBaseURL = "https://api.workos.com"

const (
	// pageSize is WorkOS's largest page (API reference, "Pagination": limit from 1 to 100).
	pageSize = 100
	// requestTimeout limits one request, including reading the response.
	requestTimeout = 2 * time.Minute
	// connectTimeout limits dialling, and again the TLS handshake.
	connectTimeout = 15 * time.Second
	// rowLimit is the size of the largest row, in bytes.
	rowLimit = 1 << 20
)

// Options configure a Directory.
type Options struct {
	Directory string // id, such as "directory_01ECAZ4NV9QMV47GW873HDCX74"
	APIKey    string
	BaseURL   string    // "" means DefaultBaseURL; must be https unless the host is loopback
	Limiters  *Limiters // nil means a limiter for this Directory only, at DefaultRate
}

// Directory reads one directory at WorkOS. It implements directory.Directory and directory.Describer.
type Directory struct {
	id     string
	client *sdk.DirectorySyncService
}

var _ directory.Directory = (*Directory)(nil)

const source = "WorkOS"

func at(part string) fault.At {
	return fault.At{ //nolint:gosec // G101: it only names a credential
		Source: source, Part: part, Credential: "the WorkOS API key",
		Check: "In the WorkOS dashboard, under API Keys, check that the key exists and belongs to the directory's " +
			"environment.",
		Row:    "Look at WorkOS's status page, and for a proxy in between that changes responses.",
		Format: "Look at WorkOS's status page, and for a proxy in between that answers in its place.",
		Address: "Compare the directory's id in tenants.yaml with the one in the WorkOS dashboard, and see that the API " +
			"key is of the same environment.",
		Failure: "look at the directory in the WorkOS dashboard",
		Empty: "In the WorkOS dashboard, look at the directory's users. At the identity provider, check which people are " +
			"assigned to the app that feeds the directory.",
	}
}

var (
	directoryAt   = at("the directory")
	usersAt       = at("the directory's users")
	groupsAt      = at("the directory's groups")
	membershipsAt = at("the users of a group")
)

// New returns a Directory without connecting. Its error is a *fault.Fault of kind address_refused.
func New(s Options) (*Directory, error) {
	if s.BaseURL == "" {
		s.BaseURL = DefaultBaseURL
	}
	if why := denyReason(s.BaseURL); why != "" {
		return nil, fault.AddressRefused(directoryAt, why)
	}
	if s.Limiters == nil {
		s.Limiters = NewLimiters(DefaultRate)
	}
	client := sdk.NewClient(s.APIKey,
		sdk.WithBaseURL(s.BaseURL),
		sdk.WithMaxRetries(0), // Temporal retries, by kind of fault
		sdk.WithHTTPClient(&http.Client{Transport: newTransport(s.Limiters.forDirectory(s.Directory), requestTimeout)}),
	)
	return &Directory{id: s.Directory, client: client.DirectorySync()}, nil
}

// denyReason returns why the API key must not be sent to base, or "" if it may.
func denyReason(base string) string {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return "it is not a whole address"
	}
	switch {
	case u.User != nil:
		return "it holds a user name or password"
	case !endpoint.Secure(u):
		return "it doesn't start with https://"
	}
	return ""
}

// Source describes WorkOS: groups list their members by the ids that the directory's provider assigned.
func Source() roster.Source {
	return roster.Source{
		Name: source, User: "user", IDs: "workos", Listed: "workos:idp_id",
		Provide: "map an attribute to it in the WorkOS dashboard",
		Look:    "look for them in the WorkOS dashboard, and among the people assigned to the app at the identity provider",
	}
}

// Source implements directory.Directory.
func (d *Directory) Source() roster.Source { return Source() }

// Users reads the directory's users, starting at the cursor.
func (d *Directory) Users(
	ctx context.Context, from directory.Cursor, first int, handle func(directory.Page) error,
) (directory.Sealed, error) {
	next, err := parseCursor(usersAt, from)
	if err != nil {
		return directory.Sealed{}, err
	}
	if err := d.checkLinked(ctx); err != nil {
		return directory.Sealed{}, err
	}
	if !next.done {
		params := &sdk.DirectorySyncListUsersParams{PaginationParams: paging(next.after), Directory: &d.id}
		err = pages(d.client.ListUsers(ctx, params), next.after,
			func(users []*sdk.DirectoryUserWithGroups, after string) error {
				page := directory.Page{
					First: first, Rows: make([]directory.Row, len(users)),
					Next: position{after: after, done: after == ""}.cursor(),
				}
				for i, user := range users {
					row, err := d.row(user)
					if err != nil {
						return err
					}
					page.Rows[i] = row
				}
				first += len(users)
				return handlerErr(handle(page))
			})
		if err != nil {
			return directory.Sealed{}, toFault(ctx, usersAt, err)
		}
	}
	if err := d.checkLinked(ctx); err != nil {
		return directory.Sealed{}, err
	}
	if first == 1 {
		return directory.Sealed{}, fault.EmptyDirectory(usersAt)
	}
	return directory.Seal(first - 1), nil
}

// row returns a user's row after checking that the user belongs to this directory.
func (d *Directory) row(user *sdk.DirectoryUserWithGroups) (directory.Row, error) {
	if unreadable(user.ID, user.DirectoryID) {
		return directory.Unreadable(), nil
	}
	if err := d.checkDirectory(user.DirectoryID); err != nil {
		return nil, err
	}
	row, err := row(user)
	if len(row) > rowLimit {
		row = directory.Unreadable()
	}
	return row, err
}

// unreadable reports whether an entry was null, which the client decodes as one without ids.
func unreadable(id, directoryID string) bool { return id == "" && directoryID == "" }

func (d *Directory) checkDirectory(directoryID string) error {
	if directoryID != d.id {
		return responseError{func(at fault.At) *fault.Fault {
			return fault.PageMalformed(at, "an entry belongs to another directory")
		}}
	}
	return nil
}

// handlerError marks an error of the caller's handler.
type handlerError struct{ err error }

func (e handlerError) Error() string { return e.err.Error() }

func handlerErr(err error) error {
	if err != nil {
		return handlerError{err}
	}
	return nil
}

// toFault returns the fault for an error of the client. If ctx ended, it returns ctx's cause wrapped.
func toFault(ctx context.Context, at fault.At, err error) error {
	var (
		paging cursorError
		own    handlerError
		shape  responseError
		reply  *sdk.APIError
	)
	switch {
	case errors.As(err, &own):
		return fmt.Errorf("handle %s: %w", at.Part, own.err)
	case ctx.Err() != nil:
		return fmt.Errorf("read %s: %w", at.Part, context.Cause(ctx))
	case errors.As(err, &shape):
		return shape.fault(at)
	case errors.As(err, &reply):
		refused := reply.StatusCode == http.StatusBadRequest || reply.StatusCode == http.StatusNotFound ||
			reply.StatusCode == http.StatusUnprocessableEntity
		if refused && errors.As(err, &paging) {
			return fault.CursorRefused(at)
		}
		return httpfault.FromStatus(at, reply.StatusCode, time.Duration(reply.RetryAfter)*time.Second)
	}
	return httpfault.FromError(at, err)
}
