package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/activities"
	"github.com/rollcall/rollcall/internal/chunk"
	"github.com/rollcall/rollcall/internal/levelsim"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	round "github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
)

// replayStage holds, as its summary, what came of a replay; such a run has no stage of rows.
const replayStage = activities.ReplayStage

// replay replays members' own levels through the map tried, and keeps what comes of it as a preview: its plan and issues
// are like those of a preview that read, so that it can be shown again and compared. It needs no worker, and no Temporal.
func (a *app) replay(ctx context.Context, id string, trial tenant.Trial) (round.Run, error) {
	settings, err := a.settingsOf(ctx, id)
	if err != nil {
		return round.Run{}, err
	}
	payload, err := trial.Payload()
	if err != nil {
		return round.Run{}, err
	}
	request, err := a.request(ctx, "preview", resync{tenant: id, payload: payload})
	if err != nil {
		return round.Run{}, err
	}
	run, err := uuid.NewV7()
	if err != nil {
		return round.Run{}, fmt.Errorf("make a run's id: %w", err)
	}
	begun, err := a.kept.BeginRun(ctx, round.Run{
		ID: run, Tenant: id, Origin: round.Manual, Request: request, Execution: run.String(), Preview: true, Started: time.Now().UTC(),
	})
	if err != nil {
		return round.Run{}, fmt.Errorf("begin run: %w", err)
	}
	result := round.Result{Tenant: id, Run: run.String(), Outcome: round.Previewed, Started: begun.Started}
	result.Changes, err = a.writeReplay(ctx, begun, levelsim.New(roster.Levels(settings.Levels), roster.Levels(trial.Levels)))
	if err != nil {
		result.Outcome, result.Error = round.Failed, &round.ResultError{
			Kind: "interrupted", Detail: "the replay didn't come to its end", Hint: "Try again; nothing was changed.",
		}
	}
	result.Finished = time.Now().UTC()
	// How it ended is recorded even when the operator has interrupted it.
	if recorded := a.kept.FinishRun(context.WithoutCancel(ctx), run, result, nil); err != nil || recorded != nil {
		return round.Run{}, fmt.Errorf("replay the levels of %s: %w", id, errors.Join(err, recorded))
	}
	return a.kept.Run(ctx, id, run)
}

// writeReplay writes the stages of a replay, and counts what is in its plan.
func (a *app) writeReplay(ctx context.Context, r round.Run, replay *levelsim.Simulation) (round.ChangeCounts, error) {
	w := stageWriter{kept: a.kept, run: r.ID}
	builder := plan.NewBuilder(func(batch *plan.Sheet) error { return w.put(ctx, string(batch.Part), batch.Number, batch) })
	for member, err := range a.kept.Members(ctx, r.Tenant) {
		if err != nil {
			return round.ChangeCounts{}, err
		}
		if change, changes := replay.Member(member); changes {
			if err := builder.Add(change); err != nil {
				return round.ChangeCounts{}, err
			}
		}
	}
	planned, err := builder.Close(func(uuid.UUID, int) bool { return false })
	if err != nil {
		return round.ChangeCounts{}, err
	}
	summary := replay.Summary()
	var issues []roster.Issue
	for _, level := range summary.Unmapped {
		issues = append(issues, roster.UnmappedLevel(level))
	}
	if len(issues) > 0 {
		if err := w.put(ctx, activities.IssuesStage, 0, issues); err != nil {
			return round.ChangeCounts{}, err
		}
	}
	if err := w.seal(ctx, replayStage, summary); err != nil {
		return round.ChangeCounts{}, err
	}
	return planned.Additions.Counts, w.seal(ctx, "plan", planned)
}

// replays tells whether a run is a preview that replayed levels: no workflow has played it.
func replays(r round.Run) bool { return r.Preview && r.Workflow == "" }

// replayed is what came of a replay; nil for a run that was none.
func (g *gatherer) replayed(ctx context.Context) (*levelsim.Summary, error) {
	if !replays(g.run) {
		return nil, nil //nolint:nilnil // none is no error
	}
	stage, err := g.store.Stage(ctx, g.run.ID, replayStage)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil //nolint:nilnil // it never came so far
	}
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", g.run.ID, err)
	}
	var summary levelsim.Summary
	if err := json.Unmarshal(stage.Summary, &summary); err != nil {
		return nil, fmt.Errorf("decode the summary of %s: %w", replayStage, err)
	}
	return &summary, nil
}

// stageWriter writes the stages of a run that no worker plays.
type stageWriter struct {
	kept *store.Store
	run  uuid.UUID
}

// put writes a chunk of a stage.
func (w stageWriter) put(ctx context.Context, stage string, number int, content any) error {
	if number == 0 {
		if _, err := w.kept.ClaimStage(ctx, w.run, stage, 1, false, time.Time{}); err != nil {
			return err
		}
	}
	data, err := chunk.Encode(content)
	if err != nil {
		return err
	}
	return w.kept.PutChunk(ctx, store.Chunk{Run: w.run, Stage: stage, Attempt: 1, Number: number, Data: data}, store.Progress{})
}

// seal seals a stage without chunks.
func (w stageWriter) seal(ctx context.Context, stage string, summary any) error {
	if _, err := w.kept.ClaimStage(ctx, w.run, stage, 1, false, time.Time{}); err != nil {
		return err
	}
	text, err := json.Marshal(summary)
	if err != nil {
		return fmt.Errorf("encode the summary of %s: %w", stage, err)
	}
	return w.kept.SealStage(ctx, w.run, stage, 1, text)
}
