package validation

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/read"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
)

// Snapshot is all that a run read, to its true end. Only ReadSnapshot makes one, of sealed stages and of what a read returned
// at its true end, so that nothing can be made of a partial read.
type Snapshot struct {
	Users    stage.UsersSummary
	Bindings roster.Bindings

	settings   run.Settings
	stage      string // that holds the users
	groups     stage.GroupsSummary
	protection *roster.Protection // in force in this run

	known     *stage.AllKnown // set if no users are staged
	ownGroups string          // set if no groups are staged: the digest of the tenant's own
}

// ReadSnapshot brings together what a run read. State is the tenant's. A *fault.Fault says that what is known of the tenant's
// rows has changed since the read.
func ReadSnapshot(
	ctx context.Context, store stage.ReadStore, opening run.Opening, fetched stage.Read, state ledger.State,
) (s Snapshot, err error) {
	s.settings = opening.Settings
	if s.protection, err = s.settings.Protection(opening.Round); err != nil {
		return Snapshot{}, err
	}
	if s.known = fetched.Users.Known; s.known != nil {
		s.Users, err = knownUsers(fetched.Users, state)
	} else {
		err = s.readUsers(ctx, store, opening.Round.Run)
	}
	if err != nil {
		return Snapshot{}, err
	}
	if s.ownGroups = fetched.Groups.Ours; s.ownGroups != "" {
		s.groups = stage.GroupsSummary{Groups: fetched.Groups.Groups}
		s.groups.Digest, err = parseHash(fetched.Groups.Digest)
	} else {
		s.groups, err = stage.Sealed[stage.GroupsSummary](ctx, store, opening.Round.Run, ledger.StageGroups)
	}
	if err != nil {
		return Snapshot{}, err
	}
	s.Bindings = read.Bind(s.settings.Fields, &s.Users.Columns, s.Users.Filled)
	if s.known != nil && !s.SameRules(state) {
		return Snapshot{}, fault.Superseded("what is known of the tenant's rows has changed since the directory was read")
	}
	return s, nil
}

// readUsers reads the sealed summary of the users.
func (s *Snapshot) readUsers(ctx context.Context, store stage.ReadStore, run uuid.UUID) (err error) {
	for _, s.stage = range []string{ledger.StageUsers, ledger.StageUsersAgain} {
		s.Users, err = stage.Sealed[stage.UsersSummary](ctx, store, run, s.stage)
		if err != nil || !s.Users.Again {
			break
		}
	}
	return err
}

// knownUsers is the summary that a stage of such users would have.
func knownUsers(read stage.UsersRead, state ledger.State) (summary stage.UsersSummary, err error) {
	summary.Rows, summary.Filled, summary.Source = read.Users, read.Known.Filled, read.Known.Source
	if err := json.Unmarshal(state.Columns, &summary.Columns); err != nil {
		return summary, fmt.Errorf("decode columns: %w", err)
	}
	summary.Digest, err = parseHash(read.Digest)
	return summary, err
}

func parseHash(text string) (hash roster.Hash, err error) {
	digest, err := hex.DecodeString(text)
	if err != nil || copy(hash[:], digest) != len(hash) {
		return hash, errors.New("a digest can't be read")
	}
	return hash, nil
}

// Digest is equal for snapshots that say the same, with the same people protected: when a protection begins or ends there
// may be something to plan though the roster is the same.
func (s Snapshot) Digest() string {
	return hex.EncodeToString(s.Users.Digest[:]) + hex.EncodeToString(s.groups.Digest[:]) + s.settings.People
}

// Rules is equal for settings under which rows are judged the same.
func (s Snapshot) Rules() string { return roster.RulesDigest(s.settings.Fields, s.settings.Levels) }

// byRow tells whether users' rows name their groups; else each group lists its members.
func (s Snapshot) byRow() bool { return !s.Users.Source.ListsMembers() }

// Familiar tells whether rows are read as when the tenant's last roster was applied.
func (s Snapshot) SameRules(state ledger.State) bool {
	return state.SameRules(s.Rules(), s.Bindings.Digest())
}

// same tells whether the snapshot is the one that was applied last, as a whole.
func (s Snapshot) matches(state ledger.State) bool {
	return state.Complete && state.Digest == s.Digest() && s.SameRules(state)
}
