// Package contrast says what two plans of one tenant have and don't have in common: a preview and the one before it, or
// a preview and what a sync did.
//
// A plan may be of millions of changes in no order that two plans share. So both are read as streams, the first one as
// often as it takes: what is kept in memory is a hash and a bit for each of its changes, and a few thousand changes
// that wait for their counterpart.
//
// Members and groups that a plan adds have ids made of the run that planned them. They are told apart by what the next
// run will find again: people by external id or email, groups by key.
package contrast

import (
	"bytes"
	"cmp"
	"errors"
	"iter"
	"slices"
	"strings"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// Change is a change in a part of a plan.
type Change struct {
	plan.Change
	Part plan.Part
}

// clone is c with texts of its own: those of a change that was read share the memory of all that was read with it.
func (c Change) clone() Change {
	member := func(m *roster.Member) *roster.Member {
		if m == nil {
			return nil
		}
		own := *m
		own.ExternalID, own.ExternalKind = strings.Clone(m.ExternalID), strings.Clone(m.ExternalKind)
		for i := range own.Values {
			own.Values[i] = strings.Clone(m.Values[i])
		}
		return &own
	}
	c.Before, c.After = member(c.Before), member(c.After)
	return c
}

// Plan gives the changes of one plan: the same in the same order each time that it is called. Nil is the empty plan.
type Plan func() iter.Seq2[Change, error]

// Kind is how two plans differ in a change.
type Kind string

// The kinds.
const (
	New     Kind = "new"     // only in the later plan
	Gone    Kind = "gone"    // only in the earlier one
	Changed Kind = "changed" // about the same member, group or membership, but not the same change
)

// Difference is one change in which two plans differ; Before is nil when it is new, After when it is gone.
type Difference struct {
	Kind   Kind
	Before *Change
	After  *Change
}

// Tally counts what is in two plans, and in what they differ.
type Tally struct {
	Before, After      run.ChangeCounts
	New, Gone, Changed int
}

// Plans gives the differences between an earlier and a later plan, and counts into tally while it is read. An error of
// one of the plans ends it. The laws, for plans a, b:
//
//   - the differences between a and a are none, whatever ids a run made and in whatever order the changes come;
//   - a, less what is Gone and the Before of what is Changed, with what is New and the After of what is Changed, is b;
//   - the differences between b and a are those between a and b with New and Gone, Before and After swapped.
func Plans(before, after Plan, tally *Tally) iter.Seq2[Difference, error] {
	return plans(before, after, tally, waiting)
}

func plans(before, after Plan, tally *Tally, most int) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		c := comparison{before: before.changes(), after: after.changes(), tally: tally, most: most}
		c.emit = func(d Difference) error {
			if !yield(d, nil) {
				return errEnough
			}
			return nil
		}
		if err := c.run(); err != nil && !errors.Is(err, errEnough) {
			yield(Difference{}, err)
		}
	}
}

// errEnough says that nobody wants to hear more.
var errEnough = errors.New("enough")

// waiting is how many changed changes wait for their counterparts at most; the earlier plan is read once for so many.
const waiting = 50_000

// changes are those that somebody can see.
func (p Plan) changes() Plan {
	return func() iter.Seq2[Change, error] {
		return func(yield func(Change, error) bool) {
			if p == nil {
				return
			}
			for c, err := range p() {
				if (err != nil || c.Verb.Op() != "") && !yield(c, err) {
					return
				}
			}
		}
	}
}

// comparison is one reading of two plans.
type comparison struct {
	before, after Plan
	byID          bool // added people are known by their external ids; else by their emails
	tally         *Tally
	emit          func(Difference) error
	most          int

	entries []entry        // of before, sorted
	changed map[int]Change // of after, that wait for their counterparts, by entry
	unmet   int            // entries that nothing of after has met
}

// entry is one change of the earlier plan.
type entry struct {
	key     roster.Hash // what it is about
	content uint64      // what it does
	met     bool        // the later plan has one about the same
}

func (e entry) compare(other entry) int {
	return cmp.Or(bytes.Compare(e.key[:], other.key[:]), cmp.Compare(e.content, other.content))
}

