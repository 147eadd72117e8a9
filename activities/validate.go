package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// ValidateInput names the round whose snapshot is sealed.
type ValidateInput struct {
	Round Round `json:"round"`
}

// ValidateResult is the verdict on a snapshot.
type ValidateResult struct {
	Snapshot  run.SnapshotCounts `json:"snapshot"`
	Rows      run.RowCounts      `json:"rows"`
	Issues    int                `json:"issues"` // listed in the store
	Absent    int                `json:"absent"`
	Unchanged bool               `json:"unchanged"` // the roster is the one that was applied last, and nothing else is due
}

// Validate judges every row that is not known, and then all rows together. What is accepted becomes the roster; what is
// not is listed as issues. Both wait in the store.
func (a *Activities) Validate(ctx context.Context, in ValidateInput) (ValidateResult, error) {
	return step(ctx, a, in.Round, []string{stageRoster}, func(ctx context.Context, p *progress) (ValidateResult, error) {
		w, stage, err := a.claim(ctx, in.Round, stageRoster, false)
		if err != nil {
			return ValidateResult{}, err
		}
		if w == nil {
			verdict, err := summaryOf[rosterSummary](stage)
			return verdict.ValidateResult, err
		}
		v, err := a.newValidation(ctx, in.Round, w, p)
		if err != nil {
			return ValidateResult{}, err
		}
		result, err := v.run(ctx)
		if err != nil {
			return ValidateResult{}, err
		}
		return result, w.seal(ctx, rosterSummary{
			ValidateResult: result, Renamed: v.renamed, Plain: result.Issues == len(v.columns), Columns: v.columns,
		})
	})
}

// validation is one attempt at judging a snapshot.
type validation struct {
	a        *Activities
	round    Round
	snapshot snapshot
	state    State
	index    *roster.Index
	out      *erasure.List // who is kept out
	progress *progress

	roster *rosterWriter
	issues *issueWriter

	units    []roster.Unit
	gone     []roster.Group         // of ours that the directory doesn't have any more
	fresh    map[string][]uuid.UUID // who is in groups that are new, by key; nil when none is gone
	renamed  map[string]uuid.UUID   // groups that are known by their people only, by their new keys
	report   *roster.Rules          // that judged the staged rows and met the known ones
	findings *roster.Findings
	warned   []roster.Doubt // known rows that had warnings when they were judged
	columns  []roster.Issue // those that are not there

	protected []uuid.UUID // by id, who is kept because of that alone
	result    ValidateResult
}

func (a *Activities) newValidation(ctx context.Context, round Round, w *writer, p *progress) (*validation, error) {
	s, err := a.readSnapshot(ctx, round)
	if err != nil {
		return nil, err
	}
	state, err := a.Runs.State(ctx, round.Tenant)
	if err != nil {
		return nil, fmt.Errorf("read state: %w", err)
	}
	index := &roster.Index{}
	if !s.users.Same {
		if index, err = a.indexOf(ctx, round, s.settings); err != nil {
			return nil, err
		}
	}
	out, err := a.keptOut(ctx, round.Tenant)
	if err != nil {
		return nil, err
	}
	issues, _, err := a.claim(ctx, round, stageIssues, false)
	if err != nil {
		return nil, err
	}
	p.of(2*s.users.Staged + s.groups.Memberships)
	return &validation{
		a: a, round: round, snapshot: s, state: state, index: index, out: out, progress: p,
		roster: &rosterWriter{w: w, size: a.staged()}, issues: &issueWriter{w: issues, size: a.staged()},
	}, nil
}

