package provision_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rollcall/rollcall/internal/provision"
	"github.com/rollcall/rollcall/internal/schedule"
)

func TestTextHasALineForEachChange(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `search attributes registered: A, B
watch for overdue syncs: created
acme: updated (settings, schedule)
globex: unchanged; its Schedule stays paused
initech: dropped (Schedule and credentials; members are kept)
`, provision.Applied{
		SearchAttributes: []string{"A", "B"}, Watch: schedule.Created, Retention: schedule.Unchanged,
		Tenants: []provision.Tenant{
			{Tenant: "acme", Change: provision.Updated, What: []string{"settings", "schedule"}},
			{Tenant: "globex", Change: provision.Unchanged, Paused: true},
			{Tenant: "initech", Change: provision.Dropped},
		},
	}.Text())
}

func TestAnUnlistedTenantIsNoChange(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "acme: not in the file, left unchanged; --prune drops it\nNothing changed.\n", provision.Applied{
		Watch: schedule.Unchanged, Retention: schedule.Unchanged,
		Tenants: []provision.Tenant{{Tenant: "acme", Change: provision.Unlisted}},
	}.Text())
}
