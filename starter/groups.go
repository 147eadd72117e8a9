package main

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
)

func newGroups(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "groups TENANT",
		Short: "List the current groups of a tenant",
		Example: `  starter groups acme
  starter groups acme -o json | jq -r 'select(.members == 0) | .name'`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			return a.groups(command.Context(), args[0])
		},
	}
}

// group is the JSON of one group.
type group struct {
	ID      uuid.UUID `json:"id"`
	Key     string    `json:"key"` // WorkOS group id, or the name
	Name    string    `json:"name"`
	Members int       `json:"members"`
}

func (a *app) groups(ctx context.Context, id string) error {
	db, err := a.tenantStore(ctx, id)
	if err != nil {
		return err
	}
	groups, err := db.Groups(ctx, id)
	if err != nil {
		return fmt.Errorf("groups of %s: %w", id, err)
	}
	sizes, err := db.GroupSizes(ctx, id)
	if err != nil {
		return fmt.Errorf("memberships of %s: %w", id, err)
	}
	if a.format == jsonFormat {
		for _, g := range groups {
			if err := a.writeJSON(group{ID: g.ID, Key: g.Key, Name: g.Name, Members: sizes[g.ID]}); err != nil {
				return err
			}
		}
		return nil
	}
	table := a.table("ID", "NAME", "MEMBERS")
	for _, g := range groups {
		if err := table.Row(g.ID, g.Name, sizes[g.ID]); err != nil {
			return err
		}
	}
	return table.Flush()
}
