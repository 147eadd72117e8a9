package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/roster"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/tenant"
)

// against is the run that a preview is to be compared with; nil for none. It is chosen before the preview begins:
//
//   - the one that was asked for;
//   - for one that tries other fields the plan as it is: of a preview under the tenant's own settings, made for it if
//     there is none of the members as they are now;
//   - else the preview before that tried as much.
func (a *app) against(ctx context.Context, asked preview, trial tenant.Trial) (*round.Run, error) {
	if asked.against != "" {
		r, err := chosen(ctx, a.kept, []string{asked.tenant, asked.against})
		if err == nil {
			if why := a.comparable(ctx, r); why != nil {
				err = fmt.Errorf("run %s can't be compared with: %w", r.ID, why)
			}
		}
		return &r, err
	}
	if trial.Fields == nil {
		return a.before(ctx, asked.tenant, trial.Tries(), func(round.Run) (bool, error) { return true, nil })
	}
	last, err := a.before(ctx, asked.tenant, nil, func(r round.Run) (bool, error) { return a.ofNow(ctx, r) })
	if last != nil || err != nil {
		return last, err
	}
	return a.asItIs(ctx, asked.tenant)
}

// beforeAtMost is how many previews are looked through for one to compare with.
const beforeAtMost = 50

// before is the last preview that tried just that, and suits; nil for none.
func (a *app) before(ctx context.Context, tenant string, tries []string, suits func(round.Run) (bool, error)) (*round.Run, error) {
	previews, err := a.kept.Previews(ctx, tenant, beforeAtMost)
	if err != nil {
		return nil, fmt.Errorf("previews of %s: %w", tenant, err)
	}
	for _, r := range previews {
		if r.Result == nil || r.Result.Outcome != round.Previewed {
			continue
		}
		request, err := requestOf(ctx, a.kept, r)
		if err != nil {
			return nil, err
		}
		its, err := tried(request)
		if err != nil {
			return nil, err
		}
		if !slices.Equal(its, tries) || a.comparable(ctx, r) != nil {
			continue
		}
		if ok, err := suits(r); ok || err != nil {
			return &r, err
		}
		return nil, nil //nolint:nilnil // an older one suits even less
	}
	return nil, nil //nolint:nilnil // none is no error
}

// ofNow tells whether a preview was made of the members as they are now, by the settings that the tenant has now.
func (a *app) ofNow(ctx context.Context, r round.Run) (bool, error) {
	begun, err := a.kept.Opening(ctx, r.ID)
	if err != nil {
		return false, fmt.Errorf("run %s: %w", r.ID, err)
	}
	opening, err := activities.ReadOpening(begun)
	if err != nil {
		return false, fmt.Errorf("run %s: %w", r.ID, err)
	}
	state, err := a.kept.State(ctx, r.Tenant)
	if err != nil {
		return false, fmt.Errorf("state of %s: %w", r.Tenant, err)
	}
	row, err := a.kept.Tenant(ctx, r.Tenant)
	if err != nil {
		return false, fmt.Errorf("tenant %s: %w", r.Tenant, err)
	}
	settings, err := tenant.FromSettings(row.Settings)
	if err != nil {
		return false, err
	}
	return opening.Generation == state.Generation && row.UpdatedAt.Before(r.Started) &&
		opening.Rules == roster.RulesDigest(settings.Fields, settings.Levels), nil
}

// settingsOf are the tenant's settings.
func (a *app) settingsOf(ctx context.Context, id string) (tenant.Tenant, error) {
	row, err := a.kept.Tenant(ctx, id)
	if err != nil {
		return tenant.Tenant{}, fmt.Errorf("tenant %s: %w", id, err)
	}
	return tenant.FromSettings(row.Settings)
}

// asItIs previews under the tenant's own settings. Where these can't read the directory there is nothing to compare with;
// any other failure is the same for whatever is tried, and an account can be locked by asking again.
func (a *app) asItIs(ctx context.Context, id string) (*round.Run, error) {
	fmt.Fprintln(a.errOut, "To compare with, the directory is read under the tenant's own settings first.")
	result, err := a.runPreview(ctx, id, tenant.Trial{})
	switch {
	case err != nil:
		return nil, err
	case unreadable(result):
		fmt.Fprintf(a.errOut, "Under them it can't be read: %s (%s).\n", result.Error.Detail, result.Error.Kind)
		return nil, nil //nolint:nilnil // none is no error
	case result.Outcome == round.Failed:
		return nil, a.finish(result)
	}
	r, err := a.runOf(ctx, result)
	return &r, err
}
