package activities_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/rollcall/rollcall/internal/guard"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

var (
	histories    = flag.Uint64("histories", 40, "number of random histories; 1 tells what happens in it")
	firstHistory = flag.Uint64("first-history", 1, "number of the first of them")
)

// TestNobodyIsDoubledInRandomHistories plays histories of people who join, leave, return, get new ids, names and
// mailboxes, of plans that are approved, rejected, expired and undone, and of links. After every run, no two members have
// one email or one id, nobody has two profiles, and nobody who left is active.
func TestNobodyIsDoubledInRandomHistories(t *testing.T) {
	t.Parallel()
	last := *firstHistory + *histories
	if testing.Short() {
		last = min(last, *firstHistory+5)
	}
	for seed := *firstHistory; seed < last; seed++ {
		t.Run(fmt.Sprintf("history %d", seed), func(t *testing.T) {
			h := newHistory(t, seed)
			for range 4 + h.random.IntN(8) {
				h.play()
			}
			if t.Failed() || *histories == 1 {
				t.Log(strings.Join(h.told, "\n"))
			}
		})
	}
}

// somebody is a person, and how the directory shows them.
type somebody struct {
	number int
	id     string // the present external id
	row    person
	listed bool
	ended  bool   // the row says so
	older  person // a row of an earlier contract that is listed too; nil: none
}

// chronicle is a random history: the persons, the runs so far, and what happened, for a failing test.
type chronicle struct {
	*harness
	random  *rand.Rand
	people  []*somebody
	owners  map[string]*somebody // by any external id that they ever had
	mailbox int
	runs    []run.Result // that applied something
	held    *run.Result  // the plan that waits
	told    []string
}

func newHistory(t *testing.T, seed uint64) *chronicle {
	t.Helper()
	h := &chronicle{harness: open(t), random: rand.New(rand.NewPCG(seed, 11)), owners: map[string]*somebody{}}
	h.rules.Limits = guard.Limits{
		Removals: h.random.IntN(4), Additions: &guard.Limit{Count: h.random.IntN(5)},
		Changes: &guard.Limit{Count: h.random.IntN(5)},
	}
	h.origin = run.Scheduled
	for range 5 + h.random.IntN(6) {
		h.join("")
	}
	h.after(h.run())
	return h
}

func (h *chronicle) tell(format string, args ...any) {
	h.told = append(h.told, fmt.Sprintf(format, args...))
}

// join adds a person; with the mailbox of somebody else, unless that is "".
func (h *chronicle) join(mailbox string) {
	number := len(h.people)
	row := worker(number)
	if mailbox != "" {
		row["Work_Email"] = mailbox
	}
	s := &somebody{number: number, id: row["Employee_ID"].(string), row: row, listed: true}
	h.people = append(h.people, s)
	h.owners[s.id] = s
	h.tell("%d joins as %v", number, mailbox)
}

// pick returns a person for whom ok holds, or nil.
func (h *chronicle) pick(ok func(*somebody) bool) *somebody {
	var fitting []*somebody
	for _, s := range h.people {
		if ok(s) {
			fitting = append(fitting, s)
		}
	}
	if len(fitting) == 0 {
		return nil
	}
	return fitting[h.random.IntN(len(fitting))]
}

// settled reports whether the person's member is as the directory shows the person. Two things that happen to somebody at
// once, a new id and a new mailbox, leave nothing that says who they are.
func (h *chronicle) settled(s *somebody) bool {
	for member := range h.all() {
		if member.ExternalID == s.id {
			return member.Values[roster.Email] == s.row["Work_Email"] && member.Values[roster.LastName] == s.row["Last_Name"]
		}
	}
	return false
}

func (h *chronicle) all() map[*roster.Member]bool {
	found := map[*roster.Member]bool{}
	for member, err := range h.kept.Members(h.t.Context(), acme) {
		require.NoError(h.t, err)
		found[&member] = true
	}
	return found
}

