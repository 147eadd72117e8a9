// Package report writes a report on one run: what was read, which rows were rejected and why, and what changed. Text is
// for a terminal, JSON for programs, CSV for a spreadsheet of the customer's admin, and HTML for a page to send or
// print.
//
// A report contains names and emails, so it may go only to the given writer, never to logs. Write streams: it reads
// each issue and each change once, so that its memory does not grow with their number.
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

// droppedText says what the retention dropped, and when.
func droppedText(at time.Time) string {
	return "Rows, issues and plan of this run, and the values of its changes, were dropped on " +
		at.UTC().Format("2006-01-02") +
		" after the retention time."
}

// Format is the output format of a report.
type Format string

// Values of Format.
const (
	Text Format = "text"
	JSON Format = "json"
	CSV  Format = "csv"
	HTML Format = "html"
)

// ParseFormat returns the format with the name, or an error that lists the formats.
func ParseFormat(name string) (Format, error) {
	switch format := Format(name); format {
	case Text, JSON, CSV, HTML:
		return format, nil
	default:
		return "", fmt.Errorf("format %q: use text, json, csv or html", name)
	}
}

// Input is the content of a report. Write reads each iterator once. A nil iterator is empty.
type Input struct {
	Tenant  string // id
	Name    string // of the tenant
	Run     run.Run
	By      string        // who requested the run; "": unknown
	Reason  string        // why it was requested; "": unknown
	Decided *run.Decision // about the plan that the run held or applied; nil: none. HTML has no names of operators
	Dropped time.Time     // when the retention dropped rows, issues, plan and values; zero: not dropped
	Issues  iter.Seq2[roster.Issue, error]
	// Earlier are the issues of earlier runs, those of the latest run first. They have the values of rows that have not
	// changed since. Write reads them only as far as it needs.
	Earlier iter.Seq2[roster.Issue, error]
	Changes iter.Seq2[Change, error]
	Words   []roster.WordCount // in the status and locale columns, unknown ones first; nil: the run judged no rows

	Tried     []string          // of a preview: the keys of tenants.yaml whose settings it replaced
	Simulated *levelsim.Summary // nil unless the run is a level simulation
	Compared  *Comparison       // with an earlier run, in text and JSON only; nil: none

	History []run.Run // for the charts of HTML: the latest runs up to this one, latest first, at most HistoryLength
}

// HistoryLength is the number of runs that the charts of an HTML report show.
const HistoryLength = 30

// Change is one applied or planned change of a run.
type Change struct {
	Seq    int64     // its number in the tenant's audit; 0: not applied
	Run    uuid.UUID // uuid.Nil: the run of the report
	At     time.Time // zero: not applied
	Op     string
	Member uuid.UUID
	Group  uuid.UUID
	Fields map[string][2]any
	Why    string
	Part   plan.Part // the part of the plan that contains it; "" if it is applied

	Email     string // of the member, if known; not in JSON
	GroupName string // if known; not in JSON
}

// PlannedChange returns a change of a plan as a report shows it. It returns ok false if reports leave the change out.
func PlannedChange(part plan.Part, c plan.Change) (change Change, ok bool) {
	change = Change{
		Op: c.Verb.Op(), Member: c.Member, Group: c.Group, Fields: c.Fields(), Why: string(c.Why), Part: part,
	}
	for _, member := range []*roster.Member{c.After, c.Before} { // the email before the change takes precedence
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

// Write writes the report to w. It returns the first error of w or of an iterator. The report is then incomplete.
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
