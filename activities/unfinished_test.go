package activities_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store/storetest"
)

// A terminated workflow's last step hears of it only by its next heartbeat. What it would still add the next sync would
// add as well, under other ids.
func TestATerminatedSyncAppliesNothingAfterTheNextHasBegun(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(4)
	left := uuid.Must(uuid.NewV7())
	_, err := storetest.BeginRun(t.Context(), o.kept, run.Run{
		ID: left, Tenant: acme, Workflow: "w", Execution: "e",
		Started: time.Now(),
	})
	require.NoError(t, err)
	base, err := o.kept.Claim(t.Context(), ledger.Claim{Tenant: acme, Run: left, Plan: "p", Changes: 1, Batches: 1})
	require.NoError(t, err)
	late := &roster.Member{ID: roster.NewMemberID(left, 1), Version: 1}
	late.Values[roster.Email], late.Values[roster.Status] = email(0), roster.Active
	o.during = func(env *testsuite.TestWorkflowEnvironment) {
		env.SetOnActivityStartedListener(func(info *activity.Info, _ context.Context, _ converter.EncodedValues) {
			if info.ActivityType.Name != "Guard" { // the plan has been made
				return
			}
			_, err := o.kept.ApplyBatch(t.Context(), ledger.Batch{
				Tenant: acme, Run: left, Base: base, At: time.Now(),
				Changes: []plan.Change{{Verb: plan.Add, Member: late.ID, After: late}},
			})
			require.ErrorIs(t, err, ledger.ErrSuperseded)
		})
	}
	require.Equal(t, run.ChangeCounts{Added: 4}, o.sync(run.Applied).Changes)
	require.Len(t, o.audit(), 4)
	o.during = nil
	o.sync(run.Unchanged)
}

func TestMembershipsOfAMissingGroupAreRemoved(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users, o.source.groups = people(14), namedGroups("Sales")
	for i := range 9 {
		o.source.users = with(o.source.users, i, "Groups", []string{"Sales"})
	}
	o.sync(run.Applied)
	o.edit("DELETE FROM groups")
	o.later(169 * time.Hour)
	result := o.sync(run.Applied)
	require.Equal(t, 9, result.Changes.MembershipsRemoved)
	require.Equal(t, 9, result.Changes.MembershipsAdded)
	require.Equal(t, 9, o.inGroups())
	o.later(169 * time.Hour)
	o.sync(run.Unchanged)
}
