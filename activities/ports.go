package activities

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/planning"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/validation"
)

// Tenants knows the tenants' settings.
type Tenants interface {
	// Settings fails with a *fault.Fault when there is no such tenant, or none any more. With the id of a request they are
	// as they would be under what that request tries, if anything.
	Settings(ctx context.Context, tenant, request string) (run.Settings, error)
	// Retained are the tenants after an id, dropped ones too, at most limit, by id.
	Retained(ctx context.Context, after string, limit int) ([]Retained, error)
}

// Retained is a tenant, and how long what is kept of its runs is kept.
type Retained struct {
	Tenant    string
	Retention time.Duration
}

// Directories opens tenants' directories.
type Directories interface {
	// Open connects nothing yet. It fails with a *fault.Fault when the credentials cannot be had. groupColumns are those of
	// the Settings.
	Open(ctx context.Context, tenant string, groupColumns []string) (directory.Directory, error)
}

// Runs keeps the rounds.
type Runs interface {
	// BeginRun keeps a run, with it what opening makes of the tenant's state, and settles what asked for it (nil: nobody
	// did), in one transaction. It answers with what is kept; again for the same execution, with the first.
	BeginRun(ctx context.Context, r run.Run, asked *health.Event, opening ledger.Opening) (run.Run, []byte, error)
	// Opening is what was kept with a run when it began; ErrNotFound when there is none.
	Opening(ctx context.Context, id uuid.UUID) ([]byte, error)
	// FinishRun keeps how a run ended, once: all of it in one transaction. It answers with the run as it is kept and with
	// what is to be told; again, with the same. ErrSuperseded when another run has claimed the tenant since. The state of a
	// run that began before an erasure is left out.
	FinishRun(ctx context.Context, id uuid.UUID, end ledger.Ending) (run.Run, []health.Alert, error)
	// ConcludeRun replaces the result of a run that was finished as held.
	ConcludeRun(ctx context.Context, id uuid.UUID, result run.Result) error
	// Run answers with ErrNotFound when the tenant has no such run.
	Run(ctx context.Context, tenant string, id uuid.UUID) (run.Run, error)
	// State is zero for a tenant never synced.
	State(ctx context.Context, tenant string) (ledger.State, error)
}

// Members reads the tenants' members.
type Members interface {
	validation.Members
	planning.Members
	// Active counts active members.
	Active(ctx context.Context, tenant string) (int, error)
	// Removed counts the removals applied since a time that nobody approved.
	Removed(ctx context.Context, tenant string, since time.Time) (int, error)
}

// Ledger applies plans.
type Ledger interface {
	// Claim takes the tenant for a run and answers with the audit number before the plan's first; the same again for the
	// same run, ErrSuperseded when the tenant has moved on.
	Claim(ctx context.Context, claim ledger.Claim) (base int64, err error)
	// ApplyBatch applies a batch, or answers what it did when it was applied before.
	ApplyBatch(ctx context.Context, batch ledger.Batch) (ledger.Applied, error)
	// MaintainIndex rebuilds the index from the members if it isn't kept, or if rebuild says so, and compacts it when it is
	// costly to read. It does nothing if the run has claimed nothing.
	MaintainIndex(ctx context.Context, tenant string, run uuid.UUID, rebuild bool) error
}

// Decisions keeps what people decided about removals.
type Decisions interface {
	planning.Decisions
	// Withhold adds; of what is there already, the later decision counts.
	Withhold(ctx context.Context, tenant string, list []ledger.Withheld) error
}
