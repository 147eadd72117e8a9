package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/store"
)

// chunkTexts are a run's chunks of users.
func chunkTexts(t *testing.T, s *store.Store, run uuid.UUID, from, to int) (texts []string) {
	t.Helper()
	for data, err := range s.Chunks(t.Context(), run, "users", from, to) {
		must(t, err)
		texts = append(texts, string(data))
	}
	return texts
}

// longText returns a text of that length in which no part repeats another.
func longText(length int) string {
	var text strings.Builder
	for n := 0; text.Len() < length; n++ {
		fmt.Fprintf(&text, "%d,", n)
	}
	return text.String()[:length]
}

func stages(t *testing.T, open Opener) {
	ctx := t.Context()
	r := runID(1)
	chunk := func(attempt, number int, data string) ledger.Chunk {
		return ledger.Chunk{Run: r, Stage: "users", Attempt: attempt, Number: number, Data: []byte(data)}
	}
	stage := func(t *testing.T, s *store.Store) ledger.Stage {
		t.Helper()
		st := got(s.Stage(ctx, r, "users"))(t)
		st.ProgressAt = time.Time{}
		return st
	}
	texts := func(t *testing.T, s *store.Store, from, to int) []string {
		t.Helper()
		return chunkTexts(t, s, r, from, to)
	}
	superseded := func(t *testing.T, err error) {
		t.Helper()
		if !errors.Is(err, ledger.ErrSuperseded) {
			t.Errorf("have %v, want ErrSuperseded", err)
		}
	}
	fill := func(t *testing.T, s *store.Store) {
		t.Helper()
		got(s.ClaimStage(ctx, r, "users", 1, true, time.Time{}))(t)
		must(t, s.PutChunk(ctx, chunk(1, 0, "a"), ledger.Progress{Cursor: "1", Rows: 10}))
		must(t, s.PutChunk(ctx, chunk(1, 1, "b"), ledger.Progress{Cursor: "2", Rows: 20}))
	}

	it(t, open, "chunks are read back in order, and any range of them", func(t *testing.T, s *store.Store) {
		fill(t, s)
		must(t, s.PutChunk(ctx, chunk(1, 2, "c"), ledger.Progress{Cursor: "3", Rows: 30}))
		same(t, "all", texts(t, s, 0, -1), []string{"a", "b", "c"})
		same(t, "range", texts(t, s, 1, 2), []string{"b"})
		same(t, "none", len(texts(t, s, 3, 3)), 0)
		for data, err := range s.Chunks(ctx, r, "users", 0, -1) {
			must(t, err)
			same(t, "first", string(data), "a")
			break
		}
	})
	it(t, open, "a chunk of any length is read back whole, and replaced whole", func(t *testing.T, s *store.Store) {
		got(s.ClaimStage(ctx, r, "users", 1, true, time.Time{}))(t)
		var want []string
		for n, length := range []int{1, 7_999, 8_000, 8_001, 16_000, 400_000} {
			want = append(want, longText(length))
			must(t, s.PutChunk(ctx, chunk(1, n, want[n]), ledger.Progress{Rows: n}))
		}
		same(t, "chunks", texts(t, s, 0, -1), want)
		for n := range want {
			want[n] = longText(len(want) - n)
			must(t, s.PutChunk(ctx, chunk(1, n, want[n]), ledger.Progress{Rows: len(want)}))
		}
		same(t, "shorter ones", texts(t, s, 0, -1), want)
	})
	it(t, open, "a missing chunk is an error", func(t *testing.T, s *store.Store) {
		fill(t, s)
		var last error
		for _, err := range s.Chunks(ctx, r, "users", 0, 3) {
			last = err
		}
		if !errors.Is(last, ledger.ErrNotFound) {
			t.Error(last)
		}
	})
	it(t, open, "a later attempt that resumes continues after the stored chunks", func(t *testing.T, s *store.Store) {
		fill(t, s)
		st := got(s.ClaimStage(ctx, r, "users", 2, true, time.Time{}))(t)
		st.ProgressAt = time.Time{}
		same(t, "stage", st, ledger.Stage{
			Run: r, Name: "users", Attempt: 2, Cursor: "2", Chunks: 2, Rows: 20,
			Furthest: 20,
		})
		must(t, s.PutChunk(ctx, chunk(2, 2, "c"), ledger.Progress{Cursor: "3", Rows: 30}))
		same(t, "chunks", texts(t, s, 0, -1), []string{"a", "b", "c"})
	})
	it(t, open, "a later attempt that doesn't resume drops the stored chunks", func(t *testing.T, s *store.Store) {
		fill(t, s)
		st := got(s.ClaimStage(ctx, r, "users", 2, false, time.Time{}))(t)
		st.ProgressAt = time.Time{}
		same(t, "stage", st, ledger.Stage{Run: r, Name: "users", Attempt: 2, Furthest: 20})
		same(t, "chunks", len(texts(t, s, 0, -1)), 0)
	})
	it(t, open, "an older attempt is refused", func(t *testing.T, s *store.Store) {
		fill(t, s)
		got(s.ClaimStage(ctx, r, "users", 2, true, time.Time{}))(t)
		superseded(t, s.PutChunk(ctx, chunk(1, 2, "late"), ledger.Progress{Rows: 30}))
		superseded(t, s.SealStage(ctx, r, "users", 1, nil))
		superseded(t, second(s.ClaimStage(ctx, r, "users", 1, false, time.Time{})))
		same(t, "chunks", texts(t, s, 0, -1), []string{"a", "b"})
	})
	it(t, open, "a chunk put again replaces the first, and a gap is refused", func(t *testing.T, s *store.Store) {
		fill(t, s)
		must(t, s.PutChunk(ctx, chunk(1, 1, "B"), ledger.Progress{Cursor: "2", Rows: 20}))
		same(t, "chunks", texts(t, s, 0, -1), []string{"a", "B"})
		if err := s.PutChunk(ctx, chunk(1, 3, "d"), ledger.Progress{Rows: 40}); err == nil ||
			errors.Is(err, ledger.ErrSuperseded) {
			t.Errorf("gap: %v", err)
		}
		same(t, "stage", stage(t, s).Chunks, 2)
	})
	it(t, open, "progress without data stores no chunk", func(t *testing.T, s *store.Store) {
		fill(t, s)
		must(t, s.PutChunk(ctx, chunk(1, 2, ""), ledger.Progress{Cursor: "9", Rows: 90}))
		same(t, "stage", stage(t, s),
			ledger.Stage{Run: r, Name: "users", Attempt: 1, Cursor: "9", Chunks: 2, Rows: 90, Furthest: 90})
	})
	it(t, open, "only coming further than any attempt before is progress", func(t *testing.T, s *store.Store) {
		fill(t, s)
		before := got(s.Stage(ctx, r, "users"))(t)
		got(s.ClaimStage(ctx, r, "users", 2, false, time.Time{}))(t)
		must(t, s.PutChunk(ctx, chunk(2, 0, "a"), ledger.Progress{Rows: 20}))
		after := got(s.Stage(ctx, r, "users"))(t)
		if !after.ProgressAt.Equal(before.ProgressAt) || after.Furthest != 20 {
			t.Errorf("progress at %v, furthest %d", after.ProgressAt, after.Furthest)
		}
		must(t, s.PutChunk(ctx, chunk(2, 1, "b"), ledger.Progress{Rows: 21}))
		if after := got(s.Stage(ctx, r, "users"))(t); !after.ProgressAt.After(before.ProgressAt) ||
			after.Furthest != 21 {
			t.Errorf("progress at %v, furthest %d", after.ProgressAt, after.Furthest)
		}
	})
	it(t, open, "a sealed stage is returned to every attempt and written by none", func(t *testing.T, s *store.Store) {
		fill(t, s)
		must(t, s.SealStage(ctx, r, "users", 1, []byte("sum")))
		must(t, s.SealStage(ctx, r, "users", 1, []byte("other")))
		superseded(t, s.SealStage(ctx, r, "users", 2, nil))
		superseded(t, s.PutChunk(ctx, chunk(1, 2, "c"), ledger.Progress{Rows: 30}))
		want := ledger.Stage{
			Run: r, Name: "users", Attempt: 1, Cursor: "2", Chunks: 2, Rows: 20, Furthest: 20, Sealed: true,
			Summary: []byte("sum"),
		}
		for attempt := range 3 {
			st := got(s.ClaimStage(ctx, r, "users", attempt, false, time.Time{}))(t)
			st.ProgressAt = time.Time{}
			same(t, "stage", st, want)
		}
		same(t, "chunks", texts(t, s, 0, -1), []string{"a", "b"})
	})
	it(t, open, "a stage that no attempt claimed is not found", func(t *testing.T, s *store.Store) {
		for _, err := range []error{
			second(s.Stage(ctx, r, "users")), s.SealStage(ctx, r, "users", 1, nil), s.PutChunk(ctx, chunk(1, 0, "a"),
				ledger.Progress{}),
		} {
			if !errors.Is(err, ledger.ErrNotFound) {
				t.Error(err)
			}
		}
	})
}
