package workflows_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/temporal"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

// judge holds what happened to the law.
func (s *story) judge(t *rapid.T) {
	t.Helper()
	fail := func(i int, format string, args ...any) {
		t.Helper()
		var all strings.Builder
		for n, e := range s.entries {
			fmt.Fprintf(&all, "\n%3d %s", n, e)
		}
		t.Fatalf("%d (%s): %s%s", i, s.entries[i], fmt.Sprintf(format, args...), all.String())
	}
	undoing := false
	for i, e := range s.entries {
		rest, why := s.entries[i+1:], ""
		switch {
		case e.what == "opened":
			undoing = e.kind == workflows.UndoName
		case e.what == "refused":
			why = refusedWell(e.err)
		case e.what == "accepted" && e.kind == workflows.ApproveUpdate:
			why = approvedWell(e, rest)
		case e.what == "accepted":
			why = rejectedWell(e, s.entries[:i], rest)
		case e.what != "delivered":
		case e.kind == "resync":
			why = resynced(e, rest)
		case e.kind == "tick" && e.idle && !undoing:
			why = ticked(rest)
		case e.kind == "cancel":
			why = cancelledWell(s.entries[:i], rest)
		case e.kind == workflows.ApproveUpdate || e.kind == workflows.RejectUpdate:
			why = answered(e, rest)
		}
		if why != "" {
			fail(i, "%s", why)
		}
	}
}

func refusedWell(err error) string {
	var refused *temporal.ApplicationError
	if !errors.As(err, &refused) || !slices.Contains([]string{"not_held", "nobodys_decision", "approved_already"},
		refused.Type()) {
		return fmt.Sprintf("refused by %v", err)
	}
	return ""
}

func answered(e entry, rest []entry) string {
	if !slices.ContainsFunc(rest, func(r entry) bool {
		return r.id == e.id &&
			(r.what == "accepted" || r.what == "refused")
	}) {
		return "has no answer"
	}
	return ""
}

func approvedWell(e entry, rest []entry) string {
	began := false
	for _, r := range rest {
		switch {
		case r.what == "accepted", r.what == "delivered" && r.kind == "cancel", r.what == "conclude" && began:
			return ""
		case r.what == "begin" && (r.plan != e.plan || !began && r.id != e.id):
			return "a round begins that isn't to apply it: " + r.String()
		case r.what == "begin" && r.undoes: // an undo has but this round
			return ""
		case r.what == "begin":
			began = true
		case r.what == "over" && began && r.kind != string(run.Failed):
			return ""
		}
	}
	if !began {
		return "no round begins that is to apply it"
	}
	return ""
}

func rejectedWell(e entry, before, rest []entry) string {
	for _, b := range slices.Backward(before) {
		if b.what == "removals" {
			return "comes too late for the removals under way"
		}
		if b.what == "opened" || b.what == "over" {
			break
		}
	}
	for _, r := range rest {
		switch {
		case r.what == "accepted":
			return ""
		case r.what == "begin", r.what == "removals":
			return "comes too late for " + r.String()
		case r.what == "conclude" && (r.plan != e.plan || r.id != e.id || r.kind != string(run.Rejected)):
			return "another end is recorded: " + r.String()
		case r.what == "concluded":
			return ""
		}
	}
	return "is never recorded"
}

func resynced(e entry, rest []entry) string {
	names := []string{e.id}
	for _, r := range rest {
		switch {
		case r.what == "delivered" && r.kind == "resync":
			names = append(names, r.id)
		case r.what == "delivered" && r.kind == "cancel":
			return ""
		case r.what == "begin" && r.origin == run.Manual && !r.undoes && slices.Contains(names, r.id):
			return ""
		}
	}
	return "no round begins for it"
}

func ticked(rest []entry) string {
	for _, r := range rest {
		if r.what == "begin" || r.what == "delivered" && r.kind == "cancel" {
			return ""
		}
	}
	return "no round begins after it"
}

func cancelledWell(before, rest []entry) string {
	for i, r := range rest {
		if r.what != "begin" {
			continue
		}
		if slices.ContainsFunc(before, func(b entry) bool { return b.id == r.id && r.id != "" }) || r.plan != "" {
			return "a round begins for what was cancelled: " + r.String()
		}
		if !slices.ContainsFunc(rest[:i], func(d entry) bool {
			return d.what == "delivered" &&
				(d.kind == "tick" || d.kind == "resync")
		}) {
			return "a round begins for nothing: " + r.String()
		}
		return ""
	}
	return ""
}
