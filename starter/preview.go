package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/internal/fault"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/workflows"
)

// preview is what was asked for.
type preview struct {
	tenant  string
	levels  string // file of levels to try; "": the tenant's own
	fields  string // file of fields to try; likewise
	against string // run to compare with; "": the one that suits
}

func newPreview(a *app) *cobra.Command {
	var asked preview
	command := &cobra.Command{
		Use:   "preview TENANT",
		Short: "Show what a sync would change, and change nothing",
		Long: `Reads a tenant's directory and works out what a sync would change, as a sync does, but applies nothing. It prints the plan
and the rows to put right, as ` + "`starter report`" + ` does, and then what is different from the tenant's preview before: changes
and issues that are new, gone or changed. A new tenant is best begun with this.

With --levels it reads nothing: the members' own management levels, as they are kept, go through the map of the file in
place of the tenant's, and whose role would be another is shown. With --fields it reads the directory with the field map of
the file, and compares with a preview under the tenant's own settings, which it makes first if none is there of the members
as they are now. With both it reads with both. The files have what stands under levels: or fields: of a tenant in
tenants.yaml, with or without that key; - reads the standard input.

Previews are kept as long as other runs: ` + "`starter runs TENANT --previews`" + ` lists them, ` + "`starter report TENANT RUN`" + ` shows one
again, in any format.`,
		Example: `  starter preview acme
  starter preview acme -o json | jq '.changes[] | select(.op == "departed")'
  starter preview acme --levels levels.yaml
  starter preview acme --fields fields.yaml -o json | jq '.compared.changes[] | select(.kind == "new")'
  starter preview acme --against 0193a7c2-5f3e-7d10-9c2b-8f6f0d7f4b11`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeTenant,
		RunE: func(command *cobra.Command, args []string) error {
			asked.tenant = args[0]
			return a.preview(command.Context(), asked)
		},
	}
	command.Flags().StringVar(&asked.levels, "levels", "", "file with the levels map to try; alone, nothing is read")
	command.Flags().StringVar(&asked.fields, "fields", "", "file with the field map to try")
	command.Flags().StringVar(&asked.against, "against", "", "compare with this run, a preview or a sync (default: the preview before)")
	// The only error is that there is no such flag.
	_ = command.RegisterFlagCompletionFunc("against", a.completeRun)
	return command
}

func (a *app) preview(ctx context.Context, asked preview) error {
	trial, err := a.trial(asked.levels, asked.fields)
	if err != nil {
		return err
	}
	if err := a.current(ctx, asked.tenant); err != nil {
		return err
	}
	with, err := a.against(ctx, asked, trial)
	if err != nil {
		return err
	}
	if trial.Levels != nil && trial.Fields == nil {
		r, err := a.replay(ctx, asked.tenant, trial)
		if err != nil {
			return err
		}
		return a.previewed(ctx, r, with)
	}
	r, err := a.readPreview(ctx, asked.tenant, trial)
	if err != nil {
		return err
	}
	return a.previewed(ctx, r, with)
}

// previewed writes what came of a preview.
func (a *app) previewed(ctx context.Context, r round.Run, with *round.Run) error {
	if err := a.report(ctx, r, with); err != nil {
		return err
	}
	if with == nil && a.format == textFormat {
		return a.print("\nThere is no earlier preview to compare with.\n")
	}
	return nil
}

// readPreview has a worker read the directory, and answers with the run that came of it. One that failed is an *ending,
// its result printed.
func (a *app) readPreview(ctx context.Context, tenant string, trial tenant.Trial) (round.Run, error) {
	result, err := a.runPreview(ctx, tenant, trial)
	if err != nil {
		return round.Run{}, err
	}
	if result.Outcome == round.Failed {
		return round.Run{}, a.finish(result)
	}
	return a.runOf(ctx, result)
}

// runOf is the run of a result, as it is kept.
func (a *app) runOf(ctx context.Context, result round.Result) (round.Run, error) {
	id, err := uuid.Parse(result.Run)
	if err != nil {
		return round.Run{}, fmt.Errorf("preview of %s: its run has no id: %w", result.Tenant, err)
	}
	r, err := a.kept.Run(ctx, result.Tenant, id)
	if err != nil {
		return round.Run{}, fmt.Errorf("preview of %s: run %s (is the worker's ROLLCALL_DATABASE_URL the same?): %w", result.Tenant, id, err)
	}
	return r, nil
}

// runPreview starts a preview and waits for it. One that is open serves as well if it tries the same; else its end is
// waited for, as there is one at a time.
func (a *app) runPreview(ctx context.Context, tenant string, trial tenant.Trial) (round.Result, error) {
	c, err := a.client(ctx)
	if err != nil {
		return round.Result{}, err
	}
	payload, err := trial.Payload()
	if err != nil {
		return round.Result{}, err
	}
	// Column names and levels are the customer's: they stay in the store, as names do. Temporal sees the request's id alone.
	request, err := a.request(ctx, "preview", resync{tenant: tenant, payload: payload})
	if err != nil {
		return round.Result{}, err
	}
	options := a.startOptions(workflows.PreviewID(tenant), "Preview of "+tenant)
	options.WorkflowExecutionErrorWhenAlreadyStarted = true
	for {
		execution, err := c.ExecuteWorkflow(ctx, options, workflows.PreviewName,
			workflows.Input{Tenant: tenant, Origin: round.Manual, Request: request})
		var open *serviceerror.WorkflowExecutionAlreadyStarted
		if errors.As(err, &open) {
			result, same, err := a.joinPreview(ctx, c, tenant, open.RunId, payload)
			if same || err != nil {
				return result, err
			}
			continue
		}
		if err != nil {
			return round.Result{}, fmt.Errorf("start the preview of %s: %w", tenant, err)
		}
		return a.await(ctx, c, execution, tenant)
	}
}

// joinPreview waits for the preview that is open, and tells whether it tried the same.
func (a *app) joinPreview(ctx context.Context, c client.Client, tenant, execution string, payload []byte) (round.Result, bool, error) {
	result, err := a.await(ctx, c, c.GetWorkflow(ctx, workflows.PreviewID(tenant), execution), tenant)
	if err != nil || result.Run == "" {
		return result, false, err
	}
	r, err := a.runOf(ctx, result)
	if err != nil {
		return result, false, err
	}
	request, err := requestOf(ctx, a.kept, r)
	return result, err == nil && string(request.Payload) == string(payload), err
}

// unreadable tells whether the directory could be read, but not under the tenant's own settings: what a trial may mend.
func unreadable(result round.Result) bool {
	return result.Outcome == round.Failed && result.Error != nil && result.Error.Kind == string(fault.KindColumnMissing)
}
