package main

import (
	"context"
	"fmt"

	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/tenant"
)

// mention is an entry of the tenant's settings that names a person: its JSON.
type mention struct {
	Entry  string  `json:"entry"`  // as protected[2] or sentinels[0]
	Until  *string `json:"until"`  // the last day of a protection
	Reason *string `json:"reason"` // of a protection; null unless revealed
}

// mentions are the entries that name whoever is meant; none where the tenant's settings are gone.
func (s *searcher) mentions(ctx context.Context, reveal bool) ([]mention, error) {
	list := []mention{}
	kept, err := s.store.Tenant(ctx, s.tenant)
	if err != nil {
		return nil, fmt.Errorf("tenant %s: %w", s.tenant, err)
	}
	if kept.Dropped {
		return list, nil
	}
	settings, err := tenant.FromSettings(kept.Settings)
	if err != nil {
		return nil, err
	}
	for _, m := range settings.Mentions(s.emails, s.externals) {
		if !reveal {
			m.Reason = "" // free text: it may say anything
		}
		list = append(list, mention{Entry: m.Key, Until: nullable.Of(m.Until), Reason: nullable.Of(m.Reason)})
	}
	return list, nil
}

// mentions writes what the tenant's settings say of them.
func (t *teller) mentions(list []mention) {
	var lines [][2]string
	for _, m := range list {
		words := ""
		if m.Until != nil {
			words = "until " + *m.Until
		}
		if m.Reason != nil {
			if words != "" {
				words += ": "
			}
			words += *m.Reason
		}
		lines = append(lines, [2]string{m.Entry, words})
	}
	if len(lines) > 0 {
		t.line("named in tenants.yaml")
		t.pairs("  ", lines)
	}
}
