package activities

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
)

// staged yields what waits of the users. Of those who are all known nothing does: each was there once, in an order that isn't
// kept, as there is nothing to list of them.
func (v *validation) staged(ctx context.Context) iter.Seq2[usersChunk, error] {
	if v.snapshot.known != nil {
		return eachOnce(v.snapshot.users.Rows)
	}
	return v.stagedIn(ctx, 0, -1)
}

// stagedIn yields what waits in the chunks [from, to).
func (v *validation) stagedIn(ctx context.Context, from, to int) iter.Seq2[usersChunk, error] {
	return v.known(chunks[usersChunk](ctx, v.a.Stages, v.round.Run, v.snapshot.stage, from, to))
}

// meetKnown makes sure that the members still know the very rows that were read.
func (v *validation) meetKnown(ctx context.Context) error {
	var digest roster.Hash
	recall := roster.NewRecall()
	err := recall.Load(func(yield func(roster.Recalled, error) bool) {
		for known, err := range v.a.Members.Recall(ctx, v.round.Tenant, v.round.Full) {
			digest = digest.Plus(known.Row)
			if !yield(known, err) {
				return
			}
		}
	})
	if err = cmp.Or(err, recall.Wait()); err != nil {
		return err
	}
	users, index := &v.snapshot.users, v.index.Fingerprint()
	if recall.Len() != users.Rows || digest != users.Digest || recall.Fingerprint() != index {
		return fault.Superseded("the member table has changed since the directory was read")
	}
	users.Index = index
	return nil
}

// eachOnce yields that many known rows as if they had come in the order of their members.
func eachOnce(rows int) iter.Seq2[usersChunk, error] {
	return func(yield func(usersChunk, error) bool) {
		for from := 0; from < rows; from += sightsPerChunk {
			tail := &sights{From: from, Rows: make([]int, min(sightsPerChunk, rows-from))}
			for i := range tail.Rows {
				tail.Rows[i] = 1
			}
			tail.Rows[0] += from
			if !yield(usersChunk{Tail: tail}, nil) {
				return
			}
		}
	}
}

// listed yields what waits of the groups. Of the tenant's own nothing does.
func (v *validation) listed(ctx context.Context, ours []roster.Group) iter.Seq2[groupsChunk, error] {
	if v.snapshot.ours == "" {
		return chunks[groupsChunk](ctx, v.a.Stages, v.round.Run, ledger.StageGroups, 0, -1)
	}
	return func(yield func(groupsChunk, error) bool) {
		if digestOf(ours) != v.snapshot.ours {
			yield(groupsChunk{}, fault.Superseded("the tenant's groups have changed since the directory was read"))
			return
		}
		var piece groupsChunk
		for i, group := range ours {
			piece.Groups = append(piece.Groups, directory.Group{Row: i + 1, Key: group.Key, Name: group.Name})
		}
		yield(piece, nil)
	}
}

// writeListings ties the memberships that groups list to members. The directory lists one group after the other.
func (v *validation) writeListings(ctx context.Context) error {
	if v.snapshot.byRow() {
		return nil
	}
	l := lister{v: v, open: map[string]bool{}, done: map[string]bool{}}
	for _, unit := range v.units {
		l.open[unit.Key] = true
	}
	for piece, err := range chunks[groupsChunk](ctx, v.a.Stages, v.round.Run, ledger.StageGroups, 0, -1) {
		if err != nil {
			return err
		}
		for _, membership := range piece.Memberships {
			if err := l.add(ctx, membership); err != nil {
				return err
			}
		}
		v.progress.add(len(piece.Memberships))
	}
	return l.close(ctx)
}

// lister collects the listing of one group at a time.
type lister struct {
	v       *validation
	open    map[string]bool // accepted groups that no listing has been written for
	done    map[string]bool // those that one has been
	current listing
}

func (l *lister) add(ctx context.Context, m directory.Membership) error {
	key := roster.NormalText(m.Group)
	if key != l.current.Group {
		if err := l.flush(ctx); err != nil {
			return err
		}
		if l.done[key] {
			return errors.New("a group's memberships came in two pieces")
		}
		l.current = listing{Group: key}
	}
	l.v.result.Snapshot.Memberships++
	if erasure.Nobody(m) {
		return nil
	}
	external := roster.NormalText(m.User)
	email, _ := roster.NormalEmail(m.Email)
	who := roster.Identity{ExternalID: external, Email: email}
	if !l.open[key] {
		return l.v.issues.add(ctx, roster.CodeUnknownGroup.Of(who, roster.Groups))
	}
	member, ok := l.v.findings.Resolve(external, email)
	if !ok {
		return l.v.issues.add(ctx, roster.CodeUnknownMember.Of(who, roster.Groups))
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
	l.v.join(l.current.Group, l.current.Members...)
	return l.v.roster.listing(ctx, l.current)
}

// close writes the last listing, and empty ones for the groups that nobody is in.
func (l *lister) close(ctx context.Context) error {
	if err := l.flush(ctx); err != nil {
		return err
	}
	for _, unit := range l.v.units {
		if !l.open[unit.Key] {
			continue
		}
		if err := l.v.roster.listing(ctx, listing{Group: unit.Key}); err != nil {
			return err
		}
	}
	return nil
}

// countMemberships adds the memberships that known rows name: those that their members have.
func (v *validation) countMemberships(ctx context.Context) error {
	if !v.snapshot.byRow() || !v.snapshot.bindings.Fields.Has(roster.Groups) || v.snapshot.users.Full {
		return nil
	}
	for membership, err := range v.a.Members.Memberships(ctx, v.round.Tenant) {
		if err != nil {
			return fmt.Errorf("read memberships: %w", err)
		}
		if v.findings.Sighted(membership.Member) {
			v.result.Snapshot.Memberships++
		}
	}
	return nil
}