func (c *comparison) run() error {
	c.changed = map[int]Change{}
	for _, step := range []func() error{c.meet, c.index, c.match, c.settle, c.leave} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// meet finds out by what added people are known in both plans: other columns may have been taken for their ids.
func (c *comparison) meet() error {
	before, err := externalKind(c.before)
	if err != nil || before == "" {
		return err
	}
	after, err := externalKind(c.after)
	c.byID = before == after
	return err
}

// externalKind is the kind of external ids in a plan's additions: it is the same for all that have one.
func externalKind(p Plan) (string, error) {
	for c, err := range p() {
		if err != nil {
			return "", err
		}
		if c.Verb == plan.Add && c.After.ExternalID != "" {
			return c.After.ExternalKind, nil
		}
	}
	return "", nil
}

// index keeps an entry of each change of the earlier plan.
func (c *comparison) index() error {
	about := newSubjects(c.byID)
	for change, err := range c.before() {
		if err != nil {
			return err
		}
		change.Count(&c.tally.Before)
		c.entries = append(c.entries, about.entry(change))
	}
	slices.SortFunc(c.entries, entry.compare)
	c.unmet = len(c.entries)
	return nil
}

// match reads the later plan: what the earlier one doesn't have is new, what it has otherwise is changed.
func (c *comparison) match() error {
	about := newSubjects(c.byID)
	for change, err := range c.after() {
		if err != nil {
			return err
		}
		change.Count(&c.tally.After)
		e := about.entry(change)
		at, found := c.find(e, func(i int) bool { return !c.entries[i].met })
		if !found {
			c.tally.New++
			if err := c.emit(Difference{Kind: New, After: &change}); err != nil {
				return err
			}
			continue
		}
		c.entries[at].met = true
		c.unmet--
		if c.entries[at].content == e.content {
			continue
		}
		if c.changed[at] = change.clone(); len(c.changed) >= c.most {
			if err := c.settle(); err != nil {
				return err
			}
		}
	}
	return nil
}

// find is an entry about the same that will do; rather one that does the same.
func (c *comparison) find(e entry, will func(int) bool) (at int, found bool) {
	from, _ := slices.BinarySearchFunc(c.entries, entry{key: e.key}, entry.compare)
	for i := from; i < len(c.entries) && c.entries[i].key == e.key; i++ {
		if !will(i) {
			continue
		}
		if c.entries[i].content == e.content {
			return i, true
		}
		if !found {
			at, found = i, true
		}
	}
	return at, found
}

// again reads the earlier plan once more, for the entries that will do, as long as there are any left.
func (c *comparison) again(left func() int, will func(int) bool, do func(at int, change Change) error) error {
	if left() == 0 {
		return nil
	}
	about := newSubjects(c.byID)
	for change, err := range c.before() {
		if err != nil {
			return err
		}
		key := about.key(change.Change)
		if _, found := c.find(entry{key: key}, will); !found {
			continue // as are nearly all: what they do needn't be known
		}
		does := content(change)
		at, _ := c.find(entry{key: key, content: does}, will)
		if c.entries[at].content != does {
			continue
		}
		if err := do(at, change); err != nil || left() == 0 {
			return err
		}
	}
	return nil
}

// settle finds the counterparts of what is changed.
func (c *comparison) settle() error {
	return c.again(
		func() int { return len(c.changed) },
		func(i int) bool { _, waits := c.changed[i]; return waits },
		func(at int, before Change) error {
			after := c.changed[at]
			delete(c.changed, at)
			c.tally.Changed++
			return c.emit(Difference{Kind: Changed, Before: &before, After: &after})
		})
}

// leave gives what is gone.
func (c *comparison) leave() error {
	return c.again(
		func() int { return c.unmet },
		func(i int) bool { return !c.entries[i].met },
		func(at int, before Change) error {
			c.entries[at].met = true
			c.unmet--
			c.tally.Gone++
			return c.emit(Difference{Kind: Gone, Before: &before})
		})
}
