package telemetry

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// TenantHealth is the state of one tenant's syncs.
type TenantHealth struct {
	Tenant      string
	Succeeded   time.Time // end of the last sync that didn't fail; zero: none yet
	Failures    int       // consecutive failures of scheduled syncs
	Quarantined bool
}

// scrapeTimeout limits reading the tenants' health for a scrape.
const scrapeTimeout = 5 * time.Second

// AddTenants adds metrics of each tenant. Each scrape calls read, so every worker exports the same values, even after a
// restart or while Temporal is down. An external alert can therefore detect that no sync runs at all.
func (m *Metrics) AddTenants(read func(context.Context) ([]TenantHealth, error)) {
	describe := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, []string{"tenant"}, nil)
	}
	m.registry.MustRegister(&tenants{
		metrics: m,
		read:    read,
		succeeded: describe(
			"rollcall_last_success_timestamp_seconds",
			"When a sync of the tenant last ended that didn't fail; 0: none yet.",
		),
		failures:    describe("rollcall_failed_syncs", "Scheduled syncs of the tenant that failed, in a row."),
		quarantined: describe("rollcall_quarantined", "1 while the tenant is quarantined to one try a day."),
	})
}

// tenants is a prometheus.Collector of the tenants' metrics.
type tenants struct {
	metrics                          *Metrics
	read                             func(context.Context) ([]TenantHealth, error)
	succeeded, failures, quarantined *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (t *tenants) Describe(out chan<- *prometheus.Desc) {
	out <- t.succeeded
	out <- t.failures
	out <- t.quarantined
}

// Collect implements prometheus.Collector. It exports nothing if the store is unavailable.
func (t *tenants) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	all, err := t.read(ctx)
	if err != nil {
		t.metrics.log.WarnContext(ctx, "metrics of tenants were not read", "Error", err)
		return
	}
	gauge := func(of *prometheus.Desc, value float64, tenant string) {
		out <- prometheus.MustNewConstMetric(of, prometheus.GaugeValue, value, tenant)
	}
	for _, each := range all {
		succeeded, quarantined := 0.0, 0.0
		if !each.Succeeded.IsZero() {
			succeeded = float64(each.Succeeded.UnixMilli()) / 1000
		}
		if each.Quarantined {
			quarantined = 1
		}
		gauge(t.succeeded, succeeded, each.Tenant)
		gauge(t.failures, float64(each.Failures), each.Tenant)
		gauge(t.quarantined, quarantined, each.Tenant)
	}
}
