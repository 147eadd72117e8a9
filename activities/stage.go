package activities

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/wire"
)

// The chunks, as they wait in the store. Those of many rows pack themselves; names in JSON may change with a release
// only: runs are short.

// usersChunk is a piece of what FetchUsers read, and in the last ones where the known rows were.
type usersChunk struct {
	Rows []roster.Row `json:"rows,omitempty"`
	// Page is one page of a directory that a read can resume from, in order: ranks of members, -1 for a row in Rows.
	Page   []int                `json:"page,omitempty"`
	First  int                  `json:"first,omitempty"` // number of the page's first row
	Tail   *sights              `json:"tail,omitempty"`
	State  *resumption          `json:"state,omitempty"` // with Page: what the read knew after it
	sheets []*roster.PackedRows // what Rows are packed from, where they were packed as they came
	room   *roster.RowBuffer    // in which Rows were unpacked
	each   func(roster.Row)     // is given rows as they are unpacked, instead of Rows; nil: nobody is
}

// sights are the row numbers of known rows, by the rank of their members among those who know one, from rank From on: 0
// for those not seen, each as its difference from the one before.
type sights struct {
	From int    `json:"from"`
	Rows []int  `json:"rows,omitempty"`
	More []more `json:"more,omitempty"` // known rows seen once more
}

type more struct {
	Rank int `json:"rank"`
	Row  int `json:"row"`
}

// reading is what a read has counted.
type reading struct {
	Columns roster.Columns        `json:"columns"`
	Unused  []roster.UnusedColumn `json:"unused,omitempty"`
	Filled  []int                 `json:"filled,omitempty"` // rows in which each of Columns had a value
	Rows    int                   `json:"rows"`
	Staged  int                   `json:"staged"`
	Digest  roster.Hash           `json:"digest"`
}

// resumption is a reading, and the fingerprint of the members that ranks are of.
type resumption struct {
	reading
	Index roster.Hash `json:"index"`
}

// usersSummary seals a stage of users.
type usersSummary struct {
	reading
	Source roster.Source `json:"source"` // where the rows came from
	Index  roster.Hash   `json:"index"`  // fingerprint of the members that ranks are of
	Full   bool          `json:"full"`   // all rows are staged
	Again  bool          `json:"again"`  // what is here cannot be relied on: ledger.StageUsersAgain holds the rows
	Fresh  bool          `json:"fresh"`  // and its columns are numbered anew
}

// groupsChunk is a page of groups, of their memberships, or of both.
type groupsChunk struct {
	Groups      []directory.Group      `json:"groups,omitempty"`
	Memberships []directory.Membership `json:"memberships,omitempty"`
}

// groupsSummary seals ledger.StageGroups.
type groupsSummary struct {
	Groups      int         `json:"groups"`
	Memberships int         `json:"memberships"`
	Digest      roster.Hash `json:"digest"`
}

// rosterChunk is a piece of a roster. The first one holds the groups; then come users, the absent and the kept, and
// last the listings.
type rosterChunk struct {
	Groups   *rosterGroups `json:"groups,omitempty"`
	Users    []roster.User `json:"users,omitempty"`
	Absent   []uuid.UUID   `json:"absent,omitempty"`
	Kept     []uuid.UUID   `json:"kept,omitempty"`
	Listings []listing     `json:"listings,omitempty"`
	judged   []*judged     // in whose memory Users stand, where they do
}

// rosterSummary seals ledger.StageRoster.
type rosterSummary struct {
	ValidateResult
	Renamed map[string]uuid.UUID `json:"renamed,omitempty"` // groups that are known by their people only, by their new keys
	// Plain says that nothing was listed but columns that are not there: those in Columns. The same rows in any order give
	// the same.
	Plain   bool           `json:"plain,omitempty"`
	Columns []roster.Issue `json:"columns,omitempty"`
	Active  int            `json:"active,omitempty"` // members before anything is applied
}

// rosterGroups are the groups of a roster.
type rosterGroups struct {
	Units   []roster.Unit `json:"units,omitempty"`
	Present []string      `json:"present,omitempty"` // keys of groups that were rejected, but are there
	ByRow   bool          `json:"by_row"`            // rows name their groups; else each group lists its members
}

// listing is one group with the members that the directory lists for it.
type listing struct {
	Group   string      `json:"group"` // its key
	Members []uuid.UUID `json:"members,omitempty"`
}

// ReadIssues reads one chunk of a run's stage "issues".
func ReadIssues(data []byte) ([]roster.Issue, error) {
	var issues []roster.Issue
	if err := wire.Decode(data, &issues); err != nil {
		return nil, fmt.Errorf("read issues: %w", err)
	}
	return issues, nil
}

// writer adds chunks to a stage on behalf of one attempt, a few behind its caller.
type writer struct {
	behind  []*task[struct{}] // chunks on their way, in order
	failed  error
	claimed bool      // the stage is this attempt's
	began   time.Time // when the attempt began
	stages  Stages
	run     uuid.UUID
	stage   string
	attempt int
	number  int
	told    time.Time // when the last chunk or progress was written
	now     func() time.Time
}

// claim opens a stage for this attempt. A sealed one is answered without a writer.
func (a *Activities) claim(ctx context.Context, round Round, stage string, resume bool) (*writer, ledger.Stage, error) {
	w := a.writer(ctx, round, stage)
	claimed, err := w.claim(ctx, resume)
	if err != nil {
		return nil, ledger.Stage{}, err
	}
	if claimed.Sealed {
		return nil, claimed, nil
	}
	w.number = claimed.Chunks
	return w, claimed, nil
}

