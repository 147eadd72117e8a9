package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// ValidateInput names the round whose snapshot is complete.
type ValidateInput struct {
	Round Round `json:"round"`
	Read  Read  `json:"read,omitzero"`
}

// ValidateResult is the verdict on a snapshot.
type ValidateResult struct {
	Snapshot  run.SnapshotCounts `json:"snapshot"`
	Rows      run.RowCounts      `json:"rows"`
	Issues    int                `json:"issues"` // listed in the store
	Absent    int                `json:"absent"`
	Unchanged bool               `json:"unchanged"` // the roster is the one that was applied last, and nothing else is due

	Same uuid.UUID `json:"same,omitzero"` // the run whose verdict on the very same snapshot this is; Nil: this one has its own
}

// Validate judges every row that is not known, and then all rows together. What is accepted becomes the roster; what is
// not is listed as issues. Both wait in the store. Of the snapshot that was applied last, in any order, there is nothing to
// keep: what was made of it then holds.
func (a *Activities) Validate(ctx context.Context, in ValidateInput) (ValidateResult, error) {
	return step(ctx, a, in.Round, []string{ledger.StageRoster}, func(ctx context.Context, p *progress) (ValidateResult, error) {
		w, stage, err := a.open(ctx, in.Round, ledger.StageRoster, false)
		if err != nil {
			return ValidateResult{}, err
		}
		if w == nil {
			verdict, err := summaryOf[rosterSummary](stage)
			return verdict.ValidateResult, err
		}
		state, err := a.Runs.State(ctx, in.Round.Tenant)
		if err != nil {
			return ValidateResult{}, fmt.Errorf("read state: %w", err)
		}
		s, err := a.readSnapshot(ctx, in.Round, in.Read, state)
		if err != nil {
			return ValidateResult{}, err
		}
		if result, err := a.again(ctx, in.Round, s, state); err != nil || result.Unchanged {
			return result, err
		}
		v := &validation{a: a, round: in.Round, snapshot: s, state: state, progress: p}
		result, err := v.run(ctx, w)
		if err != nil {
			w.leave(ctx, ledger.Progress{})
			return ValidateResult{}, err
		}
		return result, w.seal(ctx, rosterSummary{
			ValidateResult: result, Renamed: v.renamed, Plain: result.Issues == len(v.columns), Columns: v.columns, Active: v.index.Active(),
		})
	})
}

// validation is one attempt at judging a snapshot.
type validation struct {
	a        *Activities
	round    Round
	snapshot snapshot
	state    ledger.State
	index    *roster.Index
	redact   *erasure.Redactor // of who is kept out
	familiar bool              // rows that the index knows say what their members are
	progress *progress

	roster *rosterWriter
	issues *issueWriter

	units    []roster.Unit
	gone     []roster.Group         // of ours that the directory doesn't have any more
	fresh    map[string][]uuid.UUID // who is in groups that are new, by key; nil when none is gone
	renamed  map[string]uuid.UUID   // groups that are known by their people only, by their new keys
	rules    *roster.Rules          // of which each chunk is judged by a fork
	report   *roster.Rules          // that have met all rows
	census   *roster.Census
	findings *roster.Findings
	warned   []roster.Doubt // known rows that had warnings when they were judged
	columns  []roster.Issue // those that are not there

	protected []uuid.UUID // by id, who is kept because of that alone
	result    ValidateResult
}

// prepare reads what the rows are judged by, and opens what their verdicts go to.
func (v *validation) prepare(ctx context.Context, w *writer) (err error) {
	if v.index, err = v.a.indexOf(ctx, v.round, v.snapshot.settings); err != nil {
		return err
	}
	if v.snapshot.known != nil {
		if err := v.meetKnown(ctx); err != nil {
			return err
		}
	}
	out, err := v.a.keptOut(ctx, v.round.Tenant)
	if err != nil {
		return err
	}
	users := &v.snapshot.users
	v.redact, v.familiar = out.Redact(v.snapshot.settings.Fields, &users.Columns, users.Source), v.snapshot.familiar(v.state)
	issues, _, err := v.a.open(ctx, v.round, ledger.StageIssues, false)
	v.roster, v.issues = &rosterWriter{w: w, size: v.a.staged()}, &issueWriter{w: issues, size: v.a.staged()}
	v.progress.of(2*v.snapshot.users.Staged + v.snapshot.groups.Memberships)
	return err
}

func (v *validation) run(ctx context.Context, w *writer) (ValidateResult, error) {
	if missing := v.snapshot.bindings.Missing(); len(missing) > 0 {
		return ValidateResult{}, roster.MissingColumns(missing, v.snapshot.settings.Fields, v.snapshot.users.Unused, v.snapshot.users.Source)
	}
	if err := v.prepare(ctx, w); err != nil {
		return ValidateResult{}, err
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

// again answers as the last run did, of the very same snapshot when nothing else is due; else not with Unchanged.
func (a *Activities) again(ctx context.Context, round Round, s snapshot, state ledger.State) (ValidateResult, error) {
	if round.Full || s.known == nil || s.ours == "" || !s.same(state) {
		return ValidateResult{}, nil
	}
	for _, err := range a.Members.Departed(ctx, round.Tenant, plan.GoneBefore(round.Started, s.settings.Grace)) {
		if err != nil {
			return ValidateResult{}, fmt.Errorf("read departed members: %w", err)
		}
		return ValidateResult{}, nil // somebody's grace time is over
	}
	last, err := a.lastVerdict(ctx, state)
	if err != nil || last == nil || !last.Plain {
		return ValidateResult{}, err
	}
	return ValidateResult{
		Snapshot: last.Snapshot, Rows: last.Rows, Issues: len(last.Columns), Unchanged: true, Same: state.LastRun,
	}, nil
}

// lastVerdict is what was made of the snapshot that was applied last; nil when that isn't kept.
func (a *Activities) lastVerdict(ctx context.Context, state ledger.State) (*rosterSummary, error) {
	stage, err := a.Stages.Stage(ctx, state.LastRun, ledger.StageRoster)
	switch {
	case errors.Is(err, ledger.ErrNotFound), err == nil && !stage.Sealed:
		return nil, nil //nolint:nilnil // there is none
	case err != nil:
		return nil, fmt.Errorf("read stage %s: %w", ledger.StageRoster, err)
	}
	summary, err := summaryOf[rosterSummary](stage)
	return &summary, err
}

// judgeGroups accepts groups, and begins the roster with them.
func (v *validation) judgeGroups(ctx context.Context) error {
	existing, err := v.a.Members.Groups(ctx, v.round.Tenant)
	if err != nil {
		return fmt.Errorf("read groups: %w", err)
	}
	rules := roster.NewGroupRules()
	for piece, err := range v.listed(ctx, existing) {
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
