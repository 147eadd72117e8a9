package telemetry

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// TenantHealth is how one tenant's syncs are doing.
type TenantHealth struct {
	Tenant      string
	Succeeded   time.Time // when one last ended that didn't fail; zero: none did yet
	Failures    int       // scheduled syncs that failed, in a row
	Quarantined bool
}

// scrapePatience is how long the store may take to answer a scrape.
const scrapePatience = 5 * time.Second

// Tenants adds figures of each tenant, read whenever they are asked for: every worker shows the same, also right after it starts
// and while Temporal is away. So an alarm outside can tell that nothing at all runs any more.
func (m *Metrics) Tenants(read func(context.Context) ([]TenantHealth, error)) {
	describe := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, []string{"tenant"}, nil)
	}
	m.registry.MustRegister(&tenants{
		metrics:     m,
		read:        read,
		succeeded:   describe("rollcall_last_success_timestamp_seconds", "When a sync of the tenant last ended that didn't fail; 0: none yet."),
		failures:    describe("rollcall_failed_syncs", "Scheduled syncs of the tenant that failed, in a row."),
		quarantined: describe("rollcall_quarantined", "1 while the tenant is quarantined to one try a day."),
	})
}

// tenants is a collector of them.
type tenants struct {
	metrics                          *Metrics
	read                             func(context.Context) ([]TenantHealth, error)
	succeeded, failures, quarantined *prometheus.Desc
}

// Describe names the figures.
func (t *tenants) Describe(out chan<- *prometheus.Desc) {
	out <- t.succeeded
	out <- t.failures
	out <- t.quarantined
}

// Collect reads them. While the store is away they are missing.
func (t *tenants) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapePatience)
	defer cancel()
	all, err := t.read(ctx)
	if err != nil {
		t.metrics.log.WarnContext(ctx, "figures of tenants were not read", "Error", err)
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
