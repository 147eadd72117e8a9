package activities

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/planning"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/validation"
)

// Tenants reads the tenants' settings.
type Tenants interface {
	// Settings returns a tenant's settings. If the request with that id is a preview that tries other settings, it
	// returns those. It fails with a *fault.Fault if there is no such tenant, or if the tenant was dropped.
	Settings(ctx context.Context, tenant, request string) (run.Settings, error)
	// Retained returns the tenants after an id, at most limit, by id. Dropped tenants are included.
	Retained(ctx context.Context, after string, limit int) ([]Retained, error)
}

// Retained is a tenant with the retention of its data.
type Retained struct {
	Tenant    string
	Retention time.Duration
}

// Directories opens tenants' directories.
type Directories interface {
	// Open returns a tenant's directory without connecting to it. groupColumns are those of the Settings. It fails with
	// a *fault.Fault if it can't get the credentials.
	Open(ctx context.Context, tenant string, groupColumns []string) (directory.Directory, error)
}

// Runs stores the rounds.
type Runs interface {
	// BeginRun stores a run together with what opening makes from the tenant's state, and adds the event, if it isn't
	// nil, to the tenant's condition. All of it is one transaction. It returns what is stored. A second call for the
	// same execution returns what the first stored.
	BeginRun(ctx context.Context, r run.Run, asked *health.Event, opening ledger.Opening) (run.Run, []byte, error)
	// Opening returns what was stored with a run when it began, or ledger.ErrNotFound.
	Opening(ctx context.Context, id uuid.UUID) ([]byte, error)
	// FinishRun stores the end of a run in one transaction. It returns the stored run and the alerts that follow. A
	// second call returns what the first stored. It leaves out the state if the run began before an erasure. The error
	// is ledger.ErrSuperseded if another run has claimed the tenant.
	FinishRun(ctx context.Context, id uuid.UUID, end ledger.Ending) (run.Run, []health.Alert, error)
	// ConcludeRun replaces the result of a finished run that holds a plan.
	ConcludeRun(ctx context.Context, id uuid.UUID, result run.Result) error
	// Run returns a tenant's run, or ledger.ErrNotFound.
	Run(ctx context.Context, tenant string, id uuid.UUID) (run.Run, error)
	// State returns a tenant's state. It is zero for a tenant that was never synced.
	State(ctx context.Context, tenant string) (ledger.State, error)
}

// Members reads the tenants' members.
type Members interface {
	validation.Members
	planning.Members
	// Active counts active members.
	Active(ctx context.Context, tenant string) (int, error)
	// Removed counts the removals applied since a time without a person's approval.
	Recent(ctx context.Context, tenant string, since time.Time) (ledger.Recent, error)
}

// Ledger applies plans.
type Ledger interface {
	// Claim claims the tenant for a plan and returns the audit number before the plan's first. A second call for the
	// same plan returns the same number. The error is ledger.ErrSuperseded if another run has claimed the tenant, or
	// someone was erased.
	Claim(ctx context.Context, claim ledger.Claim) (base int64, err error)
	// ApplyBatch applies a batch. If the batch was applied before, it returns that result.
	ApplyBatch(ctx context.Context, batch ledger.Batch) (ledger.Applied, error)
	// MaintainIndex rebuilds the index from the members if it isn't stored, or if rebuild is true. Otherwise it
	// compacts an index that is costly to read. It does nothing if the run has claimed nothing.
	MaintainIndex(ctx context.Context, tenant string, run uuid.UUID, rebuild bool) error
}

// Decisions stores what people decided about removals, and about whose rows are whose.
type Decisions interface {
	planning.Decisions
	// Links returns what people decided about members and external ids.
	Links(ctx context.Context, tenant string) ([]roster.Link, error)
	// Withhold adds removals to those that are withheld. A later decision about the same removal replaces the earlier
	// one.
	Withhold(ctx context.Context, tenant string, list []ledger.Withheld) error
}
