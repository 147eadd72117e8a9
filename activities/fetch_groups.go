package activities

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/roster"
)

// FetchGroupsResult says what waits in the store.
type FetchGroupsResult struct {
	Groups      int    `json:"groups"`
	Memberships int    `json:"memberships"` // as listed by group; 0 where users' rows name their groups
	Digest      string `json:"digest"`
}

// FetchGroups reads all groups and, where the directory lists them there, memberships. It goes on from the last page
// kept where the directory can.
func (a *Activities) FetchGroups(ctx context.Context, in FetchInput) (FetchGroupsResult, error) {
	return step(ctx, a, in.Round, []string{stageGroups}, func(ctx context.Context, p *progress) (FetchGroupsResult, error) {
		w, stage, err := a.claim(ctx, in.Round, stageGroups, true)
		if err != nil {
			return FetchGroupsResult{}, err
		}
		if w == nil {
			summary, err := summaryOf[groupsSummary](stage)
			return summary.result(), err
		}
		f := groupsFetch{a: a, round: in.Round, w: w, progress: p}
		summary, err := f.run(ctx, stage)
		return summary.result(), err
	})
}

func (s groupsSummary) result() FetchGroupsResult {
	return FetchGroupsResult{Groups: s.Groups, Memberships: s.Memberships, Digest: hex.EncodeToString(s.Digest[:])}
}

// groupsFetch is one read of all groups.
type groupsFetch struct {
	a        *Activities
	round    Round
	w        *writer
	progress *progress
	summary  groupsSummary
	pending  groupsChunk
}

func (f *groupsFetch) run(ctx context.Context, stage Stage) (groupsSummary, error) {
	if stage.Cursor != "" {
		if err := f.resume(ctx, stage.Chunks); err != nil {
			return groupsSummary{}, err
		}
	} else if stage.Chunks > 0 {
		w, _, err := f.a.claim(ctx, f.round, stageGroups, false) // drops what can't be gone on from
		if err != nil {
			return groupsSummary{}, err
		}
		f.w = w
	}
	settings, err := f.a.settingsOf(ctx, f.round)
	if err != nil {
		return groupsSummary{}, err
	}
	source, err := f.a.Directories.Open(ctx, f.round.Tenant, settings.GroupColumns)
	if err != nil {
		return groupsSummary{}, fmt.Errorf("open directory: %w", err)
	}
	end, err := source.Groups(ctx, directory.Cursor(stage.Cursor), f.summary.Groups+1,
		func(page directory.Page) error { return f.keep(ctx, page) })
	if err != nil {
		_ = f.w.wait() // so that another attempt finds all that came; err is what went wrong first
		return groupsSummary{}, fmt.Errorf("read groups: %w", err)
	}
	if rows, ok := end.Rows(); !ok || rows != f.summary.Groups {
		return groupsSummary{}, fmt.Errorf("read groups: the end was told at %d groups, %d came", rows, f.summary.Groups)
	}
	if err := f.flush(ctx, ""); err != nil {
		return groupsSummary{}, err
	}
	return f.summary, f.w.seal(ctx, f.summary)
}

// resume takes in what earlier attempts kept.
func (f *groupsFetch) resume(ctx context.Context, kept int) error {
	for piece, err := range chunks[groupsChunk](ctx, f.a.Stages, f.round.Run, stageGroups, 0, kept) {
		if err != nil {
			return err
		}
		f.count(piece.Groups, piece.Memberships)
	}
	return nil
}

// keep takes in a page; it is kept at once when the read can be resumed after it.
func (f *groupsFetch) keep(ctx context.Context, page directory.Page) error {
	f.count(page.Groups, page.Memberships)
	f.pending.Groups = append(f.pending.Groups, page.Groups...)
	f.pending.Memberships = append(f.pending.Memberships, page.Memberships...)
	if page.Next != "" || len(f.pending.Groups)+len(f.pending.Memberships) >= f.a.rows() {
		return f.flush(ctx, page.Next)
	}
	return f.w.tell(ctx, f.at(page.Next))
}

func (f *groupsFetch) count(groups []directory.Group, memberships []directory.Membership) {
	for _, group := range groups {
		f.summary.Digest = f.summary.Digest.Plus(hashOf("group", group.Key, group.Name))
	}
	for _, m := range memberships {
		f.summary.Digest = f.summary.Digest.Plus(hashOf("membership", m.Group, m.User, m.Email))
	}
	f.summary.Groups += len(groups)
	f.summary.Memberships += len(memberships)
	f.progress.add(len(groups) + len(memberships))
}

func (f *groupsFetch) flush(ctx context.Context, next directory.Cursor) error {
	if len(f.pending.Groups)+len(f.pending.Memberships) == 0 {
		return nil
	}
	piece := f.pending
	f.pending = groupsChunk{}
	return f.w.put(ctx, &piece, f.at(next))
}

// at is how far the read has come: groups and memberships count alike.
func (f *groupsFetch) at(next directory.Cursor) Progress {
	return Progress{Cursor: string(next), Rows: f.summary.Groups + f.summary.Memberships}
}

// hashOf hashes texts so that no two lists of them run together.
func hashOf(texts ...string) roster.Hash {
	var all strings.Builder
	for _, text := range texts {
		fmt.Fprintf(&all, "%d:%s", len(text), text)
	}
	return roster.HashBytes([]byte(all.String()))
}