func (v *validation) run(ctx context.Context) (ValidateResult, error) {
	if missing := v.snapshot.bindings.Missing(); len(missing) > 0 {
		return ValidateResult{}, roster.MissingColumns(missing, v.snapshot.settings.Fields, v.snapshot.users.Unused)
	}
	if v.snapshot.users.Same {
		return v.again(ctx)
	}
	for _, pass := range []func(context.Context) error{
		v.judgeGroups, v.takeCensus, v.keepNamed, v.findSentinels, v.protect, v.settle, v.settleKnown, v.tellReport, v.writeMissing, v.writeListings, v.countMemberships,
		v.findRenames,
	} {
		if err := pass(ctx); err != nil {
			return ValidateResult{}, err
		}
	}
	if err := v.roster.flush(ctx); err != nil {
		return ValidateResult{}, err
	}
	if err := v.issues.close(ctx); err != nil {
		return ValidateResult{}, err
	}
	unchanged, err := v.unchanged(ctx)
	if err != nil {
		return ValidateResult{}, err
	}
	v.result.Unchanged = unchanged
	v.result.Issues = v.issues.count
	v.result.Snapshot.Users, v.result.Snapshot.Groups = v.snapshot.users.Rows, len(v.units)
	v.result.Rows.Accepted = v.snapshot.users.Rows - v.result.Rows.Rejected
	return v.result, nil
}

// again answers as the last run did, of the very same snapshot.
func (v *validation) again(ctx context.Context) (ValidateResult, error) {
	last, err := v.a.lastVerdict(ctx, v.state)
	if err != nil {
		return ValidateResult{}, err
	}
	unchanged, err := v.unchanged(ctx)
	if err != nil {
		return ValidateResult{}, err
	}
	if last == nil || !last.Plain || !unchanged {
		return ValidateResult{}, fault.Superseded("something else has changed since the directory was read")
	}
	v.columns = last.Columns
	v.result = ValidateResult{Snapshot: last.Snapshot, Rows: last.Rows, Issues: len(v.columns), Unchanged: true}
	return v.result, cmp.Or(v.issues.add(ctx, v.columns...), v.issues.close(ctx))
}

// lastVerdict is what was made of the snapshot that was applied last; nil when that isn't kept.
func (a *Activities) lastVerdict(ctx context.Context, state State) (*rosterSummary, error) {
	stage, err := a.Stages.Stage(ctx, state.LastRun, stageRoster)
	switch {
	case errors.Is(err, ErrNotFound), err == nil && !stage.Sealed:
		return nil, nil //nolint:nilnil // there is none
	case err != nil:
		return nil, fmt.Errorf("read stage %s: %w", stageRoster, err)
	}
	summary, err := summaryOf[rosterSummary](stage)
	return &summary, err
}

// judgeGroups accepts groups, and begins the roster with them.
func (v *validation) judgeGroups(ctx context.Context) error {
	rules := roster.NewGroupRules()
	for piece, err := range chunks[groupsChunk](ctx, v.a.Stages, v.round.Run, stageGroups, 0, -1) {
		if err != nil {
			return err
		}
		for _, group := range piece.Groups {
			_, issues, _ := rules.Judge(group.Row, group.Key, group.Name)
			if err := v.issues.add(ctx, issues...); err != nil {
				return err
			}
		}
	}
	if f := rules.Fault(); f != nil {
		return f
	}
	v.units = rules.Units()
	groups := &rosterGroups{Units: v.units, ByRow: v.snapshot.byRow()}
	existing, err := v.a.Members.Groups(ctx, v.round.Tenant)
	if err != nil {
		return fmt.Errorf("read groups: %w", err)
	}
	there := slices.Clone(v.units)
	for _, group := range existing {
		if rules.Kept(group.Key) {
			groups.Present = append(groups.Present, group.Key)
			there = append(there, roster.Unit{Key: group.Key, Name: group.Name})
		}
	}
	v.meetStrangers(existing, there)
	return v.roster.put(ctx, rosterChunk{Groups: groups})
}

// unchanged tells whether there is nothing to plan.
func (v *validation) unchanged(ctx context.Context) (bool, error) {
	if v.round.Full || !v.snapshot.same(v.state) {
		return false, nil
	}
	gone := plan.GoneBefore(v.round.Started, v.snapshot.settings.Grace)
	for id, err := range v.a.Members.Departed(ctx, v.round.Tenant, gone) {
		if err != nil {
			return false, fmt.Errorf("read departed members: %w", err)
		}
		if !has(v.protected, id) {
			return false, nil
		}
	}
	return true, nil
}
