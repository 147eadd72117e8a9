package planning

import (
	"context"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/reuse"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/internal/wire"
)

// scratch is the memory in which a chunk of the roster becomes changes. It returns to the pool when they are in the
// plan.
type scratch struct {
	texts   wire.Buffer // of the roster
	roster  stage.RosterChunk
	members roster.MemberBuffer
	plan    plan.Buffer
	changes []plan.Change
}

var scratches reuse.Pool[scratch] //nolint:gochecknoglobals // memory only

// addUsers adds the changes of the roster's users.
func (d *difference) addUsers(ctx context.Context) error {
	for piece, err := range d.users(ctx) {
		if err == nil {
			d.absent = append(d.absent, piece.roster.Absent...)
			d.released = append(d.released, piece.roster.Released...)
			d.left = append(d.left, piece.roster.Left...)
			d.outOfScope = append(d.outOfScope, piece.roster.OutOfScope...)
			d.kept = append(d.kept, piece.roster.Kept...)
			err = d.builder.Add(piece.changes...)
		}
		if err != nil {
			return err
		}
		scratches.Put(piece)
	}
	return nil
}

// users yields the changes of users, chunk by chunk. It reads the members of later chunks in the background.
func (d *difference) users(ctx context.Context) iter.Seq2[*scratch, error] {
	// Chunk 0 has the groups.
	chunks := stage.Span{Store: d.Attempt.Store, Run: d.Round.Run, Stage: ledger.StageRoster, From: 1, To: -1}
	return stage.Each(ctx, chunks, func(data []byte) (*scratch, error) {
		s := scratches.Take()
		err := chunks.Decode(&s.texts, data, &s.roster)
		if err == nil {
			err = d.diffUsers(ctx, s)
		}
		return s, err
	})
}

// diffUsers works out the changes of a chunk of users.
func (d *difference) diffUsers(ctx context.Context, s *scratch) (err error) {
	users := s.roster.Users
	ids := make([]uuid.UUID, 0, len(users))
	named := false
	for i := range users {
		if !users[i].New {
			ids = append(ids, users[i].Member)
		}
		named = named || !users[i].Kept.Has(roster.Groups)
	}
	s.changes, err = d.diffMembers(ctx, s, ids, plan.Input{Users: users}, named)
	return err
}

// diffMembers returns the changes of some members. in says what they should be.
func (d *difference) diffMembers(
	ctx context.Context, s *scratch, ids []uuid.UUID, in plan.Input, memberships bool,
) (_ []plan.Change, err error) {
	in.Now, in.Grace, in.Groups = d.Round.Started, d.Settings.Grace, d.groups
	if len(ids) > 0 {
		if in.Members, err = d.Members.MembersInto(ctx, &s.members, d.Round.Tenant, ids); err != nil {
			return nil, fmt.Errorf("read members: %w", err)
		}
	}
	if memberships && len(ids) > 0 {
		if in.Memberships, err = d.Members.MembershipsOf(ctx, d.Round.Tenant, ids); err != nil {
			return nil, fmt.Errorf("read memberships: %w", err)
		}
	}
	return s.plan.Changes(in)
}
