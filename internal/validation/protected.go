package validation

import (
	"context"
	"fmt"
	"slices"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// requireSentinels refuses a snapshot that lacks a sentinel: it isn't complete.
func (v *validation) requireSentinels(context.Context) error {
	if missing := v.findings.Missing(v.Settings.Sentinels); len(missing) > 0 {
		return fault.SentinelMissing(missing, len(v.Settings.Sentinels), v.snapshot.Users.Source.Look)
	}
	return nil
}

// protect marks protected members as present, and lists an issue for each removal that this prevents.
func (v *validation) protect(ctx context.Context) error {
	kept, idle := v.findings.Protect(v.snapshot.protection)
	v.protected = kept
	for _, place := range idle {
		if err := v.issues.add(ctx, roster.UnmatchedProtectionIssue(place)); err != nil {
			return err
		}
	}
	departedBefore := plan.GraceCutoff(v.Round.Started, v.Settings.Grace)
	for ids := range slices.Chunk(kept, v.BatchRows) {
		members, err := v.Members.MembersByID(ctx, v.Round.Tenant, ids)
		if err != nil {
			return fmt.Errorf("read members: %w", err)
		}
		for _, member := range members {
			departed := member.Values[roster.Status] == roster.Departed
			expired := departed && member.DepartedAt.Before(departedBefore)
			if departed && !expired {
				continue // nothing is due yet
			}
			if err := v.issues.add(ctx, v.snapshot.protection.ExclusionIssue(&member, expired)); err != nil {
				return err
			}
		}
	}
	return nil
}
