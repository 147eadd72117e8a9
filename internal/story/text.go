package story

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/terminal"
)

// WriteText writes the story as text for people. Consecutive quiet runs with the same text share one line. The error is
// that of w.
func (s Story) WriteText(w io.Writer) error {
	t := &textWriter{out: w, several: len(s.Members) > 1}
	t.members(s)
	t.mentions(s.Mentions)
	if len(s.Before) > 0 {
		t.line("")
		t.line("outside these runs")
		t.decisions(s.Before)
	}
	for i := 0; i < len(s.Runs); {
		j := i + 1
		for s.Runs[i].quiet() && j < len(s.Runs) && s.Runs[j].quiet() && quietText(s.Runs[i]) == quietText(s.Runs[j]) {
			j++
		}
		if s.Runs[i].quiet() {
			t.quietRuns(s.Runs[i:j])
		} else {
			t.run(s.Runs[i])
		}
		i = j
	}
	if !s.Revealed {
		t.line("\nValues are masked. Use --reveal to show them.")
	}
	return t.err
}

// textWriter writes lines and remembers the first error.
type textWriter struct {
	out     io.Writer
	several bool // the story has several members, so lines name the member
	err     error
}

func (t *textWriter) line(format string, args ...any) {
	if t.err != nil {
		return
	}
	lines := strings.Split(fmt.Sprintf(format, args...), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(terminal.Printable(lines[i]), " ")
	}
	if _, err := io.WriteString(t.out, strings.Join(lines, "\n")+"\n"); err != nil {
		t.err = fmt.Errorf("write the result: %w", err)
	}
}

// pairs writes pairs of a name and a value in two columns.
func (t *textWriter) pairs(indent string, list [][2]string) {
	if text := terminal.Pairs(indent, list); text != "" {
		t.line("%s", text)
	}
}

func (t *textWriter) members(s Story) {
	for i, m := range s.Members {
		if i > 0 {
			t.line("")
		}
		t.line("member %s, %s", m.ID, m.Status)
		if m.Status == deleted {
			t.line("  only the audit is left, without values")
			continue
		}
		t.pairs("  ", profile(m))
	}
	if len(s.Members) == 0 {
		t.line("no member of %s matches", s.Tenant)
	}
}

// profile returns the fields and dates of a member.
func profile(m Member) [][2]string {
	var list [][2]string
	for f := range roster.Field(roster.FieldCount) {
		if f == roster.Custom {
			for _, name := range slices.Sorted(maps.Keys(m.Fields)) {
				if strings.HasPrefix(name, roster.CustomPrefix) {
					list = append(list, [2]string{name, m.Fields[name]})
				}
			}
			continue
		}
		if value, ok := m.Fields[f.String()]; ok && f != roster.Status {
			if f == roster.ExternalID && m.ExternalKind != nil {
				value += "  (" + *m.ExternalKind + ")"
			}
			list = append(list, [2]string{f.String(), value})
		}
	}
	list = append(list, [2]string{"since", terminal.Time(*m.CreatedAt)})
	if m.DepartedAt != nil {
		list = append(list, [2]string{"departed", terminal.Time(*m.DepartedAt)})
	}
	return list
}

// mentions writes the entries of the tenant's settings that name the person.
func (t *textWriter) mentions(list []Mention) {
	var lines [][2]string
	for _, m := range list {
		words := ""
		if m.Until != nil {
			words = "until " + *m.Until
		}
		if m.Reason != nil {
			if words != "" {
				words += ": "
			}
			words += *m.Reason
		}
		lines = append(lines, [2]string{m.Entry, words})
	}
	if len(lines) > 0 {
		t.line("named in tenants.yaml")
		t.pairs("  ", lines)
	}
}

// presenceTexts describe each Presence.
var presenceTexts = map[Presence]string{
	RowRead:      "in the directory; nothing changed",
	SameRow:      "in the directory with the same row",
	RowUnused:    "in the directory, but all rows were rejected: member unchanged",
	Protected:    "not in the directory, but protected: member unchanged",
	Absent:       "absent from the complete snapshot",
	Departed:     "departed earlier, still not in the directory",
	Unknown:      "neither a member nor in the directory",
	NotRead:      "undo of another run, without changes to this person",
	NotJudged:    "the run ended before it checked rows",
	NotKept:      "the retention has dropped the rows and the plan",
	RowOfUnknown: "a row in the directory, but no member",
}

// presenceText describes the presence of the person in a run.
func presenceText(r Run) string {
	if r.State == NotKept && r.Dropped != nil {
		return "the retention dropped the rows and the plan on " + r.Dropped.UTC().Format("2006-01-02")
	}
	return presenceTexts[r.State]
}

