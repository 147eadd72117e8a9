package activities

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
)

// FetchInput asks for one half of a snapshot.
type FetchInput struct {
	Round Round `json:"round"`
}

// FetchUsersResult says what waits in the store. There is no such result of a read that didn't reach the true end.
type FetchUsersResult struct {
	Stage  string `json:"stage"` // which stage holds it
	Users  int    `json:"users"`
	Staged int    `json:"staged"` // rows that the index didn't know
	Digest string `json:"digest"`
}

// FetchUsers reads all users. A row that the index knows is only sighted; any other is staged, decoded. Where that
// can't be relied on, because fields would be read from other columns than before, all rows are read once more and
// staged whether known or not.
func (a *Activities) FetchUsers(ctx context.Context, in FetchInput) (FetchUsersResult, error) {
	stages := []string{stageUsers, stageUsersAgain}
	return step(ctx, a, in.Round, stages, func(ctx context.Context, p *progress) (FetchUsersResult, error) {
		settings, err := a.settingsOf(ctx, in.Round)
		if err != nil {
			return FetchUsersResult{}, err
		}
		state, err := a.Runs.State(ctx, in.Round.Tenant)
		if err != nil {
			return FetchUsersResult{}, fmt.Errorf("read state: %w", err)
		}
		source, err := a.Directories.Open(ctx, in.Round.Tenant)
		if err != nil {
			return FetchUsersResult{}, fmt.Errorf("open directory: %w", err)
		}
		out, err := a.keptOut(ctx, in.Round.Tenant)
		if err != nil {
			return FetchUsersResult{}, err
		}
		f := usersFetch{
			a: a, out: out, round: in.Round, settings: settings, state: state, source: source, progress: p,
			stage: stageUsers, full: in.Round.Full,
		}
		summary, err := f.run(ctx)
		if err == nil && summary.Again {
			f.stage, f.full, f.fresh = stageUsersAgain, true, summary.Fresh
			summary, err = f.run(ctx)
		}
		if err != nil {
			return FetchUsersResult{}, err
		}
		return FetchUsersResult{
			Stage: f.stage, Users: summary.Rows, Staged: summary.Staged, Digest: hex.EncodeToString(summary.Digest[:]),
		}, nil
	})
}

// usersFetch is one read of all users into one stage.
type usersFetch struct {
	a        *Activities
	out      *erasure.List // who is kept out
	round    Round
	settings Settings
	state    State
	source   directory.Directory
	progress *progress
	stage    string
	full     bool // nothing is taken as known
	fresh    bool // columns are numbered anew

	w       *writer
	index   *roster.Index
	print   roster.Hash // the index's fingerprint
	reader  *roster.Reader
	redact  *erasure.Redactor
	reading reading
	rowOf   []int32 // by position: row at which a known row was sighted first; 0: not
	more    []more
	pending []roster.Row
}

