package activities

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/guard"
	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/maintenance"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// ErrSuperseded is what Stages, Runs and Ledger answer to an older attempt, or to a plan made from a generation that is
// no longer the tenant's. Another try cannot help.
var ErrSuperseded = errors.New("superseded")

// ErrNotFound is what they answer when there is no such thing.
var ErrNotFound = errors.New("not found")

// Settings are a tenant's rules and tunables. A round reads them once and keeps to them.
type Settings struct {
	Fields  roster.FieldMap `json:"fields"`
	Levels  roster.Levels   `json:"levels"`
	Limits  guard.Limits    `json:"limits"`
	Grace   time.Duration   `json:"grace"`   // how long somebody departed is kept; 0: not at all
	Hold    time.Duration   `json:"hold"`    // how long removals that are held wait for a person
	Stall   time.Duration   `json:"stall"`   // how long failures may go on without progress
	Compare time.Duration   `json:"compare"` // how long until every row is compared again
	Shared  bool            `json:"shared"`  // users and groups are read under one rate limit

	Protected []roster.Protected `json:"protected,omitempty"` // whom no round removes
	Sentinels []roster.Somebody  `json:"sentinels,omitempty"` // who must be in every snapshot
	Zone      string             `json:"zone,omitempty"`      // IANA name, for the days in Protected; "": UTC
	People    string             `json:"people,omitempty"`    // digest of who of them counts in this round; Begin writes it

	// GroupColumns are the group report's columns that a preview tries; nil: the tenant's own.
	GroupColumns []string `json:"group_columns,omitzero"`

	Maintenance []maintenance.Window `json:"maintenance,omitempty"` // in which failures neither alarm nor count
}

// Tenants knows the tenants' settings.
type Tenants interface {
	// Settings fails with a *fault.Fault when there is no such tenant, or none any more. With the id of a request they are
	// as they would be under what that request tries, if anything.
	Settings(ctx context.Context, tenant, request string) (Settings, error)
}

// Directories opens tenants' directories.
type Directories interface {
	// Open connects nothing yet. It fails with a *fault.Fault when the credentials cannot be had. groupColumns are those of
	// the Settings.
	Open(ctx context.Context, tenant string, groupColumns []string) (directory.Directory, error)
}

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

// Runs keeps the rounds.
type Runs interface {
	// BeginRun keeps a run, with it what opening makes of the tenant's state, and settles what asked for it (nil: nobody
	// did), in one transaction. It answers with what is kept; again for the same execution, with the first.
	BeginRun(ctx context.Context, r run.Run, asked *health.Event, opening func(run.Run, State) ([]byte, error)) ([]byte, error)
	// Opening is what was kept with a run when it began; ErrNotFound when there is none.
	Opening(ctx context.Context, id uuid.UUID) ([]byte, error)
	// FinishRun keeps how a run ended, once: all of it in one transaction. It answers with the run as it is kept and with
	// what is to be told; again, with the same. ErrSuperseded when another run has claimed the tenant since. The state of a
	// run that began before an erasure is left out.
	FinishRun(ctx context.Context, id uuid.UUID, end Ending) (run.Run, []health.Alert, error)
	// ConcludeRun replaces the result of a run that was finished as held.
	ConcludeRun(ctx context.Context, id uuid.UUID, result run.Result) error
	// Run answers with ErrNotFound when the tenant has no such run.
	Run(ctx context.Context, tenant string, id uuid.UUID) (run.Run, error)
	// State is zero for a tenant never synced.
	State(ctx context.Context, tenant string) (State, error)
}

// Stage is one step's place in the store: chunks numbered from 0, and how far the step has come.
type Stage struct {
	Run        uuid.UUID
	Name       string
	Attempt    int
	Cursor     string
	Chunks     int
	Rows       int
	Furthest   int       // the most rows that any attempt told of
	ProgressAt time.Time // when that grew last
	Sealed     bool
	Summary    []byte
}

// Chunk is one piece of a stage.
type Chunk struct {
	Run     uuid.UUID
	Stage   string
	Attempt int
	Number  int
	Data    []byte // empty: there is only progress to tell
}

// Progress is how far a stage has come with a chunk.
type Progress struct {
	Cursor string
	Rows   int // from the very beginning

	At time.Time // when it came so far; zero: now
}

