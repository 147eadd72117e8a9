package report

import (
	"bufio"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/rollcall/rollcall/internal/run"
)

//go:embed page.html
var pageSource string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// A page shows the first elements of a list and folds in more. It only counts the rest, so that pages stay small.
const (
	pageFirst = 10  // shown without unfolding
	pageLimit = 200 // shown in total
)

// htmlPage is the data of the template.
type htmlPage struct {
	Title     string
	Tenant    string
	Run       uuid.UUID
	Request   string
	Started   string
	Took      string
	Outcome   outcomeView
	Error     *run.ResultError
	Completed bool // the lists are complete
	Tiles     []tile
	Causes    []causeView
	Words     []wordView
	Ops       []opView
	Strip     *outcomeStrip
	Charts    []chart
	Dropped   string // what the retention dropped; "": nothing
	Preview   bool
	Notice    string // about a preview; "" for a sync
	Levels    *levelsView
	Undo      bool // an undo reads no directory, so there is nothing to correct
}

// outcomeView describes an outcome.
type outcomeView struct {
	Word  string
	Class string // good, quiet, held, bad
	Text  string
}

// tile is one number with its label.
type tile struct {
	Label string
	Value string
	Note  string
	Class string
}

// wordView is one word of the status or locale column.
type wordView struct{ Field, Word, Rows, Meaning string }

// causeView is one cause of issues.
type causeView struct {
	Severity string
	Title    string
	Code     string
	Field    string
	What     string
	Hint     string
	Details  bool        // each row has its own detail
	Whole    bool        // it concerns the whole report, so there are only details
	Values   []valueView // offending ones, worst first
	Rest     string      // about rows that are not among the values
	Rows     foldedList[rowView]
}

// valueView is one offending value with its number of rows.
type valueView struct{ Value, Rows string }

type rowView struct{ Row, ExternalID, Email, Detail string }

// opView is one kind of change.
type opView struct {
	Title   string
	Count   int
	Class   string // in, same, out
	Waiting string
	Changes foldedList[changeView]
}

// CountText returns the formatted count. The template calls it.
func (o opView) CountText() string { return grouped(o.Count) }

type changeView struct {
	Who    string
	Group  string
	Why    string
	Fields []fieldView
}

type fieldView struct{ Name, Before, After string }

// foldedList is a list that shows only its first part at once.
type foldedList[T any] struct {
	First []T
	Rest  []T
	More  int // number of elements that are not on the page
}

// Folded returns the number of folded elements. The template calls it.
func (l foldedList[T]) Folded() int { return len(l.Rest) }

// MoreText returns the formatted number of elements that are not on the page. The template calls it.
func (l foldedList[T]) MoreText() string { return grouped(l.More) }

func fold[T any](list []T, all int) foldedList[T] {
	first := min(len(list), pageFirst)
	if len(list) <= pageFirst+2 { // too few to fold
		first = len(list)
	}
	return foldedList[T]{First: list[:first], Rest: list[first:], More: all - len(list)}
}

func writeHTML(w *bufio.Writer, in Input) error {
	s := newHTMLPage(in)
	found := causes{}
	for issue, err := range in.Issues {
		if err != nil {
			return err
		}
		found.add(issue, pageLimit)
	}
	if err := found.complete(in.Earlier); err != nil {
		return err
	}
	for _, c := range found.worstFirst() {
		s.Causes = append(s.Causes, causeOf(c))
	}
	for _, w := range in.Words {
		s.Words = append(s.Words, wordView{w.Field, printable(wordText(w)), grouped(w.Rows), w.Meaning})
	}
	lists := opLists{}
	for change, err := range in.Changes {
		if err != nil {
			return err
		}
		lists.add(change, pageLimit)
	}
	for _, key := range slices.SortedFunc(maps.Keys(lists), inPageOrder) {
		s.Ops = append(s.Ops, opOf(key, lists[key], in.Run))
	}
	return pageTemplate.Execute(w, s)
}

