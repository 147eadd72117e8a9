package activities_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/health"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/store"
)

var errCut = errors.New("the connection was cut")

// unreliable is a store whose n-th write fails: before it is done, or after, when the caller can't know that it was.
type unreliable struct {
	*store.Store
	mu     sync.Mutex
	writes int
	cut    int // the number of the write that fails; 0: none
	after  bool
}

func (u *unreliable) write(do func() error) error {
	u.mu.Lock()
	u.writes++
	cut := u.writes == u.cut
	u.mu.Unlock()
	if cut && !u.after {
		return errCut
	}
	if err := do(); err != nil {
		return err
	}
	if cut {
		return errCut
	}
	return nil
}

func (u *unreliable) BeginRun(
	ctx context.Context, r run.Run, asked *health.Event, opening ledger.Opening,
) (begun run.Run, kept []byte, err error) {
	return begun, kept, u.write(func() (err error) {
		begun, kept, err = u.Store.BeginRun(ctx, r, asked,
			opening)
		return err
	})
}

func (u *unreliable) FinishRun(
	ctx context.Context, id uuid.UUID, end ledger.Ending,
) (ended run.Run, told []health.Alert, err error) {
	return ended, told, u.write(func() (err error) { ended, told, err = u.Store.FinishRun(ctx, id, end); return err })
}

func (u *unreliable) ClaimStage(
	ctx context.Context, id uuid.UUID, name string, attempt int, resume bool, began time.Time,
) (stage ledger.Stage, err error) {
	return stage, u.write(func() (err error) {
		stage, err = u.Store.ClaimStage(ctx, id, name, attempt, resume, began)
		return err
	})
}

func (u *unreliable) PutChunk(ctx context.Context, chunk ledger.Chunk, progress ledger.Progress) error {
	return u.write(func() error { return u.Store.PutChunk(ctx, chunk, progress) })
}

func (u *unreliable) SealStage(ctx context.Context, id uuid.UUID, name string, attempt int, summary []byte) error {
	return u.write(func() error { return u.Store.SealStage(ctx, id, name, attempt, summary) })
}

func (u *unreliable) Claim(ctx context.Context, claim ledger.Claim) (base int64, err error) {
	return base, u.write(func() (err error) { base, err = u.Store.Claim(ctx, claim); return err })
}

func (u *unreliable) ApplyBatch(ctx context.Context, batch ledger.Batch) (applied ledger.Applied, err error) {
	return applied, u.write(func() (err error) { applied, err = u.Store.ApplyBatch(ctx, batch); return err })
}

func (u *unreliable) Chunks(ctx context.Context, id uuid.UUID, name string, from, to int) iter.Seq2[[]byte, error] {
	return u.Store.Chunks(ctx, id, name, from, to)
}

// story is two syncs of a directory, the second with every kind of change.
func story(o *harness, listed bool) (first, second run.Result) {
	all := people(9)
	o.source.groups = namedGroups("Sales", "Ops")
	if listed {
		o.source.from = workos.Source()
		o.source.groups = []directory.Group{{Row: 1, Key: "g1", Name: "Sales"}, {Row: 2, Key: "g2", Name: "Ops"}}
		o.source.memberships = []directory.Membership{
			{Group: "g1", User: "1000"},
			{Group: "g1", User: "1004"},
			{Group: "g2", User: "1001"},
		}
		for _, row := range all {
			row["idp_id"] = row["Employee_ID"]
		}
	} else {
		all = with(all, 0, "Groups", "Sales; Ops")
		all = with(all, 4, "Groups", "Ops")
	}
	o.source.users = all
	first = o.sync(run.Applied)
	all = with(with(without(all, 5), 2, "City", "Paris"), 3, "Status", "inactive")
	if listed {
		o.source.memberships = []directory.Membership{
			{Group: "g1", User: "1004"},
			{Group: "g2", User: "1001"},
			{Group: "g2", User: "1006"},
		}
	} else {
		all = with(all, 4, "Groups", "Sales")
	}
	o.source.users = append(all, worker(30))
	if listed {
		o.source.users[8]["idp_id"] = o.source.users[8]["Employee_ID"]
	}
	second = o.sync(run.Applied)
	return first, second
}

// groupsStory is two syncs, before the second of which only the groups change.
func groupsStory(o *harness) (first, second run.Result) {
	o.source.users, o.source.groups = inGroup("Sales; Ops"), namedGroups("Sales")
	first = o.sync(run.Applied)
	o.source.groups = namedGroups("SALES", "Ops")
	return first, o.sync(run.Applied)
}

