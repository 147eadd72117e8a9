// Package plandiff compares two plans of one tenant, and the issues of the runs that made them: a preview with the
// preview before it, or with what a sync did.
//
// A plan may have millions of changes, in an order that no other plan shares. So the package streams both plans and
// keeps little of them in memory: a hash and a bit for each change of the earlier plan, and a bounded number of changes
// whose counterparts it still looks for. It may read the earlier plan several times.
//
// The ids of members and groups that a plan adds belong to that plan alone. The package knows them by what the next run
// finds again: people by external id or email, groups by key.
package plandiff

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

// clone returns a copy of c with its own strings. The strings of a decoded change share memory with the whole chunk.
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

// Plan iterates over the changes of one plan. Each call gives the same changes in the same order. A nil Plan is empty.
type Plan func() iter.Seq2[Change, error]

// Kind says how two plans differ in one change.
type Kind string

// The kinds.
const (
	New     Kind = "new"     // only in the later plan
	Gone    Kind = "gone"    // only in the earlier one
	Changed Kind = "changed" // about the same member, group or membership, but not the same change
)

// Difference is one change in which two plans differ. Before is nil for New, After is nil for Gone.
type Difference struct {
	Kind   Kind
	Before *Change
	After  *Change
}

// Tally counts the changes of two plans and their differences.
type Tally struct {
	Before, After      run.ChangeCounts
	New, Gone, Changed int
}

// CompareChanges iterates over the differences between an earlier and a later plan, and counts into tally
// meanwhile. The first error of either plan ends the iteration. The laws, for plans a and b:
//
//   - a doesn't differ from itself, whatever ids a run made and in whatever order the changes come;
//   - a without its Gone changes and the Before of each Changed, with the New ones and the After of each Changed,
//     is b;
//   - the differences between b and a are those between a and b, with New and Gone, Before and After swapped.
func CompareChanges(before, after Plan, tally *Tally) iter.Seq2[Difference, error] {
	return compareChanges(before, after, tally, maxUnresolved)
}

func compareChanges(before, after Plan, tally *Tally, most int) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		c := comparison{before: before.visible(), after: after.visible(), tally: tally, most: most}
		c.emit = func(d Difference) error {
			if !yield(d, nil) {
				return errStopped
			}
			return nil
		}
		if err := c.run(); err != nil && !errors.Is(err, errStopped) {
			yield(Difference{}, err)
		}
	}
}

// errStopped says that the caller has stopped the iteration.
var errStopped = errors.New("stopped")

// maxUnresolved bounds the Changed changes in memory. Beyond it, resolve reads the earlier plan once more.
const maxUnresolved = 50_000

// visible leaves out the changes that no report shows.
func (p Plan) visible() Plan {
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

// comparison compares two plans once.
type comparison struct {
	before, after Plan
	byID          bool // added people are known by external id, else by email
	tally         *Tally
	emit          func(Difference) error
	most          int // see maxUnresolved

	entries    []entry        // of before, sorted
	unresolved map[int]Change // changes of after whose counterparts aren't read yet, by entry
	unmatched  int            // entries without a counterpart in after
}

// entry is one change of the earlier plan.
type entry struct {
	key     roster.Hash // what the change is about
	content uint64      // what it does
	matched bool        // the later plan has a change with the same key
}

func (e entry) compare(other entry) int {
	return cmp.Or(bytes.Compare(e.key[:], other.key[:]), cmp.Compare(e.content, other.content))
}

func (c *comparison) run() error {
	c.unresolved = map[int]Change{}
	for _, step := range []func() error{c.chooseKey, c.index, c.match, c.resolve, c.emitGone} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// chooseKey decides how to know added people. Their external ids compare only if both runs read them from the same
// column.
func (c *comparison) chooseKey() error {
	before, err := externalKind(c.before)
	if err != nil || before == "" {
		return err
	}
	after, err := externalKind(c.after)
	c.byID = before == after
	return err
}

// externalKind returns the kind of the external ids in a plan's additions. One plan has one kind.
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

// index makes an entry for each change of the earlier plan.
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
	c.unmatched = len(c.entries)
	return nil
}

// match reads the later plan. It emits New changes and collects Changed ones.
func (c *comparison) match() error {
	about := newSubjects(c.byID)
	for change, err := range c.after() {
		if err != nil {
			return err
		}
		change.Count(&c.tally.After)
		e := about.entry(change)
		at, found := c.find(e, func(i int) bool { return !c.entries[i].matched })
		if !found {
			c.tally.New++
			if err := c.emit(Difference{Kind: New, After: &change}); err != nil {
				return err
			}
			continue
		}
		c.entries[at].matched = true
		c.unmatched--
		if c.entries[at].content == e.content {
			continue
		}
		if c.unresolved[at] = change.clone(); len(c.unresolved) >= c.most {
			if err := c.resolve(); err != nil {
				return err
			}
		}
	}
	return nil
}

// find returns an eligible entry with the key of e. It prefers an entry with the same content.
func (c *comparison) find(e entry, eligible func(int) bool) (at int, found bool) {
	from, _ := slices.BinarySearchFunc(c.entries, entry{key: e.key}, entry.compare)
	for i := from; i < len(c.entries) && c.entries[i].key == e.key; i++ {
		if !eligible(i) {
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

// reread reads the earlier plan once more and calls do for each eligible entry, until none is left.
func (c *comparison) reread(left func() int, eligible func(int) bool, do func(at int, change Change) error) error {
	if left() == 0 {
		return nil
	}
	about := newSubjects(c.byID)
	for change, err := range c.before() {
		if err != nil {
			return err
		}
		key := about.key(change.Change)
		if _, found := c.find(entry{key: key}, eligible); !found {
			continue // nearly all changes end here, before their content is hashed
		}
		does := content(change)
		at, _ := c.find(entry{key: key, content: does}, eligible)
		if c.entries[at].content != does {
			continue
		}
		if err := do(at, change); err != nil || left() == 0 {
			return err
		}
	}
	return nil
}

// resolve finds the earlier counterparts of the changes in unresolved and emits both.
func (c *comparison) resolve() error {
	return c.reread(
		func() int { return len(c.unresolved) },
		func(i int) bool { _, waits := c.unresolved[i]; return waits },
		func(at int, before Change) error {
			after := c.unresolved[at]
			delete(c.unresolved, at)
			c.tally.Changed++
			return c.emit(Difference{Kind: Changed, Before: &before, After: &after})
		})
}

// emitGone emits the changes that the later plan doesn't have.
func (c *comparison) emitGone() error {
	return c.reread(
		func() int { return c.unmatched },
		func(i int) bool { return !c.entries[i].matched },
		func(at int, before Change) error {
			c.entries[at].matched = true
			c.unmatched--
			c.tally.Gone++
			return c.emit(Difference{Kind: Gone, Before: &before})
		})
}