// open is claim for a step that may find nothing to keep. Its first attempt claims the stage with the first that it keeps:
// until then there is nothing to fence off or to go on from. A later one claims it at once, as the one before may still be
// at it.
func (a *Activities) open(ctx context.Context, round Round, stage string, resume bool) (*writer, ledger.Stage, error) {
	if attemptOf(ctx) > 1 {
		return a.claim(ctx, round, stage, resume)
	}
	return a.writer(ctx, round, stage), ledger.Stage{}, nil
}

func (a *Activities) writer(ctx context.Context, round Round, stage string) *writer {
	return &writer{stages: a.Stages, run: round.Run, stage: stage, attempt: attemptOf(ctx), began: a.now(), told: a.now(), now: a.now}
}

func (w *writer) claim(ctx context.Context, resume bool) (ledger.Stage, error) {
	claimed, err := w.stages.ClaimStage(ctx, w.run, w.stage, w.attempt, resume, w.began)
	if err != nil {
		return ledger.Stage{}, fmt.Errorf("claim stage %s: %w", w.stage, err)
	}
	w.claimed = true
	return claimed, nil
}

// own claims the stage, unless that was done.
func (w *writer) own(ctx context.Context) error {
	if w.claimed {
		return nil
	}
	claimed, err := w.claim(ctx, false)
	if err == nil && claimed.Sealed { // by the same step of an execution that was reset: the next attempt answers with it
		return fault.Interrupted()
	}
	return err
}

// leave keeps how far an attempt came that failed before it had anything to keep: the next one is held to that.
func (w *writer) leave(ctx context.Context, progress ledger.Progress) {
	if w.wait() == nil && !w.claimed { // an error: what went wrong first is told
		_ = w.write(ctx, 0, nil, progress)
	}
}

// put adds a chunk. It is encoded and kept while the caller goes on, who leaves the content alone, and where it is lent has
// lost it; an error comes with a later call.
func (w *writer) put(ctx context.Context, content any, progress ledger.Progress) error {
	w.number++
	return w.putAs(ctx, w.number-1, content, progress)
}

// putAs puts a chunk, perhaps again, under its number. Several are encoded at once, and kept one after the other.
func (w *writer) putAs(ctx context.Context, number int, content any, progress ledger.Progress) error {
	if err := w.waitFor(cores() - 1); err != nil {
		return err
	}
	var before *task[struct{}]
	if n := len(w.behind); n > 0 {
		before = w.behind[n-1]
	}
	w.behind = append(w.behind, aside(func() error {
		room := encoded.lend()
		data, err := wire.Append((*room)[:0], content)
		*room = data
		if used, ok := content.(lent); ok {
			used.Release()
		}
		if before != nil {
			if failed := before.failure(); failed != nil {
				return failed
			}
		}
		if err != nil {
			return fmt.Errorf("encode chunk of %s: %w", w.stage, err)
		}
		if err := w.write(ctx, number, data, progress); err != nil {
			return err
		}
		encoded.giveBack(room)
		return nil
	}))
	return nil
}

// encoded are chunks as they are kept.
var encoded lender[[]byte] //nolint:gochecknoglobals // memory only

// wait waits until all chunks are kept.
func (w *writer) wait() error { return w.waitFor(0) }

// waitFor waits until no more than so many chunks are on their way.
func (w *writer) waitFor(left int) error {
	for len(w.behind) > left {
		err := w.behind[0].failure()
		w.behind, w.failed = w.behind[1:], cmp.Or(w.failed, err)
	}
	return w.failed
}

// tell keeps progress without a chunk, but not more often than matters to the stall rule. A chunk that is on its way tells
// enough.
func (w *writer) tell(ctx context.Context, progress ledger.Progress) error {
	for len(w.behind) > 0 && w.behind[0].over() {
		_ = w.waitFor(len(w.behind) - 1) // w.failed has it
	}
	if len(w.behind) > 0 || w.failed != nil || !w.claimed || w.now().Sub(w.told) < tellEvery {
		return w.failed
	}
	return w.write(ctx, w.number, nil, progress)
}

const tellEvery = 10 * time.Second

func (w *writer) write(ctx context.Context, number int, data []byte, progress ledger.Progress) error {
	if err := w.own(ctx); err != nil {
		return err
	}
	chunk := ledger.Chunk{Run: w.run, Stage: w.stage, Attempt: w.attempt, Number: number, Data: data}
	if err := w.stages.PutChunk(ctx, chunk, progress); err != nil {
		return fmt.Errorf("keep chunk of %s: %w", w.stage, err)
	}
	w.told = w.now()
	return nil
}

// seal ends the stage.
func (w *writer) seal(ctx context.Context, summary any) error {
	if err := w.wait(); err != nil {
		return err
	}
	if err := w.own(ctx); err != nil {
		return err
	}
	data, err := json.Marshal(summary)
	if err != nil {
		return fmt.Errorf("encode summary of %s: %w", w.stage, err)
	}
	if err := w.stages.SealStage(ctx, w.run, w.stage, w.attempt, data); err != nil {
		return fmt.Errorf("seal stage %s: %w", w.stage, err)
	}
	return nil
}

// sealed reads the summary of a sealed stage; one that isn't sealed is an error, so that nothing is made from half of
// anything.
func sealed[T any](ctx context.Context, stages Stages, run uuid.UUID, name string) (summary T, err error) {
	stage, err := stages.Stage(ctx, run, name)
	if err != nil {
		return summary, fmt.Errorf("read stage %s: %w", name, err)
	}
	if !stage.Sealed {
		return summary, fmt.Errorf("read stage %s: it is not sealed", name)
	}
	return summaryOf[T](stage)
}

func summaryOf[T any](stage ledger.Stage) (summary T, err error) {
	if err := json.Unmarshal(stage.Summary, &summary); err != nil {
		return summary, fmt.Errorf("decode summary of %s: %w", stage.Name, err)
	}
	return summary, nil
}
