package activities

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
)

// FetchGroupsResult says what waits in the store.
type FetchGroupsResult struct {
	Groups      int    `json:"groups"`
	Memberships int    `json:"memberships"` // as listed by group; 0 where users' rows name their groups
	Digest      string `json:"digest"`

	// Ours is the digest of the tenant's own groups when these are the very same: then nothing waits. "": they differ.
	Ours string `json:"ours,omitempty"`
}

// FetchGroups reads all groups and, where the directory lists them there, memberships. It goes on from the last page
// kept where the directory can.
func (a *Activities) FetchGroups(ctx context.Context, in FetchInput) (FetchGroupsResult, error) {
	return step(ctx, a, in.Round, []string{ledger.StageGroups}, func(ctx context.Context, p *progress) (FetchGroupsResult, error) {
		w, stage, err := a.open(ctx, in.Round, ledger.StageGroups, true)
		if err != nil {
			return FetchGroupsResult{}, err
		}
		if w == nil {
			summary, err := summaryOf[groupsSummary](stage)
			return summary.result(), err
		}
		f := groupsFetch{a: a, round: in.Round, w: w, progress: p}
		return f.run(ctx, stage)
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
	some     bool // of them are kept, or were by an earlier attempt
}

func (f *groupsFetch) run(ctx context.Context, stage ledger.Stage) (none FetchGroupsResult, err error) {
	if stage.Cursor != "" {
		if err := f.resume(ctx, stage.Chunks); err != nil {
			return none, err
		}
	} else if stage.Chunks > 0 {
		if f.w, _, err = f.a.claim(ctx, f.round, ledger.StageGroups, false); err != nil { // drops what can't be gone on from
			return none, err
		}
	}
	out, err := f.a.keptOut(ctx, f.round.Tenant)
	if err != nil {
		return none, err
	}
	settings, err := f.a.settingsOf(ctx, f.round)
	if err != nil {
		return none, err
	}
	source, err := f.a.Directories.Open(ctx, f.round.Tenant, settings.GroupColumns)
	if err != nil {
		return none, fmt.Errorf("open directory: %w", err)
	}
	end, err := source.Groups(ctx, directory.Cursor(stage.Cursor), f.summary.Groups+1,
		func(page directory.Page) error {
			page.Memberships = out.Memberships(source.Source(), page.Memberships)
			return f.keep(ctx, page)
		})
	if err != nil {
		at := f.at("")
		at.At = f.progress.last()
		f.w.leave(ctx, at) // another attempt finds all that came; err is what went wrong first
		return none, fmt.Errorf("read groups: %w", err)
	}
	if rows, ok := end.Rows(); !ok || rows != f.summary.Groups {
		return none, fmt.Errorf("read groups: the end was told at %d groups, %d came", rows, f.summary.Groups)
	}
	result := f.summary.result()
	if !f.some && !source.Source().ListsMembers() {
		if result.Ours, err = f.ours(ctx); err != nil || result.Ours != "" {
			return result, err
		}
	}
	if err := f.flush(ctx, ""); err != nil {
		return none, err
	}
	return result, f.w.seal(ctx, f.summary)
}

// ours is the digest of the tenant's own groups, if these are the very same and there is nothing to list of them.
func (f *groupsFetch) ours(ctx context.Context) (string, error) {
	rules := roster.NewGroupRules()
	for _, group := range f.pending.Groups {
		if _, _, accepted := rules.Judge(group.Row, group.Key, group.Name); !accepted {
			return "", nil
		}
	}
	ours, err := f.a.Members.Groups(ctx, f.round.Tenant)
	if err != nil {
		return "", fmt.Errorf("read groups: %w", err)
	}
	var units []roster.Unit
	for _, group := range ours {
		units = append(units, roster.Unit{Key: group.Key, Name: group.Name})
	}
	slices.SortFunc(units, func(a, b roster.Unit) int { return strings.Compare(a.Key, b.Key) })
	if !slices.Equal(units, rules.Units()) {
		return "", nil
	}
	return digestOf(ours), nil
}

// digestOf is equal for the same groups.
func digestOf(groups []roster.Group) string {
	var digest roster.Hash
	for _, group := range groups {
		digest = digest.Plus(hashOf("ours", group.Key, group.Name))
	}
	return hex.EncodeToString(digest[:])
}

// resume takes in what earlier attempts kept.
func (f *groupsFetch) resume(ctx context.Context, kept int) error {
	f.some = true
	for piece, err := range chunks[groupsChunk](ctx, f.a.Stages, f.round.Run, ledger.StageGroups, 0, kept) {
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
	full := f.a.rows()
	if !f.some && len(f.pending.Memberships) == 0 {
		full = heldGroups
	}
	if page.Next != "" || len(f.pending.Groups)+len(f.pending.Memberships) >= full {
		return f.flush(ctx, page.Next)
	}
	return f.w.tell(ctx, f.at(page.Next))
}

// heldGroups is how many groups are held until it is known whether they are to be kept: some 5 MB.
const heldGroups = 50_000

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
	f.pending, f.some = groupsChunk{}, true
	if next == "" && len(piece.Memberships) == 0 { // there may be many
		for groups := range slices.Chunk(piece.Groups, f.a.rows()) {
			if err := f.w.put(ctx, &groupsChunk{Groups: groups}, f.at(next)); err != nil {
				return err
			}
		}
		return nil
	}
	return f.w.put(ctx, &piece, f.at(next))
}

// at is how far the read has come: groups and memberships count alike.
func (f *groupsFetch) at(next directory.Cursor) ledger.Progress {
	return ledger.Progress{Cursor: string(next), Rows: f.summary.Groups + f.summary.Memberships}
}

// hashOf hashes texts so that no two lists of them run together.
func hashOf(texts ...string) roster.Hash {
	var all strings.Builder
	for _, text := range texts {
		fmt.Fprintf(&all, "%d:%s", len(text), text)
	}
	return roster.HashBytes([]byte(all.String()))
}
