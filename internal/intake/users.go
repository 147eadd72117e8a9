package intake

import (
	"context"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/read"
	"github.com/rollcall/rollcall/internal/stage"
)

// Progress counts the rows of a step.
type Progress interface {
	// Add adds n rows.
	Add(n int)
	// Last returns the time of the last Add, or zero.
	Last() time.Time
}

// Users reads all users of a directory.
type Users struct {
	Attempt   stage.Attempt
	Directory directory.Directory
	Mappings  roster.Mappings // of the tenant
	State     ledger.State    // of the tenant
	Erased    *erasure.List   // people whose rows are redacted; nil: nobody
	Full      bool            // no row counts as known
	Again     bool            // likewise, after a read that relied on known rows
	ChunkRows int             // rows in a chunk
	Progress  Progress

	// KnownRows yields the tenant's known rows in the order of member ids.
	KnownRows func(context.Context) iter.Seq2[roster.KnownRow, error]
	// Learn stores marks that identify erased people. nil: the run stores nothing.
	Learn func(context.Context, []erasure.Mark) error
}

// Read reads all users. It seals ledger.StageUsers, unless all rows are known and there is nothing to report about
// them.
//
// Known rows are used only if fields are read from the same columns as before. Otherwise Read reads the directory
// again, stores every row, and seals ledger.StageUsersAgain. With Again, it does so at once. The error is a
// *fault.Fault of the directory, or one of the store.
func (u Users) Read(ctx context.Context) (stage.UsersRead, error) {
	ctx, stop := context.WithCancel(ctx)
	known := stage.Start(func() (*KnownRows, error) { return LoadKnownRows(u.KnownRows(ctx)) })
	defer func() {
		stop()
		_, _ = known.Wait() // usersRead.load returned its error
	}()
	r := usersRead{Users: u, stage: ledger.StageUsers, full: u.Full, loading: known}
	if u.Again {
		r.stage, r.full = ledger.StageUsersAgain, true
	}
	summary, err := r.run(ctx)
	if err == nil && summary.Again {
		r = usersRead{
			Users: u, stage: ledger.StageUsersAgain, full: true, fresh: summary.Fresh, restarted: r.restarted, loading: known,
		}
		summary, err = r.run(ctx)
	}
	if err != nil {
		return stage.UsersRead{}, err
	}
	read := stage.UsersRead{
		Stage: r.stage, Users: summary.Rows, Staged: summary.Staged, Digest: hex.EncodeToString(summary.Digest[:]),
	}
	if r.allKnown {
		read.Stage, read.Known = "", &stage.AllKnown{Source: u.Directory.Source(), Filled: summary.Filled}
	}
	return read, nil
}

// usersRead reads users into one stage.
type usersRead struct {
	Users
	stage     string
	full      bool // every row is staged, known or not
	fresh     bool // columns get new numbers
	restarted bool // the source refused a cursor, and the read began again
	allKnown  bool // nothing needs to be staged

	loading *stage.Task[*KnownRows]
	known   *KnownRows // set once loaded
	w       *stage.Writer
	decoder *decoder
	counts  stage.Counts
	seen    *seenRows
	pending []*read.PackedRows // rows to be written
	waiting int                // number of rows in pending
	bytes   int                // their size
}

// run reads users, or returns what an earlier attempt sealed.
func (r *usersRead) run(ctx context.Context) (stage.UsersSummary, error) {
	cursor, sealed, err := r.open(ctx)
	if err != nil {
		return stage.UsersSummary{}, err
	}
	if r.w == nil {
		return stage.Summary[stage.UsersSummary](sealed)
	}
	return r.read(ctx, cursor)
}

// open claims the stage. It resumes an earlier attempt if the source can. If the stage is sealed, r.w is nil.
func (r *usersRead) open(ctx context.Context) (cursor directory.Cursor, claimed ledger.Stage, err error) {
	if r.w, claimed, err = r.Attempt.Open(ctx, r.stage, true); err != nil || r.w == nil {
		return "", claimed, err
	}
	if err := r.reset(); err != nil {
		return "", claimed, err
	}
	if claimed.Cursor != "" {
		resumed, err := r.resume(ctx, claimed.Chunks)
		if err != nil || resumed {
			return directory.Cursor(claimed.Cursor), claimed, err
		}
		if err := r.reset(); err != nil {
			return "", claimed, err
		}
	}
	if claimed.Chunks > 0 || claimed.Cursor != "" { // drop what can't be resumed
		r.w, _, err = r.Attempt.Claim(ctx, r.stage, false)
	}
	return "", claimed, err
}

// reset prepares a read from the beginning.
func (r *usersRead) reset() error {
	r.counts, r.seen, r.pending, r.waiting, r.bytes = stage.Counts{}, nil, nil, 0, 0
	columns, err := read.DecodeColumns(r.State.Columns, r.Directory.Source())
	if err != nil {
		return err
	}
	if r.fresh {
		columns = columns.Renumbered()
	}
	r.counts.Columns = columns
	r.newDecoder()
	return nil
}

