package activities

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
)

// What a read of users leaves in its stage: chunks of unknown rows, where the known ones were, and a summary that seals it.

// keep takes in a page. One that can be resumed after is a chunk of its own; else rows collect until they fill one.
func (f *usersFetch) keep(ctx context.Context, page *page) error {
	err := f.decoder.settle(page)
	page.decoded.filled.add(&f.reading.Filled)
	if rows := page.decoded.take(); rows.Len() > 0 {
		f.pending = append(f.pending, rows)
		f.reading.Staged += rows.Len()
	}
	if err != nil {
		return err
	}
	f.progress.add(page.read - f.reading.Rows)
	f.reading.Rows, f.reading.Digest = page.read, page.digest
	plus(&f.reading.Filled, page.filled)
	at := ledger.Progress{Cursor: string(page.next), Rows: f.reading.Rows}
	switch {
	case page.next != "":
		f.reading.Unused = f.decoder.reader.Unused()
		state := &resumption{reading: f.reading, Index: page.index}
		state.Filled = slices.Clone(state.Filled)
		return f.put(ctx, &usersChunk{sheets: f.pending, Page: slices.Clone(page.ranks), First: page.first, State: state}, at)
	case f.waiting() >= f.a.staged():
		return f.flush(ctx, at)
	default:
		return f.w.tell(ctx, at)
	}
}

// waiting is how many rows are pending.
func (f *usersFetch) waiting() (rows int) {
	for _, p := range f.pending {
		rows += p.Len()
	}
	return rows
}

func (f *usersFetch) flush(ctx context.Context, at ledger.Progress) error {
	if len(f.pending) == 0 {
		return nil
	}
	return f.put(ctx, &usersChunk{sheets: f.pending}, at)
}

// put adds a chunk of the rows that are pending.
func (f *usersFetch) put(ctx context.Context, piece *usersChunk, at ledger.Progress) error {
	f.pending = nil
	return f.w.put(ctx, piece, at)
}

// finish writes what is left, and seals the stage.
func (f *usersFetch) finish(ctx context.Context) (usersSummary, error) {
	at := ledger.Progress{Rows: f.reading.Rows}
	if err := f.recall.Wait(); err != nil {
		return usersSummary{}, err
	}
	if err := f.flush(ctx, at); err != nil {
		return usersSummary{}, err
	}
	if err := f.learn(ctx); err != nil {
		return usersSummary{}, err
	}
	bindings := roster.Bind(f.settings.Fields, &f.reading.Columns, f.reading.Filled)
	if !f.full && f.reading.Staged < f.reading.Rows && bindings.Digest() != f.state.Bindings {
		return f.seal(ctx, usersSummary{Again: true})
	}
	known, err := f.allKnown(ctx, bindings)
	if err != nil {
		return usersSummary{}, err
	}
	if known {
		f.known = &Known{Source: f.source.Source(), Filled: f.reading.Filled}
		return usersSummary{reading: f.reading}, nil
	}
	if !f.full {
		if err := f.tail(ctx, at); err != nil {
			return usersSummary{}, err
		}
	}
	return f.seal(ctx, usersSummary{})
}

// allKnown tells whether the rows are the very ones that were applied last, each known row once and no other, in any order,
// and there was nothing to list of them: then where they were says nothing.
func (f *usersFetch) allKnown(ctx context.Context, bindings roster.Bindings) (bool, error) {
	s := snapshot{settings: f.settings, users: usersSummary{reading: f.reading, Source: f.source.Source()}, bindings: bindings}
	if f.full || f.reading.Staged > 0 || !f.sifter.seen.eachOnce(f.recall) || !s.byRow() {
		return false, nil
	}
	if !f.state.Settled || !s.familiar(f.state) || !strings.HasPrefix(f.state.Digest, hex.EncodeToString(f.reading.Digest[:])) {
		return false, nil
	}
	last, err := f.a.lastVerdict(ctx, f.state)
	return err == nil && last != nil && last.Plain, err
}

// tail writes where the known rows were.
func (f *usersFetch) tail(ctx context.Context, at ledger.Progress) error {
	rows, again := f.sifter.seen.byRank(f.recall)
	for from := 0; from < len(rows); from += sightsPerChunk {
		to := min(from+sightsPerChunk, len(rows))
		piece := &usersChunk{Tail: &sights{From: from, Rows: differences(rows[from:to])}}
		if to == len(rows) {
			piece.Tail.More = again
		}
		if err := f.w.put(ctx, piece, at); err != nil {
			return err
		}
	}
	return nil
}

const sightsPerChunk = 200_000

func (f *usersFetch) seal(ctx context.Context, summary usersSummary) (usersSummary, error) {
	f.reading.Unused = f.decoder.reader.Unused()
	summary.reading, summary.Source, summary.Full = f.reading, f.source.Source(), f.full
	if !f.full {
		summary.Index = f.recall.Fingerprint()
	}
	return summary, f.w.seal(ctx, summary)
}
