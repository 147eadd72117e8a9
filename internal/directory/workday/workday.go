// Package workday reads a tenant's users and groups from Workday custom reports: one or several of users, and one of
// groups. A read of users is sealed only at the end of the last report, so each of them was read whole.
//
// Workday serves a report by RaaS (Reports as a Service): one GET request with Basic authentication, or with an access
// token of OAuth 2.0. The response is one JSON object with all rows in the array Report_Entry. There are no pages.
//
// A report can take 30 minutes to its first byte, after which Workday gives up, and it can be 2 GB large. The package
// therefore streams: it cuts each row from the body as raw JSON and passes it on. Memory is bounded by the largest row.
// A broken read restarts from the beginning. A read is sealed only at the end of the body, after the closing brace.
//
// Credentials are sent only to allowed hosts, over TLS, and never follow a redirect to another host.
//
// Sources: the set-up article (steps 1 to 5) for reports, user and permissions; knowledgelib.io, "Workday RaaS
// Integration", for the 30 minutes, the 2 GB and the lack of pages.
package workday

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/read"
)

// The default timeouts of a report.
const (
	// DefaultConnectTimeout limits dialling, and again the TLS handshake.
	DefaultConnectTimeout = 15 * time.Second
	// DefaultFirstByteTimeout limits the time from the request to the first row. It must be longer than the 30 minutes
	// after which Workday ends a report.
	DefaultFirstByteTimeout = 35 * time.Minute
	// DefaultIdleTimeout limits each read after the first row.
	DefaultIdleTimeout = 10 * time.Minute
)

// DefaultRowLimit is the default size of the largest row, in bytes.
const DefaultRowLimit = 1 << 20

// Options configure a Directory.
type Options struct {
	Users    []string // URLs of the user reports, at least one
	Groups   string   // URL of the group report; "" means that the tenant has no groups
	Username string
	Password string
	OAuth    *OAuth // instead of Username and Password; nil: Basic authentication
	// Hosts are the hosts that credentials may be sent to: "name" (at the default port), "name:port", or "*.name" for
	// every subdomain. Nil means DefaultHosts. Loopback names must be listed too; they may use http and any port.
	Hosts []string
	// GroupColumns are the tenant's own names for the group_name column. They take precedence over the built-in names.
	GroupColumns []string
	Timeouts     Timeouts
	RowLimit     int // size of the largest row, in bytes; 0 means DefaultRowLimit
}

// Timeouts limit the phases of a request. 0 means the default of that phase.
type Timeouts struct {
	Connect   time.Duration
	FirstByte time.Duration
	Idle      time.Duration
}

// DefaultHosts returns Workday's own hosts.
func DefaultHosts() []string { return []string{"*.workday.com", "*.myworkday.com"} }

// Directory reads a tenant's reports. It implements directory.Directory.
type Directory struct {
	users              []*url.URL
	groups             *url.URL // nil if there is no group report
	username, password string
	tokens             *tokens // nil: Basic authentication
	hosts              hosts
	columns            []string // Settings.GroupColumns
	timeouts           Timeouts
	limit              int
	client             *http.Client
}

var _ directory.Directory = (*Directory)(nil)

const (
	groupsPerPage   = 500
	maxNamedColumns = 50 // columns of a group report that names no group
)

const (
	source     = "Workday"
	credential = "the integration system user's name and password"
	check      = "In Workday, check that the integration system user's account is active, that its password has not " +
		"expired, and that the report is shared with it. Check that its security group has Get access to the " +
		"report's domains (at least \"Worker Data: Public Worker Reports\"). Activate pending security policy " +
		"changes."
)

var (
	usersAt  = at("the user report")
	groupsAt = at("the group report")
)

// userReport returns where the i-th of n user reports is, from 0.
func userReport(i, n int) fault.At {
	if n == 1 {
		return usersAt
	}
	return at(fmt.Sprintf("user report %d", i+1))
}

func at(part string) fault.At {
	return fault.At{
		Source: source, Part: part, Credential: credential, Check: check,
		Row: "Look at that row in Workday: a calculated field that writes JSON, a quotation mark, a line break or a " +
			"number with leading zeros is the usual cause.",
		Format: "Open the address in a browser as the integration system user: a login or error page means an expired " +
			"password, a locked account or maintenance. See that the address is the report's JSON web service address " +
			"(it ends in format=json).",
		Address: "Compare the address in tenants.yaml with the one shown in Workday (report's actions, Web Service, View " +
			"URLs). Prompts of the report need default values.",
		Failure: "run the report by hand to see its error",
		Empty:   "Run the report as the integration system user: a lost permission or a filter often leaves it empty.",
	}
}

