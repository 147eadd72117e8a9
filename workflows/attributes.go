package workflows

import (
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rollcall/rollcall/internal/run"
)

//nolint:gochecknoglobals // names with their types, never changed
var (
	tenantKey   = temporal.NewSearchAttributeKeyKeyword(TenantAttribute)
	outcomeKey  = temporal.NewSearchAttributeKeyKeyword(OutcomeAttribute)
	changesKey  = temporal.NewSearchAttributeKeyInt64(ChangesAttribute)
	removalsKey = temporal.NewSearchAttributeKeyInt64(RemovalsAttribute)
	issuesKey   = temporal.NewSearchAttributeKeyInt64(IssuesAttribute)
	heldKey     = temporal.NewSearchAttributeKeyKeyword(HeldAttribute)
)

// upsert sets search attributes.
func upsert(ctx workflow.Context, updates ...temporal.SearchAttributeUpdate) error {
	if err := workflow.UpsertTypedSearchAttributes(ctx, updates...); err != nil {
		return fmt.Errorf("set search attributes: %w", err)
	}
	return nil
}

// holdAttributes are the attributes of a Sync that holds a plan.
func holdAttributes(h Hold) []temporal.SearchAttributeUpdate {
	held := HeldWaiting
	if h.Reminded {
		held = HeldReminded
	}
	return []temporal.SearchAttributeUpdate{outcomeKey.ValueSet(string(run.Held)), heldKey.ValueSet(held)}
}

// openAttributes are the attributes of a round that begins. They clear those of an earlier round of the same id.
func openAttributes(tenant string) []temporal.SearchAttributeUpdate {
	return []temporal.SearchAttributeUpdate{
		tenantKey.ValueSet(tenant), outcomeKey.ValueUnset(),
		changesKey.ValueUnset(), removalsKey.ValueUnset(), issuesKey.ValueUnset(),
	}
}

// closeAttributes are the attributes of a round that ended, or of a tick that shares a Sync's result.
func closeAttributes(result run.Result) []temporal.SearchAttributeUpdate {
	return []temporal.SearchAttributeUpdate{
		outcomeKey.ValueSet(string(result.Outcome)),
		changesKey.ValueSet(int64(result.Changes.Total())),
	}
}
