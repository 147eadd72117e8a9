package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"

	"github.com/rollcall/rollcall/bench/results"
	"github.com/rollcall/rollcall/internal/simulator"
)

// pages measures a directory at WorkOS, without its rate limit, on one database.
func (b *bench) pages(ctx context.Context, kind string, n int) ([]results.Row, error) {
	const tenant = "pages"
	s, err := simulator.Listen("127.0.0.1:0", simulator.Tenant{
		ID: tenant, Kind: simulator.WorkOS, People: n, Seed: 1, Rate: -1, Churn: -1,
	})
	if err != nil {
		return nil, fmt.Errorf("start the simulator: %w", err)
	}
	defer s.Close()
	var want counts
	for person := range s.Expected(tenant) {
		want.present++
		want.memberships += len(person.Groups)
	}
	access := s.Access(tenant)
	behind, err := url.Parse(access.BaseURL)
	if err != nil {
		return nil, err
	}
	served := httptest.NewServer(&cache{behind: httputil.NewSingleHostReverseProxy(behind)})
	defer served.Close()
	paged := *b.rollcall
	paged.workos = served.URL
	paged.source = fmt.Sprintf("workos: {directory: %s, api_key: %s}", access.Directory, access.APIKey)
	straight := floor{&paged, []string{"-pages", served.URL, "-directory", access.Directory, "-key", access.APIKey}}

	// The first read fills the cache and isn't measured.
	d, err := b.newDatabase(ctx, kind)
	if err != nil {
		return nil, err
	}
	defer d.drop(context.WithoutCancel(ctx)) //nolint:errcheck // in the temporary folder
	if err := paged.prepare(ctx, d); err != nil {
		return nil, err
	}
	if _, err := straight.sync(ctx, d, pageScenarios[0]); err != nil {
		return nil, fmt.Errorf("read all pages once: %w", err)
	}
	of := series{
		database: kind, people: n, scenarios: leadingTo(b.scenario, pageScenarios),
		want: func(scenario) counts { return want },
	}
	of.add(straight)
	of.add(&paged)
	return b.measure(ctx, &of)
}

// cache caches the responses of the server behind it. The simulator generates each page on request, which would
// dominate the measurement.
type cache struct {
	behind http.Handler
	known  sync.Map // of *httptest.ResponseRecorder, by the request's URI
}

func (c *cache) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	known, ok := c.known.Load(r.URL.RequestURI())
	if !ok {
		fresh := httptest.NewRecorder()
		r.Header.Del("Accept-Encoding") // other clients may not accept it
		c.behind.ServeHTTP(fresh, r)
		if fresh.Code != http.StatusOK {
			http.Error(w, "no page to keep", fresh.Code)
			return
		}
		known, _ = c.known.LoadOrStore(r.URL.RequestURI(), fresh)
	}
	page := known.(*httptest.ResponseRecorder) //nolint:errcheck,forcetypeassert // nothing else is stored
	w.Header().Set("Content-Type", page.Header().Get("Content-Type"))
	_, _ = w.Write(page.Body.Bytes()) // an error is the client's
}
