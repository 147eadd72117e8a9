package story

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/request"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/read"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
)

// evidence is what the stages of one run contain about the person.
type evidence struct {
	judged   bool // the run checked its rows
	dropped  bool // the retention has dropped the stages
	users    []roster.User
	absent   []uuid.UUID
	unused   []uuid.UUID // members whose rows were all rejected
	issues   []roster.Issue
	changes  []plannedChange
	rows     map[int]roster.Row // by number
	others   map[int]string     // verdicts about rows of nobody in the roster and without an issue, by number
	columns  read.Columns
	bindings roster.Bindings
}

// plannedChange is a change of a plan, with the part that it belongs to.
type plannedChange struct {
	part plan.Part
	plan.Change
}

// run returns what one run did about the person.
func (t tracer) run(ctx context.Context, r run.Run) (Run, error) {
	req, err := request.ForRun(ctx, t.store, r)
	if err != nil {
		return Run{}, err
	}
	decided, err := request.DecisionOn(ctx, t.store, r)
	if err != nil {
		return Run{}, err
	}
	dropped, err := t.store.DroppedAt(ctx, r.ID)
	if err != nil {
		return Run{}, err
	}
	found, err := t.read(ctx, r)
	if err != nil {
		return Run{}, err
	}
	traced := Run{
		Run: r.ID, Started: r.Started.UTC(), Origin: r.Origin, Preview: r.Preview, By: nullable.Of(req.By),
		Reason: nullable.Of(req.Reason), Outcome: r.OutcomeText(), Decided: decided, Dropped: nullable.Time(dropped),
		Rows: append(t.acceptedRows(found), t.otherRows(found)...), Decisions: t.decisions(r, found),
	}
	if r.Result != nil && r.Result.Undoes != nil {
		traced.Undoes = &r.Result.Undoes.Run
	}
	if r.Result != nil && r.Result.Error != nil {
		traced.Error = &r.Result.Error.Kind
	}
	traced.State = t.presence(r, found, traced.Rows)
	return traced, nil
}

// read collects the evidence from the stages of the run.
func (t tracer) read(ctx context.Context, r run.Run) (found evidence, err error) {
	stages := stage.NewRun(t.store, r)
	if found.judged, err = stages.Judged(ctx); err != nil {
		return found, err
	}
	steps := []func(context.Context, stage.Run, *evidence) error{t.readRoster, t.readIssues, t.readPlan, t.readRows}
	switch {
	case r.Origin == run.Undo, !found.judged && r.Simulated():
		steps = steps[2:3] // these runs have only a plan
	case !found.judged:
		return found, nil
	}
	for _, step := range steps {
		if err := step(ctx, stages, &found); errors.Is(err, stage.ErrDropped) {
			found.dropped = true
			return found, nil
		} else if err != nil {
			return found, err
		}
	}
	return found, nil
}

// readRoster finds the person among the accepted users, the absent members, and the members without an accepted row.
func (t tracer) readRoster(ctx context.Context, stages stage.Run, found *evidence) error {
	others := func(id uuid.UUID) bool { return !t.person.Has(id) }
	for part, err := range stages.Roster(ctx) {
		if err != nil {
			return err
		}
		for _, u := range part.Users {
			if t.person.Has(u.Member) || u.New && t.person.Owns(u.ExternalID, u.Values[roster.Email]) {
				found.users = append(found.users, u)
			}
		}
		found.absent = append(found.absent, slices.DeleteFunc(part.Absent, others)...)
		found.unused = append(found.unused, slices.DeleteFunc(part.Kept, others)...)
	}
	return nil
}

// readIssues finds the issues of the person's rows, and the issues that name the person.
func (t tracer) readIssues(ctx context.Context, stages stage.Run, found *evidence) error {
	own := map[int]bool{}
	for _, u := range found.users {
		own[u.Row] = true
	}
	for i, err := range stages.Issues(ctx) {
		if err != nil {
			return err
		}
		if own[i.Row] && i.Row > 0 || t.person.Owns(i.ExternalID, i.Email) {
			found.issues = append(found.issues, i)
		}
	}
	return nil
}

// readPlan finds the changes to the person's members, and to a member that a preview would add.
func (t tracer) readPlan(ctx context.Context, stages stage.Run, found *evidence) error {
	added := map[uuid.UUID]bool{}
	for _, u := range found.users {
		added[u.Member] = true
	}
	for _, part := range []plan.Part{
		plan.PartAdditions, plan.PartNewcomers, plan.PartUpdates, plan.PartReleased, plan.PartRemovals, plan.PartWithheld,
		plan.PartLeft,
	} {
		for c, err := range stages.Part(ctx, part) {
			if err != nil {
				return err
			}
			if c.Verb.Op() != "" && (t.person.Has(c.Member) || added[c.Member]) {
				found.changes = append(found.changes, plannedChange{part, c})
			}
		}
	}
	return nil
}

// readRows reads the rows of the users and issues found. If there are none, it looks for rows that the rules left out of
// the roster. The run did not store known rows.
func (t tracer) readRows(ctx context.Context, stages stage.Run, found *evidence) error {
	wanted := map[int]bool{}
	for _, u := range found.users {
		wanted[u.Row] = true
	}
	for _, i := range found.issues {
		wanted[i.Row] = true
	}
	delete(wanted, 0)
	rows, err := stages.Rows(ctx)
	if err != nil {
		return err
	}
	found.columns, found.bindings = rows.Columns, rows.Bindings
	found.rows, found.others = map[int]roster.Row{}, map[int]string{}
	for row, err := range rows.All {
		if err != nil {
			return err
		}
		verdict := ""
		if len(wanted) == 0 {
			verdict = t.otherVerdict(rows.Rules.Judge(row))
		}
		if verdict != "" {
			found.others[row.Number] = verdict
		}
		if verdict != "" || wanted[row.Number] {
			found.rows[row.Number] = row
		}
		if len(wanted) > 0 && len(found.rows) == len(wanted) {
			break
		}
	}
	return nil
}

// otherVerdict says why a row of the person isn't in the roster though it is in order. It returns "" for a row of
// somebody else.
func (t tracer) otherVerdict(v roster.Verdict) string {
	switch {
	case !t.person.Owns(v.User.ExternalID, v.User.Values[roster.Email]):
		return ""
	case v.OutOfScope:
		return outOfScope
	case v.Departed:
		return departed
	case v.NotStarted:
		return notStarted
	default:
		return ""
	}
}
