// Package check tests a tenant's directory before the first sync. It signs in, reads the first rows of both reports,
// and says which column each field is read from, which fields are missing, and what follows. It writes nothing. It
// requests each report only once, since repeated failures can lock the account.
//
// A Result has personal values only as masked examples. Of unused columns it has names and counts only.
package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/nullable"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/read"
)

// Readiness is the overall result of a check.
type Readiness string

// Values of Readiness.
const (
	Ready             Readiness = "ready"
	ReadyWithWarnings Readiness = "ready_with_warnings"
	NotReady          Readiness = "not_ready"
)

// Options are the tenant's settings for reading, and the limit of the check.
type Options struct {
	Mappings roster.Mappings
	Rows     int // how many rows of each report to read; 0: DefaultRows
}

// DefaultRows is the default of Options.Rows.
const DefaultRows = 1000

// Result is the result of a check.
type Result struct {
	Verdict   Readiness          `json:"verdict"`
	Directory *Directory         `json:"directory"` // null if the source has no state of it
	Users     *Users             `json:"users"`     // null if no row could be read
	Groups    *Groups            `json:"groups"`    // null if they could not be read
	Columns   []Column           `json:"columns"`   // of the user report: used ones by field, then unused ones by name
	Missing   []Missing          `json:"missing"`   // fields without a column, required ones first
	Words     []roster.WordCount `json:"words"`     // in the status and locale columns; unknown ones first
	Findings  []Finding          `json:"findings"`  // worst first
}

// Directory is the state of a directory at the source.
type Directory struct {
	Type  string `json:"type"`
	State string `json:"state"`
}

// Users counts the rows of the user report.
type Users struct {
	Rows     int  `json:"rows"`
	Complete bool `json:"complete"` // all rows were read
	Rejected int  `json:"rejected"` // rows that a sync would reject
	Warnings int  `json:"warnings"` // rows that a sync would accept with a warning
	Departed int  `json:"departed"` // rows that say that the person has left
	// NotStarted are the rows with a start date that has not come.
	NotStarted int `json:"not_started"`
	OutOfScope int `json:"out_of_scope"` // rows that the tenant's scope leaves out
}

// Groups counts the groups and memberships.
type Groups struct {
	Groups      int  `json:"groups"`
	Memberships int  `json:"memberships"` // 0 if rows name their groups
	Complete    bool `json:"complete"`
}

// Severity is the effect of a finding on the verdict.
type Severity string

