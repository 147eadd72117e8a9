package intake

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/stage"
)

// Groups reads all groups of a directory and, if the source lists them by group, memberships.
type Groups struct {
	Attempt   stage.Attempt
	Directory directory.Directory
	Erased    *erasure.List // people whose memberships are redacted; nil: nobody
	ChunkRows int           // groups and memberships in a chunk
	Progress  Progress
	State     ledger.State // of the tenant

	// Own are the tenant's groups, by key.
	Own func(context.Context) ([]roster.Group, error)
}

// Read reads all groups. It seals ledger.StageGroups, unless the directory has exactly the groups of the tenant. It
// resumes an earlier attempt if the source can. The error is a *fault.Fault of the directory, or one of the store.
func (g Groups) Read(ctx context.Context) (stage.GroupsRead, error) {
	r := groupsRead{Groups: g}
	var claimed ledger.Stage
	var err error
	if r.w, claimed, err = g.Attempt.Open(ctx, ledger.StageGroups, true); err != nil {
		return stage.GroupsRead{}, err
	}
	if r.w == nil {
		summary, err := stage.Summary[stage.GroupsSummary](claimed)
		return g.result(summary), err
	}
	if err := r.resume(ctx, claimed); err != nil {
		return stage.GroupsRead{}, err
	}
	return r.read(ctx, directory.Cursor(claimed.Cursor))
}

func (g Groups) result(s stage.GroupsSummary) stage.GroupsRead {
	digest := hex.EncodeToString(s.Digest[:])
	return stage.GroupsRead{
		Groups: s.Groups, Memberships: s.Memberships, Digest: digest,
		Others: !g.Directory.Source().ListsMembers() && !g.State.SameGroups(digest),
	}
}

// groupsRead is one read of all groups.
type groupsRead struct {
	Groups
	w       *stage.Writer
	summary stage.GroupsSummary
	pending stage.GroupsChunk
	bytes   int  // size of the texts in pending
	staged  bool // something is in the stage

	restarted bool // the source refused a cursor, and the read began again
}

// resume counts what earlier attempts stored, or drops it if the source can't resume.
func (r *groupsRead) resume(ctx context.Context, claimed ledger.Stage) (err error) {
	if claimed.Cursor == "" {
		if claimed.Chunks > 0 {
			r.w, _, err = r.Attempt.Claim(ctx, ledger.StageGroups, false)
		}
		return err
	}
	r.staged = true
	kept := stage.Span{Store: r.Attempt.Store, Run: r.Attempt.Run, Stage: ledger.StageGroups, To: claimed.Chunks}
	for chunk, err := range stage.Chunks[stage.GroupsChunk](ctx, kept) {
		if err != nil {
			return err
		}
		r.count(chunk.Groups, chunk.Memberships)
	}
	return nil
}

// read reads from the cursor to the end.
func (r *groupsRead) read(ctx context.Context, cursor directory.Cursor) (none stage.GroupsRead, err error) {
	source := r.Directory.Source()
	end, err := r.Directory.Groups(ctx, cursor, r.summary.Groups+1, func(page directory.Page) error {
		page.Memberships = r.Erased.Memberships(source, page.Memberships)
		return r.addPage(ctx, page)
	})
	if err != nil {
		at := r.at("")
		at.At = r.Progress.Last()
		r.w.Abandon(ctx, at)
		if cursorRefused(err) && !r.restarted {
			return r.readAgain(ctx)
		}
		return none, fmt.Errorf("read groups: %w", err)
	}
	if rows, ok := end.Rows(); !ok || rows != r.summary.Groups {
		return none, fmt.Errorf("read groups: the directory ended after %d groups, %d came", rows, r.summary.Groups)
	}
	read := r.result(r.summary)
	if !r.staged && !source.ListsMembers() {
		if read.Ours, err = r.ownDigest(ctx); err != nil || read.Ours != "" {
			return read, err
		}
	}
	if err := r.flush(ctx, ""); err != nil {
		return none, err
	}
	return read, r.w.Seal(ctx, r.summary)
}

