package activities

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/run"
)

// DropOldInput says where to continue.
type DropOldInput struct {
	After string `json:"after,omitempty"` // the last tenant that is done; "": none
}

// DropOldResult counts what was deleted, and says where to continue.
type DropOldResult struct {
	After   string         `json:"after,omitempty"`
	Done    bool           `json:"done"` // no tenant is left
	Dropped ledger.Dropped `json:"dropped"`
}

const (
	dropFor        = 5 * time.Minute // how long one DropOld works; it finishes the tenant that it has begun
	tenantsPerRead = 50              // tenants read by one query
)

// DropOld deletes data of tenants that is past their retention: rows, issues and plans of runs, values of the audit,
// and the people and reasons of requests. It goes through the tenants by id for about dropFor, and says where to
// continue. It may be repeated.
func (a *Activities) DropOld(ctx context.Context, in DropOldInput) (DropOldResult, error) {
	return step(ctx, a, run.Round{}, nil, func(ctx context.Context, p *progress) (DropOldResult, error) {
		done := DropOldResult{After: in.After}
		for began := a.now(); a.now().Sub(began) < dropFor; {
			tenants, err := a.Tenants.Retained(ctx, done.After, tenantsPerRead)
			if err != nil {
				return DropOldResult{}, fmt.Errorf("read tenants: %w", err)
			}
			if len(tenants) == 0 {
				done.Done = true
				break
			}
			for _, t := range tenants {
				if a.now().Sub(began) >= dropFor {
					break
				}
				dropped, err := a.Retention.Drop(ctx, t.Tenant, a.now().Add(-t.Retention))
				a.reportDropped(ctx, t.Tenant, dropped)
				if err != nil {
					return DropOldResult{}, fmt.Errorf("drop old data: %w", err)
				}
				dropped.Tenants = 1
				done.After, done.Dropped = t.Tenant, done.Dropped.Plus(dropped)
				p.Add(1)
			}
		}
		return done, nil
	})
}

// reportDropped logs and counts what was deleted.
func (a *Activities) reportDropped(ctx context.Context, tenant string, d ledger.Dropped) {
	if d == (ledger.Dropped{}) {
		return
	}
	metrics := activity.GetMetricsHandler(ctx)
	for name, count := range map[string]int{
		"rollcall_retention_runs": d.Runs, "rollcall_retention_chunks": d.Chunks, "rollcall_retention_values": d.Values,
		"rollcall_retention_requests": d.Requests,
	} {
		metrics.Counter(name).Inc(int64(count))
	}
	activity.GetLogger(ctx).Info("dropped what is past its retention",
		"tenant", tenant, "runs", d.Runs, "chunks", d.Chunks, "values", d.Values, "requests", d.Requests)
}