// New returns a Directory without connecting. Its error is a *fault.Fault of kind address_refused.
func New(s Options) (*Directory, error) {
	if s.Hosts == nil {
		s.Hosts = DefaultHosts()
	}
	d := &Directory{
		username: s.Username, password: s.Password, hosts: s.Hosts, columns: s.GroupColumns,
		limit: orElse(s.RowLimit, DefaultRowLimit),
		timeouts: Timeouts{
			Connect:   orElse(s.Timeouts.Connect, DefaultConnectTimeout),
			FirstByte: orElse(s.Timeouts.FirstByte, DefaultFirstByteTimeout),
			Idle:      orElse(s.Timeouts.Idle, DefaultIdleTimeout),
		},
	}
	if len(s.Users) == 0 {
		return nil, fault.AddressRefused(usersAt, "it is not a whole address")
	}
	for i, users := range s.Users {
		address, err := reportAddress(userReport(i, len(s.Users)), users, d.hosts)
		if err != nil {
			return nil, err
		}
		d.users = append(d.users, address)
	}
	var err error
	if s.Groups != "" {
		if d.groups, err = reportAddress(groupsAt, s.Groups, d.hosts); err != nil {
			return nil, err
		}
	}
	if s.OAuth != nil {
		if d.tokens, err = newTokens(*s.OAuth, d.hosts, d.timeouts); err != nil {
			return nil, err
		}
	}
	d.client = newClient(d.timeouts)
	return d, nil
}

func orElse[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// Source describes Workday: a user's row names the user's groups, and domain security policies decide what a report
// shows.
func Source() roster.Source {
	return roster.Source{
		Name: source, User: "row of the user report", IDs: "workday", Provide: "add a column for it to the report",
		Look:     "run the report as the integration system user and look for them",
		Policies: true,
	}
}

// Source implements directory.Directory.
func (d *Directory) Source() roster.Source { return Source() }

// Users reads the user reports one after the other. It ignores the cursor and starts at the beginning. Each row is a
// page. A report without rows fails the read, because its people would be taken for leavers.
func (d *Directory) Users(
	ctx context.Context, _ directory.Cursor, _ int, handle func(directory.Page) error,
) (directory.Sealed, error) {
	rows := 0
	var page [1]directory.Row
	for i, address := range d.users {
		before, report := rows, userReport(i, len(d.users))
		err := d.read(ctx, report, address, func(raw []byte) error {
			rows++
			page[0] = raw
			return handle(directory.Page{First: rows, Report: i + 1, Rows: page[:]})
		})
		if err != nil {
			return directory.Sealed{}, err
		}
		if rows == before {
			if len(d.users) > 1 {
				report.Source += "'s " + report.Part
			}
			return directory.Sealed{}, fault.EmptyDirectory(report)
		}
	}
	return directory.Seal(rows), nil
}

// Groups reads the group report. It ignores the cursor and starts at the beginning. Its pages have no memberships,
// because Workday lists a user's groups in the user's row.
func (d *Directory) Groups(
	ctx context.Context, _ directory.Cursor, _ int, handle func(directory.Page) error,
) (directory.Sealed, error) {
	if d.groups == nil {
		return directory.Seal(0), nil
	}
	groups, named, columns := 0, false, map[string]bool{}
	page := make([]directory.Group, 0, groupsPerPage)
	flush := func() error {
		err := handle(directory.Page{First: groups - len(page) + 1, Groups: page})
		page = page[:0]
		return err
	}
	err := d.read(ctx, groupsAt, d.groups, func(raw []byte) error {
		name, err := read.GroupName(raw, d.columns...)
		if err != nil {
			name = "" // a row that can't be read may be any group, as one without a name may be
		}
		if named = named || name != ""; !named && len(columns) < maxNamedColumns {
			for _, column := range read.GroupColumns(raw) {
				columns[column] = true
			}
		}
		groups++
		page = append(page, directory.Group{Row: groups, Name: roster.NormalText(name)})
		if len(page) < groupsPerPage {
			return nil
		}
		return flush()
	})
	if err != nil {
		return directory.Sealed{}, err
	}
	if groups > 0 && !named {
		return directory.Sealed{}, read.MissingGroupName(slices.Sorted(maps.Keys(columns)))
	}
	if len(page) > 0 {
		if err := flush(); err != nil {
			return directory.Sealed{}, fmt.Errorf("handle %s: %w", groupsAt.Part, err)
		}
	}
	return directory.Seal(groups), nil
}

// read requests a report and passes its rows to handle. It returns nil only at the report's true end.
func (d *Directory) read(ctx context.Context, at fault.At, address *url.URL, handle func(raw []byte) error) error {
	if d.tokens != nil {
		at.Credential, at.Check = clientCredential, clientCheck
	}
	response, err := d.get(ctx, at, address)
	if err != nil {
		return err
	}
	defer response.close()
	err = split(at, response, d.limit, response.startBefore(handle))
	var handlerErr handlerError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &handlerErr):
		return fmt.Errorf("handle %s: %w", at.Part, handlerErr.err)
	case response.err != nil:
		return response.fault(ctx, at)
	}
	return err
}