// readAgain reads everything again from the beginning.
func (r *groupsRead) readAgain(ctx context.Context) (none stage.GroupsRead, err error) {
	again := groupsRead{Groups: r.Groups, restarted: true}
	if again.w, _, err = r.Attempt.Claim(ctx, ledger.StageGroups, false); err != nil {
		return none, err
	}
	return again.read(ctx, "")
}

// ownDigest returns the digest of the tenant's own groups if they equal those that were read and none of these has
// an issue. Otherwise it returns "".
func (r *groupsRead) ownDigest(ctx context.Context) (string, error) {
	rules := roster.NewGroupRules()
	for _, group := range r.pending.Groups {
		if _, _, accepted := rules.Judge(group.Row, group.Key, group.Name); !accepted {
			return "", nil
		}
	}
	own, err := r.Own(ctx)
	if err != nil {
		return "", fmt.Errorf("read the tenant's groups: %w", err)
	}
	var units []roster.SourceGroup
	for _, group := range own {
		units = append(units, roster.SourceGroup{Key: group.Key, Name: group.Name})
	}
	slices.SortFunc(units, func(a, b roster.SourceGroup) int { return strings.Compare(a.Key, b.Key) })
	if !slices.Equal(units, rules.Groups()) {
		return "", nil
	}
	return roster.GroupsDigest(own), nil
}

// heldGroups and heldBytes bound the groups held in memory until it is known whether they must be staged.
const (
	heldGroups = 50_000
	heldBytes  = 5 << 20
)

// addPage adds a page. It writes the page at once if the source can resume after it.
func (r *groupsRead) addPage(ctx context.Context, page directory.Page) error {
	r.count(page.Groups, page.Memberships)
	if r.summary.Memberships > roster.MaxMemberships {
		return fault.TooLarge("memberships", roster.MaxMemberships)
	}
	r.pending.Groups = append(r.pending.Groups, page.Groups...)
	r.pending.Memberships = append(r.pending.Memberships, page.Memberships...)
	for _, group := range page.Groups {
		r.bytes += len(group.Key) + len(group.Name)
	}
	for _, m := range page.Memberships {
		r.bytes += len(m.Group) + len(m.User) + len(m.Email)
	}
	full, fullBytes := r.ChunkRows, stage.ChunkBytes
	if !r.staged && len(r.pending.Memberships) == 0 {
		full, fullBytes = heldGroups, heldBytes
	}
	if page.Next != "" || len(r.pending.Groups)+len(r.pending.Memberships) >= full || r.bytes >= fullBytes {
		return r.flush(ctx, page.Next)
	}
	return r.w.Progress(ctx, r.at(page.Next))
}

func (r *groupsRead) count(groups []directory.Group, memberships []directory.Membership) {
	for _, group := range groups {
		r.summary.Digest = r.summary.Digest.Plus(roster.HashTexts("group", group.Key, group.Name))
	}
	for _, m := range memberships {
		r.summary.Digest = r.summary.Digest.Plus(roster.HashTexts("membership", m.Group, m.User, m.Email))
	}
	r.summary.Groups += len(groups)
	r.summary.Memberships += len(memberships)
	r.Progress.Add(len(groups) + len(memberships))
}

// flush writes what is pending.
func (r *groupsRead) flush(ctx context.Context, next directory.Cursor) error {
	if len(r.pending.Groups)+len(r.pending.Memberships) == 0 {
		return nil
	}
	chunk := r.pending
	r.pending, r.bytes, r.staged = stage.GroupsChunk{}, 0, true
	if next == "" && len(chunk.Memberships) == 0 {
		for groups := range slices.Chunk(chunk.Groups, r.ChunkRows) { // up to heldGroups
			if err := r.w.Put(ctx, &stage.GroupsChunk{Groups: groups}, r.at(next), nil); err != nil {
				return err
			}
		}
		return nil
	}
	return r.w.Put(ctx, &chunk, r.at(next), nil)
}

// at returns the progress of the read. Groups and memberships count alike.
func (r *groupsRead) at(next directory.Cursor) ledger.Progress {
	return ledger.Progress{Cursor: string(next), Rows: r.summary.Groups + r.summary.Memberships}
}
