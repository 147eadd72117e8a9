package validation

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/check"
)

// checkRows adds every row to the check: known rows by their positions, and staged rows by their verdicts. Meanwhile it
// writes the tentative roster.
func (v *validation) checkRows(ctx context.Context) error {
	if !v.snapshot.Users.Full && v.snapshot.Users.Index != v.index.Fingerprint() {
		return fault.Superseded("the member table has changed since the directory was read")
	}
	var positions []uint32 // by rank
	v.check = check.New(v.index, v.Round.Run, check.Report{
		Kind: v.snapshot.Bindings.Kind(v.snapshot.Users.Source), Primary: v.snapshot.Bindings.PrimaryMask(),
	}, v.Links)
	v.rules = roster.NewRules(roster.RulesSettings{
		Mappings: v.Settings.Mappings, Bindings: v.snapshot.Bindings, Source: v.snapshot.Users.Source, Groups: v.named,
	})
	v.report = v.rules.Fork(new(roster.TextBuffer))
	for piece, err := range v.judge(ctx) {
		if err != nil {
			return err
		}
		v.report.Join(piece.rules)
		v.check.AddBatch(&piece.batch)
		if piece.seen != nil {
			for rank, row := range piece.seen.All() {
				if positions == nil {
					positions = v.index.Known()
				}
				position := int(positions[rank])
				if v.check.See(position, row) && v.index.HasWarnings(position) {
					v.warned = append(v.warned, check.RowIssues{Member: v.index.Member(position), Row: row})
				}
			}
		}
		v.Progress.Add(piece.rows)
		if err := v.addTentatively(ctx, piece); err != nil {
			return err
		}
	}
	var err error
	v.findings, err = v.check.Close(func(ids []uuid.UUID) ([]roster.Member, error) {
		return v.Members.MembersByID(ctx, v.Round.Tenant, ids)
	})
	if err != nil {
		return err
	}
	return v.roster.nextChunk(ctx)
}

// keepNamed marks an absent member as present if a row that identifies nobody has the member's name.
func (v *validation) keepNamed(ctx context.Context) error {
	if v.findings.Unidentified() == 0 {
		return nil
	}
	for ids := range slices.Chunk(slices.Collect(v.findings.Absent()), v.BatchRows) {
		members, err := v.Members.MembersByID(ctx, v.Round.Tenant, ids)
		if err != nil {
			return fmt.Errorf("read members: %w", err)
		}
		for _, member := range members {
			v.findings.KeepNamed(member)
		}
	}
	return nil
}

// keepAbsent keeps the members without a row if a row can't be read, because it may be that of any of them.
func (v *validation) keepAbsent(ctx context.Context) error {
	if !v.unreadable {
		return nil
	}
	members := v.findings.KeepAbsent()
	if members == 0 {
		return nil
	}
	issue := roster.CodeAbsenceUnclear.Issue(roster.Identity{}, roster.NoField)
	return v.issues.add(ctx, issue.WithDetail(fmt.Sprintf("%s: %d", issue.Detail, members)))
}

// count counts a row by its most severe issue.
func (v *validation) count(issues []roster.Issue) {
	switch {
	case rejects(issues):
		v.verdict.Rows.Rejected++
	case warns(issues):
		v.verdict.Rows.Warnings++
	}
}

func warns(issues []roster.Issue) bool {
	return slices.ContainsFunc(issues, func(i roster.Issue) bool { return i.Severity == roster.Warning })
}

func rejects(issues []roster.Issue) bool {
	return slices.ContainsFunc(issues, func(i roster.Issue) bool { return i.Severity == roster.Rejected })
}

