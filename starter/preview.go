package main

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	enumspb "go.temporal.io/api/enums/v1"

	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

func newPreview(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "preview TENANT",
		Short: "Show what a sync would change, and change nothing",
		Long: `Reads a tenant's directory and works out what a sync would change, as a sync does, but applies nothing. It prints the plan
and the rows to put right, as ` + "`starter report`" + ` does. A new tenant is best begun with this.`,
		Example: `  starter preview acme
  starter preview acme -o json | jq '.changes[] | select(.op == "departed")'`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			return a.preview(command.Context(), args[0])
		},
	}
}

func (a *app) preview(ctx context.Context, tenant string) error {
	if err := a.current(ctx, tenant); err != nil {
		return err
	}
	c, err := a.client(ctx)
	if err != nil {
		return err
	}
	request, err := a.request(ctx, "preview", resync{tenant: tenant})
	if err != nil {
		return err
	}
	options := a.startOptions(workflows.PreviewID(tenant), "Preview of "+tenant)
	options.WorkflowIDConflictPolicy = enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING // one that is open serves as well
	execution, err := c.ExecuteWorkflow(ctx, options, workflows.PreviewName,
		workflows.Input{Tenant: tenant, Origin: round.Manual, Request: request})
	if err != nil {
		return fmt.Errorf("start the preview of %s: %w", tenant, err)
	}
	result, err := a.await(ctx, c, execution, tenant)
	if err != nil {
		return err
	}
	if result.Outcome == round.Failed {
		return a.finish(result)
	}
	id, err := uuid.Parse(result.Run)
	if err != nil {
		return fmt.Errorf("preview of %s: its run has no id: %w", tenant, err)
	}
	r, err := a.kept.Run(ctx, tenant, id)
	if err != nil {
		return fmt.Errorf("preview of %s: run %s (is the worker's ROLLCALL_DATABASE_URL the same?): %w", tenant, id, err)
	}
	return a.report(ctx, r)
}