func newHTMLPage(in Input) htmlPage {
	s := htmlPage{
		Title: cmp.Or(printable(in.Name), in.Tenant), Tenant: in.Tenant, Run: in.Run.ID, Preview: in.Run.Preview,
		Completed: completed(in.Run), Undo: isUndo(in.Run),
		Started: in.Run.Started.UTC().Format("2 January 2006, 15:04 UTC"), Took: "not finished",
		Request: origins[in.Run.Origin],
	}
	if in.Run.Preview {
		s.Request, s.Notice = "Preview", previewText(in)
	}
	if !in.Dropped.IsZero() {
		s.Dropped = droppedText(in.Dropped)
	}
	if !in.Run.Finished.IsZero() {
		s.Took = "took " + took(in.Run)
	}
	if s.Outcome = outcomeOf(in.Run); s.Notice != "" && s.Completed {
		s.Outcome.Text = "" // the notice says it
	}
	if r := in.Run.Result; r != nil {
		if s.Completed || r.Snapshot.Users > 0 || r.Changes.Total() > 0 { // the run failed before it counted
			s.Tiles = tiles(*r)
		}
		if in.Simulated != nil {
			s.Tiles, s.Levels = simulationTiles(*in.Simulated), levelsOf(*in.Simulated)
		}
		if r.Error != nil {
			s.Error = &run.ResultError{
				Kind: r.Error.Kind, Detail: printable(r.Error.Detail),
				Hint: printable(r.Error.Hint),
			}
		}
	}
	history := slices.Clone(in.History[:min(len(in.History), HistoryLength)])
	slices.Reverse(history)
	if len(history) > 1 { // charts need more than one run
		s.Strip = newOutcomeStrip(history, in.Run.ID)
		s.Charts = charts(history, in.Run.ID)
	}
	return s
}

var origins = map[run.Origin]string{run.Manual: "Manual sync", run.Scheduled: "Scheduled sync", run.Undo: "Undo"}

// took formats the duration of a run.
func took(r run.Run) string {
	d := r.Finished.Sub(r.Started)
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// outcomes describe the outcomes of a sync.
var outcomes = map[run.Outcome]outcomeView{
	run.Applied:   {"Applied", "good", "The members now match the directory."},
	run.Unchanged: {"Unchanged", "quiet", "Nothing has changed in the directory. Nothing was written."},
	run.Held:      {"Held", "held", "Changes exceed a limit and await approval. Everything else was applied."},
	run.Rejected:  {"Rejected", "held", "The held changes were rejected. They were not applied."},
	run.Expired:   {"Expired", "held", "The held changes expired without a decision. They were not applied."},
	run.Previewed: {"Preview", "quiet", "This shows what a sync would do. Nothing was written."},
	run.Failed:    {"Failed", "bad", "The sync could not be completed."},
}

func outcomeOf(r run.Run) outcomeView {
	if r.Result == nil {
		return outcomeView{"Open", "quiet", "The sync has not ended yet."}
	}
	if o, ok := undoOutcomes[r.Result.Outcome]; ok && isUndo(r) {
		return o
	}
	if o, ok := outcomes[r.Result.Outcome]; ok {
		return o
	}
	return outcomeView{string(r.Result.Outcome), "quiet", ""}
}

// tiles returns the numbers of a run.
func tiles(r run.Result) []tile {
	if r.Undoes != nil {
		return undoTiles(r)
	}
	joined, left := r.Changes.Added+r.Changes.Returned, r.Changes.Departed+r.Changes.Deleted
	list := []tile{
		{
			"People read", grouped(r.Snapshot.Users),
			fmt.Sprintf("%s, %s", groupedCount(r.Snapshot.Groups, "group", "groups"),
				groupedCount(r.Snapshot.Memberships, "membership", "memberships")), "",
		},
		{"Rows accepted", grouped(r.Rows.Accepted), grouped(r.Rows.Warnings) + " with warnings", ""},
		{"Rows rejected", grouped(r.Rows.Rejected), "", ""},
		{"Changes", grouped(r.Changes.Total()), fmt.Sprintf("%s in, %s out", grouped(joined), grouped(left)), ""},
	}
	if r.Rows.Departed > 0 {
		list[1].Note += ", " + grouped(r.Rows.Departed) + " have left"
	}
	if r.Rows.NotStarted > 0 {
		list[1].Note += ", " + grouped(r.Rows.NotStarted) + " have not started"
	}
	if r.Rows.OutOfScope > 0 {
		list[1].Note += ", " + grouped(r.Rows.OutOfScope) + " out of scope"
	}
	if r.Rows.Rejected > 0 {
		list[2].Note, list[2].Class = "their members are unchanged", "bad"
	}
	if r.Failed > 0 {
		list = append(list, tile{"Not applied", grouped(r.Failed), "refused by the database", "bad"})
	}
	if r.Held != nil {
		list = append(list, heldTiles(*r.Held, r.Outcome)...)
	}
	return list
}

// heldTiles returns the numbers of a held plan, one for each part.
func heldTiles(h run.HeldPlan, outcome run.Outcome) (list []tile) {
	label := "%s held"
	if outcome == run.Previewed {
		label = "%s to hold"
	}
	for _, part := range []struct {
		name  string
		count int
	}{{"Removals", h.Removals}, {"Additions", h.Additions}, {"Changes", h.Changes}} {
		if part.count > 0 {
			list = append(list, tile{fmt.Sprintf(label, part.name), grouped(part.count), "plan " + h.Plan, "held"})
		}
	}
	return list
}

// grouped formats a number with its thousands separated.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "\u202f" + text[i:]
	}
	return text
}

func groupedCount(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}
