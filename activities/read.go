package activities

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/wire"
)

// UsersRead is what a sealed read of users says of its rows.
type UsersRead struct {
	Again    bool // the rows are in ledger.StageUsersAgain
	Columns  roster.Columns
	Bindings roster.Bindings
}

// ReadUsersSummary reads the summary of a sealed stage of users, by what was kept with the run when it began.
func ReadUsersSummary(begun, users []byte) (UsersRead, error) {
	opened, err := readOpening(begun)
	if err != nil {
		return UsersRead{}, err
	}
	var summary usersSummary
	if err := json.Unmarshal(users, &summary); err != nil {
		return UsersRead{}, fmt.Errorf("decode summary of %s: %w", ledger.StageUsers, err)
	}
	return UsersRead{
		Again: summary.Again, Columns: summary.Columns,
		Bindings: roster.Bind(opened.Settings.Fields, &summary.Columns, summary.Filled),
	}, nil
}

// ReadRows reads the rows in one chunk of a stage of users: those that the index didn't know.
func ReadRows(data []byte) ([]roster.Row, error) {
	var piece usersChunk
	if err := wire.Decode(data, &piece); err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	return piece.Rows, nil
}

// RosterPart is what one chunk of a roster says of people.
type RosterPart struct {
	Users  []roster.User
	Absent []uuid.UUID // members of whom the report has no row
	Kept   []uuid.UUID // members whose rows were not used
}

// ReadRoster reads one chunk of a run's RosterStage.
func ReadRoster(data []byte) (RosterPart, error) {
	var piece rosterChunk
	if err := wire.Decode(data, &piece); err != nil {
		return RosterPart{}, fmt.Errorf("read roster: %w", err)
	}
	return RosterPart{Users: piece.Users, Absent: piece.Absent, Kept: piece.Kept}, nil
}

// Opening is what a round was begun with.
type Opening struct {
	Generation int64  // of the tenant, that its plan is made from
	Rules      string // roster.RulesDigest of the settings by which it reads rows
}

// ReadOpening reads what was kept with a run when it began.
func ReadOpening(begun []byte) (Opening, error) {
	opened, err := readOpening(begun)
	if err != nil {
		return Opening{}, err
	}
	return Opening{
		Generation: opened.Round.Generation,
		Rules:      roster.RulesDigest(opened.Settings.Fields, opened.Settings.Levels),
	}, nil
}

// Verdict is what a run found.
type Verdict struct {
	Unchanged bool
	Columns   []roster.Issue // columns that are not there: the only issues, where another run repeats this verdict
}

// ReadVerdict reads the summary of a run's RosterStage.
func ReadVerdict(summary []byte) (Verdict, error) {
	var judged rosterSummary
	if err := json.Unmarshal(summary, &judged); err != nil {
		return Verdict{}, fmt.Errorf("decode summary of %s: %w", ledger.StageRoster, err)
	}
	return Verdict{Unchanged: judged.Unchanged, Columns: judged.Columns}, nil
}
