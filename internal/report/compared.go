package report

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/plandiff"
	"github.com/rollcall/rollcall/internal/run"
)

// Comparison has the differences between the plans and issues of two runs. Text and JSON reports show it.
type Comparison struct {
	Run     run.Run  // the earlier run
	Tried   []string // as in Input, of the earlier run
	Changes iter.Seq2[Difference, error]
	Issues  iter.Seq2[plandiff.IssueDifference, error]
	// Counts, complete after Changes and Issues have been read.
	Tally      *plandiff.Tally
	IssueTally *plandiff.IssueTally
}

// Difference is one difference between the plans, as in plandiff.Difference. Before or After is nil if that plan lacks
// the change.
type Difference struct {
	Kind   plandiff.Kind
	Before *Change
	After  *Change
}

// change returns the later change, or the earlier one if the later plan lacks it.
func (d Difference) change() *Change {
	if d.After != nil {
		return d.After
	}
	return d.Before
}

// differenceKey groups differences.
type differenceKey struct {
	kind plandiff.Kind
	opKey
}

// compared writes the counts of all differences, and the first differences of each kind.
func (p textWriter) compared(c Comparison, of run.Run) error {
	lists, counts := map[differenceKey][]Difference{}, map[differenceKey]int{}
	for d, err := range c.Changes {
		if err != nil {
			return err
		}
		key := differenceKey{d.Kind, opKey{d.change().Part, d.change().Op}}
		if counts[key]++; counts[key] <= shownCount {
			lists[key] = append(lists[key], d)
		}
	}
	found := map[plandiff.Kind]causes{plandiff.New: {}, plandiff.Gone: {}}
	for d, err := range c.Issues {
		if err != nil {
			return err
		}
		found[d.Kind].add(d.Issue, exampleCount)
	}
	p.line("\nCompared with %s", runText(c))
	changes, issues := *c.Tally, *c.IssueTally
	if changes.New+changes.Gone+changes.Changed+issues.New+issues.Gone == 0 {
		p.line("  The same plan and the same issues.")
		return nil
	}
	p.line("  Plan      %d new, %d gone, %d changed", changes.New, changes.Gone, changes.Changed)
	p.line("    before  %s", changesText(changes.Before))
	p.line("    now     %s", changesText(changes.After))
	p.line("  Issues    %d new, %d gone; %d before, %d now", issues.New, issues.Gone, issues.Before, issues.After)
	for _, key := range slices.SortedFunc(maps.Keys(lists), compareKeys) {
		p.line("")
		p.line("  %s: %s%s  (%d)", key.kind, key.op, partText(key.part, of), counts[key])
		for _, d := range lists[key] {
			p.difference(d, of)
		}
		if more := counts[key] - len(lists[key]); more > 0 {
			p.line("    ... and %d more (-o json has all)", more)
		}
	}
	for _, kind := range []plandiff.Kind{plandiff.New, plandiff.Gone} {
		for _, cause := range found[kind].worstFirst() {
			p.line("")
			title := string(cause.severity) + "  " + strings.TrimSpace(cause.field+" "+string(cause.code))
			if !cause.details {
				title += "  " + printable(cause.detail)
			}
			p.line("  %s: %s  (%d)", kind, title, cause.issues)
			if !cause.whole || cause.details {
				p.examples(cause)
			}
		}
	}
	return nil
}

// kinds are the kinds of difference in the order of the report.
var kinds = []plandiff.Kind{plandiff.New, plandiff.Changed, plandiff.Gone}

func compareKeys(a, b differenceKey) int {
	return cmp.Or(cmp.Compare(slices.Index(kinds, a.kind), slices.Index(kinds, b.kind)), cmp.Compare(a.part, b.part),
		cmp.Compare(a.op, b.op))
}

