package activities

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
)

// FetchInput asks for one half of a snapshot.
type FetchInput struct {
	Round Round `json:"round"`
}

// FetchUsersResult says what waits in the store. There is no such result of a read that didn't reach the true end.
type FetchUsersResult struct {
	Stage  string `json:"stage"` // which stage holds it; "": none, as all rows are Known
	Users  int    `json:"users"`
	Staged int    `json:"staged"` // rows that the index didn't know
	Digest string `json:"digest"`

	Known *Known `json:"known,omitempty"` // nil: there is more to say of them
}

// FetchUsers reads all users. A row that the index knows is only sighted; any other is staged, decoded. Where that
// can't be relied on, because fields would be read from other columns than before, all rows are read once more and
// staged whether known or not.
func (a *Activities) FetchUsers(ctx context.Context, in FetchInput) (FetchUsersResult, error) {
	stages := []string{ledger.StageUsers, ledger.StageUsersAgain}
	return step(ctx, a, in.Round, stages, func(ctx context.Context, p *progress) (FetchUsersResult, error) {
		settings, err := a.settingsOf(ctx, in.Round)
		if err != nil {
			return FetchUsersResult{}, err
		}
		state, err := a.Runs.State(ctx, in.Round.Tenant)
		if err != nil {
			return FetchUsersResult{}, fmt.Errorf("read state: %w", err)
		}
		source, err := a.Directories.Open(ctx, in.Round.Tenant, settings.GroupColumns)
		if err != nil {
			return FetchUsersResult{}, fmt.Errorf("open directory: %w", err)
		}
		out, err := a.keptOut(ctx, in.Round.Tenant)
		if err != nil {
			return FetchUsersResult{}, err
		}
		f := usersFetch{
			a: a, out: out, round: in.Round, settings: settings, state: state, source: source, progress: p,
			stage: ledger.StageUsers, full: in.Round.Full,
		}
		f.load(ctx)
		summary, err := f.run(ctx)
		if err == nil && summary.Again {
			f.stage, f.full, f.fresh = ledger.StageUsersAgain, true, summary.Fresh
			f.decoder, f.reading = nil, reading{}
			summary, err = f.run(ctx)
		}
		if err = f.unload(err); err != nil {
			return FetchUsersResult{}, err
		}
		result := FetchUsersResult{
			Stage: f.stage, Users: summary.Rows, Staged: summary.Staged, Digest: hex.EncodeToString(summary.Digest[:]), Known: f.known,
		}
		if f.known != nil {
			result.Stage = ""
		}
		return result, nil
	})
}

// usersFetch is one read of all users into one stage.
type usersFetch struct {
	a        *Activities
	out      *erasure.List // who is kept out
	round    Round
	settings Settings
	state    ledger.State
	source   directory.Directory
	progress *progress
	stage    string
	full     bool // nothing is taken as known
	fresh    bool // columns are numbered anew

	recall *roster.Recall
	unload func(failed error) error // ends recall's loading; its answer is what went wrong first
	sifter *sifter

	w       *writer
	decoder *decoder
	reading reading
	pending []*roster.PackedRows // rows not put yet
	known   *Known               // what is left to say when nothing needs to be kept
}

// load has known rows recalled, while the stage is claimed and the directory asked.
func (f *usersFetch) load(ctx context.Context) {
	ctx, stop := context.WithCancel(ctx)
	f.recall = roster.NewRecall()
	loaded := aside(func() error { return f.recall.Load(f.a.Members.Recall(ctx, f.round.Tenant, f.round.Full)) })
	f.unload = func(failed error) error {
		stop()
		var panicked panicError
		if err := loaded.failure(); errors.As(err, &panicked) {
			return err
		}
		return failed
	}
}

// run reads, or answers with what an earlier attempt sealed.
func (f *usersFetch) run(ctx context.Context) (usersSummary, error) {
	cursor, summary, done, err := f.open(ctx)
	if done || err != nil {
		return summary, err
	}
	if err := f.start(); err != nil {
		return usersSummary{}, err
	}
	return f.readOn(ctx, cursor, f.decoder.ahead)
}

