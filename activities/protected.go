package activities

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// This file is all that the steps know of the people whom a tenant's settings name.

// protection is what is in force of the tenant's list when a round begins.
func (s Settings) protection(round Round) (*roster.Protection, error) {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return nil, fmt.Errorf("the tenant's time zone: %w", err)
	}
	return roster.NewProtection(s.Protected, round.Started.In(zone).Format(time.DateOnly)), nil
}

// people is a digest of who is protected in a round, and who is a sentinel; "" for nobody.
func (s Settings) people(round Round) (string, error) {
	protection, err := s.protection(round)
	if err != nil {
		return "", err
	}
	return roster.PeopleDigest(protection, s.Sentinels), nil
}

// findSentinels refuses a snapshot that lacks somebody who must be in every one: it isn't complete.
func (v *validation) findSentinels(context.Context) error {
	if missing := v.findings.Missing(v.snapshot.settings.Sentinels); len(missing) > 0 {
		return fault.SentinelMissing(missing, len(v.snapshot.settings.Sentinels))
	}
	return nil
}

// protect keeps those who are protected, and lists whom that keeps from being removed.
func (v *validation) protect(ctx context.Context) error {
	kept, idle := v.findings.Protect(v.snapshot.protection)
	v.protected = kept
	for _, place := range idle {
		if err := v.issues.add(ctx, roster.IdleProtection(place)); err != nil {
			return err
		}
	}
	gone := plan.GoneBefore(v.round.Started, v.snapshot.settings.Grace)
	for ids := range slices.Chunk(kept, v.a.rows()) {
		members, err := v.a.Members.MembersByID(ctx, v.round.Tenant, ids)
		if err != nil {
			return fmt.Errorf("read members: %w", err)
		}
		for _, member := range members {
			departed := member.Values[roster.Status] == roster.Departed
			over := departed && member.DepartedAt.Before(gone)
			if departed && !over {
				continue // nothing is due yet
			}
			if err := v.issues.add(ctx, v.snapshot.protection.Spared(&member, over)); err != nil {
				return err
			}
		}
	}
	return nil
}

// unprotected are those withheld removals that are of nobody protected. Whoever is protected hasn't been present because of
// that: what was withheld before stays so.
func (a *Activities) unprotected(ctx context.Context, round Round, list []plan.Withheld) ([]plan.Withheld, error) {
	settings, err := a.settingsOf(ctx, round)
	if err != nil {
		return nil, err
	}
	protection, err := settings.protection(round)
	if err != nil {
		return nil, err
	}
	var left []plan.Withheld
	for some := range slices.Chunk(list, a.rows()) {
		ids := make([]uuid.UUID, 0, len(some))
		for _, w := range some {
			ids = append(ids, w.Member)
		}
		members, err := a.Members.MembersByID(ctx, round.Tenant, ids)
		if err != nil {
			return nil, fmt.Errorf("read members: %w", err)
		}
		covered := map[uuid.UUID]bool{}
		for _, member := range members {
			covered[member.ID] = protection.Covers(&member)
		}
		left = append(left, slices.DeleteFunc(slices.Clone(some), func(w plan.Withheld) bool { return covered[w.Member] })...)
	}
	return left, nil
}
