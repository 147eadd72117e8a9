// Package workday reads a tenant's people and groups from two Workday custom reports, as Workday serves them to anyone
// with credentials: RaaS ("Reports as a Service"), one GET per report, Basic auth, one JSON object with all rows in its
// list Report_Entry, in one piece, without pages.
//
// A report can take half an hour until its first byte (Workday itself gives up after 30 minutes) and be 2 GB large.
// So a body is never held: each row is cut out of the stream as raw JSON and handed on, memory is bounded by the size
// of a row, and a read that breaks begins again at the beginning. Only what was read to the closing brace and the end of
// the body is sealed.
//
// Credentials go only to hosts on a list, over TLS, and follow no redirect to another host.
//
// Sources: the set-up article (steps 1 to 5) for reports, user and permissions; knowledgelib.io, "Workday RaaS
// Integration", for the 30 minutes, the 2 GB and that there are no pages.
package workday

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/read"
)

// The time that a report is given, unless Settings say otherwise.
const (
	// DefaultConnect is the time for dialling, and again for the TLS handshake.
	DefaultConnect = 15 * time.Second
	// DefaultFirstByte is the time from the request to the first row. Workday ends a report after 30 minutes; nothing here
	// may be shorter.
	DefaultFirstByte = 35 * time.Minute
	// DefaultIdle is the longest pause between two reads once rows have begun to come.
	DefaultIdle = 10 * time.Minute
)

// DefaultRowLimit is the largest row, in bytes.
const DefaultRowLimit = 1 << 20

// Settings say where the reports are and how they are asked for.
type Settings struct {
	Users    string // address of the user report
	Groups   string // address of the group report; "" when there is none: the tenant then has no groups
	Username string
	Password string
	// Hosts are the hosts that credentials may be sent to: "name" (at the usual port), "name:port", or "*.name" for all
	// below it. Nil means DefaultHosts. Loopback names must be listed too; they may then be http, and at any port.
	Hosts []string
	// GroupColumns are the tenant's own names of the group report's column for group_name; they come before the usual ones.
	GroupColumns []string
	Waits        Waits
	RowLimit     int // largest row in bytes; 0 means DefaultRowLimit
}

// Waits are the longest times to wait; 0 means the default of each.
type Waits struct {
	Connect   time.Duration
	FirstByte time.Duration
	Idle      time.Duration
}

// DefaultHosts are Workday's own.
func DefaultHosts() []string { return []string{"*.workday.com", "*.myworkday.com"} }

// Directory is a tenant's two reports; it is a directory.Directory.
type Directory struct {
	users, groups      *url.URL // groups is nil when there is no group report
	username, password string
	hosts              hosts
	columns            []string // of the group report, for group_name
	waits              Waits
	limit              int
	client             *http.Client
}

var _ directory.Directory = (*Directory)(nil)

// pageRows is how many groups are handed over at once.
const pageRows = 500

const (
	source     = "Workday"
	credential = "the integration system user's name and password"
	check      = "In Workday: is the integration system user's account active and its password not expired, is the report shared with " +
		"it, and does its security group have Get access to the report's domains (\"Worker Data: Public Worker Reports\" for the " +
		"report at all), with pending security policy changes activated?"
)

var (
	usersAt  = fault.At{Source: source, Part: "the user report", Credential: credential, Check: check}
	groupsAt = fault.At{Source: source, Part: "the group report", Credential: credential, Check: check}
)

// New checks the addresses and connects to nothing. Its error is a *fault.Fault of the kind address_refused.
func New(s Settings) (*Directory, error) {
	if s.Hosts == nil {
		s.Hosts = DefaultHosts()
	}
	d := &Directory{
		username: s.Username, password: s.Password, hosts: s.Hosts, columns: s.GroupColumns, limit: orElse(s.RowLimit, DefaultRowLimit),
		waits: Waits{
			Connect:   orElse(s.Waits.Connect, DefaultConnect),
			FirstByte: orElse(s.Waits.FirstByte, DefaultFirstByte),
			Idle:      orElse(s.Waits.Idle, DefaultIdle),
		},
	}
	var err error
	if d.users, err = reportAddress(usersAt, s.Users, d.hosts); err != nil {
		return nil, err
	}
	if s.Groups != "" {
		if d.groups, err = reportAddress(groupsAt, s.Groups, d.hosts); err != nil {
			return nil, err
		}
	}
	d.client = newClient(d.waits)
	return d, nil
}

func orElse[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// Source says what is particular to Workday: users' rows name their groups, and domain security policies decide what a
// report shows.
func Source() roster.Source {
	return roster.Source{Name: source, User: "row of the user report", IDs: "workday", Provide: "add a column for it to the report", Policies: true}
}

// Source is of directory.Directory.
func (d *Directory) Source() roster.Source { return Source() }

// Users reads the user report from its beginning, whatever the cursor. Each row is a page.
func (d *Directory) Users(ctx context.Context, _ directory.Cursor, _ int, keep func(directory.Page) error) (directory.Sealed, error) {
	rows := 0
	var page [1]directory.Row
	err := d.read(ctx, usersAt, d.users, func(raw []byte) error {
		rows++
		page[0] = raw
		return keep(directory.Page{First: rows, Rows: page[:]})
	})
	if err != nil {
		return directory.Sealed{}, err
	}
	if rows == 0 {
		return directory.Sealed{}, fault.EmptyDirectory(source)
	}
	return directory.Seal(rows), nil
}

// Groups reads the group report from its beginning, whatever the cursor. Memberships are not in it: Workday lists a
// user's groups in the user's own row.
func (d *Directory) Groups(ctx context.Context, _ directory.Cursor, _ int, keep func(directory.Page) error) (directory.Sealed, error) {
	if d.groups == nil {
		return directory.Seal(0), nil
	}
	groups := 0
	page := make([]directory.Group, 0, pageRows)
	flush := func() error {
		err := keep(directory.Page{First: groups - len(page) + 1, Groups: page})
		page = page[:0]
		return err
	}
	err := d.read(ctx, groupsAt, d.groups, func(raw []byte) error {
		name, err := read.ReadGroupName(raw, d.columns...)
		if err != nil {
			return fault.MalformedRow(groups+1, err)
		}
		groups++
		page = append(page, directory.Group{Row: groups, Name: roster.NormalText(name)})
		if len(page) < pageRows {
			return nil
		}
		return flush()
	})
	if err != nil {
		return directory.Sealed{}, err
	}
	if len(page) > 0 {
		if err := flush(); err != nil {
			return directory.Sealed{}, fmt.Errorf("keep %s: %w", groupsAt.Part, err)
		}
	}
	return directory.Seal(groups), nil
}

// read asks for a report and hands its rows over one by one. It returns nil only at the report's true end.
func (d *Directory) read(ctx context.Context, at fault.At, address *url.URL, keep func(raw []byte) error) error {
	answer, err := d.ask(ctx, at, address)
	if err != nil {
		return err
	}
	defer answer.close()
	err = split(at, answer, d.limit, answer.watched(keep))
	var kept keepError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &kept):
		return fmt.Errorf("keep %s: %w", at.Part, kept.err)
	case answer.failed != nil:
		return answer.why(ctx, at)
	}
	return err
}
