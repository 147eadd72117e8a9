package ledger

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/run"
)

// State is what the last plan left of a tenant. The next sync compares with it.
type State struct {
	Generation int64 // plans begun; each Claim adds one
	Digest     string
	Rules      string // by which rows are known: JudgedBy
	Bindings   string
	Columns    []byte
	ComparedAt time.Time // when the last full compare began
	Complete   bool      // the last plan was applied in full; a Claim clears it
	LastRun    uuid.UUID // the run that left this; set by FinishRun
	ClaimedBy  uuid.UUID // the run that claimed last; set by Claim
	Unfinished bool      // ClaimedBy never ended, and no later plan was applied in full
}

// First reports whether no plan was applied in full yet. An erasure or a fault may clear one of the two fields.
func (s State) First() bool { return s.ComparedAt.IsZero() && s.Digest == "" }

// Ending is the end of a run.
type Ending struct {
	Result run.Result
	SameAs uuid.UUID     // the run whose verdict this run repeats; Nil: it has its own
	State  *State        // the tenant's new state, with the Generation with which the run began; nil: unchanged
	Event  *health.Event // the event for the tenant's condition; FinishRun sets its Origin; nil: none, as for a preview
}

// Opening makes the value that is stored with a run, from the tenant's state when the run begins.
type Opening func(run.Run, State) ([]byte, error)

// JudgedBy returns the State.Rules of rows that are judged by settings and by the groups that they may name, both as
// digests. groups is "" if rows name none.
func JudgedBy(settings, groups string) string {
	if groups == "" {
		return settings
	}
	return settings + groupsMark + groups
}

// groupsMark separates the digests in State.Rules.
const groupsMark = " groups "

// SameSettings reports whether the known rows were judged by these settings.
func (s State) SameSettings(settings string) bool {
	judged, _, _ := strings.Cut(s.Rules, groupsMark)
	return judged == settings
}

// SameGroups reports whether the known rows were judged by these groups.
func (s State) SameGroups(groups string) bool {
	_, judged, _ := strings.Cut(s.Rules, groupsMark)
	return judged == groups
}

// SameRules reports whether rows are judged by the same rules and read from the same columns as when the tenant's last
// roster was applied. Then a known row says what its member is.
func (s State) SameRules(rules, bindings string) bool {
	return s.Rules == rules && s.Bindings == bindings
}