// quietText describes a quiet run.
func quietText(r Run) string {
	switch {
	case r.State == NotJudged && r.Error != nil:
		return presenceTexts[NotJudged] + ": " + *r.Error
	case r.State == RowRead:
		return presenceTexts[SameRow]
	default:
		return presenceText(r)
	}
}

// quietRuns writes consecutive quiet runs on one line.
func (t *textWriter) quietRuns(runs []Run) {
	when, what := terminal.Time(runs[0].Started), "run "+runs[0].Run.String()
	if n := len(runs); n > 1 {
		when, what = when+" to "+terminal.Time(runs[n-1].Started), fmt.Sprintf("%d runs", n)
	}
	t.line("\n%s  %s: %s", when, what, quietText(runs[0]))
}

// run writes a run that is not quiet.
func (t *textWriter) run(r Run) {
	origin := string(r.Origin)
	if r.Preview {
		origin = "preview"
	}
	if r.Undoes != nil {
		origin += " of run " + *r.Undoes
	}
	if r.By != nil {
		origin += " by " + *r.By
	}
	if r.Reason != nil {
		origin += " (" + *r.Reason + ")"
	}
	if !r.Preview {
		origin += ": " + r.Outcome
	}
	t.line("\n%s  run %s, %s", terminal.Time(r.Started), r.Run, origin)
	if r.Decided != nil {
		t.line("  decided   %s", r.Decided.Text())
	}
	for _, row := range r.Rows {
		t.row(row)
	}
	switch {
	case r.State == NotRead:
	case r.State == NotJudged, r.State == NotKept, r.State == Absent, r.State == RowUnused, len(r.Rows) == 0:
		t.line("  presence  %s", presenceText(r))
	}
	t.decisions(r.Decisions)
	if len(r.Decisions) == 0 && r.State == RowRead {
		t.line("  decision  none: the member has the same values")
	}
}

func (t *textWriter) row(r Row) {
	t.line("  row       %d, %s%s", r.Row, strings.ReplaceAll(r.Verdict, "_", " "), t.ofMember(r.Member))
	if r.Match != nil {
		switch {
		case r.Match.By == byNone:
			t.line("  match     no member: a new person")
		case r.Match.Key != nil:
			t.line("  match     by %s %s", r.Match.By, *r.Match.Key)
		default:
			t.line("  match     by %s", r.Match.By)
		}
	}
	cells := make([][2]string, 0, len(r.Cells))
	for _, c := range r.Cells {
		name := c.Column
		if len(c.Fields) > 0 {
			name += " → " + strings.Join(c.Fields, ", ")
		}
		cells = append(cells, [2]string{name, c.Value})
	}
	t.pairs("            ", cells)
	for _, i := range r.Issues {
		title := string(i.Severity)
		if i.Field != nil {
			title += " " + *i.Field
		}
		t.line("  issue     %s %s: %s", title, i.Code, i.Detail)
		if i.Hint != "" {
			t.line("            %s", i.Hint)
		}
	}
}

func (t *textWriter) ofMember(member *uuid.UUID) string {
	if !t.several || member == nil {
		return ""
	}
	return ", of member " + member.String()
}

func (t *textWriter) decisions(decisions []Decision) {
	for _, d := range decisions {
		label, state := "planned", ", "+strings.ReplaceAll(d.State, "_", " ")
		switch d.State {
		case applied:
			label, state = "changed", fmt.Sprintf(", #%d at %s", *d.Seq, terminal.Time(*d.At))
		case planned:
			state = ""
		}
		what := strings.ReplaceAll(d.Op, "_", " ")
		if d.Group != nil {
			what += fmt.Sprintf(" %q", *d.Group)
		}
		rule := d.Why
		if d.Rule != "" {
			rule += ": " + d.Rule
		}
		t.line("  %-8s  %s%s%s", label, what, state, t.ofMember(&d.Member))
		t.line("            %s", rule)
		t.values(d.Fields)
	}
}

// values writes the fields of a change. It writes only the names of fields whose values were dropped.
func (t *textWriter) values(fields map[string][2]any) {
	var dropped []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		before, after := terminal.Value(fields[name][0]), terminal.Value(fields[name][1])
		if before == "-" && after == "-" {
			dropped = append(dropped, name)
			continue
		}
		t.line("            %s: %s → %s", name, before, after)
	}
	if len(dropped) > 0 {
		t.line("            values dropped: %s", strings.Join(dropped, ", "))
	}
}
