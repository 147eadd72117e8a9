package validation

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/check"
	"github.com/rollcall/rollcall/internal/roster/read"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/stage"
)

// Members reads the tenant's members.
type Members interface {
	// Index iterates over an entry for each member, in the order of member ids. A member who departed before the time
	// gone is roster.StateGone. With fromMembers it shows edits by hand too.
	Index(ctx context.Context, tenant string, gone time.Time, fromMembers bool) iter.Seq2[roster.Entry, error]
	// KnownRows iterates over the known rows of present members, in the order of member ids.
	KnownRows(ctx context.Context, tenant string, fromMembers bool) iter.Seq2[roster.KnownRow, error]
	// MembersByID returns members in the order of ids. It leaves out ids that no member has.
	MembersByID(ctx context.Context, tenant string, ids []uuid.UUID) ([]roster.Member, error)
	// Departed iterates over the members who departed before a time.
	Departed(ctx context.Context, tenant string, before time.Time) iter.Seq2[uuid.UUID, error]
	// Groups returns the tenant's groups, by key.
	Groups(ctx context.Context, tenant string) ([]roster.Group, error)
	// Memberships iterates in the order of group, then member. It covers all groups if none is given.
	Memberships(ctx context.Context, tenant string, groups ...uuid.UUID) iter.Seq2[roster.Membership, error]
}

// Progress counts what a step has done.
type Progress interface {
	// Add adds to the number of rows that are done.
	Add(n int)
	// Of sets the total number of rows.
	Of(total int)
}

// Validation judges the snapshot of one run.
type Validation struct {
	Attempt   stage.Attempt
	Members   Members
	Round     run.Round
	Settings  run.Settings
	State     ledger.State  // of the tenant
	Erased    *erasure.List // people whose rows are redacted; nil: nobody
	Links     []roster.Link // what people decided about members and external ids
	ChunkRows int           // rows in a chunk of the roster or of issues
	BatchRows int           // members read by one query
	Progress  Progress
}

// Run judges what was read, and seals ledger.StageRoster. If the snapshot equals the one that was applied last, it
// stages nothing. Then its verdict names the run that judged that snapshot first.
//
// A *fault.Fault says why the snapshot can't be judged: columns are missing, a sentinel is missing, or the tenant's
// members have changed since the read.
func (v Validation) Run(ctx context.Context, read stage.Read) (stage.Validated, error) {
	w, sealed, err := v.Attempt.Open(ctx, ledger.StageRoster, false)
	if err != nil {
		return stage.Validated{}, err
	}
	if w == nil {
		summary, err := stage.Summary[stage.RosterSummary](sealed)
		return summary.Validated, err
	}
	opening := run.Opening{Round: v.Round, Settings: v.Settings}
	s, err := ReadSnapshot(ctx, v.Attempt.Store, opening, read, v.State)
	if err != nil {
		return stage.Validated{}, err
	}
	if verdict, err := v.repeated(ctx, s); err != nil || verdict.Unchanged {
		return verdict, err
	}
	attempt := &validation{Validation: v, snapshot: s}
	verdict, err := attempt.run(ctx, w)
	if err != nil {
		w.Abandon(ctx, ledger.Progress{})
		return stage.Validated{}, err
	}
	return verdict, w.Seal(ctx, stage.RosterSummary{
		Validated: verdict, Renamed: attempt.renamed, Plain: verdict.Issues == len(attempt.columns),
		Columns: attempt.columns,
		Active:  attempt.index.Active(),
	})
}

// repeated returns the verdict of the last run if the snapshot is the same and no deletion is due. Otherwise the
// verdict isn't Unchanged.
func (v Validation) repeated(ctx context.Context, s Snapshot) (stage.Validated, error) {
	if v.Round.Full || s.known == nil || s.ownGroups == "" || !s.matches(v.State) {
		return stage.Validated{}, nil
	}
	for _, err := range v.Members.Departed(ctx, v.Round.Tenant, plan.GraceCutoff(v.Round.Started, v.Settings.Grace)) {
		if err != nil {
			return stage.Validated{}, fmt.Errorf("read departed members: %w", err)
		}
		return stage.Validated{}, nil // a member's grace time has ended
	}
	last, err := stage.LastVerdict(ctx, v.Attempt.Store, v.State)
	if err != nil || last == nil || !last.Plain {
		return stage.Validated{}, err
	}
	return stage.Validated{
		Snapshot: last.Snapshot, Rows: last.Rows, Issues: len(last.Columns), Unchanged: true, Same: v.State.LastRun,
	}, nil
}

