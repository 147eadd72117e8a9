package story_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/story"
	"github.com/rollcall/rollcall/internal/wire"
)

var noon = time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)

// id ends in n.
func id(n int) uuid.UUID { return uuid.MustParse(fmt.Sprintf("0195a000-0000-7000-8000-%012d", n)) }

// object is the content of a chunk or a summary under its own names.
type object map[string]any

// fake is an in-memory store with one tenant, acme.
type fake struct {
	*testing.T
	settings string
	members  []roster.Member
	audit    []ledger.AuditRow
	runs     []run.Run // oldest first
	stages   map[uuid.UUID]map[string]keptStage
	dropped  map[uuid.UUID]time.Time
	err      error // of Chunks, if not nil
}

// keptStage has a summary, and at most one chunk.
type keptStage struct {
	summary []byte
	chunk   []byte // nil: none, or dropped
	chunks  int
}

func newFake(t *testing.T) *fake {
	t.Helper()
	return &fake{
		T: t, settings: `{"id":"acme"}`, stages: map[uuid.UUID]map[string]keptStage{},
		dropped: map[uuid.UUID]time.Time{},
	}
}

// run adds a finished run, n minutes after noon.
func (f *fake) run(n int, outcome run.Outcome, change ...func(*run.Run)) run.Run {
	r := run.Run{
		ID: id(100 + n), Tenant: "acme", Origin: run.Scheduled, Workflow: "sync-acme",
		Started: noon.Add(time.Duration(n) * time.Minute),
		Preview: outcome == run.Previewed, Result: &run.Result{Outcome: outcome},
	}
	for _, c := range change {
		c(&r)
	}
	f.runs, f.stages[r.ID] = append(f.runs, r), map[string]keptStage{}
	return r
}

// put adds a sealed stage with one chunk.
func (f *fake) put(r run.Run, name string, summary, content any) {
	f.Helper()
	data, err := wire.Encode(content)
	require.NoError(f, err)
	text, err := json.Marshal(summary)
	require.NoError(f, err)
	f.stages[r.ID][name] = keptStage{summary: text, chunk: data, chunks: 1}
}

// drop drops the chunks of a run, as the retention does.
func (f *fake) drop(r run.Run) {
	for name, s := range f.stages[r.ID] {
		s.chunk = nil
		f.stages[r.ID][name] = s
	}
	f.dropped[r.ID] = noon.AddDate(0, 1, 0)
}

// of returns the story of a person.
func (f *fake) of(person string, change ...func(*story.Question)) story.Story {
	f.Helper()
	q := story.Question{Tenant: "acme", Person: person, Runs: 100}
	for _, c := range change {
		c(&q)
	}
	s, err := story.Collect(f.Context(), f, q)
	require.NoError(f, err)
	return s
}

func revealed(q *story.Question) { q.Reveal = true }

func (f *fake) FindMembers(_ context.Context, _, email, external string) (found []roster.Member, err error) {
	for _, m := range f.members {
		if email != "" && m.Values[roster.Email] == email || external != "" && m.ExternalID == external {
			found = append(found, m)
		}
	}
	return found, nil
}

func (f *fake) FindPastMembers(_ context.Context, _, email, external string) (ids []uuid.UUID, err error) {
	for _, c := range f.audit {
		pairs := [][2]any{c.Fields["email"], c.Fields["external_id"]}
		for i, known := range []string{email, external} {
			if known != "" && (pairs[i][0] == known || pairs[i][1] == known) {
				ids = append(ids, c.Member)
			}
		}
	}
	return ids, nil
}

func (f *fake) MembersByID(_ context.Context, _ string, ids []uuid.UUID) (found []roster.Member, err error) {
	for _, m := range f.members {
		if slices.Contains(ids, m.ID) {
			found = append(found, m)
		}
	}
	return found, nil
}

func (f *fake) MemberChanges(_ context.Context, _ string, member uuid.UUID) iter.Seq2[ledger.AuditRow, error] {
	return func(yield func(ledger.AuditRow, error) bool) {
		for _, c := range f.audit {
			if c.Member == member && !yield(c, nil) {
				return
			}
		}
	}
}

func (f *fake) Stage(_ context.Context, r uuid.UUID, name string) (ledger.Stage, error) {
	s, ok := f.stages[r][name]
	if !ok {
		return ledger.Stage{}, ledger.ErrNotFound
	}
	return ledger.Stage{Name: name, Sealed: true, Summary: s.summary, Chunks: s.chunks}, nil
}

func (f *fake) Chunks(_ context.Context, r uuid.UUID, name string, _, _ int) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		switch s, ok := f.stages[r][name]; {
		case f.err != nil:
			yield(nil, f.err)
		case !ok, s.chunks > 0 && s.chunk == nil:
			yield(nil, ledger.ErrNotFound)
		case s.chunks > 0:
			yield(s.chunk, nil)
		}
	}
}

func (f *fake) Opening(context.Context, uuid.UUID) ([]byte, error) {
	return json.Marshal(object{"settings": object{}})
}

func (f *fake) Request(context.Context, string) (store.Request, error) {
	return store.Request{By: "Jo", Reason: "report fixed"}, nil
}

func (f *fake) Groups(context.Context, string) ([]roster.Group, error) {
	return []roster.Group{{ID: id(9), Key: "group_tea", Name: "Tea"}}, nil
}

func (f *fake) Tenant(context.Context, string) (store.Tenant, error) {
	return store.Tenant{ID: "acme", Settings: []byte(f.settings)}, nil
}

func (f *fake) Runs(_ context.Context, _ string, limit int) ([]run.Run, error) {
	latest := slices.Clone(f.runs)
	slices.Reverse(latest)
	return latest[:min(limit, len(latest))], nil
}

func (f *fake) DroppedAt(_ context.Context, r uuid.UUID) (time.Time, error) { return f.dropped[r], nil }
