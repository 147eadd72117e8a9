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
	levels  string // file with levels to try; "": the tenant's own
	fields  string // file with fields to try; "": the tenant's own
	against string // run to compare with; "": the baseline
}

func newPreview(a *app) *cobra.Command {
	var flags previewFlags
	command := &cobra.Command{
		Use:   "preview TENANT",
		Short: "Show what a sync would change, and change nothing",
		Long: `Reads a tenant's directory and works out what a sync would change, as a sync does, but applies
nothing. It prints the plan and the rows to correct, as ` + "`starter report`" + ` does. Then it compares
with the tenant's last preview: which changes and issues are new, gone or changed. Start a new
tenant with a preview.

With --levels it reads no directory. It maps the management levels that members have now through
the map in the file, and shows whose role would change. With --fields it reads the directory with
the field map in the file, and compares with a preview under the tenant's own settings; if there
is none of the current members, it makes that preview first. With both, it reads the directory
with both maps. The files hold what stands under levels: or fields: of a tenant in tenants.yaml,
with or without that key; - reads the standard input.

Previews are kept as long as other runs: ` + "`starter runs TENANT --previews`" + ` lists them,
` + "`starter report TENANT RUN`" + ` shows one again, in any format.`,
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
	command.Flags().StringVar(&flags.against, "against", "",
		"compare with this run, a preview or a sync (default: the preview before)")
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
		r, err = preview.Simulate(ctx, a.db, a.asked(flags.tenant, "", ""), trial)
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
		if err := stage.NewRun(a.db, r).CheckComplete(ctx); err != nil {
			return nil, fmt.Errorf("run %s can't be compared with: %w", r.ID, err)
		}
		return &r, nil
	}
	found, err := preview.Baseline(ctx, a.db, flags.tenant, trial)
	if found != nil || err != nil || trial.Fields == nil {
		return found, err
	}
	return a.makeBaseline(ctx, flags.tenant)
}

// makeBaseline previews under the tenant's own settings. If these can't read the directory there is nothing to compare
// with. Any other failure would be the same with other settings, and asking again could lock an account.
func (a *app) makeBaseline(ctx context.Context, id string) (*round.Run, error) {
	fmt.Fprintln(a.errOut, "To compare with, the directory is read under the tenant's own settings first.")
	c, err := a.control(ctx)
	if err != nil {
		return nil, err
	}
	result, err := c.Preview(ctx, a.asked(id, "", ""), tenant.Trial{}, terminal.NewProgress(a.errOut))
	switch {
	case err != nil:
		return nil, err
	case result.Outcome == round.Failed && result.Error != nil && result.Error.Kind == string(fault.KindColumnMissing):
		fmt.Fprintf(a.errOut, "Under them it can't be read: %s (%s).\n", result.Error.Detail, result.Error.Kind)
		return nil, nil //nolint:nilnil // no baseline is no error
	case result.Outcome == round.Failed:
		return nil, a.finish(result)
	}
	r, err := c.PreviewRun(ctx, result)
	return &r, err
}

// readPreview has a worker read the directory, and returns the run. It prints the result of one that failed and returns
// an *ending.
func (a *app) readPreview(ctx context.Context, id string, trial tenant.Trial) (round.Run, error) {
	c, err := a.control(ctx)
	if err != nil {
		return round.Run{}, err
	}
	result, err := c.Preview(ctx, a.asked(id, "", ""), trial, terminal.NewProgress(a.errOut))
	if err != nil {
		return round.Run{}, err
	}
	if result.Outcome == round.Failed {
		return round.Run{}, a.finish(result)
	}
	return c.PreviewRun(ctx, result)
}