// Stages keeps what one step leaves for the next. All but the reads refuse older attempts with ErrSuperseded.
type Stages interface {
	// ClaimStage opens a stage for an attempt, which began then: with resume, earlier chunks and the cursor are kept, else
	// dropped. A sealed stage is answered as it is.
	ClaimStage(ctx context.Context, run uuid.UUID, name string, attempt int, resume bool, began time.Time) (Stage, error)
	// PutChunk's chunk has its Data back when it returns.
	PutChunk(ctx context.Context, chunk Chunk, progress Progress) error
	SealStage(ctx context.Context, run uuid.UUID, name string, attempt int, summary []byte) error
	// Stage answers ErrNotFound when it was never claimed.
	Stage(ctx context.Context, run uuid.UUID, name string) (Stage, error)
	// Chunks yields the chunks [from, to) in order, each valid until the next is asked for; to < 0: to the end.
	Chunks(ctx context.Context, run uuid.UUID, name string, from, to int) iter.Seq2[[]byte, error]
}

// Members reads what is kept of a tenant.
type Members interface {
	// Recall yields those who are present and know a row, in any order; what it is for, as for Index.
	Recall(ctx context.Context, tenant string, afresh bool) iter.Seq2[roster.Recalled, error]
	// Index yields one entry per member, in any order; departed before gone they are StateGone. It is what the store keeps
	// beside the members, unless it is to be made of them afresh: only then it shows what somebody else has changed.
	Index(ctx context.Context, tenant string, gone time.Time, afresh bool) iter.Seq2[roster.Entry, error]
	// MembersByID leaves out ids that nobody has; in order of id.
	MembersByID(ctx context.Context, tenant string, ids []uuid.UUID) ([]roster.Member, error)
	// MembersIn is MembersByID in a room.
	MembersIn(ctx context.Context, room *roster.MemberRoom, tenant string, ids []uuid.UUID) ([]roster.Member, error)
	Departed(ctx context.Context, tenant string, before time.Time) iter.Seq2[uuid.UUID, error]
	Groups(ctx context.Context, tenant string) ([]roster.Group, error)
	// GroupSizes counts memberships by group.
	GroupSizes(ctx context.Context, tenant string) (map[uuid.UUID]int, error)
	// Memberships are in order of group, then member; of all groups when none is given.
	Memberships(ctx context.Context, tenant string, groups ...uuid.UUID) iter.Seq2[roster.Membership, error]
	MembershipsOf(ctx context.Context, tenant string, members []uuid.UUID) ([]roster.Membership, error)
	// Active counts those who are active.
	Active(ctx context.Context, tenant string) (int, error)
	// Removed counts the removals applied since then that nobody approved.
	Removed(ctx context.Context, tenant string, since time.Time) (int, error)
}

// Claim asks for a tenant, to apply a plan.
type Claim struct {
	Tenant     string
	Run        uuid.UUID
	Plan       string
	Generation int64 // from which the plan was made
	Changes    int   // audit numbers to reserve
	Batches    int
}

// Batch is a piece of a plan, applied in one transaction.
type Batch struct {
	Tenant  string
	Run     uuid.UUID
	Number  int   // unique within the run
	Base    int64 // audit number before the first change's
	At      time.Time
	Changes []plan.Change

	Approved bool // the removals in it don't count for the guard: somebody approved them
}

// Applied is what a batch did; the same however often it is asked for.
type Applied struct {
	Counts run.ChangeCounts
	Failed int // changes that could not be made, listed in the store
}

// Ledger applies plans.
type Ledger interface {
	// Claim takes the tenant for a run and answers with the audit number before the plan's first; the same again for the
	// same run, ErrSuperseded when the tenant has moved on.
	Claim(ctx context.Context, claim Claim) (base int64, err error)
	// ApplyBatch applies a batch, or answers what it did when it was applied before.
	ApplyBatch(ctx context.Context, batch Batch) (Applied, error)
	// TendIndex keeps the index fit to be read after a run's batches; afresh it is made of the members. It does nothing when
	// the run has claimed nothing.
	TendIndex(ctx context.Context, tenant string, run uuid.UUID, afresh bool) error
}

// Withheld is a removal that was rejected, or that nobody decided about in time.
type Withheld struct {
	plan.Withheld
	Plan    string      // in which it was shown
	Outcome run.Outcome // Rejected or Expired
	Request string      // of who rejected it
	At      time.Time
}

// Decisions keeps what people decided about removals.
type Decisions interface {
	// Withheld yields what is withheld, in no order that matters.
	Withheld(ctx context.Context, tenant string) iter.Seq2[Withheld, error]
	// Withhold adds; of what is there already, the later decision counts.
	Withhold(ctx context.Context, tenant string, list []Withheld) error
	// Lift ends what is no longer withheld; of what isn't, it does nothing.
	Lift(ctx context.Context, tenant string, list []plan.Withheld) error
}
