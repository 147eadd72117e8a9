package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/levelsim"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/terminal"
)

// page writes lines; a bufio.Writer keeps its first error until Flush.
type page struct{ w io.Writer }

func (p page) line(format string, args ...any) {
	fmt.Fprintf(p.w, format+"\n", args...) //nolint:errcheck // kept by the bufio.Writer
}

func writeText(w *bufio.Writer, in Input) error {
	p := page{w}
	p.head(in)
	found := causes{}
	for issue, err := range in.Issues {
		if err != nil {
			return err
		}
		found.add(issue, exampleCount)
	}
	if in.Simulated != nil {
		p.simulation(*in.Simulated)
	}
	if in.Simulated == nil || len(found) > 0 { // else no row was judged
		p.causes(found, in.Run)
	}
	lists := opLists{}
	for change, err := range in.Changes {
		if err != nil {
			return err
		}
		lists.add(change, shownCount)
	}
	p.changes(lists, in.Run)
	if in.Compared != nil {
		return p.compared(*in.Compared, in.Run)
	}
	return nil
}

// head says whose run it was, how it ended, and what it counted.
func (p page) head(in Input) {
	what := "run"
	if in.Run.Preview {
		what = "PREVIEW, run"
	}
	p.line("%s, %s %s", cmp.Or(plain(in.Name), in.Tenant), what, in.Run.ID)
	if says := previewed(in); says != "" {
		p.line("%s", says)
	}
	asked := string(in.Run.Origin)
	if in.By != "" {
		asked += ", asked for by " + plain(in.By)
	}
	if in.Reason != "" {
		asked += ": " + plain(in.Reason)
	}
	p.line("%s", asked)
	took := "not finished"
	if !in.Run.Finished.IsZero() {
		took = "took " + in.Run.Finished.Sub(in.Run.Started).Round(time.Millisecond).String()
	}
	p.line("started %s, %s", in.Run.Started.UTC().Format("2006-01-02 15:04:05 MST"), took)
	if !in.Dropped.IsZero() {
		p.line("%s", droppedText(in.Dropped))
	}
	if in.Run.Result != nil {
		p.result(*in.Run.Result, in.Simulated)
	}
}

// heldAdvice is what to do about removals that are held.
func heldAdvice(r run.Result) string {
	return fmt.Sprintf("If they should not go, put the directory right: whoever is in it again is left alone. If these people should, "+
		"`starter approve %s %s --by WHO` releases exactly them.", r.Tenant, r.Held.Plan)
}

func (p page) result(r run.Result, of *levelsim.Summary) {
	p.line("")
	p.line("Outcome   %s", r.Outcome)
	if r.Undoes != nil {
		p.line("Undoes    run %s", r.Undoes.Run)
	}
	if r.Error != nil {
		p.line("Error     %s: %s", r.Error.Kind, plain(r.Error.Detail))
		if r.Error.Hint != "" {
			p.line("To do     %s", plain(r.Error.Hint))
		}
	}
	if r.Undoes != nil {
		p.undo(r)
		return
	}
	if r.Error != nil && r.Snapshot == (run.SnapshotCounts{}) {
		p.line("Changes   %s", tally(r.Changes)) // nothing was read
		return
	}
	if of != nil {
		p.line("Replayed  %s", simulated(*of))
		return
	}
	p.line("Read      %s, %s, %s", terminal.Count(r.Snapshot.Users, "user", "users"), terminal.Count(r.Snapshot.Groups, "group", "groups"),
		terminal.Count(r.Snapshot.Memberships, "membership", "memberships"))
	p.line("Rows      %d accepted, %d rejected, %d with warnings", r.Rows.Accepted, r.Rows.Rejected, r.Rows.Warnings)
	p.line("Changes   %s", tally(r.Changes))
	if r.Failed > 0 {
		p.line("Failed    %s could not be applied", terminal.Count(r.Failed, "change", "changes"))
	}
	if r.Held != nil {
		p.line("%s%s, plan %s", heldLabel(r.Outcome), terminal.Count(r.Held.Removals, "removal", "removals"), r.Held.Plan)
	}
	if r.Held != nil && r.Outcome == run.Held {
		p.line("To do     %s", heldAdvice(r))
	}
	if r.Approved != nil {
		p.line("Approved  %s, plan %s; %d left out: back, or changed since they were shown",
			terminal.Count(r.Approved.Removals, "removal", "removals"), r.Approved.Plan, r.Approved.LeftOut)
	}
	if r.Withheld > 0 {
		p.line("Withheld  %s, rejected or expired before", terminal.Count(r.Withheld, "removal", "removals"))
	}
}

// heldLabel says what became of a held plan.
func heldLabel(outcome run.Outcome) string {
	switch outcome {
	case run.Rejected:
		return "Rejected  "
	case run.Expired:
		return "Expired   "
	case run.Previewed:
		return "To hold   "
	default:
		return "Held      "
	}
}

// tally is what changed, in words: "3 added, 1 departed"; "none".
func tally(c run.ChangeCounts) string {
	var parts []string
	for _, n := range c.NamedCounts() {
		parts = append(parts, terminal.Count(n.Count, n.One, n.Many))
	}
	if len(parts) == 0 {
		return "none"
	}
	if c.Drift > 0 {
		parts = append(parts, fmt.Sprintf("of these %d put right what was edited by hand", c.Drift))
	}
	return strings.Join(parts, ", ")
}