func (r *usersRead) newDecoder() {
	r.decoder = &decoder{
		full: r.full, reader: read.NewReader(r.Mappings, &r.counts.Columns),
		redact: r.Erased.Redact(r.Mappings.Fields, &r.counts.Columns, r.Directory.Source()),
	}
}

// load waits until the known rows are loaded.
func (r *usersRead) load() (err error) {
	if r.known, err = r.loading.Wait(); err == nil && r.seen == nil {
		r.seen = newSeenRows(r.known.Len())
	}
	return err
}

// resume counts what earlier attempts stored. It returns false if the members have changed since.
func (r *usersRead) resume(ctx context.Context, chunks int) (bool, error) {
	if err := r.load(); err != nil {
		return false, err
	}
	kept := stage.Span{Store: r.Attempt.Store, Run: r.Attempt.Run, Stage: r.stage, To: chunks}
	for chunk, err := range stage.Chunks[stage.UsersChunk](ctx, kept) {
		if err != nil {
			return false, err
		}
		if chunk.State == nil || chunk.State.Index != r.known.Fingerprint() {
			return false, nil
		}
		for i, rank := range chunk.Page {
			if rank >= 0 {
				r.seen.see(rank, chunk.First+i)
			}
		}
		r.counts = chunk.State.Counts
	}
	r.newDecoder()
	r.decoder.reader.AddUnused(r.counts.Unused)
	r.Progress.Add(r.counts.Rows)
	return true, nil
}

// read reads from the cursor to the end.
func (r *usersRead) read(ctx context.Context, cursor directory.Cursor) (stage.UsersSummary, error) {
	var end directory.Sealed
	source := func(ctx context.Context, send func(*page) error) (err error) {
		end, err = r.readPages(ctx, cursor, send)
		return err
	}
	err := r.addPages(ctx, source)
	if err != nil {
		r.w.Abandon(ctx, ledger.Progress{Rows: r.counts.Rows, At: r.Progress.Last()})
		switch {
		case r.columnsMayFit(err) && r.stage == ledger.StageUsers:
			return r.seal(ctx, stage.UsersSummary{Again: true, Fresh: true})
		case r.columnsMayFit(err):
			r.fresh = true
			return r.readAgain(ctx)
		case cursorRefused(err) && !r.restarted:
			r.restarted = true
			return r.readAgain(ctx)
		}
		return stage.UsersSummary{}, fmt.Errorf("read users: %w", err)
	}
	if rows, ok := end.Rows(); !ok || rows != r.counts.Rows {
		return stage.UsersSummary{}, fmt.Errorf(
			"read users: the directory ended after %d rows, %d came",
			rows,
			r.counts.Rows,
		)
	}
	return r.finish(ctx)
}

// cursorRefused reports whether the source refused a cursor.
func cursorRefused(err error) bool {
	known, ok := fault.Of(err)
	return ok && known.Kind == fault.KindCursorRefused
}

// readAgain reads everything again from the beginning.
func (r *usersRead) readAgain(ctx context.Context) (summary stage.UsersSummary, err error) {
	if r.w, _, err = r.Attempt.Claim(ctx, r.stage, false); err != nil {
		return summary, err
	}
	if err := r.reset(); err != nil {
		return summary, err
	}
	return r.read(ctx, "")
}

// columnsMayFit reports whether a read that failed for too many columns may succeed with new column numbers.
func (r *usersRead) columnsMayFit(err error) bool {
	known, ok := fault.Of(err)
	return ok && known.Kind == fault.KindTooManyColumns && !r.fresh && len(r.State.Columns) > 0
}