// difference writes one difference. Of a change in both plans it writes only the fields that differ.
func (p textWriter) difference(d Difference, of run.Run) {
	if d.Kind != plandiff.Changed {
		p.line("    %s", changeText(*d.change()))
		return
	}
	after, before := *d.After, *d.Before
	after.Fields, before.Fields = map[string][2]any{}, map[string][2]any{}
	for _, name := range slices.Sorted(maps.Keys(d.After.Fields)) {
		if old, ok := d.Before.Fields[name]; !ok || old != d.After.Fields[name] {
			after.Fields[name] = d.After.Fields[name]
		}
	}
	for name, old := range d.Before.Fields {
		if current, ok := d.After.Fields[name]; !ok || old != current {
			before.Fields[name] = old
		}
	}
	if before.Why == after.Why {
		before.Why = ""
	}
	before.Member, before.Group = uuid.Nil, uuid.Nil // the same as after
	text := changeText(before)
	if before.Op != after.Op || before.Part != after.Part {
		text = strings.TrimSpace(before.Op + partText(before.Part, of) + "  " + text)
	}
	p.line("    %s", changeText(after))
	p.line("      was: %s", text)
}

// runText names the earlier run.
func runText(c Comparison) string {
	what := "run"
	if c.Run.Preview {
		what = "preview"
	}
	if len(c.Tried) > 0 {
		what += " with other " + strings.Join(c.Tried, " and ")
	}
	return fmt.Sprintf("%s %s of %s", what, c.Run.ID, c.Run.Started.UTC().Format("2006-01-02 15:04:05 MST"))
}

// comparedJSON is the part of a comparison's JSON before the lists.
type comparedJSON struct {
	Run     uuid.UUID `json:"run"`
	Preview bool      `json:"preview"`
	Tried   []string  `json:"tried"`
	Started time.Time `json:"started"`
}

type differenceJSON struct {
	Kind   plandiff.Kind   `json:"kind"`
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
}

type issueDifferenceJSON struct {
	Kind  plandiff.Kind   `json:"kind"`
	Issue json.RawMessage `json:"issue"`
}

// totalsJSON has the counts. It follows the lists, since it is known only then.
type totalsJSON struct {
	Changes changeTotals `json:"changes"`
	Issues  issueTotals  `json:"issues"`
}

type changeTotals struct {
	Before  run.ChangeCounts `json:"before"`
	After   run.ChangeCounts `json:"after"`
	New     int              `json:"new"`
	Gone    int              `json:"gone"`
	Changed int              `json:"changed"`
}

type issueTotals struct {
	Before int `json:"before"`
	After  int `json:"after"`
	New    int `json:"new"`
	Gone   int `json:"gone"`
}

// writeCompared writes the comparison as the next member of the object. It is null if there is none.
func writeCompared(w *bufio.Writer, in Input) error {
	w.WriteString(",\n\"compared\":") //nolint:errcheck // a bufio.Writer keeps its error until Flush
	c := in.Compared
	if c == nil {
		_, err := w.WriteString("null")
		return err
	}
	head, err := marshal(comparedJSON{
		Run: c.Run.ID, Preview: c.Run.Preview, Tried: c.Tried,
		Started: c.Run.Started.UTC(),
	})
	if err != nil {
		return err
	}
	w.Write(head[:len(head)-1]) //nolint:errcheck // as above
	err = writeList(w, "changes", c.Changes, func(d Difference) ([]byte, error) {
		before, err := marshalSide(d.Before, c.Run.ID)
		if err != nil {
			return nil, err
		}
		after, err := marshalSide(d.After, in.Run.ID)
		if err != nil {
			return nil, err
		}
		return marshal(differenceJSON{Kind: d.Kind, Before: before, After: after})
	})
	if err != nil {
		return err
	}
	err = writeList(w, "issues", c.Issues, func(d plandiff.IssueDifference) ([]byte, error) {
		issue, err := MarshalIssue(d.Issue)
		if err != nil {
			return nil, err
		}
		return marshal(issueDifferenceJSON{Kind: d.Kind, Issue: issue})
	})
	if err != nil {
		return err
	}
	totals, err := marshal(totalsJSON{
		Changes: changeTotals{c.Tally.Before, c.Tally.After, c.Tally.New, c.Tally.Gone, c.Tally.Changed},
		Issues:  issueTotals{c.IssueTally.Before, c.IssueTally.After, c.IssueTally.New, c.IssueTally.Gone},
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, ",\n\"totals\":%s}", totals)
	return err
}

// marshalSide returns the JSON of a change of the run. A nil change is null.
func marshalSide(c *Change, of uuid.UUID) ([]byte, error) {
	if c == nil {
		return []byte("null"), nil
	}
	side := *c
	side.Run = of
	return MarshalChange(side)
}
