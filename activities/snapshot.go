package activities

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
)

// snapshot is all that a round read, to its true end. Only readSnapshot makes one, from sealed stages or what a step answered
// at that end, so that nothing can be made of a partial read.
type snapshot struct {
	settings Settings
	stage    string // that holds the users
	users    usersSummary
	groups   groupsSummary
	bindings roster.Bindings

	protection *roster.Protection // in force in this round

	known *Known // of users: nothing waits of them; nil: it does
	ours  string // of groups: nothing waits of them, they are the tenant's own; "": it does
}

// Read is what FetchUsers and FetchGroups answered.
type Read struct {
	Users  FetchUsersResult  `json:"users"`
	Groups FetchGroupsResult `json:"groups"`
}

// Known is what there is to say of users all of whom are known: what else a stage would hold follows from the tenant's
// members and state.
type Known struct {
	Source roster.Source `json:"source"`
	Filled []int         `json:"filled"` // rows in which each of the State's columns had a value
}

// readSnapshot brings together what was read. state is the tenant's.
func (a *Activities) readSnapshot(ctx context.Context, round Round, read Read, state ledger.State) (s snapshot, err error) {
	if s.settings, err = a.settingsOf(ctx, round); err != nil {
		return snapshot{}, err
	}
	if s.protection, err = s.settings.protection(round); err != nil {
		return snapshot{}, err
	}
	if s.known = read.Users.Known; s.known != nil {
		s.users, err = s.known.summary(read.Users, state)
	} else {
		err = s.readUsers(ctx, a.Stages, round)
	}
	if err != nil {
		return snapshot{}, err
	}
	if s.ours = read.Groups.Ours; s.ours != "" {
		s.groups = groupsSummary{Groups: read.Groups.Groups}
		err = parseHash(read.Groups.Digest, &s.groups.Digest)
	} else {
		s.groups, err = sealed[groupsSummary](ctx, a.Stages, round.Run, ledger.StageGroups)
	}
	if err != nil {
		return snapshot{}, err
	}
	s.bindings = roster.Bind(s.settings.Fields, &s.users.Columns, s.users.Filled)
	if s.known != nil && !s.familiar(state) {
		return snapshot{}, fault.Superseded("what is known of the tenant's rows has changed since the directory was read")
	}
	return s, nil
}

// readUsers reads what is sealed of the users.
func (s *snapshot) readUsers(ctx context.Context, stages Stages, round Round) (err error) {
	s.stage = ledger.StageUsers
	if s.users, err = sealed[usersSummary](ctx, stages, round.Run, s.stage); err == nil && s.users.Again {
		s.stage = ledger.StageUsersAgain
		s.users, err = sealed[usersSummary](ctx, stages, round.Run, s.stage)
	}
	return err
}

// summary is what a stage of such users would say.
func (k *Known) summary(users FetchUsersResult, state ledger.State) (summary usersSummary, err error) {
	summary.Rows, summary.Filled, summary.Source = users.Users, k.Filled, k.Source
	if err := json.Unmarshal(state.Columns, &summary.Columns); err != nil {
		return summary, fmt.Errorf("decode columns: %w", err)
	}
	return summary, parseHash(users.Digest, &summary.Digest)
}

func parseHash(text string, into *roster.Hash) error {
	digest, err := hex.DecodeString(text)
	if err != nil || copy(into[:], digest) != len(into) {
		return errors.New("a digest can't be read")
	}
	return nil
}

// digest is equal for snapshots that say the same, with the same people protected: when a protection begins or ends there
// is something to plan though the roster is the same.
func (s snapshot) digest() string {
	return hex.EncodeToString(s.users.Digest[:]) + hex.EncodeToString(s.groups.Digest[:]) + s.settings.People
}

// rules is equal for settings under which rows are judged the same.
func (s snapshot) rules() string { return roster.RulesDigest(s.settings.Fields, s.settings.Levels) }

// byRow tells whether users' rows name their groups; else each group lists its members.
func (s snapshot) byRow() bool { return !s.users.Source.ListsMembers() }

// familiar tells whether rows read the same as when the tenant's last roster was applied: then a row that the index
// knows says what its member is, and a difference is somebody else's doing.
func (s snapshot) familiar(state ledger.State) bool {
	return state.Rules == s.rules() && state.Bindings == s.bindings.Digest()
}

// same tells whether the snapshot is the one that was applied last, as a whole.
func (s snapshot) same(state ledger.State) bool {
	return state.Settled && state.Digest == s.digest() && s.familiar(state)
}