// happen lets one random thing happen in the directory.
func (h *chronicle) happen() {
	working := func(s *somebody) bool { return s.listed && !s.ended && s.older == nil && h.settled(s) }
	gone := func(s *somebody) bool { return !s.listed || s.ended }
	what := h.random.IntN(14)
	s := h.pick(working)
	if what == 1 || what == 2 || what == 12 {
		s = h.pick(gone)
	}
	if s == nil || what == 0 {
		h.join("")
		return
	}
	switch what {
	case 1:
		if h.mailboxTaken(s) {
			return
		}
		s.listed, s.ended, s.older = true, false, nil
		delete(s.row, "Status")
		h.tell("%d returns", s.number)
	case 2:
		if h.mailboxTaken(s) {
			return
		}
		h.join(s.row["Work_Email"].(string))
	case 3, 4:
		s.listed = false
		h.tell("%d leaves", s.number)
	case 5:
		s.ended, s.row = true, with([]person{s.row}, 0, "Status", "Terminated")[0]
		h.tell("%d is terminated", s.number)
	case 6:
		s.row = with([]person{s.row}, 0, "Status", []string{"On Leave", "Active"}[h.random.IntN(2)])[0]
		h.tell("%d has status %s", s.number, s.row["Status"])
	case 7:
		h.renumber(s, "C")
	case 8:
		s.older = with([]person{s.row}, 0, "Status", "Terminated")[0]
		h.renumber(s, "E")
	case 9:
		other := h.pick(func(o *somebody) bool { return working(o) && o != s })
		if other == nil {
			return
		}
		mine, theirs := s.row["Work_Email"], other.row["Work_Email"]
		s.row = with([]person{s.row}, 0, "Work_Email", theirs)[0]
		other.row = with([]person{other.row}, 0, "Work_Email", mine)[0]
		h.tell("%d and %d swap mailboxes", s.number, other.number)
	case 10:
		s.row = with([]person{s.row}, 0, "Last_Name", fmt.Sprintf("Renamed%d", h.random.IntN(1000)))[0]
		h.tell("%d is %s", s.number, s.row["Last_Name"])
	case 11:
		h.mailbox++
		s.row = with([]person{s.row}, 0, "Work_Email", fmt.Sprintf("new%d@acme.example", h.mailbox))[0]
		h.tell("%d is %s", s.number, s.row["Work_Email"])
	case 12: // somebody new gets the mailbox while the old row, which says ended, is listed
		if s.listed && !h.mailboxTaken(s) {
			h.join(s.row["Work_Email"].(string))
		}
	case 13:
		for _, each := range h.people {
			if working(each) {
				h.renumber(each, "N")
			}
		}
	}
}

// mailboxTaken reports whether a listed person who works has the mailbox of s.
func (h *chronicle) mailboxTaken(s *somebody) bool {
	return h.pick(func(o *somebody) bool {
		return o != s && o.listed && !o.ended && o.row["Work_Email"] == s.row["Work_Email"]
	}) != nil
}

func (h *chronicle) renumber(s *somebody, prefix string) {
	s.id = prefix + s.id
	s.row = with([]person{s.row}, 0, "Employee_ID", s.id)[0]
	h.owners[s.id] = s
	h.tell("%d is %s", s.number, s.id)
}

// play takes a run back or links people, lets something happen in the directory, and then a sync, or a decision about what
// is held.
func (h *chronicle) play() {
	if h.held == nil {
		switch choice := h.random.IntN(8); {
		case choice == 0 && len(h.runs) > 0:
			h.takeBack(h.runs[h.random.IntN(len(h.runs))])
		case choice == 1:
			h.linkOrUnlink()
		}
	}
	for range h.random.IntN(4) {
		h.happen()
	}
	if h.held != nil {
		h.decide()
	}
	h.after(h.run())
}

// takeBack undoes a run, or rejects that.
func (h *chronicle) takeBack(of run.Result) {
	h.tell("undo %s", of.Run[:13])
	planned := h.planUndo(of, h.either)
	if planned.Outcome == run.Held && h.next != nil {
		result, err := h.round(workflows.UndoName)
		require.NoError(h.t, err)
		h.tell("undo: %s %s", result.Outcome, result.Changes.Summary())
	}
	h.next = nil
	h.check()
}

// either approves or rejects the undo that is held.
func (h *chronicle) either(env *testsuite.TestWorkflowEnvironment) {
	update := []string{workflows.ApproveUpdate, workflows.ApproveUpdate, workflows.RejectUpdate}[h.random.IntN(3)]
	deciding(h.t, update, h.status(env).Hold.Plan)(env)
}

