// Package scrub removes an erased person from the stored chunks of runs. It keeps all other people's rows, issues and
// changes, because a held plan may depend on them.
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

// Scrubber removes one person from chunks.
type Scrubber struct {
	store  stage.RunStore
	person erasure.Subject
	erased *erasure.List // includes the person

	run    uuid.UUID         // the run of the last users chunk
	redact *erasure.Redactor // of that run's rows; nil: it isn't known how they are read
}

// New returns a Scrubber for an erased person, who must be in the list erased.
func New(store stage.RunStore, who erasure.Subject, out *erasure.List) *Scrubber {
	return &Scrubber{store: store, person: who, erased: out}
}

// Chunk returns a chunk's data without the person. The bool reports whether the data differ. If it is true and the data
// are empty, the chunk must be deleted.
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
	// Another release wrote the chunk. It is deleted unless it certainly doesn't hold the person.
	var content any
	if err := wire.Decode(c.Data, &content); err != nil || s.containsKey(content) {
		return nil, true, nil //nolint:nilerr // a chunk that can't be read is deleted
	}
	return nil, false, nil
}

// rewrite decodes a chunk, changes it, and encodes it again if it was changed.
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

// openRun makes the Redactor of a run's rows from its opening and its sealed stage.
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

// ignoreMissing returns nil for ledger.ErrNotFound: then it isn't known how the run's rows are read.
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
			kept = roster.Row{Number: row.Number} // it isn't known which column holds which field
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

// hasKey reports whether a cell holds one of the person's keys.
func (s *Scrubber) hasKey(cell roster.Cell) bool {
	return slices.ContainsFunc(slices.Concat(cell.Values, cell.IDs), s.matchesKey)
}

// erasedCells counts the cells whose value was erased.
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
	for i := range piece.Words { // an unknown word may be the person's alone
		if w := &piece.Words[i]; w.Meaning == "" && w.Word != "" {
			w.Word, differs = "", true
		}
	}
	return differs
}

// issues removes the person's identity from issues. Codes and rows stay, so that counts stay the same. It also removes
// the text quoted in a detail, because an unknown level may be the person's alone. The next sync quotes it again if it
// isn't. The same applies to offending values.
func (s *Scrubber) issues(issues *[]roster.Issue) (differs bool) {
	for i := range *issues {
		issue := &(*issues)[i]
		matches := s.matches(issue.ExternalID, issue.Email)
		if matches && issue.ExternalID+issue.Email != "" {
			issue.ExternalID, issue.Email, differs = "", "", true
		}
		general := issue.Code.Detail()
		if (matches || issue.Code == roster.CodeLevelUnmapped) && issue.Detail != general {
			issue.Detail, differs = general, true
		}
		if (matches || s.mayNamePerson(*issue)) && len(issue.Values) > 0 {
			issue.Values, differs = nil, true
		}
	}
	return differs
}

// mayNamePerson reports whether the offending values of somebody else's issue may be about the person: a manager who is
// given by name, a level of one person, one of the person's keys, or a row that nobody is identified by.
func (s *Scrubber) mayNamePerson(issue roster.Issue) bool {
	_, valid := roster.NormalEmail(issue.Email)
	return issue.Field == roster.ManagerEmail.String() || issue.Code == roster.CodeLevelUnmapped ||
		issue.ExternalID == "" && !valid ||
		slices.ContainsFunc(issue.Values, func(v roster.OffendingValue) bool { return s.matchesKey(v.Text) })
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

// clearManager clears the manager's email if it is the person's.
func (s *Scrubber) clearManager(values *roster.Values) bool {
	if !slices.Contains(s.person.Emails, values[roster.ManagerEmail]) {
		return false
	}
	values[roster.ManagerEmail] = ""
	return true
}

// matches reports whether an external id and an email identify the person. If the external ids differ, the email
// doesn't count.
func (s *Scrubber) matches(external, email string) bool {
	external = roster.NormalText(external)
	if external != "" && slices.ContainsFunc(s.person.Externals,
		func(e erasure.External) bool { return e.ID == external }) {
		return true
	}
	normal, _ := roster.NormalEmail(email)
	return slices.Contains(s.person.Emails, normal) && (external == "" || len(s.person.Externals) == 0)
}

// matchesKey reports whether a text is one of the person's external ids or emails.
func (s *Scrubber) matchesKey(text string) bool {
	external := roster.NormalText(text)
	return s.matchesEmail(text) ||
		slices.ContainsFunc(s.person.Externals, func(e erasure.External) bool { return e.ID == external })
}

func (s *Scrubber) matchesEmail(text string) bool {
	email, _ := roster.NormalEmail(text)
	return slices.Contains(s.person.Emails, email)
}

// containsKey reports whether a decoded chunk of an unknown kind contains one of the person's keys or ids.
func (s *Scrubber) containsKey(value any) bool {
	switch value := value.(type) {
	case string:
		return s.matchesKey(value) || slices.ContainsFunc(s.person.Members,
			func(id uuid.UUID) bool { return id.String() == value })
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
