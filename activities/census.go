package activities

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
)

// takeCensus takes in every row: the known ones by where they were, the staged ones as judged. Meanwhile the roster is
// written as it will be unless rows get in each other's way.
func (v *validation) takeCensus(ctx context.Context) error {
	var positions []uint32 // by rank
	if !v.snapshot.users.Full {
		recalled, fingerprint := v.index.Recalled()
		if v.snapshot.users.Index != fingerprint {
			return fault.Superseded("the member table has changed since the directory was read")
		}
		positions = recalled
	}
	v.census = roster.NewCensus(v.index, v.round.Run, v.snapshot.bindings.Kind(v.snapshot.users.Kind))
	v.rules = roster.NewRules(roster.RulesSettings{
		Levels: v.snapshot.settings.Levels, Bindings: v.snapshot.bindings, Kind: v.snapshot.users.Kind, Groups: v.units,
	})
	v.report = v.rules.Fork()
	for piece, err := range inOrder(ctx, v.staged, v.judge) {
		if err != nil {
			return err
		}
		v.report.Join(piece.rules)
		v.census.Add(piece.intake)
		if piece.tail != nil {
			piece.tail.sightings(func(rank, row int) bool {
				position := int(positions[rank])
				v.census.Sight(position, row)
				v.sight(position, row)
				return true
			})
		}
		if err := v.presume(ctx, piece); err != nil {
			return err
		}
		v.progress.add(piece.rows)
	}
	v.findings = v.census.Close()
	return v.roster.turn(ctx)
}

func (v *validation) sight(position, row int) {
	if !v.sighted[position] && v.index.At(position).Known.Issues != 0 {
		v.coded = append(v.coded, coded{position: position, row: row})
	}
	v.sighted[position] = true
}

// keepNamed counts as present who would be absent but has the name on a row that nobody can be tied to.
func (v *validation) keepNamed(ctx context.Context) error {
	if v.findings.Unidentified() == 0 {
		return nil
	}
	for ids := range slices.Chunk(slices.Collect(v.findings.Absent()), v.a.rows()) {
		members, err := v.a.Members.MembersByID(ctx, v.round.Tenant, ids)
		if err != nil {
			return fmt.Errorf("read members: %w", err)
		}
		for _, member := range members {
			v.findings.KeepNamed(member)
		}
	}
	return nil
}

// count counts a row by the worst of its issues.
func (v *validation) count(issues []roster.Issue) {
	switch {
	case rejects(issues):
		v.result.Rows.Rejected++
	case len(issues) > 0:
		v.result.Rows.Warnings++
	}
}

func rejects(issues []roster.Issue) bool {
	return slices.ContainsFunc(issues, func(i roster.Issue) bool { return i.Severity == roster.Rejected })
}

// settleKnown lists what there is to say about known rows: the warnings that they had, and what follows from the other
// rows of this report.
func (v *validation) settleKnown(ctx context.Context) error {
	var batch []roster.Doubt
	add := func(doubt roster.Doubt) error {
		if batch = append(batch, doubt); len(batch) < v.a.rows() {
			return nil
		}
		err := v.tellKnown(ctx, batch)
		batch = batch[:0]
		return err
	}
	warned := map[uuid.UUID]bool{}
	for _, c := range v.coded {
		entry := v.index.At(c.position)
		issues := roster.IssuesOf(entry.Known.Issues, roster.Identity{Row: c.row})
		if v.count(issues); len(issues) > 0 {
			warned[entry.Member] = true
		}
		if err := add(roster.Doubt{Member: entry.Member, Row: c.row, Issues: issues}); err != nil {
			return err
		}
	}
	for doubt := range v.findings.Known() {
		switch {
		case !warned[doubt.Member]:
			v.count(doubt.Issues)
		case rejects(doubt.Issues):
			v.result.Rows.Rejected++
			v.result.Rows.Warnings--
			delete(warned, doubt.Member)
		}
		if err := add(doubt); err != nil {
			return err
		}
	}
	return v.tellKnown(ctx, batch)
}

// tellKnown lists issues of known rows under the identity of their members.
func (v *validation) tellKnown(ctx context.Context, doubts []roster.Doubt) error {
	if len(doubts) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, len(doubts))
	for i, doubt := range doubts {
		ids[i] = doubt.Member
	}
	members, err := v.a.Members.MembersByID(ctx, v.round.Tenant, ids)
	if err != nil {
		return fmt.Errorf("read members: %w", err)
	}
	known := make(map[uuid.UUID]roster.Member, len(members))
	for _, member := range members {
		known[member.ID] = member
	}
	for _, doubt := range doubts {
		member := known[doubt.Member]
		if member.Known.Issues.Has(roster.CodeLevelUnmapped, roster.ManagementLevel) {
			v.report.Meet(member.Values[roster.ManagementLevel])
		}
		for _, issue := range doubt.Issues {
			issue.ExternalID, issue.Email = member.ExternalID, member.Values[roster.Email]
			if err := v.issues.add(ctx, issue); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellReport lists what concerns the report as a whole.
func (v *validation) tellReport(ctx context.Context) error {
	report := v.report.Report()
	for _, issue := range report {
		if issue.Code == roster.CodeColumnAbsent {
			v.columns = append(v.columns, issue)
		}
	}
	return v.issues.add(ctx, report...)
}

// writeMissing writes who is absent, and who is there though no row of theirs is used.
func (v *validation) writeMissing(ctx context.Context) error {
	for id := range v.findings.Absent() {
		v.result.Absent++
		if err := v.roster.absent(ctx, id); err != nil {
			return err
		}
	}
	for id := range v.findings.Kept() {
		if err := v.roster.kept(ctx, id); err != nil {
			return err
		}
	}
	return nil
}