// causes lists what to put right in the directory, worst first.
func (p page) causes(found causes, of run.Run) {
	if len(found) == 0 {
		if through(of) && !undoes(of) {
			p.line("\nNothing to put right in the directory.")
		}
		return
	}
	p.line("\nTo put right in the directory, worst first")
	for _, c := range found.worstFirst() {
		p.line("")
		title := string(c.severity)
		if c.field != "" {
			title += "  " + c.field
		}
		p.line("  %s  %s  (%s)", title, c.code, c.what(terminal.Count))
		if !c.details {
			p.line("    %s", plain(c.detail))
		}
		p.examples(c)
		if c.hint != "" {
			p.line("    To do: %s", plain(c.hint))
		}
	}
}

func (p page) examples(c *cause) {
	for _, issue := range c.examples {
		text := identity(issue)
		if c.details {
			text = strings.TrimPrefix(text+": "+plain(issue.Detail), ": ")
		}
		if text != "" {
			p.line("    - %s", text)
		}
	}
	if more := c.issues - len(c.examples); more > 0 {
		p.line("    - ... and %d more (-o json has all)", more)
	}
}

// identity names the row of an issue: "row 12, E100, a@x.io"; "" for the report as a whole.
func identity(i roster.Issue) string {
	var parts []string
	if i.Row > 0 {
		parts = append(parts, fmt.Sprintf("row %d", i.Row))
	}
	for _, key := range []string{i.ExternalID, i.Email} {
		if key != "" {
			parts = append(parts, plain(key))
		}
	}
	return strings.Join(parts, ", ")
}

// opLists collects the first changes of each op, and counts the others.
type opLists map[opKey]*opList

type opKey struct {
	part plan.Part
	op   string
}

type opList struct {
	changes []Change
	more    int
}

// shownCount is how many changes of an op a text shows.
const shownCount = 20

// add takes in a change; of each op as many as most are kept.
func (l opLists) add(c Change, most int) {
	key := opKey{c.Part, c.Op}
	of := l[key]
	if of == nil {
		of = &opList{}
		l[key] = of
	}
	if len(of.changes) == most {
		of.more++
		return
	}
	of.changes = append(of.changes, c)
}

// changes lists what was done, by op.
func (p page) changes(lists opLists, of run.Run) {
	if len(lists) == 0 {
		if through(of) {
			p.line("\nNothing %s.", map[bool]string{true: "would change", false: "changed"}[of.Preview])
		}
		return
	}
	p.line("\n%s", map[bool]string{true: "What would change", false: "Changes"}[of.Preview])
	keys := slices.SortedFunc(maps.Keys(lists), func(a, b opKey) int {
		return cmp.Or(comparePart(a.part, b.part), cmp.Compare(a.op, b.op))
	})
	for _, key := range keys {
		list := lists[key]
		p.line("")
		p.line("  %s%s  (%d)", key.op, waiting(key.part, of), len(list.changes)+list.more)
		for _, c := range list.changes {
			p.line("    %s", changeText(c))
		}
		if list.more > 0 {
			p.line("    ... and %d more (-o json has all)", list.more)
		}
	}
}

// through tells whether the run came to its end, so that what isn't listed isn't there.
func through(of run.Run) bool { return of.Result != nil && of.Result.Outcome != run.Failed }

// waiting says what becomes of a part of a plan.
func waiting(part plan.Part, of run.Run) string {
	held := "held"
	if of.Preview {
		held = "would be held"
	}
	if of.Result != nil && (of.Result.Outcome == run.Rejected || of.Result.Outcome == run.Expired) {
		held = string(of.Result.Outcome)
	}
	switch {
	case part == "":
		return ""
	case part == plan.PartDropped:
		return ", withheld: rejected or expired before"
	case part == plan.PartWithheld:
		return ", " + held + ": beyond the group's own limit"
	case part == plan.PartLeft:
		return ", left alone"
	case (part == plan.PartRemovals || undoes(of)) && of.Result != nil && of.Result.Held != nil:
		return ", " + held
	default:
		return ", planned"
	}
}

func changeText(c Change) string {
	var parts []string
	if c.Member != uuid.Nil {
		parts = append(parts, cmp.Or(plain(c.Email), "member "+c.Member.String()))
	}
	if c.Group != uuid.Nil {
		parts = append(parts, "group "+cmp.Or(plain(c.GroupName), c.Group.String()))
	}
	if c.Why != "" {
		parts = append(parts, "("+c.Why+")")
	}
	for _, field := range slices.Sorted(maps.Keys(c.Fields)) {
		before, after := valueText(c.Fields[field][0], "-"), valueText(c.Fields[field][1], "-")
		if before != "-" || after != "-" {
			parts = append(parts, fmt.Sprintf("%s: %s → %s", field, plain(before), plain(after)))
		}
	}
	return strings.Join(parts, "  ")
}

// plain is text from outside that can't move a terminal's cursor, colour it or turn its direction.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