// run reads, or answers with what an earlier attempt sealed.
func (f *usersFetch) run(ctx context.Context) (usersSummary, error) {
	cursor, summary, done, err := f.open(ctx)
	if done || err != nil {
		return summary, err
	}
	end, err := f.source.Users(ctx, cursor, f.reading.Rows+1, func(page directory.Page) error { return f.keep(ctx, page) })
	if err != nil {
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

// open takes the stage over and sets up for reading from the cursor.
func (f *usersFetch) open(ctx context.Context) (cursor directory.Cursor, summary usersSummary, done bool, err error) {
	w, stage, err := f.a.claim(ctx, f.round, f.stage, true)
	if err != nil {
		return "", summary, false, err
	}
	if w == nil {
		summary, err = summaryOf[usersSummary](stage)
		return "", summary, true, err
	}
	f.w = w
	if err := f.start(ctx); err != nil {
		return "", summary, false, err
	}
	if stage.Cursor != "" {
		resumed, err := f.resume(ctx, stage)
		if err != nil || resumed {
			return directory.Cursor(stage.Cursor), summary, false, err
		}
	}
	if stage.Chunks > 0 || stage.Cursor != "" {
		f.w, _, err = f.a.claim(ctx, f.round, f.stage, false) // drops what can't be gone on from
	}
	if err != nil {
		return "", summary, false, err
	}
	return "", summary, false, f.start(ctx)
}

// start sets up for reading from the beginning.
func (f *usersFetch) start(ctx context.Context) error {
	if f.index == nil {
		index, err := f.a.indexOf(ctx, f.round, f.settings)
		if err != nil {
			return err
		}
		f.index, f.print = index, fingerprint(index)
	}
	f.reading = reading{}
	if len(f.state.Columns) > 0 && !f.fresh {
		if err := json.Unmarshal(f.state.Columns, &f.reading.Columns); err != nil {
			return fmt.Errorf("decode columns: %w", err)
		}
	}
	f.reader = roster.NewReader(f.settings.Fields, &f.reading.Columns)
	f.redact = f.out.Redact(f.settings.Fields, &f.reading.Columns, f.source.Kind())
	f.rowOf, f.more, f.pending = make([]int32, f.index.Len()), nil, nil
	return nil
}

// resume takes in what earlier attempts kept. It is false when that is about another index.
func (f *usersFetch) resume(ctx context.Context, stage Stage) (bool, error) {
	for piece, err := range chunks[usersChunk](ctx, f.a.Stages, f.round.Run, f.stage, 0, stage.Chunks) {
		if err != nil {
			return false, err
		}
		if piece.State == nil || piece.State.Index != f.print {
			return false, nil
		}
		for i, position := range piece.Page {
			if position >= 0 {
				f.sight(position, piece.First+i)
			}
		}
		f.reading = piece.State.reading
	}
	f.reader = roster.NewReader(f.settings.Fields, &f.reading.Columns)
	f.redact = f.out.Redact(f.settings.Fields, &f.reading.Columns, f.source.Kind())
	f.reader.Resume(f.reading.Unused)
	f.progress.add(f.reading.Rows)
	return true, nil
}

// keep takes in a page. One that can be resumed after is a chunk of its own; else rows collect until they fill one.
func (f *usersFetch) keep(ctx context.Context, page directory.Page) error {
	positions := make([]int, 0, len(page.Rows))
	for i, raw := range page.Rows {
		position, err := f.row(page.First+i, raw)
		if err != nil {
			return err
		}
		positions = append(positions, position)
	}
	f.progress.add(len(page.Rows))
	at := Progress{Cursor: string(page.Next), Rows: f.reading.Rows}
	switch {
	case page.Next != "":
		f.reading.Unused = f.reader.Unused()
		piece := usersChunk{
			Rows: f.pending, Page: positions, First: page.First,
			State: &resumption{reading: f.reading, Index: f.print},
		}
		f.pending = f.pending[:0]
		return f.w.put(ctx, piece, at)
	case len(f.pending) >= f.a.rows():
		return f.flush(ctx, at)
	default:
		return f.w.tell(ctx, at)
	}
}

func (f *usersFetch) flush(ctx context.Context, at Progress) error {
	if len(f.pending) == 0 {
		return nil
	}
	err := f.w.put(ctx, usersChunk{Rows: f.pending}, at)
	f.pending = f.pending[:0]
	return err
}

// row takes in one row: known, or to be staged.
func (f *usersFetch) row(number int, raw directory.Row) (position int, err error) {
	hash := roster.HashBytes(raw)
	f.reading.Rows++
	f.reading.Digest = f.reading.Digest.Plus(hash)
	position, known := f.index.ByRow(hash)
	if known && !f.full {
		f.sight(position, number)
		f.fill(f.index.At(position).Known.Columns)
		return position, nil
	}
	row, err := f.reader.Read(number, raw)
	if err != nil {
		return 0, err
	}
	row.Recognised = known
	f.fill(row.Mask())
	f.reading.Staged++
	f.pending = append(f.pending, f.redact.Row(row))
	return -1, nil
}

func (f *usersFetch) sight(position, row int) {
	if f.rowOf[position] == 0 {
		f.rowOf[position] = int32(row) //nolint:gosec // rows are counted in an int32 all over package roster
		return
	}
	f.more = append(f.more, more{Position: position, Row: row})
}

// fill counts a row's filled columns.
func (f *usersFetch) fill(mask uint64) {
	for column := 0; mask != 0; column, mask = column+1, mask>>1 {
		if mask&1 == 0 {
			continue
		}
		for len(f.reading.Filled) <= column {
			f.reading.Filled = append(f.reading.Filled, 0)
		}
		f.reading.Filled[column]++
	}
}

// finish writes what is left, and seals the stage.
func (f *usersFetch) finish(ctx context.Context) (usersSummary, error) {
	at := Progress{Rows: f.reading.Rows}
	if err := f.flush(ctx, at); err != nil {
		return usersSummary{}, err
	}
	bindings := roster.Bind(f.settings.Fields, &f.reading.Columns, f.reading.Filled)
	if !f.full && f.reading.Staged < f.reading.Rows && bindings.Digest() != f.state.Bindings {
		return f.seal(ctx, usersSummary{Again: true})
	}
	if !f.full {
		if err := f.tail(ctx, at); err != nil {
			return usersSummary{}, err
		}
	}
	return f.seal(ctx, usersSummary{})
}

// tail writes where the known rows were.
func (f *usersFetch) tail(ctx context.Context, at Progress) error {
	for from := 0; from < len(f.rowOf); from += sightsPerChunk {
		to := min(from+sightsPerChunk, len(f.rowOf))
		piece := usersChunk{Tail: &sights{From: from, Rows: differences(f.rowOf[from:to])}}
		if to == len(f.rowOf) {
			piece.Tail.More = f.more
		}
		if err := f.w.put(ctx, piece, at); err != nil {
			return err
		}
	}
	return nil
}

const sightsPerChunk = 50_000

func (f *usersFetch) seal(ctx context.Context, summary usersSummary) (usersSummary, error) {
	f.reading.Unused = f.reader.Unused()
	summary.reading, summary.Kind, summary.Index, summary.Full = f.reading, f.source.Kind(), f.print, f.full
	return summary, f.w.seal(ctx, summary)
}
