package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/names"
	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/settings"
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

// memberJSON is a member as JSON shows it: its id, a key for each field of the field table, the names of its groups
// sorted, and two times.
type memberJSON struct {
	roster.Member
	groups []string
	custom roster.CustomFields // of the tenant: others aren't shown
}

// MarshalJSON returns the JSON object. A field that has no value is null. "custom" is an object of the
// custom fields that have a value.
func (m memberJSON) MarshalJSON() ([]byte, error) {
	type pair struct {
		key   string
		value any
	}
	shown := []pair{{"id", m.ID}, {"external_id", nullable.Of(m.ExternalID)}}
	for f := range roster.ValueFields() {
		if f == roster.Custom {
			custom := cmp.Or(m.custom.Select(m.Values[f]), "{}")
			shown = append(shown, pair{f.String(), json.RawMessage(custom)})
			continue
		}
		shown = append(shown, pair{f.String(), f.JSONValue(m.Values[f])})
	}
	shown = append(shown,
		pair{"groups", m.groups}, pair{"created_at", m.CreatedAt.UTC()}, pair{"updated_at", m.UpdatedAt.UTC()})
	out := []byte{'{'}
	for _, p := range shown {
		value, err := json.Marshal(p.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.key, err)
		}
		out = append(append(append(strconv.AppendQuote(out, p.key), ':'), value...), ',')
	}
	out[len(out)-1] = '}'
	return out, nil
}

// memberBatch is how many members one query looks up the groups of.
const memberBatch = 1000

func (a *app) members(ctx context.Context, id string) error {
	db, err := a.tenantStore(ctx, id)
	if err != nil {
		return err
	}
	now, _, err := settings.Load(ctx, db, id)
	if err != nil {
		return err
	}
	l := memberList{app: a, tenant: id, store: db, custom: now.Custom}
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
	custom roster.CustomFields
	table  *terminal.Table // nil for JSON
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
		if err := l.printOne(memberJSON{m, sorted, l.custom}); err != nil {
			return err
		}
	}
	return nil
}

func (l memberList) printOne(m memberJSON) error {
	if l.table == nil {
		return l.writeJSON(m)
	}
	v := m.Values
	name := strings.TrimSpace(v[roster.FirstName] + " " + v[roster.LastName])
	return l.table.Row(m.ID, name, v[roster.Email], v[roster.Role], v[roster.JobTitle],
		v[roster.Status], strings.Join(m.groups, ", "))
}
