// Package check tries a tenant's directory before anything depends on it: it signs in, reads the beginning of both
// reports, and says which column serves which field, what is missing and what that would mean. It changes nothing, keeps
// nothing, and asks for each report once, since an account can be locked by repeated failures.
//
// A Result holds no value of a person but masked examples; of columns that no field uses it holds names and numbers only.
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

// Verdict is what comes out of a check.
type Verdict string

// The verdicts.
const (
	Ready             Verdict = "ready"
	ReadyWithWarnings Verdict = "ready_with_warnings"
	NotReady          Verdict = "not_ready"
)

// Settings are the tenant's, as far as reading goes.
type Settings struct {
	Fields roster.FieldMap
	Levels roster.Levels
	Rows   int // how many rows of each report are read at most; 0: DefaultRows
}

// DefaultRows is how many rows are read of each report at most.
const DefaultRows = 1000

// Result is what was found.
type Result struct {
	Verdict   Verdict   `json:"verdict"`
	Directory *State    `json:"directory"` // what the source says of it; null where it says nothing
	Users     *Users    `json:"users"`     // null when not a row could be read
	Groups    *Groups   `json:"groups"`    // null when they could not be read
	Columns   []Column  `json:"columns"`   // of the user report, by field; then those that aren't used, by name
	Missing   []Missing `json:"missing"`   // fields without a column, required ones first
	Findings  []Finding `json:"findings"`  // worst first
}

// State is what the source says of a directory.
type State struct {
	Type  string `json:"type"`
	State string `json:"state"`
}

// Users says how much was read of the people.
type Users struct {
	Rows     int  `json:"rows"`
	Complete bool `json:"complete"` // there are no more
	Rejected int  `json:"rejected"` // rows of these that a sync would reject for faults of their own
	Warnings int  `json:"warnings"` // rows that it would use with a warning
}

// Groups says how much was read of the groups.
type Groups struct {
	Groups      int  `json:"groups"`
	Memberships int  `json:"memberships"` // as groups list them; 0 where rows name their groups
	Complete    bool `json:"complete"`
}

// Severity is what a finding does to the verdict.
type Severity string

// The severities. A note does nothing to the verdict.
const (
	Problem Severity = "problem"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Finding is one thing to know or to put right.
type Finding struct {
	Severity Severity `json:"severity"`
	Code     string   `json:"code"` // of an issue or a fault, or one of this package's own
	Field    *string  `json:"field"`
	Rows     int      `json:"rows"` // that have it; 0: it concerns the directory as a whole
	Detail   string   `json:"detail"`
	Hint     string   `json:"hint"`
}

// Run checks a directory. What is wrong with the directory is in the result; an error is the context's, or our own.
func Run(ctx context.Context, d directory.Directory, s Settings) (Result, error) {
	if s.Rows == 0 {
		s.Rows = DefaultRows
	}
	c := &check{settings: s, directory: d}
	for _, step := range []func(context.Context) error{c.describe, c.readGroups, c.readUsers} {
		if err := c.note(step(ctx)); err != nil {
			return Result{}, err
		}
		if c.hopeless {
			break
		}
	}
	c.judge()
	return c.conclude(), nil
}

// Refused is the result where a fault came before anything could be asked for.
func Refused(err error) (Result, bool) {
	c := &check{}
	if c.note(err) != nil {
		return Result{}, false
	}
	c.judge()
	return c.conclude(), true
}

// check is one check under way.
type check struct {
	settings  Settings
	directory directory.Directory
	result    Result
	hopeless  bool // another request could only fail likewise, or lock the account

	reader   *read.Reader
	columns  read.Columns
	rows     []roster.Row
	units    []roster.SourceGroup
	inactive bool // somebody read is
}

// hopeless are the faults after which nothing else is asked for.
var hopeless = map[fault.Kind]bool{
	fault.KindAddressRefused: true, fault.KindCredentialsRefused: true, fault.KindHostUnresolved: true,
	fault.KindUnreachable: true, fault.KindTLSFailed: true, fault.KindDirectoryNotLinked: true, fault.KindRateLimited: true,
}

// note makes a finding of a fault, and gives back any other error.
func (c *check) note(err error) error {
	known, ok := fault.Of(err)
	if !ok {
		return err
	}
	c.find(Finding{Severity: Problem, Code: string(known.Kind), Detail: known.Detail, Hint: known.Hint})
	c.hopeless = hopeless[known.Kind]
	return nil
}

func (c *check) find(f Finding) { c.result.Findings = append(c.result.Findings, f) }

// describe asks the source for the directory's state, where it has one.
func (c *check) describe(ctx context.Context) error {
	describer, ok := c.directory.(directory.Describer)
	if !ok {
		return nil
	}
	about, err := describer.Describe(ctx)
	if about.State != "" {
		c.result.Directory = &State{Type: about.Type, State: about.State}
	}
	if err != nil {
		return fmt.Errorf("describe the directory: %w", err)
	}
	return nil
}

// errEnough ends a read when its bound is reached.
var errEnough = errors.New("enough has been read")

// readUsers reads the first rows of the people.
func (c *check) readUsers(ctx context.Context) error {
	c.reader = read.NewReader(c.settings.Fields, &c.columns)
	_, err := c.directory.Users(ctx, "", 1, func(page directory.Page) error {
		for i, raw := range page.Rows {
			if len(c.rows) == c.settings.Rows {
				return errEnough
			}
			row, err := c.reader.Read(page.First+i, raw)
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
	if err != nil && !errors.Is(err, errEnough) {
		return fmt.Errorf("read users: %w", err)
	}
	return nil
}

// listedGroups is how many groups are read at most where each takes a request of its own.
const listedGroups = 20

// readGroups reads the first groups, and memberships where groups list them.
func (c *check) readGroups(ctx context.Context) error {
	rules, read, unnamed := roster.NewGroupRules(), Groups{}, 0
	most := c.settings.Rows
	if c.directory.Source().ListsMembers() {
		most = min(most, listedGroups)
	}
	_, err := c.directory.Groups(ctx, "", 1, func(page directory.Page) error {
		for _, group := range page.Groups {
			if read.Groups == most {
				return errEnough
			}
			read.Groups++
			_, issues, _ := rules.Judge(group.Row, group.Key, group.Name)
			if slices.ContainsFunc(issues, func(i roster.Issue) bool { return i.Code == roster.CodeGroupNameEmpty }) {
				unnamed++
			}
		}
		if read.Memberships += len(page.Memberships); read.Memberships >= c.settings.Rows {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return fmt.Errorf("read groups: %w", err)
	}
	read.Complete = err == nil
	c.units, c.result.Groups = rules.Groups(), &read
	switch f := rules.Fault(); {
	case f != nil:
		return f
	case unnamed > 0:
		issue := roster.CodeGroupNameEmpty.Issue(roster.Identity{}, roster.NoField)
		c.find(Finding{
			Severity: Warning, Code: string(issue.Code), Field: nullable.Of("group_name"), Rows: unnamed, Detail: issue.Detail, Hint: issue.Hint,
		})
	case read.Groups == 0:
		c.find(Finding{
			Severity: Note, Code: "no_groups", Detail: "the directory lists no groups",
			Hint: "Nothing to do, unless there should be some: then look at who may see them, and at filters.",
		})
	}
	return nil
}

// conclude sorts the findings and gives the verdict.
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
