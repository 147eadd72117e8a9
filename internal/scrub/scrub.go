// Package scrub takes an erased person out of the chunks that runs have left.
package scrub

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
	"github.com/rollcall/rollcall/internal/wire"
)

// Scrubber takes one person out of chunks. Others' rows, issues and changes stay: a held plan is decided about by them.
type Scrubber struct {
	store  stage.RunStore
	person erasure.Subject
	erased *erasure.List // they are in it

	run    uuid.UUID         // of which rows are redacted
	redact *erasure.Redactor // nil: how that run's rows are read isn't known
}

// New returns a Scrubber for an erased person, who is in the list.
func New(store stage.RunStore, who erasure.Subject, out *erasure.List) *Scrubber {
	return &Scrubber{store: store, person: who, erased: out}
}

// Chunk returns a chunk's data without the person, and whether they differ from what they were. None at all: the chunk goes.
func (s *Scrubber) Chunk(ctx context.Context, c ledger.Chunk) ([]byte, bool, error) {
	switch c.Stage {
	case ledger.StageUsers, ledger.StageUsersAgain:
		if err := s.openRun(ctx, c); err != nil {
			return nil, false, err
		}
		return rewrite(c, s.users)
	case ledger.StageGroups:
		return rewrite(c, s.groups)
	case ledger.StageRoster:
		return rewrite(c, s.roster)
	case ledger.StageIssues:
		return rewrite(c, s.issues)
	}
	if slices.Contains(append(plan.Parts(), plan.PartLeft), plan.Part(c.Stage)) {
		return rewrite(c, s.changes)
	}
	// Another release's: it goes when it isn't plain that they aren't in it.
	var content any
	if err := wire.Decode(c.Data, &content); err != nil || s.containsKey(content) {
		return nil, true, nil //nolint:nilerr // what can't be read isn't kept
	}
	return nil, false, nil
}

// rewrite decodes a chunk and, when it was changed, encodes it again.
func rewrite[T any](c ledger.Chunk, change func(*T) bool) ([]byte, bool, error) {
	var content T
	if err := wire.Decode(c.Data, &content); err != nil {
		return nil, false, fmt.Errorf("read chunk of %s: %w", c.Stage, err)
	}
	if !change(&content) {
		return nil, false, nil
	}
	data, err := wire.Encode(&content)
	if err != nil {
		return nil, false, fmt.Errorf("encode chunk of %s: %w", c.Stage, err)
	}
	return data, true, nil
}

// open learns how the rows of a run are read, from the stages that are sealed.
func (s *Scrubber) openRun(ctx context.Context, c ledger.Chunk) error {
	if s.run == c.Run {
		return nil
	}
	s.run, s.redact = c.Run, nil
	kept, err := s.store.Opening(ctx, c.Run)
	if err != nil {
		return s.ignoreMissing(err)
	}
	opening, err := run.DecodeOpening(kept)
	if err != nil {
		return err
	}
	sealed, err := s.store.Stage(ctx, c.Run, c.Stage)
	if err != nil || !sealed.Sealed {
		return s.ignoreMissing(err)
	}
	summary, err := stage.Summary[stage.UsersSummary](sealed)
	if err != nil {
		return s.ignoreMissing(err)
	}
	s.redact = s.erased.Redact(opening.Settings.Fields, &summary.Columns, summary.Source)
	return nil
}

// unknown lets pass that a run doesn't say how its rows are read; not that the store doesn't answer.
func (s *Scrubber) ignoreMissing(err error) error {
	if err == nil || errors.Is(err, ledger.ErrNotFound) {
		return nil
	}
	return err
}

func (s *Scrubber) users(piece *stage.UsersChunk) (differs bool) {
	for i, row := range piece.Rows {
		before := erasedCells(row)
		kept := s.redact.Row(row)
		if s.redact == nil && slices.ContainsFunc(row.Cells, s.hasKey) {
			kept = roster.Row{Number: row.Number} // it isn't known which column is what
		}
		for at, cell := range kept.Cells { // also in columns that no field is read from
			if slices.ContainsFunc(cell.Values, s.matchesEmail) {
				kept.Cells[at] = roster.Cell{Column: cell.Column, Values: []string{roster.ErasedValue}}
			}
		}
		if kept.Erased() != row.Erased() || erasedCells(kept) != before {
			piece.Rows[i], differs = kept, true
		}
	}
	return differs
}