// validation is one attempt to judge a snapshot.
type validation struct {
	Validation
	snapshot  Snapshot
	index     *check.Index
	redact    *erasure.Redactor
	sameRules bool // a known row says what its member is

	roster *rosterWriter
	issues *issueWriter

	units           []roster.SourceGroup
	named           []roster.SourceGroup   // that rows may name: units, and the tenant's groups that count as present
	accepted        *stage.RosterGroups    // with units
	removedGroups   []roster.Group         // the tenant's groups that aren't in the directory
	newGroupMembers map[string][]uuid.UUID // members of new groups, by key; nil if no group was removed
	renamed         map[string]uuid.UUID   // renamed groups, which only their members identify, by new key
	rules           *roster.Rules          // each chunk is judged by a fork of them
	report          *roster.Rules          // the joined rules of all chunks
	check           *check.Check
	findings        *check.Findings
	warned          []check.RowIssues // known rows that had warnings when they were judged
	columns         []roster.Issue    // absent columns
	unreadable      bool              // a row can't be read

	released  map[uuid.UUID]bool // members who stay and lose their email though no row of theirs says so
	protected []uuid.UUID        // members who are present only because they are protected, by id
	verdict   stage.Validated
}

func (v *validation) run(ctx context.Context, w *stage.Writer) (stage.Validated, error) {
	if v.snapshot.Bindings.Incomplete() {
		return stage.Validated{}, read.MissingColumns(v.snapshot.Bindings, v.Settings.Fields, v.snapshot.Users.Unused,
			v.snapshot.Users.Source)
	}
	if err := v.prepare(ctx, w); err != nil {
		return stage.Validated{}, err
	}
	for _, pass := range []func(context.Context) error{
		v.judgeGroups, v.checkRows, v.keepNamed, v.requireSentinels, v.keepAbsent, v.protect, v.resolve,
		v.resolveKnown, v.listReport, v.requireAccepted, v.writeMissing, v.writeListings, v.countMemberships,
		v.limitMemberships, v.findRenames, v.completeFirst,
	} {
		if err := pass(ctx); err != nil {
			return stage.Validated{}, err
		}
	}
	if err := v.roster.flush(ctx); err != nil {
		return stage.Validated{}, err
	}
	if err := v.issues.close(ctx); err != nil {
		return stage.Validated{}, err
	}
	unchanged, err := v.unchanged(ctx)
	if err != nil {
		return stage.Validated{}, err
	}
	v.verdict.Unchanged = unchanged
	v.verdict.Issues = v.issues.count
	v.verdict.Snapshot.Users, v.verdict.Snapshot.Groups = v.snapshot.Users.Rows, len(v.units)
	return v.verdict, nil
}

// limitMemberships refuses a snapshot with more memberships than a tenant may have.
func (v *validation) limitMemberships(context.Context) error {
	if v.verdict.Snapshot.Memberships > roster.MaxMemberships {
		return fault.TooLarge("memberships", roster.MaxMemberships)
	}
	return nil
}

// requireAccepted counts the accepted rows, and refuses a snapshot without any: nobody could be a member by it.
func (v *validation) requireAccepted(ctx context.Context) error {
	rows, read := &v.verdict.Rows, v.snapshot.Users.Rows
	rows.Departed, rows.Merged, rows.OutOfScope = v.findings.Departed(), v.findings.Merged(), v.findings.OutOfScope()
	rows.Accepted = read - rows.Rejected - rows.Departed - rows.Merged - rows.NotStarted - rows.OutOfScope
	if read == 0 || rows.Accepted > 0 {
		return nil
	}
	if err := v.issues.close(ctx); err != nil { // the report lists them
		return err
	}
	switch read {
	case rows.Departed:
		return fault.AllDeparted(read)
	case rows.OutOfScope:
		return fault.AllOutOfScope(read)
	case rows.NotStarted:
		return fault.NoneStarted(read)
	}
	return fault.AllRejected(read)
}

