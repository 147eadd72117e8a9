package workflows_test

import (
	"testing"

	"github.com/stretchr/testify/mock"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

func TestUsersAreReadOnceMoreOnlyIfKnownRowsNameOtherGroups(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		others bool
		staged int
		again  bool
	}{
		"the groups are the same":                 {false, 3, false},
		"the groups have changed":                 {true, 3, true},
		"the groups have changed, nobody is new":  {true, 0, true},
		"the groups have changed, all rows came":  {true, 500, false},
		"the groups are the same, all rows came ": {false, 500, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newEnv(t)
			in := workflows.Input{Tenant: "acme", Origin: run.Manual}
			h.begin(in, false)
			h.read = activities.Read{Users: h.users(), Groups: h.groups()}
			h.read.Users.Staged, h.read.Groups.Others = c.staged, c.others
			fetch := activities.FetchInput{Round: h.round}
			h.OnActivity(h.do.FetchUsers, mock.Anything, fetch).Return(h.read.Users, nil).Once()
			h.OnActivity(h.do.FetchGroups, mock.Anything, fetch).Return(h.read.Groups, nil).Once()
			if fetch.EveryRow = true; c.again {
				h.read.Users = activities.FetchUsersResult{Stage: "users_again", Users: 501, Staged: 501, Digest: "d3"}
				h.OnActivity(h.do.FetchUsers, mock.Anything, fetch).Return(h.read.Users, nil).Once()
			}
			h.valid.Unchanged = true
			h.validate()
			h.result.Outcome = run.Unchanged
			h.finish(h.result)
			h.ExecuteWorkflow(workflows.SyncName, in)
			h.ended()
		})
	}
}
