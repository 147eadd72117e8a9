package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/names"
	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/terminal"
)

func newMembers(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "members TENANT",
		Short: "List the current members of a tenant",
		Long: `Lists the current members of a tenant: active, inactive and departed. The JSON has one member per
line, with all fields.`,
		Example: `  starter members acme
  starter members acme -o json | jq -r 'select(.status == "inactive") | .email'`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			return a.members(command.Context(), args[0])
		},
	}
}

// member is the JSON of one member.
type member struct {
	ID              uuid.UUID `json:"id"`
	ExternalID      *string   `json:"external_id"`
	Email           *string   `json:"email"`
	FirstName       *string   `json:"first_name"`
	LastName        *string   `json:"last_name"`
	ManagementLevel *string   `json:"management_level"`
	Role            *string   `json:"role"`
	JobTitle        *string   `json:"job_title"`
	BusinessUnit    *string   `json:"business_unit"`
	JobFunction     *string   `json:"job_function"`
	PeopleManager   *bool     `json:"people_manager"`
	ManagerEmail    *string   `json:"manager_email"`
	City            *string   `json:"city"`
	Country         *string   `json:"country"`
	Office          *string   `json:"office"`
	Locale          *string   `json:"locale"`
	Status          string    `json:"status"`
	Groups          []string  `json:"groups"` // names, sorted
	CreatedAt       time.Time `json:"created_at"`
	UpdatedAt       time.Time `json:"updated_at"`
}

func newMember(m roster.Member, groups []string) member {
	v := func(f roster.Field) *string { return nullable.Of(m.Values[f]) }
	return member{
		ID: m.ID, ExternalID: nullable.Of(m.ExternalID), Email: v(roster.Email), FirstName: v(roster.FirstName),
		LastName: v(roster.LastName), ManagementLevel: v(roster.ManagementLevel), Role: v(roster.Role),
		JobTitle: v(roster.JobTitle), BusinessUnit: v(roster.BusinessUnit), JobFunction: v(roster.JobFunction),
		PeopleManager: parseYes(m.Values[roster.PeopleManager]), ManagerEmail: v(roster.ManagerEmail),
		City:    v(roster.City),
		Country: v(roster.Country), Office: v(roster.Office), Locale: v(roster.Locale), Status: m.Values[roster.Status],
		Groups: groups, CreatedAt: m.CreatedAt.UTC(), UpdatedAt: m.UpdatedAt.UTC(),
	}
}

// parseYes returns whether value is "yes", or nil if it is empty.
func parseYes(value string) *bool {
	if value == "" {
		return nil
	}
	is := value == "yes"
	return &is
}

// memberBatch is how many members one query looks up the groups of.
const memberBatch = 1000

func (a *app) members(ctx context.Context, id string) error {
	db, err := a.tenantStore(ctx, id)
	if err != nil {
		return err
	}
	l := memberList{app: a, tenant: id, store: db}
	if a.format == textFormat {
		l.table = a.table("ID", "NAME", "EMAIL", "ROLE", "JOB TITLE", "STATUS", "GROUPS")
	}
	if l.names, err = names.Groups(ctx, db, id); err != nil {
		return err
	}
	batch := make([]roster.Member, 0, memberBatch)
	for m, err := range db.Members(ctx, id) {
		if err != nil {
			return fmt.Errorf("members of %s: %w", id, err)
		}
		if batch = append(batch, m); len(batch) == memberBatch {
			if err := l.printBatch(ctx, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	if err := l.printBatch(ctx, batch); err != nil {
		return err
	}
	if l.table != nil {
		return l.table.Flush()
	}
	return nil
}

// memberList prints members in batches.
type memberList struct {
	*app
	tenant string
	store  *store.Store
	names  map[uuid.UUID]string // of groups, by id
	table  *terminal.Table      // nil for JSON
}

func (l memberList) printBatch(ctx context.Context, batch []roster.Member) error {
	ids := make([]uuid.UUID, len(batch))
	for i, m := range batch {
		ids[i] = m.ID
	}
	memberships, err := l.store.MembershipsOf(ctx, l.tenant, ids)
	if err != nil {
		return fmt.Errorf("memberships of %s: %w", l.tenant, err)
	}
	groups := make(map[uuid.UUID][]string, len(batch))
	for _, m := range memberships {
		groups[m.Member] = append(groups[m.Member], l.names[m.Group])
	}
	for _, m := range batch {
		sorted := append([]string{}, groups[m.ID]...)
		slices.Sort(sorted)
		if err := l.printMember(newMember(m, sorted), m); err != nil {
			return err
		}
	}
	return nil
}

func (l memberList) printMember(shown member, m roster.Member) error {
	if l.table == nil {
		return l.writeJSON(shown)
	}
	v := m.Values
	name := strings.TrimSpace(v[roster.FirstName] + " " + v[roster.LastName])
	return l.table.Row(m.ID, name, v[roster.Email], v[roster.Role], v[roster.JobTitle],
		v[roster.Status], strings.Join(shown.Groups, ", "))
}
