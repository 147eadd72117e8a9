package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/preview"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/internal/terminal"
)

// previewFlags are the arguments and flags of preview.
type previewFlags struct {
	tenant  string
	levels  string // file with a levels map; "": use the tenant's
	fields  string // file with a field map; "": use the tenant's
	against string // id of the run to compare with; "": the last preview
}

func newPreview(a *app) *cobra.Command {
	var flags previewFlags
	command := &cobra.Command{
		Use:   "preview TENANT",
		Short: "Show what a sync would change, and change nothing",
		Long: `Reads a tenant's directory and makes the plan that a sync would make, but applies nothing. It
prints the plan and the rows to correct, like ` + "`starter report`" + `. It then compares with the tenant's
last preview, and lists the changes and issues that are new, gone or different. Preview each new
tenant before its first sync.

With --levels the command does not read the directory. It applies the levels map in the file to the
members' management levels and shows whose role would change. With --fields it reads the directory
with the field map in the file. It compares the result with a preview under the tenant's settings,
and makes that preview first if there is no current one. With both flags it reads the directory
with both maps. A file has the value of levels: or fields: in tenants.yaml, with or without the
key; - reads the standard input.

Previews are stored as long as other runs. ` + "`starter runs TENANT --previews`" + ` lists them, and
` + "`starter report TENANT RUN`" + ` prints one again, in any format.`,
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
	command.Flags().StringVar(&flags.levels, "levels", "",
		"file with a levels map to try; without --fields, the directory is not read")
	command.Flags().StringVar(&flags.fields, "fields", "", "file with a field map to try")
	command.Flags().StringVar(&flags.against, "against", "",
		"run to compare with, a preview or a sync (default: the last preview)")
	// It fails only if the flag does not exist.
	_ = command.RegisterFlagCompletionFunc("against", a.completeRun)
	return command
}

func (a *app) preview(ctx context.Context, flags previewFlags) error {
	trial, err := a.readTrial(flags)
	if err != nil {
		return err
	}
	if err := a.checkTenant(ctx, flags.tenant); err != nil {
		return err
	}
	baseline, err := a.baseline(ctx, flags, trial) // before the new preview becomes the last one
	if err != nil {
		return err
	}
	var r round.Run
	if trial.Levels != nil && trial.Fields == nil {
		r, err = preview.Simulate(ctx, a.db, a.newRequest(flags.tenant, "", ""), trial)
	} else {
		r, err = a.runPreview(ctx, flags.tenant, trial)
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

// readTrial reads the files that replace settings of the tenant.
func (a *app) readTrial(flags previewFlags) (t tenant.Trial, err error) {
	if flags.levels == "-" && flags.fields == "-" {
		return t, usagef("only one of --levels and --fields can read the standard input")
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

// baseline returns the run to compare with: the run of --against, or the last suitable preview. With --fields it makes
// that preview if there is none. It returns nil if there is nothing to compare with.
func (a *app) baseline(ctx context.Context, flags previewFlags, trial tenant.Trial) (*round.Run, error) {
	if flags.against != "" {
		r, err := a.runArgument(ctx, flags.tenant, flags.against)
		if err != nil {
			return nil, err
		}
		if err := stage.NewRun(a.db, r).CheckComplete(ctx); err != nil {
			return nil, fmt.Errorf("cannot compare with run %s: %w", r.ID, err)
		}
		return &r, nil
	}
	found, err := preview.Baseline(ctx, a.db, flags.tenant, trial)
	if found != nil || err != nil || trial.Fields == nil {
		return found, err
	}
	return a.makeBaseline(ctx, flags.tenant)
}

// makeBaseline makes a preview under the tenant's settings. It returns nil if a column is missing under them: then
// there is nothing to compare with. Any other failure would recur in the next preview, so it ends the command; another
// request could lock the account.
func (a *app) makeBaseline(ctx context.Context, id string) (*round.Run, error) {
	fmt.Fprintln(a.errOut, "First, a preview under the tenant's settings, to compare with.")
	c, err := a.control(ctx)
	if err != nil {
		return nil, err
	}
	result, err := c.Preview(ctx, a.newRequest(id, "", ""), tenant.Trial{}, terminal.NewProgress(a.errOut))
	switch {
	case err != nil:
		return nil, err
	case result.Outcome == round.Failed && result.Error != nil && result.Error.Kind == string(fault.KindColumnMissing):
		fmt.Fprintf(a.errOut, "That preview failed, so there is nothing to compare with: %s (%s).\n",
			result.Error.Detail, result.Error.Kind)
		return nil, nil //nolint:nilnil // no baseline is no error
	case result.Outcome == round.Failed:
		return nil, a.finish(result)
	}
	r, err := c.PreviewRun(ctx, result)
	return &r, err
}

// runPreview starts a preview on a worker and returns its run. If the preview fails, it prints the result and returns
// an *exitError.
func (a *app) runPreview(ctx context.Context, id string, trial tenant.Trial) (round.Run, error) {
	c, err := a.control(ctx)
	if err != nil {
		return round.Run{}, err
	}
	result, err := c.Preview(ctx, a.newRequest(id, "", ""), trial, terminal.NewProgress(a.errOut))
	if err != nil {
		return round.Run{}, err
	}
	if result.Outcome == round.Failed {
		return round.Run{}, a.finish(result)
	}
	return c.PreviewRun(ctx, result)
}