// names tells whether a cell holds one of their keys.
func (s *Scrubber) hasKey(cell roster.Cell) bool {
	return slices.ContainsFunc(slices.Concat(cell.Values, cell.IDs), s.matchesKey)
}

// blanks counts the cells of which nothing is left.
func erasedCells(row roster.Row) (n int) {
	for _, cell := range row.Cells {
		if slices.Contains(cell.Values, roster.ErasedValue) {
			n++
		}
	}
	return n
}

func (s *Scrubber) groups(piece *stage.GroupsChunk) (differs bool) {
	for i, m := range piece.Memberships {
		if !erasure.Redacted(m) && s.matches(m.User, m.Email) {
			piece.Memberships[i].User, piece.Memberships[i].Email, differs = "", "", true
		}
	}
	return differs
}

func (s *Scrubber) roster(piece *stage.RosterChunk) (differs bool) {
	before := len(piece.Users)
	piece.Users = slices.DeleteFunc(piece.Users, func(u roster.User) bool {
		return slices.Contains(s.person.Members, u.Member) || s.matches(u.ExternalID, u.Values[roster.Email])
	})
	differs = len(piece.Users) < before
	for i := range piece.Users {
		differs = s.clearManager(&piece.Users[i].Values) || differs
	}
	return differs
}

// issues keep their codes and rows, so that what was counted stays so; whose they are goes, and so does what a detail quotes: a
// level that isn't known may be theirs alone. The next sync lists it again if it isn't.
func (s *Scrubber) issues(issues *[]roster.Issue) (differs bool) {
	for i, issue := range *issues {
		kept := issue
		matches := s.matches(issue.ExternalID, issue.Email)
		if matches {
			kept.ExternalID, kept.Email = "", ""
		}
		if matches || issue.Code == roster.CodeLevelUnmapped {
			kept.Detail = issue.Code.Of(roster.Identity{}, roster.NoField).Detail
		}
		if kept != issue {
			(*issues)[i], differs = kept, true
		}
	}
	return differs
}

func (s *Scrubber) changes(piece *plan.Batch) (differs bool) {
	before := len(piece.Changes)
	piece.Changes = slices.DeleteFunc(piece.Changes, func(c plan.Change) bool {
		return slices.Contains(s.person.Members, c.Member) || s.isMember(c.Before) || s.isMember(c.After)
	})
	differs = len(piece.Changes) < before
	for _, c := range piece.Changes {
		for _, m := range []*roster.Member{c.Before, c.After} {
			if m != nil {
				differs = s.clearManager(&m.Values) || differs
			}
		}
	}
	return differs
}

func (s *Scrubber) isMember(m *roster.Member) bool {
	return m != nil && s.matches(m.ExternalID, m.Values[roster.Email])
}

// unmanage clears the manager's email where it is theirs.
func (s *Scrubber) clearManager(values *roster.Values) bool {
	if !slices.Contains(s.person.Emails, values[roster.ManagerEmail]) {
		return false
	}
	values[roster.ManagerEmail] = ""
	return true
}

// is tells whether somebody of that external id and email is meant. Who has another id isn't, whatever the email.
func (s *Scrubber) matches(external, email string) bool {
	external = roster.NormalText(external)
	if external != "" && slices.ContainsFunc(s.person.Externals, func(e erasure.External) bool { return e.ID == external }) {
		return true
	}
	normal, _ := roster.NormalEmail(email)
	return slices.Contains(s.person.Emails, normal) && (external == "" || len(s.person.Externals) == 0)
}

// isKey tells whether a text is one of their external ids or emails.
func (s *Scrubber) matchesKey(text string) bool {
	external := roster.NormalText(text)
	return s.matchesEmail(text) ||
		slices.ContainsFunc(s.person.Externals, func(e erasure.External) bool { return e.ID == external })
}

func (s *Scrubber) matchesEmail(text string) bool {
	email, _ := roster.NormalEmail(text)
	return slices.Contains(s.person.Emails, email)
}

// holds tells whether a decoded chunk of a kind that isn't known has one of their keys, or ids, anywhere.
func (s *Scrubber) containsKey(value any) bool {
	switch value := value.(type) {
	case string:
		return s.matchesKey(value) || slices.ContainsFunc(s.person.Members, func(id uuid.UUID) bool { return id.String() == value })
	case []any:
		return slices.ContainsFunc(value, s.containsKey)
	case map[string]any:
		for name, inner := range value {
			if s.containsKey(name) || s.containsKey(inner) {
				return true
			}
		}
	}
	return false
}