// decide approves, rejects, lets expire or keeps the held plan, as the next round begins.
func (h *chronicle) decide() {
	held := h.held.Held
	only := []run.Kind{"", "", run.Removals, run.Additions, run.Updates}[h.random.IntN(5)]
	choice := h.random.IntN(5)
	h.tell("decision %d %s", choice, only)
	h.act = func(env *testsuite.TestWorkflowEnvironment) {
		name, decision := workflows.ApproveUpdate, workflows.Decision{Plan: held.Plan, Request: "d1", Only: only}
		switch choice {
		case 0:
			name, decision.Only = workflows.RejectUpdate, ""
		case 1:
			return // expires
		case 2:
			env.SignalWorkflow(workflows.ResyncSignal, workflows.Resync{Origin: run.Scheduled})
			return
		}
		ended := &testsuite.TestUpdateCallback{
			// A plan may hold nothing of a kind, or another plan by now.
			OnReject: func(error) {
				env.SignalWorkflow(workflows.ResyncSignal, workflows.Resync{Origin: run.Scheduled})
			},
			OnAccept: func() {}, OnComplete: func(any, error) {},
		}
		env.UpdateWorkflow(name, "u", ended, decision)
	}
	h.after(h.run())
	h.act = nil
}

// linkOrUnlink does what a person who knows who is who would do.
func (h *chronicle) linkOrUnlink() {
	for member := range h.all() {
		owner := h.owners[member.ExternalID]
		if owner == nil {
			continue
		}
		if h.random.IntN(2) == 0 {
			h.tell("unlink %s of %d", member.ExternalID, owner.number)
			_, _ = h.kept.Unlink(h.t.Context(), h.decided("unlink"), member.ID, member.ExternalID) // or refused
		} else {
			h.tell("link %s to %d", owner.id, owner.number)
			_, _ = h.kept.Link(h.t.Context(), h.decided("link"), member.ID, owner.id) // or refused
		}
		h.check()
		return
	}
}

// run plays a sync of what the directory shows.
func (h *chronicle) run() run.Result {
	h.source.users = nil
	for _, s := range h.people {
		if s.listed {
			h.source.users = append(h.source.users, s.row)
		}
		if s.listed && s.older != nil {
			h.source.users = append(h.source.users, s.older)
		}
	}
	h.random.Shuffle(len(h.source.users), func(i, j int) {
		h.source.users[i], h.source.users[j] = h.source.users[j], h.source.users[i]
	})
	result, err := h.round(workflows.SyncName)
	if err != nil { // nobody is listed, for instance: nothing is written
		require.NotNil(h.t, result.Error, "%v", err)
		h.tell("failed: %s", result.Error.Kind)
		return result
	}
	h.tell("%s: %s, %s, held %+v", result.Run[:13], result.Outcome, result.Changes.Summary(), result.Held)
	return result
}

// after takes note of a result, and checks the members.
func (h *chronicle) after(result run.Result) {
	h.held = nil
	if h.next != nil && result.Held != nil {
		h.held = &result
	}
	if result.Changes.Total() > 0 {
		h.runs = append(h.runs, result)
	}
	rows := result.Rows
	counted := rows.Accepted + rows.Rejected + rows.Departed + rows.NotStarted + rows.OutOfScope + rows.Merged
	if result.Error == nil {
		require.Equal(h.t, result.Snapshot.Users, counted, "%+v\n%s", rows, strings.Join(h.told, "\n"))
	}
	h.check()
}

// check fails if a person is there twice.
func (h *chronicle) check() {
	h.t.Helper()
	emails, ids, profiles := map[string]uuid.UUID{}, map[string]uuid.UUID{}, map[*somebody]uuid.UUID{}
	once := func(what string, other uuid.UUID, found bool) {
		require.False(h.t, found, "%s is there twice, also as %s\n%s", what, other, strings.Join(h.told, "\n"))
	}
	for member, err := range h.kept.Members(context.WithoutCancel(h.t.Context()), acme) {
		require.NoError(h.t, err)
		if email := member.Values[roster.Email]; email != "" {
			other, found := emails[email]
			once("email "+email, other, found)
			emails[email] = member.ID
		}
		if member.ExternalID == "" {
			continue
		}
		other, found := ids[member.ExternalID]
		once("id "+member.ExternalID, other, found)
		ids[member.ExternalID] = member.ID
		owner := h.owners[member.ExternalID]
		require.NotNil(h.t, owner, member.ExternalID)
		if slices.Contains([]string{roster.Active, roster.Inactive}, member.Values[roster.Status]) {
			other, found := profiles[owner]
			once(fmt.Sprintf("person %d", owner.number), other, found)
			profiles[owner] = member.ID
		}
	}
}
