package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/rollcall/rollcall/bench/floor"
	"github.com/rollcall/rollcall/bench/results"
	"github.com/rollcall/rollcall/internal/simulator"
)

// pages measures a directory at WorkOS, without its rate limit, on one database.
func (b *bench) pages(ctx context.Context, kind string, n int) (_ []results.Row, err error) {
	const tenant = "pages"
	s, err := simulator.Listen("127.0.0.1:0", simulator.Tenant{
		ID: tenant, Kind: simulator.WorkOS, People: n, Seed: 1, Rate: -1, Churn: -1,
	})
	if err != nil {
		return nil, fmt.Errorf("start the simulator: %w", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var want counts
	for person := range s.Expected(tenant) {
		want.present++
		want.memberships += len(person.Groups)
	}
	access := s.Access(tenant)
	served, err := remember(access.BaseURL)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, served.Close()) }()
	var who []contender
	pages := &floor.Pages{URL: served.URL, Directory: access.Directory, Key: access.APIKey}
	if b.takesPart("floor") {
		who = append(who, straight{pages: pages, lanes: b.lanes})
	}
	if b.product != nil {
		paged := *b.product
		paged.workos = served.URL
		paged.source = fmt.Sprintf("    workos: {directory: %s, api_key: %s}\n", access.Directory, access.APIKey)
		who = append(who, &paged)
	}
	m := match{kind: kind, people: n, scenarios: b.among(pageScenarios), counts: func(scenario) counts { return want }}
	// So that all pages are made before they are measured.
	quiet := *b
	quiet.out = io.Discard
	if err := quiet.play(ctx, []contender{straight{pages: pages, lanes: b.lanes}}, m, func(contender, scenario, results.Figures) {}); err != nil {
		return nil, fmt.Errorf("read all pages once: %w", err)
	}
	return b.turns(ctx, m, who)
}
