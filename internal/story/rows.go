package story

import (
	"maps"
	"slices"
	"strings"

	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/roster"
)

// acceptedRows returns the person's rows in the roster.
func (t tracer) acceptedRows(found evidence) []Row {
	rows := []Row{}
	for _, u := range found.users {
		rows = append(rows, Row{
			Row: u.Row, Verdict: accepted, Member: &u.Member, Match: t.match(u, found),
			Cells: t.cells(u.Row, found), Issues: issuesOf(u.Row, found),
		})
	}
	return rows
}

// otherRows returns the person's rows that only issues refer to, rejected rows and known rows with a warning, and the rows
// that the rules left out of the roster.
func (t tracer) otherRows(found evidence) []Row {
	verdicts := map[int]string{}
	for _, i := range found.issues {
		if i.Row == 0 || slices.ContainsFunc(found.users, func(u roster.User) bool { return u.Row == i.Row }) {
			continue
		}
		if i.Severity == roster.Rejected {
			verdicts[i.Row] = rejected
		} else if verdicts[i.Row] == "" {
			verdicts[i.Row] = accepted
		}
	}
	maps.Copy(verdicts, found.others)
	rows := []Row{}
	for _, n := range slices.Sorted(maps.Keys(verdicts)) {
		rows = append(rows, Row{Row: n, Verdict: verdicts[n], Cells: t.cells(n, found), Issues: issuesOf(n, found)})
	}
	return rows
}

// match returns how an accepted row found its member. If this run added the external id to the member, the row matched
// by email.
func (t tracer) match(u roster.User, found evidence) *Match {
	if u.New {
		return &Match{By: byNone}
	}
	added := slices.ContainsFunc(found.changes, func(c plannedChange) bool {
		_, ok := c.Fields()[roster.ExternalID.String()]
		return ok && c.Member == u.Member
	})
	if u.ExternalID != "" && !added {
		return &Match{By: byExternalID, Key: nullable.Of(t.value(roster.ExternalID, u.ExternalID))}
	}
	return &Match{By: byEmail, Key: nullable.Of(t.value(roster.Email, u.Values[roster.Email]))}
}

// cells returns the cells of a row, as the directory sent them.
func (t tracer) cells(number int, found evidence) []Cell {
	cells := []Cell{}
	for _, source := range found.rows[number].Cells {
		if _, word := found.columns.Words[source.Column]; word {
			continue
		}
		if b := found.bindings; b.Fields.Has(roster.Custom) && b.By[roster.Custom].Column == source.Column {
			cells = append(cells, t.customCells(source, b)...)
			continue
		}
		cell := Cell{Column: found.columns.Names[source.Column], Fields: []string{}}
		first := roster.NoField
		for f := range roster.Field(roster.FieldCount) {
			if b := found.bindings; f != roster.Role && b.Fields.Has(f) && b.By[f].Column == source.Column {
				cell.Fields, first = append(cell.Fields, f.String()), min(first, f)
			}
		}
		for i, value := range source.Values {
			if i > 0 {
				cell.Value += "; "
			}
			cell.Value += t.value(first, roster.NormalText(value))
		}
		cells = append(cells, cell)
	}
	return cells
}

// customCells returns the cells of the columns that custom fields are read from.
func (t tracer) customCells(source roster.Cell, b roster.Bindings) (cells []Cell) {
	for _, custom := range b.Custom {
		var values []string
		for i, id := range source.IDs {
			if id == roster.CustomID(custom.Number) {
				values = append(values, t.value(roster.Custom, roster.NormalText(source.Values[i])))
			}
		}
		if len(values) > 0 {
			cells = append(cells, Cell{
				Column: custom.Column, Fields: []string{roster.CustomPrefix + custom.Name}, Value: strings.Join(values, "; "),
			})
		}
	}
	return cells
}

// issuesOf returns the issues of one row.
func issuesOf(number int, found evidence) []Issue {
	issues := []Issue{}
	for _, i := range found.issues {
		if i.Row == number {
			issues = append(issues, Issue{
				Severity: i.Severity, Code: i.Code, Field: nullable.Of(i.Field), Detail: i.Detail, Hint: i.Hint,
			})
		}
	}
	return issues
}
