package activities

import (
	"context"
	"encoding/hex"
	"strings"

	"github.com/rollcall/rollcall/internal/roster"
)

// snapshot is all that a round read, to its true end. Only readSnapshot makes one, from sealed stages, so that nothing
// can be made of a partial read.
type snapshot struct {
	settings Settings
	stage    string // that holds the users
	users    usersSummary
	groups   groupsSummary
	bindings roster.Bindings

	protection *roster.Protection // in force in this round
}

func (a *Activities) readSnapshot(ctx context.Context, round Round) (snapshot, error) {
	settings, err := a.settingsOf(ctx, round)
	if err != nil {
		return snapshot{}, err
	}
	s := snapshot{settings: settings, stage: stageUsers}
	if s.protection, err = settings.protection(round); err != nil {
		return snapshot{}, err
	}
	if s.users, err = sealed[usersSummary](ctx, a.Stages, round.Run, s.stage); err != nil {
		return snapshot{}, err
	}
	if s.users.Again {
		s.stage = stageUsersAgain
		if s.users, err = sealed[usersSummary](ctx, a.Stages, round.Run, s.stage); err != nil {
			return snapshot{}, err
		}
	}
	if s.groups, err = sealed[groupsSummary](ctx, a.Stages, round.Run, stageGroups); err != nil {
		return snapshot{}, err
	}
	s.bindings = roster.Bind(settings.Fields, &s.users.Columns, s.users.Filled)
	return s, nil
}

// digest is equal for snapshots that say the same, with the same people protected: when a protection begins or ends there
// is something to plan though the roster is the same.
func (s snapshot) digest() string {
	return hex.EncodeToString(s.users.Digest[:]) + hex.EncodeToString(s.groups.Digest[:]) + s.settings.People
}

// rules is equal for settings under which rows are judged the same.
func (s snapshot) rules() string { return roster.RulesDigest(s.settings.Fields, s.settings.Levels) }

// byRow tells whether users' rows name their groups; else each group lists its members.
func (s snapshot) byRow() bool { return !strings.HasPrefix(s.users.Kind, "workos:") }

// familiar tells whether rows read the same as when the tenant's last roster was applied: then a row that the index
// knows says what its member is, and a difference is somebody else's doing.
func (s snapshot) familiar(state State) bool {
	return state.Rules == s.rules() && state.Bindings == s.bindings.Digest()
}

// same tells whether the snapshot is the one that was applied last, as a whole.
func (s snapshot) same(state State) bool {
	return state.Settled && state.Digest == s.digest() && s.familiar(state)
}
