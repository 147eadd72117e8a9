package validation

import (
	"context"
	"encoding/hex"
	"errors"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/read"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
)

// Snapshot is all that a run read. Only ReadSnapshot makes one, from sealed stages or from the result of a complete
// read. So a partial read can't become a Snapshot.
type Snapshot struct {
	Users    stage.UsersSummary
	Bindings roster.Bindings

	settings   run.Settings
	stage      string // the stage of the users
	groups     stage.GroupsSummary
	protection *roster.Protection // in force in this run

	known     *stage.AllKnown // set if no users are staged
	ownGroups string          // set if no groups are staged: the digest of the tenant's own
}

// ReadSnapshot puts together what a run read. state is the tenant's. A *fault.Fault says that the tenant's known rows
// have changed since the read.
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
		s.stage, s.Users, err = stage.SealedUsers(ctx, store, opening.Round.Run)
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
	s.Bindings = read.Bind(s.settings.Mappings, &s.Users.Columns, s.Users.Filled)
	if s.known != nil && !s.SameRules(state) {
		return Snapshot{}, fault.Superseded("the tenant's known rows have changed since the directory was read")
	}
	return s, nil
}

// knownUsers returns the summary of a read in which all users are known, which has no stage.
func knownUsers(fetched stage.UsersRead, state ledger.State) (summary stage.UsersSummary, err error) {
	summary.Rows, summary.Filled, summary.Source = fetched.Users, fetched.Known.Filled, fetched.Known.Source
	if summary.Columns, err = read.DecodeColumns(state.Columns, summary.Source); err != nil {
		return summary, err
	}
	summary.Digest, err = parseHash(fetched.Digest)
	return summary, err
}

func parseHash(text string) (hash roster.Hash, err error) {
	digest, err := hex.DecodeString(text)
	if err != nil || copy(hash[:], digest) != len(hash) {
		return hash, errors.New("a digest isn't a hexadecimal hash")
	}
	return hash, nil
}

// Digest returns a text that is equal for snapshots with the same content, the same protected people and the same links.
// When a protection begins or ends, or a person decides about a link, there may be something to plan though the roster
// is the same.
func (s Snapshot) Digest() string {
	return hex.EncodeToString(s.Users.Digest[:]) + hex.EncodeToString(s.groups.Digest[:]) +
		s.settings.People + s.settings.Links
}

// Rules returns a text that is equal for settings and groups by which rows are judged the same.
func (s Snapshot) Rules() string {
	groups := ""
	if s.byRow() {
		groups = hex.EncodeToString(s.groups.Digest[:])
	}
	return ledger.JudgedBy(s.settings.Digest(), groups)
}

// byRow reports whether users' rows name their groups. Otherwise each group lists its members.
func (s Snapshot) byRow() bool { return !s.Users.Source.ListsMembers() }

// SameRules reports whether rows are read by the same rules as when the tenant's last roster was applied.
func (s Snapshot) SameRules(state ledger.State) bool {
	return state.SameRules(s.Rules(), s.Bindings.Digest())
}

// matches reports whether the snapshot is equal to the one that was applied last, and that one was applied completely.
func (s Snapshot) matches(state ledger.State) bool {
	return state.Complete && state.Digest == s.Digest() && s.SameRules(state)
}