// Values of Severity. A note does not affect the verdict.
const (
	Problem Severity = "problem"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Finding is one thing to know or to correct.
type Finding struct {
	Severity Severity `json:"severity"`
	Code     string   `json:"code"` // the code of an issue or a fault, or one defined here
	Field    *string  `json:"field"`
	Rows     int      `json:"rows"` // how many rows have it; 0: it concerns the whole directory
	Detail   string   `json:"detail"`
	Hint     string   `json:"hint"`

	// Values are the values of these rows that can't be used, worst first and masked as examples are; OtherRows have others.
	Values    []roster.OffendingCount `json:"values"`
	OtherRows int                     `json:"other_rows"`
}

// maxValues is the number of values of a finding.
const maxValues = 20

// Run checks a directory. Problems of the directory are findings in the result. An error means that ctx ended or that
// the check itself failed.
func Run(ctx context.Context, d directory.Directory, s Options) (Result, error) {
	if s.Rows == 0 {
		s.Rows = DefaultRows
	}
	c := &check{settings: s, directory: d}
	for _, step := range []func(context.Context) error{c.describe, c.readGroups, c.readUsers} {
		if err := c.addFault(step(ctx)); err != nil {
			return Result{}, err
		}
		if c.final {
			break
		}
	}
	c.judge()
	return c.conclude(), nil
}

// FromFault returns the result of a check that a fault prevented. It returns false if err is not a fault.
func FromFault(err error) (Result, bool) {
	c := &check{}
	if c.addFault(err) != nil {
		return Result{}, false
	}
	c.judge()
	return c.conclude(), true
}

// check is the state of one check.
type check struct {
	settings  Options
	directory directory.Directory
	result    Result
	final     bool // another request would also fail, or could lock the account

	reader   *read.Reader
	columns  read.Columns
	rows     []roster.Row
	units    []roster.SourceGroup
	inactive bool // some row has the status inactive
}

// finalFaults are the faults after which the check sends no more requests.
var finalFaults = map[fault.Kind]bool{
	fault.KindAddressRefused: true, fault.KindCredentialsRefused: true, fault.KindHostUnresolved: true,
	fault.KindUnreachable: true, fault.KindTLSFailed: true, fault.KindDirectoryNotLinked: true,
	fault.KindRateLimited: true,
}

// addFault adds a finding if err is a fault. It returns any other error.
func (c *check) addFault(err error) error {
	known, ok := fault.Of(err)
	if !ok {
		return err
	}
	c.addFinding(Finding{Severity: Problem, Code: string(known.Kind), Detail: known.Detail, Hint: known.Hint})
	c.final = finalFaults[known.Kind]
	return nil
}

func (c *check) addFinding(f Finding) {
	if f.Values == nil {
		f.Values = []roster.OffendingCount{}
	}
	c.result.Findings = append(c.result.Findings, f)
}

// describe reads the directory's state, if the source has one.
func (c *check) describe(ctx context.Context) error {
	describer, ok := c.directory.(directory.Describer)
	if !ok {
		return nil
	}
	about, err := describer.Describe(ctx)
	if about.State != "" {
		c.result.Directory = &Directory{Type: about.Type, State: about.State}
	}
	if err != nil {
		return fmt.Errorf("describe the directory: %w", err)
	}
	return nil
}

// errLimitReached ends a read at its limit.
var errLimitReached = errors.New("limit reached")

// readUsers reads the first rows of the user report.
func (c *check) readUsers(ctx context.Context) error {
	c.reader = read.NewReader(c.settings.Mappings, &c.columns)
	_, err := c.directory.Users(ctx, "", 1, func(page directory.Page) error {
		for i, raw := range page.Rows {
			if len(c.rows) == c.settings.Rows {
				return errLimitReached
			}
			row, err := c.reader.Read(page.First+i, raw)
			if known, ok := fault.Of(err); ok && known.Kind == fault.KindMalformedRow {
				row, err = roster.UnreadableRow(page.First+i), nil
			}
			if err != nil {
				return err
			}
			c.rows = append(c.rows, row)
		}
		return nil
	})
	if len(c.rows) > 0 {
		c.result.Users = &Users{Rows: len(c.rows), Complete: err == nil}
	}
	if err != nil && !errors.Is(err, errLimitReached) {
		return fmt.Errorf("read users: %w", err)
	}
	return nil
}

// maxListedGroups limits the groups that are read if each needs a request of its own.
const maxListedGroups = 20

// readGroups reads the first groups, and the memberships if groups list them.
func (c *check) readGroups(ctx context.Context) error {
	rules, read, unnamed := roster.NewGroupRules(), Groups{}, 0
	limit := c.settings.Rows
	if c.directory.Source().ListsMembers() {
		limit = min(limit, maxListedGroups)
	}
	_, err := c.directory.Groups(ctx, "", 1, func(page directory.Page) error {
		for _, group := range page.Groups {
			if read.Groups == limit {
				return errLimitReached
			}
			read.Groups++
			_, issues, _ := rules.Judge(group.Row, group.Key, group.Name)
			if slices.ContainsFunc(issues, func(i roster.Issue) bool { return i.Code == roster.CodeGroupNameEmpty }) {
				unnamed++
			}
		}
		if read.Memberships += len(page.Memberships); read.Memberships >= c.settings.Rows {
			return errLimitReached
		}
		return nil
	})
	if err != nil && !errors.Is(err, errLimitReached) {
		return fmt.Errorf("read groups: %w", err)
	}
	read.Complete = err == nil
	c.units, c.result.Groups = rules.Groups(), &read
	switch f := rules.Fault(); {
	case f != nil:
		return f
	case unnamed > 0:
		issue := c.directory.Source().Advise(roster.CodeGroupNameEmpty.Issue(roster.Identity{}, roster.NoField))
		c.addFinding(Finding{
			Severity: Warning, Code: string(issue.Code), Field: nullable.Of("group_name"), Rows: unnamed,
			Detail: issue.Detail, Hint: issue.Hint,
		})
	case read.Groups == 0:
		c.addFinding(Finding{
			Severity: Note, Code: "no_groups", Detail: "the directory lists no groups",
			Hint: "If there should be groups, check permissions and filters. Otherwise there is nothing to do.",
		})
	}
	return nil
}

// conclude sorts the findings and determines the verdict.
func (c *check) conclude() Result {
	r := c.result
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
	rank := map[Severity]int{Problem: 0, Warning: 1, Note: 2}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int { return cmp.Compare(rank[a.Severity], rank[b.Severity]) })
	switch {
	case len(r.Findings) == 0 || r.Findings[0].Severity == Note:
		r.Verdict = Ready
	case r.Findings[0].Severity == Warning:
		r.Verdict = ReadyWithWarnings
	default:
		r.Verdict = NotReady
	}
	return r
}
