package ledger

import (
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/run"
)

// State is what a tenant's last runs left behind.
type State struct {
	Generation int64     // plans applied
	Digest     string    // of the last roster that was applied whole
	Rules      string    // under which it was read
	Bindings   string    // likewise
	Columns    []byte    // numbers of the columns, as in members' Known.Columns
	ComparedAt time.Time // last time that every row was compared
	Settled    bool      // the last run was applied whole
	LastRun    uuid.UUID // the run that left this: it has a verdict of its own
	ClaimedBy  uuid.UUID // the run that applied a plan last; Nil: none ever did
	Left       bool      // that one never finished (its workflow was terminated), and none has put everything in order since
}

// Ending is how a round ended.
type Ending struct {
	Result run.Result
	Same   uuid.UUID     // the run whose verdict it repeats; Nil: it has its own
	State  *State        // that the tenant is left in, its Generation the one that the round began with; nil: as it was
	Event  *health.Event // what it is to the tenant's condition, its Origin the run's; nil: nothing
}