// prepare reads the index, and opens the stages of the roster and the issues.
func (v *validation) prepare(ctx context.Context, w *stage.Writer) (err error) {
	departedBefore := plan.GraceCutoff(v.Round.Started, v.Settings.Grace)
	entries := v.Members.Index(ctx, v.Round.Tenant, departedBefore, v.Round.Full)
	if v.index, err = check.NewIndex(v.snapshot.protection.Revive(entries)); err != nil {
		return fmt.Errorf("build index: %w", err)
	}
	if v.snapshot.known != nil {
		if err := v.checkKnown(ctx); err != nil {
			return err
		}
	}
	users := &v.snapshot.Users
	v.redact = v.Erased.Redact(v.Settings.Fields, &users.Columns, users.Source)
	if v.sameRules = v.snapshot.SameRules(v.State); !v.sameRules && users.Staged < users.Rows {
		return fault.Superseded("the rules of the tenant's known rows have changed since the directory was read")
	}
	issues, _, err := v.Attempt.Open(ctx, ledger.StageIssues, false)
	v.roster = &rosterWriter{w: w, size: v.ChunkRows}
	v.issues = &issueWriter{w: issues, source: users.Source, size: v.ChunkRows}
	v.Progress.Of(2*v.snapshot.Users.Staged + v.snapshot.groups.Memberships)
	return err
}

// judgeGroups judges the groups, and begins the roster with the accepted ones.
func (v *validation) judgeGroups(ctx context.Context) error {
	existing, err := v.Members.Groups(ctx, v.Round.Tenant)
	if err != nil {
		return fmt.Errorf("read groups: %w", err)
	}
	rules := roster.NewGroupRules()
	for chunk, err := range v.groups(ctx, existing) {
		if err != nil {
			return err
		}
		for _, group := range chunk.Groups {
			_, issues, _ := rules.Judge(group.Row, group.Key, group.Name)
			if err := v.issues.add(ctx, issues...); err != nil {
				return err
			}
		}
	}
	if f := rules.Fault(); f != nil {
		return f
	}
	v.units = rules.Groups()
	groups := &stage.RosterGroups{Units: v.units, ByRow: v.snapshot.byRow(), OtherRules: !v.sameRules}
	there := slices.Clone(v.units)
	for _, group := range existing {
		if rules.Present(group.Key) {
			groups.Present = append(groups.Present, group.Key)
			there = append(there, roster.SourceGroup{Key: group.Key, Name: group.Name})
		}
	}
	v.named = there
	v.noteNewGroups(existing, there)
	v.accepted = groups
	return v.roster.put(ctx, stage.RosterChunk{Groups: groups}, nil)
}

// completeFirst adds to the first chunk what is known only now: the words of the status and locale columns, and the
// members who stay without their email.
func (v *validation) completeFirst(ctx context.Context) error {
	users := &v.snapshot.Users
	first := &stage.RosterChunk{Groups: v.accepted}
	first.Words = users.Columns.CountWords(v.snapshot.Bindings, users.Filled, v.report.UnknownWords())
	first.Released = slices.SortedFunc(maps.Keys(v.released), roster.CompareIDs)
	if len(first.Words)+len(first.Released) == 0 {
		return nil
	}
	return v.roster.w.PutAt(ctx, 0, first, ledger.Progress{Rows: v.roster.rows}, nil)
}

// unchanged reports whether there is nothing to plan.
func (v *validation) unchanged(ctx context.Context) (bool, error) {
	if v.Round.Full || !v.snapshot.matches(v.State) {
		return false, nil
	}
	departedBefore := plan.GraceCutoff(v.Round.Started, v.Settings.Grace)
	for id, err := range v.Members.Departed(ctx, v.Round.Tenant, departedBefore) {
		if err != nil {
			return false, fmt.Errorf("read departed members: %w", err)
		}
		if _, protected := slices.BinarySearchFunc(v.protected, id, roster.CompareIDs); !protected {
			return false, nil
		}
	}
	return true, nil
}
