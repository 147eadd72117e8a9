// Package report renders one run for the people who have to do with it: what was read, what was refused and why, what
// changed. Text is for reading, JSON for programs, CSV for a spreadsheet in the hands of the customer's admin,
// HTML for a page to send or print.
//
// A report is the one place where names and emails leave the store, so it goes to the writer it is given and nowhere
// else. It streams: issues and changes pass through once, and memory stays small however many there are.
package report

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/levelsim"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// droppedText says what isn't there any more, and since when.
func droppedText(at time.Time) string {
	return "Rows, issues and plan of this run, and the values of its changes, were dropped on " + at.UTC().Format("2006-01-02") +
		" after the retention time."
}

// Format is how a report is written.
type Format string

// The formats.
const (
	Text Format = "text"
	JSON Format = "json"
	CSV  Format = "csv"
	HTML Format = "html"
)

// ParseFormat is the format of that name.
func ParseFormat(name string) (Format, error) {
	switch format := Format(name); format {
	case Text, JSON, CSV, HTML:
		return format, nil
	default:
		return "", fmt.Errorf("format %q: use text, json, csv or html", name)
	}
}

// Input is what a report is made of. Each iterator is read once; nil is none.
type Input struct {
	Tenant  string // id
	Name    string // of the tenant, for people
	Run     run.Run
	By      string // who asked for the run, and why; "" where nobody said
	Reason  string
	Dropped time.Time // when rows, issues and plan of the run, and the values of its changes, were dropped; zero: they are kept
	Issues  iter.Seq2[roster.Issue, error]
	Changes iter.Seq2[Change, error]

	Tried     []string          // of a preview: the keys of tenants.yaml that it tried other settings for
	Simulated *levelsim.Summary // of a level simulation; nil: the run read the directory
	Compared  *Comparison       // with an earlier run, in text and JSON; nil: none

	History []run.Run // up to HistoryLength runs, this one among them, latest first: for the page's charts
}

// HistoryLength is how many runs a page's charts show.
const HistoryLength = 30

// Change is one change of the run: done, or planned.
type Change struct {
	Seq    int64     // its number in the tenant's audit; 0: not done
	Run    uuid.UUID // uuid.Nil: the report's run
	At     time.Time // zero: not done
	Op     string
	Member uuid.UUID
	Group  uuid.UUID
	Fields map[string][2]any
	Why    string
	Part   plan.Part // the part of the plan that it waits in; "" when it is done

	Email     string // the member's, and the group's name, where the caller knows them: for people (text and CSV) only
	GroupName string
}

// PlannedChange is a change of a plan's part; ok is false for one that nobody needs to see.
func PlannedChange(part plan.Part, c plan.Change) (change Change, ok bool) {
	change = Change{
		Op: c.Verb.Op(), Member: c.Member, Group: c.Group, Fields: c.Fields(), Why: string(c.Why), Part: part,
	}
	for _, member := range []*roster.Member{c.After, c.Before} { // the email that people know
		if member != nil {
			change.Email = member.Values[roster.Email]
		}
	}
	for _, group := range []*roster.Group{c.AfterGroup, c.BeforeGroup} {
		if group != nil {
			change.GroupName = group.Name
		}
	}
	return change, c.Verb.Op() != ""
}

// Write writes the report to w. An error, of w or of one of the iterators, leaves it cut short.
func Write(w io.Writer, format Format, in Input) error {
	if in.Issues == nil {
		in.Issues = func(func(roster.Issue, error) bool) {}
	}
	if in.Changes == nil {
		in.Changes = func(func(Change, error) bool) {}
	}
	buffered := bufio.NewWriter(w)
	var err error
	switch format {
	case Text:
		err = writeText(buffered, in)
	case JSON:
		err = writeJSON(buffered, in)
	case CSV:
		err = writeCSV(buffered, in)
	case HTML:
		err = writeHTML(buffered, in)
	default:
		_, err = ParseFormat(string(format))
	}
	if err != nil {
		return fmt.Errorf("report on run %s: %w", in.Run.ID, err)
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("report on run %s: %w", in.Run.ID, err)
	}
	return nil
}
