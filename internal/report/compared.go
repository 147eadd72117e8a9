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

// Comparison is what is different from an earlier run's plan and issues. Text and JSON show it.
type Comparison struct {
	Run     run.Run  // the earlier one
	Tried   []string // as in Input, of that one
	Changes iter.Seq2[Difference, error]
	Issues  iter.Seq2[plandiff.IssueDifference, error]
	// What is counted while those two are read.
	Tally      *plandiff.Tally
	IssueTally *plandiff.IssueTally
}

// Difference is one change in which the plans differ: see plandiff.Difference.
type Difference struct {
	Kind   plandiff.Kind
	Before *Change
	After  *Change
}

// change is the change that stands for the difference.
func (d Difference) change() *Change {
	if d.After != nil {
		return d.After
	}
	return d.Before
}

// differenceKey puts differences together.
type differenceKey struct {
	kind plandiff.Kind
	opKey
}

// compared tells what is different, counting all and showing the first of each kind.
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

// kinds are in the order in which they are told.
var kinds = []plandiff.Kind{plandiff.New, plandiff.Changed, plandiff.Gone}

func compareKeys(a, b differenceKey) int {
	return cmp.Or(cmp.Compare(slices.Index(kinds, a.kind), slices.Index(kinds, b.kind)), cmp.Compare(a.part, b.part), cmp.Compare(a.op, b.op))
}

// difference shows one change; of one that changed what is otherwise, and how it was.
func (p textWriter) difference(d Difference, of run.Run) {
	if d.Kind != plandiff.Changed {
		p.line("    %s", changeText(*d.change()))
		return
	}
	now, was := *d.After, *d.Before
	now.Fields, was.Fields = map[string][2]any{}, map[string][2]any{}
	for _, name := range slices.Sorted(maps.Keys(d.After.Fields)) {
		if before, also := d.Before.Fields[name]; !also || before != d.After.Fields[name] {
			now.Fields[name] = d.After.Fields[name]
		}
	}
	for name, before := range d.Before.Fields {
		if after, also := d.After.Fields[name]; !also || before != after {
			was.Fields[name] = before
		}
	}
	if was.Why == now.Why {
		was.Why = ""
	}
	was.Member, was.Group = uuid.Nil, uuid.Nil // the same
	text := changeText(was)
	if was.Op != now.Op || was.Part != now.Part {
		text = strings.TrimSpace(was.Op + partText(was.Part, of) + "  " + text)
	}
	p.line("    %s", changeText(now))
	p.line("      was: %s", text)
}

// runText names the run that a report is compared with.
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

// comparedJSON is the JSON of a comparison but for its lists.
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

// totalsJSON comes after the lists.
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

// writeCompared writes the comparison as a further member of the object; null where there is none.
func writeCompared(w *bufio.Writer, in Input) error {
	w.WriteString(",\n\"compared\":") //nolint:errcheck // a bufio.Writer keeps its error until Flush
	c := in.Compared
	if c == nil {
		_, err := w.WriteString("null")
		return err
	}
	head, err := marshal(comparedJSON{Run: c.Run.ID, Preview: c.Run.Preview, Tried: c.Tried, Started: c.Run.Started.UTC()})
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

// marshalSide is a change of the run; null for none.
func marshalSide(c *Change, of uuid.UUID) ([]byte, error) {
	if c == nil {
		return []byte("null"), nil
	}
	side := *c
	side.Run = of
	return MarshalChange(side)
}
