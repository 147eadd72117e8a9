package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/preview"
	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/roster"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/staged"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/workflows"
)

// previewFlags are the arguments and flags of preview.
type previewFlags struct {
	tenant  string
	levels  string // file with levels to try; "": the tenant's own
	fields  string // file with fields to try; "": the tenant's own
	against string // run to compare with; "": the baseline
}

func newPreview(a *app) *cobra.Command {
	var flags previewFlags
	command := &cobra.Command{
		Use:   "preview TENANT",
		Short: "Show what a sync would change, and change nothing",
		Long: `Reads a tenant's directory and works out what a sync would change, as a sync does, but applies nothing. It prints the plan
and the rows to correct, as ` + "`starter report`" + ` does. Then it compares with the tenant's last preview: which changes and
issues are new, gone or changed. Start a new tenant with a preview.

With --levels it reads no directory. It maps the management levels that members have now through the map in the file, and
shows whose role would change. With --fields it reads the directory with the field map in the file, and compares with a
preview under the tenant's own settings; if there is none of the current members, it makes that preview first. With both,
it reads the directory with both maps. The files hold what stands under levels: or fields: of a tenant in tenants.yaml,
with or without that key; - reads the standard input.

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
			flags.tenant = args[0]
			return a.preview(command.Context(), flags)
		},
	}
	command.Flags().StringVar(&flags.levels, "levels", "", "file with the levels map to try; alone, nothing is read")
	command.Flags().StringVar(&flags.fields, "fields", "", "file with the field map to try")
	command.Flags().StringVar(&flags.against, "against", "", "compare with this run, a preview or a sync (default: the preview before)")
	// The only error is that there is no such flag.
	_ = command.RegisterFlagCompletionFunc("against", a.completeRun)
	return command
}

func (a *app) preview(ctx context.Context, flags previewFlags) error {
	trial, err := a.trial(flags)
	if err != nil {
		return err
	}
	if err := a.current(ctx, flags.tenant); err != nil {
		return err
	}
	baseline, err := a.baseline(ctx, flags, trial) // before this preview becomes the last one
	if err != nil {
		return err
	}
	var r round.Run
	if trial.Levels != nil && trial.Fields == nil {
		r, err = a.simulateLevels(ctx, flags.tenant, trial)
	} else {
		r, err = a.readPreview(ctx, flags.tenant, trial)
	}
	if err != nil {
		return err
	}
	if err := a.writeReport(ctx, r, baseline); err != nil {
		return err
	}
	if baseline == nil && a.format == textFormat {
		return a.print("\nThere is no earlier preview to compare with.\n")
	}
	return nil
}

// trial reads the files with what the preview tries.
func (a *app) trial(flags previewFlags) (t tenant.Trial, err error) {
	if flags.levels == "-" && flags.fields == "-" {
		return t, usagef("the standard input can be read once: give one of --levels and --fields a file")
	}
	for _, file := range []struct {
		path  string
		parse func(io.Reader) error
	}{{flags.levels, t.ParseLevels}, {flags.fields, t.ParseFields}} {
		if file.path == "" {
			continue
		}
		if err := a.parseFile(file.path, "nothing was previewed", file.parse); err != nil {
			return t, err
		}
	}
	return t, nil
}

// baseline returns the run to compare with: the one that was asked for, or the one that fits. For a preview that tries
// other fields it makes one if there is none. It returns nil if there is nothing to compare with.
func (a *app) baseline(ctx context.Context, flags previewFlags, trial tenant.Trial) (*round.Run, error) {
	if flags.against != "" {
		r, err := a.runArgument(ctx, flags.tenant, flags.against)
		if err != nil {
			return nil, err
		}
		if err := staged.Of(a.kept, r).Whole(ctx); err != nil {
			return nil, fmt.Errorf("run %s can't be compared with: %w", r.ID, err)
		}
		return &r, nil
	}
	found, err := preview.Baseline(ctx, a.kept, flags.tenant, trial)
	if found != nil || err != nil || trial.Fields == nil {
		return found, err
	}
	return a.makeBaseline(ctx, flags.tenant)
}

// makeBaseline previews under the tenant's own settings. If these can't read the directory there is nothing to compare
// with. Any other failure would be the same with other settings, and asking again could lock an account.
func (a *app) makeBaseline(ctx context.Context, tenantID string) (*round.Run, error) {
	fmt.Fprintln(a.errOut, "To compare with, the directory is read under the tenant's own settings first.")
	result, err := a.runPreview(ctx, tenantID, tenant.Trial{})
	switch {
	case err != nil:
		return nil, err
	case result.Outcome == round.Failed && result.Error != nil && result.Error.Kind == string(fault.KindColumnMissing):
		fmt.Fprintf(a.errOut, "Under them it can't be read: %s (%s).\n", result.Error.Detail, result.Error.Kind)
		return nil, nil //nolint:nilnil // no baseline is no error
	case result.Outcome == round.Failed:
		return nil, a.finish(result)
	}
	r, err := a.previewRun(ctx, result)
	return &r, err
}

// simulateLevels makes a preview of another levels map, without a worker.
func (a *app) simulateLevels(ctx context.Context, tenantID string, trial tenant.Trial) (round.Run, error) {
	settings, err := a.settingsOf(ctx, tenantID)
	if err != nil {
		return round.Run{}, err
	}
	payload, err := trial.Payload()
	if err != nil {
		return round.Run{}, err
	}
	id, err := a.request(ctx, request.Request{Tenant: tenantID, Verb: "preview", Payload: payload})
	if err != nil {
		return round.Run{}, err
	}
	return preview.Simulate(ctx, a.kept, preview.Levels{
		Tenant: tenantID, Request: id, Now: roster.Levels(settings.Levels), Tried: roster.Levels(trial.Levels),
	})
}

// readPreview has a worker read the directory, and returns the run. It prints the result of one that failed and returns
// an *ending.
func (a *app) readPreview(ctx context.Context, tenantID string, trial tenant.Trial) (round.Run, error) {
	result, err := a.runPreview(ctx, tenantID, trial)
	if err != nil {
		return round.Run{}, err
	}
	if result.Outcome == round.Failed {
		return round.Run{}, a.finish(result)
	}
	return a.previewRun(ctx, result)
}

// previewRun returns the stored run of a result.
func (a *app) previewRun(ctx context.Context, result round.Result) (round.Run, error) {
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

// runPreview starts a preview and waits for its result. A tenant has one open preview at a time: runPreview joins it if it
// tries the same, and otherwise waits for its end and starts its own.
func (a *app) runPreview(ctx context.Context, tenantID string, trial tenant.Trial) (round.Result, error) {
	c, err := a.client(ctx)
	if err != nil {
		return round.Result{}, err
	}
	payload, err := trial.Payload()
	if err != nil {
		return round.Result{}, err
	}
	// Column names and levels are the customer's, so they stay in the store. Temporal sees the request's id alone.
	id, err := a.request(ctx, request.Request{Tenant: tenantID, Verb: "preview", Payload: payload})
	if err != nil {
		return round.Result{}, err
	}
	options := a.startOptions(workflows.PreviewID(tenantID), "Preview of "+tenantID)
	options.WorkflowExecutionErrorWhenAlreadyStarted = true
	for {
		execution, err := c.ExecuteWorkflow(ctx, options, workflows.PreviewName,
			workflows.Input{Tenant: tenantID, Origin: round.Manual, Request: id})
		var open *serviceerror.WorkflowExecutionAlreadyStarted
		if errors.As(err, &open) {
			result, same, err := a.joinPreview(ctx, c.GetWorkflow(ctx, workflows.PreviewID(tenantID), open.RunId), tenantID, payload)
			if same || err != nil {
				return result, err
			}
			continue
		}
		if err != nil {
			return round.Result{}, fmt.Errorf("start the preview of %s: %w", tenantID, err)
		}
		return a.await(ctx, execution, tenantID)
	}
}

// joinPreview waits for an open preview, and tells whether it tried the same.
func (a *app) joinPreview(ctx context.Context, open client.WorkflowRun, tenantID string, payload []byte) (result round.Result, same bool, err error) {
	result, err = a.await(ctx, open, tenantID)
	if err != nil || result.Run == "" {
		return result, false, err
	}
	r, err := a.previewRun(ctx, result)
	if err != nil {
		return result, false, err
	}
	asked, err := request.Of(ctx, a.kept, r)
	return result, err == nil && string(asked.Payload) == string(payload), err
}