// picture is all that a story leaves, less ids and times: members by email with their groups, and the audit.
func picture(o *harness) []string {
	o.t.Helper()
	names, groups := map[uuid.UUID]string{}, map[uuid.UUID]string{}
	kept, err := o.kept.Groups(o.t.Context(), acme)
	require.NoError(o.t, err)
	var lines []string
	for _, group := range kept {
		groups[group.ID] = group.Name
	}
	for mail, member := range o.members() {
		names[member.ID] = mail
		lines = append(lines, fmt.Sprint(mail, " v", member.Version, " ", member.ExternalKind, member.ExternalID,
			member.Values, member.Known, member.DepartedAt.IsZero()))
	}
	for membership, err := range o.kept.Memberships(o.t.Context(), acme) {
		require.NoError(o.t, err)
		lines = append(lines, names[membership.Member]+" in "+groups[membership.Group])
	}
	last := int64(0)
	for _, change := range o.audit() {
		require.Greater(o.t, change.Seq, last, "no number of the audit comes twice")
		last = change.Seq
		lines = append(lines, fmt.Sprint(change.Op, " ", names[change.Member], groups[change.Group], " ",
			len(change.Fields), " ", change.Why))
	}
	slices.SortFunc(lines, cmp.Compare[string])
	return lines
}

// Whichever write fails, before or after it was done, the steps go on from there and leave what they would have left.
func TestASyncInterruptedAtAnyWriteEndsTheSame(t *testing.T) {
	t.Parallel()
	for kind, story := range map[string]func(*harness) (run.Result, run.Result){
		"workday":      func(o *harness) (first, second run.Result) { return story(o, false) },
		"workos":       func(o *harness) (first, second run.Result) { return story(o, true) },
		"other groups": groupsStory,
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			whole := open(t)
			counting := &unreliable{Store: whole.kept}
			whole.do.Runs, whole.do.Stages, whole.do.Ledger = counting, counting, counting
			first, second := story(whole)
			want := picture(whole)
			require.Greater(t, counting.writes, 40)
			stride := 1
			if testing.Short() {
				stride = 7 // some of them: the race detector makes each ten times as long
			}
			for cut := 1; cut <= counting.writes; cut += stride {
				for _, after := range []bool{false, true} {
					o := open(t)
					u := &unreliable{Store: o.kept, cut: cut, after: after}
					o.do.Runs, o.do.Stages, o.do.Ledger = u, u, u
					one, two := story(o)
					require.Equal(t, first.Changes, one.Changes, "write %d, after: %t", cut, after)
					require.Equal(t, second.Changes, two.Changes, "write %d, after: %t", cut, after)
					require.Equal(t, want, picture(o), "write %d, after: %t", cut, after)
				}
			}
		})
	}
}

func TestAPagedReadResumesAfterTheLastStoredPage(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.from = workos.Source()
	o.source.users = people(9)
	refused := o.source.cut(2, 3)
	require.Equal(t, 9, o.sync(run.Applied).Changes.Added)
	require.Equal(t, []directory.Cursor{"", "6", "6", "6"}, o.source.froms)
	// And again over rows that are known: what was seen of them before the cut isn't forgotten.
	*refused, o.source.froms = 0, nil
	o.source.users = with(o.source.users, 8, "City", "Paris")
	require.Equal(t, run.ChangeCounts{Updated: 1}, o.sync(run.Applied).Changes)
	require.Equal(t, []directory.Cursor{"", "6", "6", "6"}, o.source.froms)
}

func TestAReportIsReadAgainFromItsBeginning(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(9)
	o.source.cut(2, 2)
	require.Equal(t, 9, o.sync(run.Applied).Changes.Added)
	require.Equal(t, []directory.Cursor{"", "", ""}, o.source.froms)
}

func TestAnIncompleteReadIsNoSnapshot(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(4)
	o.sync(run.Applied)
	o.source.users, o.source.short = people(2), true
	o.rules.Stall = time.Nanosecond
	result := o.fails("stalled")
	require.True(t, strings.HasPrefix(result.Error.Detail, "no progress"), result.Error.Detail)
	for _, member := range o.members() {
		require.Equal(t, roster.Active, member.Values[roster.Status])
	}
}
