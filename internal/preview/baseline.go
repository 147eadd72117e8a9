// Package preview has the parts of previews that run outside the worker. Baseline finds the run to compare a new
// preview with. Simulate makes a preview of another levels map from the stored members, without reading the directory.
package preview

import (
	"context"
	"fmt"
	"slices"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/settings"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/internal/tenant"
)

// BaselineStore has the previews of a tenant, and its current settings and state.
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
//   - For a preview with another field map, it is the latest preview under the tenant's settings. Members and settings
//     must not have changed since.
//   - For any other preview, it is the latest one that replaced the same keys of tenants.yaml.
//
// Call it before the new preview begins. The error is that of the store.
func Baseline(ctx context.Context, s BaselineStore, tenant string, trial tenant.Trial) (*run.Run, error) {
	if trial.Fields == nil {
		return latest(ctx, s, tenant, trial.Keys())
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

// searchLimit limits how many previews latest searches.
const searchLimit = 50

// latest returns the latest complete preview that replaced exactly these keys, or nil.
func latest(ctx context.Context, s BaselineStore, tenant string, tries []string) (*run.Run, error) {
	previews, err := s.Previews(ctx, tenant, searchLimit)
	if err != nil {
		return nil, fmt.Errorf("previews of %s: %w", tenant, err)
	}
	for _, r := range previews {
		if r.Result == nil || r.Result.Outcome != run.Previewed {
			continue
		}
		req, err := request.ForRun(ctx, s, r)
		if err != nil {
			return nil, err
		}
		tried, err := request.Tried(req)
		if err != nil {
			return nil, err
		}
		if slices.Equal(tried, tries) && stage.NewRun(s, r).CheckComplete(ctx) == nil {
			return &r, nil
		}
	}
	return nil, nil //nolint:nilnil // no baseline is no error
}

// isCurrent reports whether members and settings are the same as when the preview began.
func isCurrent(ctx context.Context, s BaselineStore, r run.Run) (bool, error) {
	opening, err := stage.NewRun(s, r).Opening(ctx)
	if err != nil {
		return false, err
	}
	state, err := s.State(ctx, r.Tenant)
	if err != nil {
		return false, fmt.Errorf("state of %s: %w", r.Tenant, err)
	}
	now, row, err := settings.Load(ctx, s, r.Tenant)
	if err != nil {
		return false, err
	}
	mappings := now.Mappings()
	mappings.Dates.Today = opening.Settings.Dates.Today
	return opening.Round.Generation == state.Generation && row.UpdatedAt.Before(r.Started) &&
		opening.Settings.Digest() == mappings.Digest(), nil
}
