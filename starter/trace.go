package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/chunk"
	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

// tracer looks for people in runs.
type tracer struct {
	store  *store.Store
	who    *searcher
	groups map[uuid.UUID]string // names
	shown  shower
}

// traces are what one run's stages say of the people looked for.
type traces struct {
	judged bool // the run came so far as to judge rows
	gone   bool // and that is no longer kept
	users  []roster.User
	absent []uuid.UUID
	kept   []uuid.UUID
	issues []roster.Issue
	plans  []plannedChange
	rows   map[int]roster.Row // by number
	read   activities.UsersRead
}

// plannedChange is a change in a part of a run's plan.
type plannedChange struct {
	part plan.Part
	plan.Change
}

// trace tells what one run did about them.
func (t tracer) trace(ctx context.Context, r round.Run) (tracedRun, error) {
	request, err := requestOf(ctx, t.store, r)
	if err != nil {
		return tracedRun{}, err
	}
	traced := tracedRun{
		Run: r.ID, Started: r.Started.UTC(), Origin: r.Origin, Preview: r.Preview, By: nullable.Of(request.By), Reason: nullable.Of(request.Reason),
		Outcome: outcome(r), Rows: []tracedRow{}, Decisions: []decision{},
	}
	if r.Result != nil && r.Result.Undoes != nil {
		traced.Undoes = &r.Result.Undoes.Run
	}
	if r.Result != nil && r.Result.Error != nil {
		traced.Error = &r.Result.Error.Kind
	}
	dropped, err := t.store.DroppedAt(ctx, r.ID)
	if err != nil {
		return tracedRun{}, err
	}
	if !dropped.IsZero() {
		traced.Dropped = &dropped
	}
	found, err := t.gather(ctx, r)
	if err != nil {
		return tracedRun{}, err
	}
	traced.Rows = append(traced.Rows, t.acceptedRows(found)...)
	traced.Rows = append(traced.Rows, t.refusedRows(found)...)
	traced.Decisions = t.decisions(r, found)
	traced.State = t.state(r, found, traced)
	return traced, nil
}

// gather reads what the run's stages say of them.
func (t tracer) gather(ctx context.Context, r round.Run) (traces, error) {
	found := traces{rows: map[int]roster.Row{}}
	stage, err := t.store.Stage(ctx, r.ID, activities.RosterStage)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return found, err
	}
	found.judged = r.Same != uuid.Nil || err == nil && stage.Sealed
	steps := []func(context.Context, uuid.UUID, *traces) error{t.readRoster, t.readIssues, t.readPlan, t.readRows}
	switch {
	case r.Origin == round.Undo, !found.judged && replays(r): // all that there is of them
		steps = []func(context.Context, uuid.UUID, *traces) error{t.readPlan}
	case !found.judged:
		return found, nil
	}
	for _, read := range steps {
		if err := read(ctx, r.ID, &found); errors.Is(err, errGone) {
			found.gone = true
			return found, nil
		} else if err != nil {
			return found, err
		}
	}
	return found, nil
}

func (t tracer) is(id uuid.UUID) bool { return t.who.found[id] != nil }

func (t tracer) readRoster(ctx context.Context, run uuid.UUID, found *traces) error {
	for data, err := range t.chunks(ctx, run, activities.RosterStage) {
		if err != nil {
			return err
		}
		part, err := activities.ReadRoster(data)
		if err != nil {
			return err
		}
		for _, u := range part.Users {
			if t.is(u.Member) || u.New && t.who.means(u.ExternalID, u.Values[roster.Email]) {
				found.users = append(found.users, u)
			}
		}
		others := func(id uuid.UUID) bool { return !t.is(id) }
		found.absent = append(found.absent, slices.DeleteFunc(part.Absent, others)...)
		found.kept = append(found.kept, slices.DeleteFunc(part.Kept, others)...)
	}
	return nil
}

func (t tracer) readIssues(ctx context.Context, run uuid.UUID, found *traces) error {
	theirs := map[int]bool{}
	for _, u := range found.users {
		theirs[u.Row] = true
	}
	for data, err := range t.chunks(ctx, run, activities.IssuesStage) {
		if err != nil {
			return err
		}
		issues, err := activities.ReadIssues(data)
		if err != nil {
			return err
		}
		for _, i := range issues {
			if theirs[i.Row] && i.Row > 0 || t.who.means(i.ExternalID, i.Email) {
				found.issues = append(found.issues, i)
			}
		}
	}
	return nil
}

func (t tracer) readPlan(ctx context.Context, run uuid.UUID, found *traces) error {
	fresh := map[uuid.UUID]bool{} // members of a preview, who aren't kept
	for _, u := range found.users {
		fresh[u.Member] = true
	}
	for _, part := range []plan.Part{plan.PartAdditions, plan.PartReleased, plan.PartRemovals, plan.PartWithheld, plan.PartLeft} {
		for data, err := range t.chunks(ctx, run, string(part)) {
			if err != nil {
				return err
			}
			var piece plan.Chunk
			if err := chunk.Decode(data, &piece); err != nil {
				return fmt.Errorf("read the plan: %w", err)
			}
			if err := welcome(ctx, t.store, run, &piece); err != nil {
				return err
			}
			for _, c := range piece.Changes {
				if c.Verb.Op() != "" && (t.is(c.Member) || fresh[c.Member]) {
					found.plans = append(found.plans, plannedChange{part, c})
				}
			}
		}
	}
	return nil
}

// readRows fetches the rows that are spoken of, of those that the run kept: the others were known.
func (t tracer) readRows(ctx context.Context, run uuid.UUID, found *traces) error {
	wanted := map[int]bool{}
	for _, u := range found.users {
		wanted[u.Row] = true
	}
	for _, i := range found.issues {
		wanted[i.Row] = true
	}
	delete(wanted, 0)
	if len(wanted) == 0 {
		return nil
	}
	begun, err := t.store.Opening(ctx, run)
	if err != nil {
		return err
	}
	name := activities.UsersStage
	for range 2 {
		users, err := t.store.Stage(ctx, run, name)
		if errors.Is(err, store.ErrNotFound) {
			return nil // all rows were known
		}
		if err != nil {
			return err
		}
		if found.read, err = activities.ReadUsersSummary(begun, users.Summary); err != nil {
			return err
		}
		if !found.read.Again {
			break
		}
		name = activities.AgainStage
	}
	for data, err := range t.chunks(ctx, run, name) {
		if err != nil {
			return err
		}
		rows, err := activities.ReadRows(data)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if wanted[row.Number] {
				found.rows[row.Number] = row
			}
		}
		if len(found.rows) == len(wanted) {
			return nil
		}
	}
	return nil
}

// chunks are those of a stage; none when the run never came to it; errGone when they are no longer kept.
func (t tracer) chunks(ctx context.Context, run uuid.UUID, stage string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for data, err := range t.store.Chunks(ctx, run, stage, 0, -1) {
			if errors.Is(err, store.ErrNotFound) {
				if _, known := t.store.Stage(ctx, run, stage); known == nil {
					yield(nil, errGone)
				}
				return
			}
			if !yield(data, err) || err != nil {
				return
			}
		}
	}
}

// before tells what the audit has from before the first of the runs that are looked at.
func (t tracer) before(runs []round.Run) []decision {
	told := map[uuid.UUID]bool{}
	for _, r := range runs {
		told[r.ID] = true
	}
	before := []decision{}
	for _, id := range t.who.order {
		for _, c := range t.who.found[id].changes {
			if !told[c.Run] {
				before = append(before, t.applied(c))
			}
		}
	}
	return before
}