// readOn reads from the cursor to the end. ahead is what is done about a page before its turn.
func (f *usersFetch) readOn(ctx context.Context, cursor directory.Cursor, ahead func(*page) (*page, error)) (usersSummary, error) {
	var end directory.Sealed
	err := readAhead(ctx, func(ctx context.Context, pages *pages) (err error) {
		f.sifter.pages = pages
		if end, err = f.read(ctx, cursor); err != nil {
			if failed := f.sifter.settle(); failed != nil {
				return failed // about rows that came before
			}
			return err
		}
		return f.sifter.end()
	}, ahead, func(p *page) error { return f.keep(ctx, p) })
	if err != nil {
		f.w.leave(ctx, ledger.Progress{Rows: f.sifter.rows, At: f.progress.last()}) // another attempt finds all that came; err is what went wrong first
		if known, ok := fault.Of(err); ok && known.Kind == fault.KindTooManyColumns && !f.fresh && len(f.state.Columns) > 0 {
			return f.seal(ctx, usersSummary{Again: true, Fresh: true}) // with numbers for this report's columns only
		}
		return usersSummary{}, fmt.Errorf("read users: %w", err)
	}
	if rows, ok := end.Rows(); !ok || rows != f.reading.Rows {
		return usersSummary{}, fmt.Errorf("read users: the end was told at %d rows, %d came", rows, f.reading.Rows)
	}
	return f.finish(ctx)
}

// read has the directory hand its users to the sifter.
func (f *usersFetch) read(ctx context.Context, from directory.Cursor) (directory.Sealed, error) {
	return f.source.Users(ctx, from, f.sifter.rows+1, f.sifter.keep)
}

// open takes the stage over; where it can be gone on from, it sets up for reading from the cursor.
func (f *usersFetch) open(ctx context.Context) (cursor directory.Cursor, summary usersSummary, done bool, err error) {
	w, stage, err := f.a.open(ctx, f.round, f.stage, true)
	if err != nil {
		return "", summary, false, err
	}
	if w == nil {
		summary, err = summaryOf[usersSummary](stage)
		return "", summary, true, err
	}
	f.w = w
	if stage.Cursor != "" {
		if err := f.start(); err != nil {
			return "", summary, false, err
		}
		resumed, err := f.resume(ctx, stage)
		if err != nil || resumed {
			return directory.Cursor(stage.Cursor), summary, false, err
		}
		f.decoder, f.reading = nil, reading{}
	}
	if stage.Chunks > 0 || stage.Cursor != "" {
		f.w, _, err = f.a.claim(ctx, f.round, f.stage, false) // drops what can't be gone on from
	}
	return "", summary, false, err
}

// start sets up for reading from the beginning, unless that was done.
func (f *usersFetch) start() error {
	if f.decoder != nil {
		return nil
	}
	f.reading, f.pending = reading{}, nil
	if len(f.state.Columns) > 0 && !f.fresh {
		if err := json.Unmarshal(f.state.Columns, &f.reading.Columns); err != nil {
			return fmt.Errorf("decode columns: %w", err)
		}
	}
	f.decoder = f.newDecoder()
	f.sifter = newSifter(f.recall, f.full)
	return nil
}

// newDecoder is of the columns that are known.
func (f *usersFetch) newDecoder() *decoder {
	return &decoder{
		reader: roster.NewReader(f.settings.Fields, &f.reading.Columns),
		redact: f.out.Redact(f.settings.Fields, &f.reading.Columns, f.source.Source()),
	}
}

// resume takes in what earlier attempts kept. It is false when that is about other members.
func (f *usersFetch) resume(ctx context.Context, stage ledger.Stage) (bool, error) {
	if err := f.recall.Wait(); err != nil {
		return false, err
	}
	for piece, err := range chunks[usersChunk](ctx, f.a.Stages, f.round.Run, f.stage, 0, stage.Chunks) {
		if err != nil {
			return false, err
		}
		if piece.State == nil || piece.State.Index != f.recall.Fingerprint() {
			return false, nil
		}
		f.sifter.resume(piece)
		f.reading = piece.State.reading
	}
	f.decoder = f.newDecoder()
	f.decoder.reader.Resume(f.reading.Unused)
	f.progress.add(f.reading.Rows)
	return true, nil
}
