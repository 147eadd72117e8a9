package ledger

import (
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/run"
)

// State is what the last plan left of a tenant: what the next sync compares with.
type State struct {
	Generation int64 // plans begun; each Claim adds one
	Digest     string
	Rules      string
	Bindings   string
	Columns    []byte
	ComparedAt time.Time // of the last full compare
	Complete   bool      // the last plan was applied in full; a Claim clears it
	LastRun    uuid.UUID // the run that left this; set by FinishRun
	ClaimedBy  uuid.UUID // the run that claimed last; set by Claim
	Unfinished bool      // that one never ended, and none has put everything in order since
}

// Ending is how a run ended.
type Ending struct {
	Result run.Result
	SameAs uuid.UUID     // the run whose verdict it repeats; Nil: it has its own
	State  *State        // that the tenant is left in, its Generation the one that the run began with; nil: as it was
	Event  *health.Event // what it is to the tenant's condition, its Origin the run's; nil: nothing, as for a preview
}

// Opening makes what a run keeps to, of the state that its tenant has when it begins.
type Opening func(run.Run, State) ([]byte, error)

// ReadsAlike tells whether rows are read by the same rules, from the same columns, as when the tenant's last roster was
// applied. Then a known row says what its member is.
func (s State) SameRules(rules, bindings string) bool {
	return s.Rules == rules && s.Bindings == bindings
}
