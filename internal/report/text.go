package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
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

// textWriter writes lines. It ignores errors, since its bufio.Writer returns the first one from Flush.
type textWriter struct{ w io.Writer }

func (p textWriter) line(format string, args ...any) {
	fmt.Fprintf(p.w, format+"\n", args...) //nolint:errcheck // kept by the bufio.Writer
}

func writeText(w *bufio.Writer, in Input) error {
	p := textWriter{w}
	p.head(in)
	found := causes{}
	for issue, err := range in.Issues {
		if err != nil {
			return err
		}
		found.add(issue, exampleCount)
	}
	if err := found.complete(in.Earlier); err != nil {
		return err
	}
	if in.Simulated != nil {
		p.simulation(*in.Simulated)
	}
	if in.Simulated == nil || len(found) > 0 { // a simulation checks no rows
		p.causes(found, in.Run)
	}
	p.words(in.Words)
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

// head writes the tenant, the outcome and the counts of the run.
func (p textWriter) head(in Input) {
	what := "run"
	if in.Run.Preview {
		what = "PREVIEW, run"
	}
	p.line("%s, %s %s", cmp.Or(printable(in.Name), in.Tenant), what, in.Run.ID)
	if notice := previewText(in); notice != "" {
		p.line("%s", notice)
	}
	origin := string(in.Run.Origin)
	if in.By != "" {
		origin += ", requested by " + printable(in.By)
	}
	if in.Reason != "" {
		origin += ": " + printable(in.Reason)
	}
	p.line("%s", origin)
	if in.Decided != nil {
		p.line("%s", printable(in.Decided.Text()))
	}
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

// heldAdvice says what to do about a held plan.
func heldAdvice(r run.Result) string {
	only := ""
	if h := r.Held; h.Total() != max(h.Removals, h.Additions, h.Changes) {
		only = ", and with `--only removals`, `--only additions` or `--only changes` one part of them"
	}
	return fmt.Sprintf("If this is a mistake in the directory, correct it there: what the next read does not call for "+
		"is skipped. If it is meant, `starter approve %s %s --by WHO` applies exactly these changes%s.", r.Tenant,
		r.Held.Plan, only)
}

func (p textWriter) result(r run.Result, of *levelsim.Summary) {
	p.line("")
	p.line("Outcome   %s", r.Outcome)
	if r.Undoes != nil {
		p.line("Undoes    run %s", r.Undoes.Run)
	}
	if r.Error != nil {
		p.line("Error     %s: %s", r.Error.Kind, printable(r.Error.Detail))
		if r.Error.Hint != "" {
			p.line("To do     %s", printable(r.Error.Hint))
		}
	}
	if r.Undoes != nil {
		p.undo(r)
		return
	}
	if r.Error != nil && r.Snapshot == (run.SnapshotCounts{}) {
		p.line("Changes   %s", changesText(r.Changes)) // the run failed before it read the directory
		return
	}
	if of != nil {
		p.line("Simulated %s", simulatedText(*of))
		return
	}
	p.line("Read      %s, %s, %s", terminal.Count(r.Snapshot.Users, "user", "users"),
		terminal.Count(r.Snapshot.Groups, "group", "groups"),
		terminal.Count(r.Snapshot.Memberships, "membership", "memberships"))
	p.line("Rows      %s", r.Rows.Summary())
	p.line("Changes   %s", changesText(r.Changes))
	if r.Failed > 0 {
		p.line("Failed    %s could not be applied", terminal.Count(r.Failed, "change", "changes"))
	}
	if r.Held != nil {
		p.line("%s%s, plan %s", heldLabel(r.Outcome), r.Held.Text(), r.Held.Plan)
	}
	if r.Held != nil && r.Outcome == run.Held {
		p.line("To do     %s", heldAdvice(r))
	}
	if r.Approved != nil {
		p.line("Approved  %s, plan %s; %d skipped: no longer called for, or changed since", r.Approved.Text(),
			r.Approved.Plan, r.Approved.LeftOut)
	}
	if r.Withheld > 0 {
		p.line("Withheld  %s, rejected or expired earlier", terminal.Count(r.Withheld, "change", "changes"))
	}
}

// words lists what the words of the status and locale columns were taken for.
func (p textWriter) words(words []roster.WordCount) {
	if len(words) == 0 {
		return
	}
	p.line("\nWords and what they were taken for")
	t := terminal.NewTable(p.w, "  FIELD", "WORD", "ROWS", "TAKEN FOR")
	for _, w := range words {
		//nolint:errcheck // a bufio.Writer keeps its error until Flush
		t.Row("  "+w.Field, printable(wordText(w)), strconv.Itoa(w.Rows), meaningText(w))
	}
	t.Flush() //nolint:errcheck // as above
}

// wordText returns the word of a count.
func wordText(w roster.WordCount) string {
	switch w.Word {
	case roster.OtherWords:
		return "(all other words)"
	case "":
		return "(other unknown words)"
	default:
		return w.Word
	}
}

// meaningText returns what a word is taken for.
func meaningText(w roster.WordCount) string { return cmp.Or(w.Meaning, "not known") }

// heldLabel returns the label of the line about the held plan.
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

// changesText formats the counts of changes, such as "3 added, 1 departed" or "none".
func changesText(c run.ChangeCounts) string {
	var parts []string
	for _, n := range c.NamedCounts() {
		parts = append(parts, terminal.Count(n.Count, n.One, n.Many))
	}
	if len(parts) == 0 {
		return "none"
	}
	if c.Drift > 0 {
		parts = append(parts, fmt.Sprintf("of these %d corrected manual edits", c.Drift))
	}
	return strings.Join(parts, ", ")
}

// causes lists what to correct in the directory, worst first.
func (p textWriter) causes(found causes, of run.Run) {
	if len(found) == 0 {
		if completed(of) && !isUndo(of) {
			p.line("\nNothing to correct in the directory.")
		}
		return
	}
	p.line("\nTo correct in the directory, worst first")
	for _, c := range found.worstFirst() {
		p.line("")
		title := string(c.severity)
		if c.field != "" {
			title += "  " + c.field
		}
		p.line("  %s  %s  (%s)", title, c.code, c.countText(terminal.Count))
		if !c.details {
			p.line("    %s", printable(c.detail))
		}
		p.values(c)
		p.examples(c)
		if c.hint != "" {
			p.line("    To do: %s", printable(c.hint))
		}
	}
}

// values lists the offending values of a cause, worst first.
func (p textWriter) values(c *cause) {
	worst, others := c.values.Worst(valueCount)
	var list []string
	for _, v := range worst {
		list = append(list, fmt.Sprintf("%q %d", v.Value, v.Rows))
	}
	if rest := restText(others, c.unkept, terminal.Count); rest != "" {
		list = append(list, rest)
	}
	if len(list) > 0 {
		p.line("    Values: %s", strings.Join(list, ", "))
	}
}

func (p textWriter) examples(c *cause) {
	if c.listed() {
		return
	}
	for _, issue := range c.examples {
		text := identity(issue)
		if c.details {
			text = strings.TrimPrefix(text+": "+printable(issue.Detail), ": ")
		}
		if text != "" {
			p.line("    - %s", text)
		}
	}
	if more := c.issues - len(c.examples); more > 0 {
		p.line("    - ... and %d more (-o json has all)", more)
	}
}

// identity names the row of an issue, such as "row 12, E100, a@x.io". It is "" if the issue is about the whole report.
func identity(i roster.Issue) string {
	var parts []string
	if i.Row > 0 {
		parts = append(parts, fmt.Sprintf("row %d", i.Row))
	}
	for _, key := range []string{i.ExternalID, i.Email} {
		if key != "" {
			parts = append(parts, printable(key))
		}
	}
	return strings.Join(parts, ", ")
}

// opLists has the first changes of each op, and counts the rest.
type opLists map[opKey]*opList

type opKey struct {
	part plan.Part
	op   string
}

type opList struct {
	changes []Change
	more    int
}

// shownCount limits the changes of an op in a text report.
const shownCount = 20

// add adds a change. Each op keeps up to limit changes.
func (l opLists) add(c Change, limit int) {
	key := opKey{c.Part, c.Op}
	list := l[key]
	if list == nil {
		list = &opList{}
		l[key] = list
	}
	if len(list.changes) == limit {
		list.more++
		return
	}
	list.changes = append(list.changes, c)
}

// changes writes the changes by op.
func (p textWriter) changes(lists opLists, of run.Run) {
	if len(lists) == 0 {
		if completed(of) {
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
		p.line("  %s%s  (%d)", key.op, partText(key.part, of), len(list.changes)+list.more)
		for _, c := range list.changes {
			p.line("    %s", changeText(c))
		}
		if list.more > 0 {
			p.line("    ... and %d more (-o json has all)", list.more)
		}
	}
}

// completed reports whether the run ended without failure, so that the lists are complete.
func completed(of run.Run) bool { return of.Result != nil && of.Result.Outcome != run.Failed }

// partText describes the state of a part of the plan.
func partText(part plan.Part, of run.Run) string {
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
		return ", withheld: rejected or expired earlier"
	case part == plan.PartWithheld:
		return ", " + held + ": exceeds a limit on memberships"
	case part == plan.PartLeft:
		return ", not undone"
	case isHeld(part, of):
		return ", " + held
	default:
		return ", planned"
	}
}

// isHeld reports whether a part of the plan awaits a decision. Of an undo, all parts do.
func isHeld(part plan.Part, of run.Run) bool {
	if of.Result == nil || of.Result.Held == nil {
		return false
	}
	switch h := of.Result.Held; part {
	case plan.PartRemovals:
		return isUndo(of) || h.Removals > 0
	case plan.PartNewcomers:
		return isUndo(of) || h.Additions > 0
	case plan.PartUpdates:
		return isUndo(of) || h.Changes > 0
	default:
		return isUndo(of)
	}
}

func changeText(c Change) string {
	var parts []string
	if c.Member != uuid.Nil {
		parts = append(parts, cmp.Or(printable(c.Email), "member "+c.Member.String()))
	}
	if c.Group != uuid.Nil {
		parts = append(parts, "group "+cmp.Or(printable(c.GroupName), c.Group.String()))
	}
	if c.Why != "" {
		parts = append(parts, "("+c.Why+")")
	}
	for _, field := range slices.Sorted(maps.Keys(c.Fields)) {
		before, after := valueText(c.Fields[field][0], "-"), valueText(c.Fields[field][1], "-")
		if before != "-" || after != "-" {
			parts = append(parts, fmt.Sprintf("%s: %s → %s", field, printable(before), printable(after)))
		}
	}
	return strings.Join(parts, "  ")
}

// printable returns text in which control characters and direction marks are replaced. It is for text of customers,
// which must not control a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
