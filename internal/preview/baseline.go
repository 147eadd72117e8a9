// Package preview has what previews need beside the worker: the baseline that a new preview is compared with, and
// previews by level simulation, which read no directory.
package preview

import (
	"context"
	"fmt"
	"slices"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/settings"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/internal/tenant"
)

// BaselineStore has the previews of a tenant, and what the tenant has now.
type BaselineStore interface {
	settings.Store
	stage.RunStore
	request.Store
	// Previews returns the latest previews of a tenant, at most limit of them, latest first.
	Previews(ctx context.Context, tenant string, limit int) ([]run.Run, error)
	State(ctx context.Context, tenant string) (ledger.State, error)
}

// Baseline returns the run to compare a new preview with, or nil if there is none:
//
//   - For a preview that tries other fields, the latest preview under the tenant's own settings. It must have seen the
//     members and settings that the tenant has now.
//   - For any other preview, the latest one that tried the same keys of tenants.yaml.
//
// Call it before the new preview begins.
func Baseline(ctx context.Context, s BaselineStore, tenant string, trial tenant.Trial) (*run.Run, error) {
	if trial.Fields == nil {
		return latest(ctx, s, tenant, trial.Tries())
	}
	last, err := latest(ctx, s, tenant, nil)
	if last == nil || err != nil {
		return nil, err
	}
	current, err := isCurrent(ctx, s, *last)
	if !current || err != nil {
		return nil, err
	}
	return last, nil
}

// searched is how many previews latest looks at.
const searched = 50

// latest returns the latest complete preview that tried exactly these keys, or nil.
func latest(ctx context.Context, s BaselineStore, tenant string, tries []string) (*run.Run, error) {
	previews, err := s.Previews(ctx, tenant, searched)
	if err != nil {
		return nil, fmt.Errorf("previews of %s: %w", tenant, err)
	}
	for _, r := range previews {
		if r.Result == nil || r.Result.Outcome != run.Previewed {
			continue
		}
		asked, err := request.Of(ctx, s, r)
		if err != nil {
			return nil, err
		}
		tried, err := request.Tried(asked)
		if err != nil {
			return nil, err
		}
		if slices.Equal(tried, tries) && stage.NewRun(s, r).CheckComplete(ctx) == nil {
			return &r, nil
		}
	}
	return nil, nil //nolint:nilnil // no baseline is no error
}

// isCurrent tells whether a preview saw the members and the settings that the tenant has now.
func isCurrent(ctx context.Context, s BaselineStore, r run.Run) (bool, error) {
	opening, err := stage.NewRun(s, r).Opening(ctx)
	if err != nil {
		return false, err
	}
	state, err := s.State(ctx, r.Tenant)
	if err != nil {
		return false, fmt.Errorf("state of %s: %w", r.Tenant, err)
	}
	now, row, err := settings.Of(ctx, s, r.Tenant)
	if err != nil {
		return false, err
	}
	return opening.Round.Generation == state.Generation && row.UpdatedAt.Before(r.Started) &&
		roster.RulesDigest(opening.Settings.Fields, opening.Settings.Levels) == roster.RulesDigest(now.Fields, now.Levels), nil
}
