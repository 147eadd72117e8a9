package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/control"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/roster"
)

func newLink(a *app) *cobra.Command {
	return a.newLinking(control.LinkVerb, &cobra.Command{
		Use:   "link TENANT MEMBER EXTERNAL_ID --by WHO",
		Short: "Decide that a row is that of a member",
		Long: `Decides that the row with an external id is that of a member, for instance of one that a report lists
as relink_unclear. The next sync uses the row for the member, whatever its email and names are. If
another member has the external id, that member loses the row. Nothing changes while no row has
the id. MEMBER is a member id, which reports and ` + "`starter members`" + ` show. A member has one linked id:
a later link replaces an earlier one. A row with an id that the member had before stays the
member's, but isn't used while the linked row is there. Letter case doesn't matter.
` + "`starter unlink`" + ` takes a link back.
An open sync ends first: the command waits for it, for up to ten minutes.
Who decided and why is stored, in our database only.`,
		Example: `  starter link acme 01990000-0000-7000-8000-00000000002a E10042 --by jo --note "hired, ticket 4711"`,
		Args:    cobra.ExactArgs(3),
	})
}

func newUnlink(a *app) *cobra.Command {
	return a.newLinking(control.UnlinkVerb, &cobra.Command{
		Use:   "unlink TENANT MEMBER [EXTERNAL_ID] --by WHO",
		Short: "Decide that a row isn't that of a member",
		Long: `Decides that the row with an external id isn't that of a member. The default is the member's own
external id, which the member forgets. Name the id if the member is linked to another one. Syncs then
reject the row (unlinked_row) until ` + "`starter link`" + ` says whose it is: nobody is added or comes
back by it. While the row is in the directory, the member stays as it is. If another present member
has the id, the row is that member's. MEMBER is a member id. Letter case doesn't matter.
An open sync ends first: the command waits for it, for up to ten minutes.
Who decided and why is stored, in our database only.`,
		Example: `  starter unlink acme 01990000-0000-7000-8000-00000000002a --by jo --note "a namesake, ticket 4711"
  starter unlink acme 01990000-0000-7000-8000-00000000002a E10042 --by jo`,
		Args: cobra.RangeArgs(2, 3),
	})
}

// newLinking completes a command that decides about a member and an external id.
func (a *app) newLinking(verb string, command *cobra.Command) *cobra.Command {
	var by, note string
	command.ValidArgsFunction = a.completeTenant
	command.RunE = func(command *cobra.Command, args []string) error {
		if err := checkBy(by, "decides"); err != nil {
			return err
		}
		member, err := uuid.Parse(args[1])
		if err != nil {
			return usagef("%s is no member id: `starter members %s` lists them", args[1], args[0])
		}
		external := ""
		if len(args) > 2 {
			if external = roster.NormalText(args[2]); external == "" {
				return usagef("the external id is empty")
			}
		}
		req := a.newRequest(args[0], by, note)
		req.Verb = verb
		linked, err := a.link(command.Context(), req, member, external)
		if err != nil {
			return err
		}
		return a.write(linked, func() string { return linkedText(linked) })
	}
	command.Flags().StringVar(&by, "by", "", "who decides (required)")
	command.Flags().StringVar(&note, "note", "", "why; don't name the person")
	return command
}

func (a *app) link(
	ctx context.Context, req request.Request, member uuid.UUID, external string,
) (control.Linked, error) {
	db, err := a.tenantStore(ctx, req.Tenant)
	if err != nil {
		return control.Linked{}, err
	}
	if busy, err := db.RunOpen(ctx, req.Tenant); err != nil {
		return control.Linked{}, err
	} else if busy {
		fmt.Fprintf(a.errOut, "A sync of %s is open: waiting for it, up to ten minutes.\n", req.Tenant)
	}
	linked, err := control.Link(ctx, db, req, member, external)
	var unclear *ledger.UnlinkError
	var erased *control.ErasedIDError
	switch {
	case errors.As(err, &unclear), errors.As(err, &erased):
		return control.Linked{}, &exitError{exitUsage, err}
	case errors.Is(err, ledger.ErrNotFound):
		return control.Linked{}, &exitError{exitUsage, fmt.Errorf("%s has no member %s", req.Tenant, member)}
	}
	return linked, err
}

// linkedText says what follows from the decision.
func linkedText(l control.Linked) string {
	if l.Decision == control.LinkVerb {
		return fmt.Sprintf("%[1]s: linked. The next sync uses the row with the external id %[2]s for member %[3]s.\n"+
			"Sync now: starter resync %[1]s\n"+
			"Take it back: starter unlink %[1]s %[3]s %[2]s --by WHO\n", l.Tenant, l.ExternalID, l.Member)
	}
	return fmt.Sprintf("%[1]s: unlinked. Syncs reject the row with the external id %[2]s until you say whose it is:\n"+
		"  starter link %[1]s MEMBER %[2]s --by WHO\n", l.Tenant, l.ExternalID)
}
