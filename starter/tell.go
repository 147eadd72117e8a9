package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/terminal"
)

// teller writes a story for people.
type teller struct {
	app     *app
	several bool // members: lines name whose they are
	err     error
}

// tell writes the story as text. Runs in a row in which nothing happened are one line.
func (a *app) tell(s story) error {
	t := &teller{app: a, several: len(s.Members) > 1}
	t.heading(s)
	t.mentions(s.Mentions)
	if len(s.Before) > 0 {
		t.line("")
		t.line("before these runs")
		t.decisions(s.Before)
	}
	for i := 0; i < len(s.Runs); {
		j := i + 1
		for s.Runs[i].quiet() && j < len(s.Runs) && s.Runs[j].quiet() && said(s.Runs[i]) == said(s.Runs[j]) {
			j++
		}
		if s.Runs[i].quiet() {
			t.calm(s.Runs[i:j])
		} else {
			t.run(s.Runs[i])
		}
		i = j
	}
	if !s.Revealed {
		t.line("\nValues are masked; --reveal shows them.")
	}
	return t.err
}

func (t *teller) line(format string, args ...any) {
	if t.err == nil {
		lines := strings.Split(fmt.Sprintf(format, args...), "\n")
		for i := range lines {
			lines[i] = strings.TrimRight(terminal.Printable(lines[i]), " ")
		}
		t.err = t.app.print("%s\n", strings.Join(lines, "\n"))
	}
}

func (t *teller) heading(s story) {
	for i, m := range s.Members {
		if i > 0 {
			t.line("")
		}
		t.line("member %s, %s", m.ID, m.Status)
		if m.Status == "deleted" {
			t.line("  the audit is left, without values")
			continue
		}
		t.pairs("  ", t.profile(m))
	}
	if len(s.Members) == 0 {
		t.line("no member of %s is known by that", s.Tenant)
	}
}

// profile lists what is kept of a member.
func (t *teller) profile(m storyMember) [][2]string {
	var list [][2]string
	for f := range roster.Field(roster.FieldCount) {
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

// pairs writes names and values in two columns.
func (t *teller) pairs(indent string, list [][2]string) {
	if text := terminal.Pairs(indent, list); text != "" {
		t.line("%s", text)
	}
}

// presences say how runs saw somebody.
var presences = map[presence]string{
	presentRow:  "in the directory; nothing changed",
	presentSame: "in the directory, the row as before",
	keptAsIs:    "in the directory, but no row was used: kept as is",
	sparedAsIs:  "not in the directory, but protected: kept as is",
	absent:      "not in the complete snapshot: absent",
	departed:    "departed, and still not in the directory",
	unknown:     "neither a member nor in the directory",
	notRead:     "an undo of another run: nothing of it was about them",
	notJudged:   "no row was judged",
	noLonger:    "rows and plan are no longer kept (retention)",
	refused:     "a row was there",
}

// said is what a quiet run says; those that say the same are told together.
func said(r tracedRun) string {
	if r.State == notJudged && r.Error != nil {
		return presences[notJudged] + ": " + *r.Error
	}
	if r.State == presentRow {
		return presences[presentSame]
	}
	return seenAs(r)
}

// seenAs says how a run saw somebody.
func seenAs(r tracedRun) string {
	if r.State == noLonger && r.Dropped != nil {
		return "rows and plan were dropped on " + r.Dropped.UTC().Format("2006-01-02") + " after the retention time"
	}
	return presences[r.State]
}

// calm writes runs in which nothing happened.
func (t *teller) calm(runs []tracedRun) {
	when, what := terminal.Time(runs[0].Started), "run "+runs[0].Run.String()
	if n := len(runs); n > 1 {
		when, what = when+" to "+terminal.Time(runs[n-1].Started), fmt.Sprintf("%d runs", n)
	}
	t.line("\n%s  %s: %s", when, what, said(runs[0]))
}

// run writes a run in which something happened.
func (t *teller) run(r tracedRun) {
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
	for _, row := range r.Rows {
		t.row(row)
	}
	switch {
	case r.State == notRead:
	case r.State == notJudged || r.State == noLonger || r.State == absent || r.State == keptAsIs, len(r.Rows) == 0:
		t.line("  seen      %s", seenAs(r))
	}
	t.decisions(r.Decisions)
	if len(r.Decisions) == 0 && r.State == presentRow {
		t.line("  decision  none: what is kept says the same")
	}
}

func (t *teller) row(r tracedRow) {
	t.line("  row       %d, %s%s", r.Row, r.Verdict, t.whose(r.Member))
	if r.Match != nil {
		switch {
		case r.Match.By == byNobody:
			t.line("  match     nobody that is kept: somebody new")
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

func (t *teller) whose(member *uuid.UUID) string {
	if !t.several || member == nil {
		return ""
	}
	return ", of member " + member.String()
}

func (t *teller) decisions(decisions []decision) {
	for _, d := range decisions {
		label, state := "planned", ", "+strings.ReplaceAll(d.State, "_", " ")
		if d.State == "applied" {
			label, state = "changed", fmt.Sprintf(", #%d at %s", *d.Seq, terminal.Time(*d.At))
		}
		if d.State == "planned" {
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
		t.line("  %-8s  %s%s%s", label, what, state, t.whose(&d.Member))
		t.line("            %s", rule)
		var blank []string
		for _, name := range slices.Sorted(maps.Keys(d.Fields)) {
			before, after := shownValue(d.Fields[name][0]), shownValue(d.Fields[name][1])
			if before == "-" && after == "-" {
				blank = append(blank, name)
				continue
			}
			t.line("            %s: %s → %s", name, before, after)
		}
		if len(blank) > 0 {
			t.line("            values no longer kept: %s", strings.Join(blank, ", "))
		}
	}
}
