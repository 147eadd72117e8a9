package activities

import (
	"context"
	"fmt"
	"iter"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/wire"
)

// desk is where a piece of the roster becomes changes. It is lent until they are in the plan.
type desk struct {
	texts   wire.Buffer // of the roster
	roster  rosterChunk
	members roster.MemberRoom
	plan    plan.Room
	changes []plan.Change
}

var desks lender[desk] //nolint:gochecknoglobals // memory only

// addUsers adds what becomes of the roster's users.
func (d *difference) addUsers(ctx context.Context) error {
	for piece, err := range d.users(ctx) {
		if err == nil {
			d.absent = append(d.absent, piece.roster.Absent...)
			d.kept = append(d.kept, piece.roster.Kept...)
			err = d.builder.Add(piece.changes...)
		}
		if err != nil {
			return err
		}
		desks.giveBack(piece)
	}
	return nil
}

// users yields what becomes of users, piece by piece. The members of the next pieces are read meanwhile.
func (d *difference) users(ctx context.Context) iter.Seq2[*desk, error] {
	pieces := span{d.a.Stages, d.round.Run, ledger.StageRoster, 1, -1} // the first one holds the groups
	return each(ctx, pieces, func(data []byte) (*desk, error) {
		on := desks.lend()
		err := on.put(pieces, data)
		if err == nil {
			err = d.diffUsers(ctx, on)
		}
		return on, err
	})
}

// put puts a piece of the roster on the desk.
func (on *desk) put(of span, data []byte) error { return of.decode(&on.texts, data, &on.roster) }

// diffUsers says what makes members of a batch of users.
func (d *difference) diffUsers(ctx context.Context, on *desk) (err error) {
	users := on.roster.Users
	ids := make([]uuid.UUID, 0, len(users))
	named := false
	for i := range users {
		if !users[i].New {
			ids = append(ids, users[i].Member)
		}
		named = named || !users[i].Kept.Has(roster.Groups)
	}
	on.changes, err = d.diffMembers(ctx, on, ids, plan.Input{Users: users}, named)
	return err
}

// diffMembers says, on a desk, what changes of some members, about whom in says what it says.
func (d *difference) diffMembers(ctx context.Context, on *desk, ids []uuid.UUID, in plan.Input, memberships bool) (_ []plan.Change, err error) {
	in.Now, in.Grace, in.Groups = d.round.Started, d.settings.Grace, d.groups
	if len(ids) > 0 {
		if in.Members, err = d.a.Members.MembersIn(ctx, &on.members, d.round.Tenant, ids); err != nil {
			return nil, fmt.Errorf("read members: %w", err)
		}
	}
	if memberships && len(ids) > 0 {
		if in.Memberships, err = d.a.Members.MembershipsOf(ctx, d.round.Tenant, ids); err != nil {
			return nil, fmt.Errorf("read memberships: %w", err)
		}
	}
	return on.plan.Changes(in)
}