// resolveKnown lists the issues of known rows: the warnings that they had, and what follows from other rows of this
// report.
func (v *validation) resolveKnown(ctx context.Context) error {
	warned := map[uuid.UUID]bool{}
	for rows := range slices.Chunk(v.warned, v.BatchRows) {
		members, err := v.membersOf(ctx, rows)
		if err != nil {
			return err
		}
		for i, row := range rows {
			member := members[row.Member]
			if member.Known.Issues.Has(roster.CodeLevelUnmapped, roster.ManagementLevel) {
				v.report.NoteLevel(member.Values[roster.ManagementLevel])
			}
			rows[i].Issues = roster.IssuesOf(member.Known.Issues, roster.Identity{Row: row.Row})
			if v.count(rows[i].Issues); warns(rows[i].Issues) {
				warned[row.Member] = true
			}
		}
		if err := v.listKnown(ctx, members, rows); err != nil {
			return err
		}
	}
	var rows []check.RowIssues
	for row := range v.findings.Known() {
		switch {
		case !warned[row.Member]:
			v.count(row.Issues)
		case rejects(row.Issues):
			v.verdict.Rows.Rejected++
			v.verdict.Rows.Warnings--
			delete(warned, row.Member)
		}
		if rows = append(rows, row); len(rows) < v.BatchRows {
			continue
		}
		if err := v.listRowIssues(ctx, rows); err != nil {
			return err
		}
		rows = rows[:0]
	}
	return v.listRowIssues(ctx, rows)
}

func (v *validation) listRowIssues(ctx context.Context, rows []check.RowIssues) error {
	members, err := v.membersOf(ctx, rows)
	if err != nil {
		return err
	}
	return v.listKnown(ctx, members, rows)
}

// membersOf returns the members of known rows, by id.
func (v *validation) membersOf(ctx context.Context, rows []check.RowIssues) (map[uuid.UUID]roster.Member, error) {
	if len(rows) == 0 {
		return nil, nil //nolint:nilnil // no rows have no members
	}
	ids := make([]uuid.UUID, len(rows))
	for i, row := range rows {
		ids[i] = row.Member
	}
	members, err := v.Members.MembersByID(ctx, v.Round.Tenant, ids)
	if err != nil {
		return nil, fmt.Errorf("read members: %w", err)
	}
	known := make(map[uuid.UUID]roster.Member, len(members))
	for _, member := range members {
		known[member.ID] = member
	}
	return known, nil
}

// listKnown lists issues of known rows, with the identities of their members.
func (v *validation) listKnown(ctx context.Context, members map[uuid.UUID]roster.Member, rows []check.RowIssues) error {
	for _, row := range rows {
		member := members[row.Member]
		for _, issue := range row.Issues {
			issue.ExternalID, issue.Email = member.ExternalID, member.Values[roster.Email]
			if err := v.issues.add(ctx, issue); err != nil {
				return err
			}
		}
	}
	return nil
}

// listReport lists the issues of the report as a whole.
func (v *validation) listReport(ctx context.Context) error {
	report := v.report.Report()
	for _, issue := range report {
		if issue.Code == roster.CodeColumnAbsent {
			v.columns = append(v.columns, issue)
		}
	}
	return v.issues.add(ctx, report...)
}

// writeMissing writes the absent members, and the members who are present though none of their rows is used.
func (v *validation) writeMissing(ctx context.Context) error {
	v.released = map[uuid.UUID]bool{}
	for id, identified := range v.findings.Released() {
		if !identified { // else the member's own row says so
			v.released[id] = true
		}
	}
	for id := range v.findings.Absent() {
		v.verdict.Absent++
		if err := v.roster.absent(ctx, id, v.findings.RowDeparted, v.released[id]); err != nil {
			return err
		}
		delete(v.released, id)
	}
	for id := range v.findings.Kept() {
		if err := v.roster.kept(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// addRefused lists a row as rejected of which only the number is left.
func (v *validation) addRefused(ctx context.Context, row int, why roster.Code) error {
	v.verdict.Rows.Rejected++
	return v.issues.add(ctx, why.Issue(roster.Identity{Row: row}, roster.NoField))
}
