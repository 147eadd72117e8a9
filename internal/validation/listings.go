package validation

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/stage"
)

// staged yields the staged chunks of users. If all users are known, nothing is staged. Then each row came once, and the
// order doesn't matter, because no known row has an issue.
func (v *validation) staged(ctx context.Context) iter.Seq2[stage.UsersChunk, error] {
	if v.snapshot.known != nil {
		return knownChunks(v.snapshot.Users.Rows)
	}
	return v.stagedIn(ctx, 0, -1)
}

// stagedIn yields the chunks of users from number from up to, but not including, to. It redacts rows of erased people,
// also of people who were erased after the read.
func (v *validation) stagedIn(ctx context.Context, from, to int) iter.Seq2[stage.UsersChunk, error] {
	chunks := stage.Chunks[stage.UsersChunk](ctx, v.users(from, to))
	if v.redact == nil {
		return chunks
	}
	return func(yield func(stage.UsersChunk, error) bool) {
		for chunk, err := range chunks {
			for i, row := range chunk.Rows {
				chunk.Rows[i] = v.redact.Row(row)
			}
			if !yield(chunk, err) {
				return
			}
		}
	}
}

// users returns a span of the chunks of users.
func (v *validation) users(from, to int) stage.Span {
	return stage.Span{Store: v.Attempt.Store, Run: v.Round.Run, Stage: v.snapshot.stage, From: from, To: to}
}

// checkKnown checks that the members still know the rows that were read.
func (v *validation) checkKnown(ctx context.Context) error {
	count, digest := 0, roster.Hash{}
	var members roster.Fingerprint
	for known, err := range v.Members.KnownRows(ctx, v.Round.Tenant, v.Round.Full) {
		if err != nil {
			return fmt.Errorf("read known rows: %w", err)
		}
		count, digest = count+1, digest.Plus(known.Row)
		members.Add(known.Member)
	}
	users, index := &v.snapshot.Users, v.index.Fingerprint()
	if count != users.Rows || digest != users.Digest || members.Hash() != index {
		return fault.Superseded("the member table has changed since the directory was read")
	}
	users.Index = index
	return nil
}

// knownPerChunk is the number of known rows in a chunk that wasn't staged.
const knownPerChunk = 200_000

// knownChunks yields chunks of known rows in the order of their members. Each row came once.
func knownChunks(rows int) iter.Seq2[stage.UsersChunk, error] {
	return func(yield func(stage.UsersChunk, error) bool) {
		for from := 0; from < rows; from += knownPerChunk {
			numbers := make([]int32, min(knownPerChunk, rows-from))
			for i := range numbers {
				numbers[i] = int32(from + i + 1) //nolint:gosec // rows are counted in an int32 all over package roster
			}
			if !yield(stage.UsersChunk{Seen: stage.NewSeenRows(from, numbers)}, nil) {
				return
			}
		}
	}
}

// groups yields the staged groups. If only the tenant's own groups were read, it yields those.
func (v *validation) groups(ctx context.Context, own []roster.Group) iter.Seq2[stage.GroupsChunk, error] {
	if v.snapshot.ownGroups == "" {
		return v.stagedGroups(ctx)
	}
	return func(yield func(stage.GroupsChunk, error) bool) {
		if roster.GroupsDigest(own) != v.snapshot.ownGroups {
			changed := fault.Superseded("the tenant's groups have changed since the directory was read")
			yield(stage.GroupsChunk{}, changed)
			return
		}
		var chunk stage.GroupsChunk
		for i, group := range own {
			chunk.Groups = append(chunk.Groups, directory.Group{Row: i + 1, Key: group.Key, Name: group.Name})
		}
		yield(chunk, nil)
	}
}

func (v *validation) stagedGroups(ctx context.Context) iter.Seq2[stage.GroupsChunk, error] {
	return stage.Chunks[stage.GroupsChunk](ctx, stage.All(v.Attempt.Store, v.Round.Run, ledger.StageGroups))
}

// writeListings resolves the memberships that groups list to members. The directory lists one group after the other.
func (v *validation) writeListings(ctx context.Context) error {
	if v.snapshot.byRow() {
		return nil
	}
	l := lister{v: v, open: map[string]bool{}, done: map[string]bool{}}
	for _, unit := range v.units {
		l.open[unit.Key] = true
	}
	for piece, err := range v.stagedGroups(ctx) {
		if err != nil {
			return err
		}
		for _, membership := range piece.Memberships {
			if err := l.add(ctx, membership); err != nil {
				return err
			}
		}
		v.Progress.Add(len(piece.Memberships))
	}
	return l.close(ctx)
}

// lister collects the listing of one group at a time.
type lister struct {
	v       *validation
	open    map[string]bool // accepted groups whose listing hasn't been written
	done    map[string]bool // groups whose listing has been written
	current stage.Listing
}

func (l *lister) add(ctx context.Context, m directory.Membership) error {
	key := roster.NormalText(m.Group)
	if key != l.current.Group {
		if err := l.flush(ctx); err != nil {
			return err
		}
		if l.done[key] {
			return errors.New("a group's memberships don't follow each other")
		}
		l.current = stage.Listing{Group: key}
	}
	l.v.verdict.Snapshot.Memberships++
	if erasure.Redacted(m) {
		return nil
	}
	external := roster.NormalText(m.User)
	email, _ := roster.NormalEmail(m.Email)
	who := roster.Identity{ExternalID: external, Email: email}
	if !l.open[key] {
		return l.v.issues.add(ctx, roster.CodeUnknownGroup.Issue(who, roster.Groups))
	}
	member, ok := l.v.findings.Resolve(external, email)
	switch {
	case !ok:
		return l.v.issues.add(ctx, roster.CodeUnknownMember.Issue(who, roster.Groups))
	case member == uuid.Nil:
		return nil // who has left is in no group
	}
	l.current.Members = append(l.current.Members, member)
	return nil
}

// flush writes the current group's listing.
func (l *lister) flush(ctx context.Context) error {
	if !l.open[l.current.Group] {
		return nil
	}
	delete(l.open, l.current.Group)
	l.done[l.current.Group] = true
	l.v.addToNewGroup(l.current.Group, l.current.Members...)
	return l.v.roster.listing(ctx, l.current)
}

// close writes the last listing, and empty ones for groups without members.
func (l *lister) close(ctx context.Context) error {
	if err := l.flush(ctx); err != nil {
		return err
	}
	for _, unit := range l.v.units {
		if !l.open[unit.Key] {
			continue
		}
		if err := l.v.roster.listing(ctx, stage.Listing{Group: unit.Key}); err != nil {
			return err
		}
	}
	return nil
}

// countMemberships counts the memberships that known rows name, which are those of their members.
func (v *validation) countMemberships(ctx context.Context) error {
	if !v.snapshot.byRow() || !v.snapshot.Bindings.Fields.Has(roster.Groups) || v.snapshot.Users.Full {
		return nil
	}
	for membership, err := range v.Members.Memberships(ctx, v.Round.Tenant) {
		if err != nil {
			return fmt.Errorf("read memberships: %w", err)
		}
		if v.findings.Seen(membership.Member) {
			v.verdict.Snapshot.Memberships++
		}
	}
	return nil
}