// readPages sends the directory's rows page by page. It also sends the rows before an error.
func (r *usersRead) readPages(
	ctx context.Context, cursor directory.Cursor, send func(*page) error,
) (end directory.Sealed, err error) {
	var p *page
	flush := func() error {
		if p == nil {
			return nil
		}
		full := p
		p = nil
		return send(full)
	}
	end, err = r.Directory.Users(ctx, cursor, r.counts.Rows+1, func(came directory.Page) error {
		for i, row := range came.Rows {
			if p == nil {
				p = newPage(came.First + i)
			}
			p.add(row)
			if came.Next == "" && p.full() {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		if came.Next == "" {
			return nil
		}
		if p == nil { // a page without rows
			p = newPage(came.First)
		}
		p.next = came.Next
		return flush()
	})
	if failed := flush(); failed != nil {
		return end, failed
	}
	return end, err
}

// addPages looks up and decodes several pages at once, and adds them in order.
func (r *usersRead) addPages(ctx context.Context, source stage.Source[*page]) error {
	work := func(p *page) (*page, error) {
		known, err := r.loading.Wait()
		if err != nil {
			return nil, err
		}
		p.match(known)
		r.decoder.decodeAhead(p, known)
		return p, nil
	}
	for p, err := range stage.Ordered(ctx, source, work) {
		if err == nil {
			err = r.addPage(ctx, p)
		}
		if err != nil {
			return err
		}
		pages.Put(p)
	}
	return nil
}

// addPage adds the next page. A page that the source can resume after becomes a chunk. Other rows collect until
// they fill one.
func (r *usersRead) addPage(ctx context.Context, p *page) error {
	if err := r.load(); err != nil {
		return err
	}
	if err := r.decoder.decodeInTurn(p, r.known); err != nil {
		return err
	}
	for i, rank := range p.ranks {
		switch {
		case r.full:
			p.ranks[i] = -1
		case rank >= 0:
			r.seen.see(rank, p.first+i)
		}
	}
	if rows := p.decoded.releasePacked(); rows.Len() > 0 {
		r.pending = append(r.pending, rows)
		r.waiting += rows.Len()
		r.bytes += rows.Bytes()
		r.counts.Staged += rows.Len()
	}
	p.filled.addTo(&r.counts.Filled)
	if r.counts.Rows += len(p.ends); r.counts.Rows > roster.MaxPeople {
		return fault.TooLarge("people", roster.MaxPeople)
	}
	r.counts.Digest = r.counts.Digest.Plus(p.digest)
	r.Progress.Add(len(p.ends))
	at := ledger.Progress{Cursor: string(p.next), Rows: r.counts.Rows}
	switch {
	case p.next != "":
		r.counts.Unused = r.decoder.reader.Unused()
		state := &stage.ResumeState{Counts: r.counts, Index: r.known.Fingerprint()}
		state.Filled = slices.Clone(state.Filled)
		return r.put(ctx, &stage.UsersChunk{Page: slices.Clone(p.ranks), First: p.first, State: state}, at)
	case r.waiting >= r.ChunkRows, r.bytes >= stage.ChunkBytes:
		return r.put(ctx, &stage.UsersChunk{}, at)
	default:
		return r.w.Progress(ctx, at)
	}
}

// put writes a chunk with the pending rows.
func (r *usersRead) put(ctx context.Context, chunk *stage.UsersChunk, at ledger.Progress) error {
	rows := r.pending
	chunk.Packed, r.pending, r.waiting, r.bytes = rows, nil, 0, 0
	return r.w.Put(ctx, chunk, at, func() {
		for _, packed := range rows {
			packed.Release()
		}
	})
}

// finish writes the remaining rows and seals the stage.
func (r *usersRead) finish(ctx context.Context) (stage.UsersSummary, error) {
	if err := r.load(); err != nil {
		return stage.UsersSummary{}, err
	}
	at := ledger.Progress{Rows: r.counts.Rows}
	if r.waiting > 0 {
		if err := r.put(ctx, &stage.UsersChunk{}, at); err != nil {
			return stage.UsersSummary{}, err
		}
	}
	if err := r.learn(ctx); err != nil {
		return stage.UsersSummary{}, err
	}
	bindings := read.Bind(r.Mappings, &r.counts.Columns, r.counts.Filled)
	if !r.full && r.counts.Staged < r.counts.Rows && bindings.Digest() != r.State.Bindings {
		return r.seal(ctx, stage.UsersSummary{Again: true})
	}
	var err error
	if r.allKnown, err = r.repeatsLast(ctx, bindings); err != nil || r.allKnown {
		return stage.UsersSummary{Counts: r.counts}, err
	}
	if !r.full {
		for _, seen := range r.seen.chunks() {
			if err := r.w.Put(ctx, &stage.UsersChunk{Seen: seen}, at, nil); err != nil {
				return stage.UsersSummary{}, err
			}
		}
	}
	return r.seal(ctx, stage.UsersSummary{})
}

// learn stores further marks of erased people whose rows were read.
func (r *usersRead) learn(ctx context.Context) error {
	marks := r.decoder.redact.NewMarks()
	if len(marks) == 0 || r.Learn == nil {
		return nil
	}
	if err := r.Learn(ctx, marks); err != nil {
		return fmt.Errorf("keep marks of erased people: %w", err)
	}
	return nil
}

// repeatsLast reports whether the rows are those that were applied last: each known row once, no others, and no
// issues but missing columns. Then their order does not matter.
func (r *usersRead) repeatsLast(ctx context.Context, bindings roster.Bindings) (bool, error) {
	if r.full || r.counts.Staged > 0 || !r.seen.eachOnce() || r.Directory.Source().ListsMembers() {
		return false, nil
	}
	state := r.State
	if !state.Complete || !state.SameSettings(r.Mappings.Digest()) || state.Bindings != bindings.Digest() ||
		!strings.HasPrefix(state.Digest, hex.EncodeToString(r.counts.Digest[:])) {
		return false, nil
	}
	last, err := stage.LastVerdict(ctx, r.Attempt.Store, state)
	return err == nil && last != nil && last.Plain, err
}

func (r *usersRead) seal(ctx context.Context, summary stage.UsersSummary) (stage.UsersSummary, error) {
	r.counts.Unused = r.decoder.reader.Unused()
	summary.Counts, summary.Source, summary.Full = r.counts, r.Directory.Source(), r.full
	if !r.full {
		if err := r.load(); err != nil {
			return stage.UsersSummary{}, err
		}
		summary.Index = r.known.Fingerprint()
	}
	return summary, r.w.Seal(ctx, summary)
}
