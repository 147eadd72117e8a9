package check

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/rollcall/rollcall/internal/terminal"
)

// Report is the result of a check with its tenant. Its JSON is the output of `starter check -o json`.
type Report struct {
	Tenant string `json:"tenant"`
	Name   string `json:"name"`
	Source string `json:"source"` // workday or workos
	Result
}

// WriteText writes the report as text for people. The error is that of w.
func (r Report) WriteText(w io.Writer) error {
	var text strings.Builder
	for _, line := range r.readLines() {
		text.WriteString(terminal.Printable(line) + "\n")
	}
	r.writeColumns(&text)
	r.writeWords(&text)
	r.writeFindings(&text)
	fmt.Fprintf(&text, "\nVerdict: %s\n", map[Readiness]string{
		Ready:             "ready. Next: `starter preview " + r.Tenant + "`",
		ReadyWithWarnings: "ready with warnings. Next: `starter preview " + r.Tenant + "`",
		NotReady:          "not ready",
	}[r.Verdict])
	if _, err := io.WriteString(w, text.String()); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// readLines returns the lines about the rows and groups that were read.
func (r Report) readLines() []string {
	kind := map[string]string{"workday": "Workday", "workos": "WorkOS"}[r.Source]
	lines := []string{fmt.Sprintf("%s: %s, by %s", r.Tenant, r.Name, kind)}
	if r.Directory != nil {
		lines = append(lines, fmt.Sprintf("  directory  %s, %s", r.Directory.State, r.Directory.Type))
	}
	users, groups := "not read", "not read"
	if r.Users != nil {
		users = terminal.Count(r.Users.Rows, "row", "rows") + extent(r.Users.Complete)
		users += fmt.Sprintf("; %d would be rejected, %d used with warnings", r.Users.Rejected, r.Users.Warnings)
		if r.Users.Departed > 0 {
			users += fmt.Sprintf(", %d have left", r.Users.Departed)
		}
		if r.Users.OutOfScope > 0 {
			users += fmt.Sprintf(", %d out of scope", r.Users.OutOfScope)
		}
		if r.Users.NotStarted > 0 {
			users += fmt.Sprintf(", %d have not started", r.Users.NotStarted)
		}
	}
	if r.Groups != nil {
		groups = terminal.Count(r.Groups.Groups, "group", "groups")
		if r.Source == "workos" {
			groups += ", " + terminal.Count(r.Groups.Memberships, "membership", "memberships")
		}
		groups += extent(r.Groups.Complete)
	}
	return append(lines, "  users      "+users, "  groups     "+groups)
}

func extent(complete bool) string {
	if complete {
		return ", complete"
	}
	return ", the first ones only"
}

// writeColumns writes a table of the columns.
func (r Report) writeColumns(text *strings.Builder) {
	if len(r.Columns) == 0 {
		return
	}
	text.WriteString("\n")
	t := terminal.NewTable(text, "FIELD", "COLUMN", "FILLED", "EXAMPLE")
	for _, column := range r.Columns {
		field, example := strings.Join(column.Fields, ", "), ""
		switch {
		case field != "":
		case column.Scope:
			field = "(scope)"
		case column.Primary:
			field = "primary"
		default:
			field = "(not used)"
		}
		if column.Example != nil {
			example = *column.Example
		}
		_ = t.Row(field, column.Column, percent(column.Rate), example) // memory cannot fail
	}
	_ = t.Flush() // memory cannot fail
}

// writeWords writes a table of the words in the status and locale columns.
func (r Report) writeWords(text *strings.Builder) {
	if len(r.Words) == 0 {
		return
	}
	text.WriteString("\n")
	t := terminal.NewTable(text, "FIELD", "WORD", "ROWS", "TAKEN FOR")
	for _, word := range r.Words {
		_ = t.Row(word.Field, cmp.Or(word.Word, "(other words)"), strconv.Itoa(word.Rows), cmp.Or(word.Meaning, "(not known)")) // memory cannot fail
	}
	_ = t.Flush() // memory cannot fail
}

// percent formats a rate. It returns 0 % and 100 % only for exactly these rates.
func percent(rate float64) string {
	n := int(math.Round(100 * rate))
	if rate > 0 && n == 0 {
		return "< 1 %"
	}
	if rate < 1 && n == 100 {
		n = 99
	}
	return strconv.Itoa(n) + " %"
}

// writeFindings writes the findings.
func (r Report) writeFindings(text *strings.Builder) {
	for _, f := range r.Findings {
		title := string(f.Severity)
		if f.Field != nil {
			title += "  " + *f.Field
		}
		title += "  " + f.Code
		if f.Rows > 0 {
			title += "  (" + terminal.Count(f.Rows, "row", "rows") + ")"
		}
		fmt.Fprintf(text, "\n%s\n  %s.\n", title, terminal.Printable(strings.TrimSuffix(f.Detail, ".")))
		if list := valueList(f); list != "" {
			fmt.Fprintf(text, "  Values: %s.\n", list)
		}
		if f.Hint != "" {
			fmt.Fprintf(text, "  %s\n", terminal.Printable(f.Hint))
		}
	}
}

// valueList lists the values of a finding with their numbers of rows.
func valueList(f Finding) string {
	var list []string
	for _, v := range f.Values {
		list = append(list, fmt.Sprintf("%q %d", v.Value, v.Rows))
	}
	if f.OtherRows > 0 {
		list = append(list, terminal.Count(f.OtherRows, "row", "rows")+" with other values")
	}
	return strings.Join(list, ", ")
}
