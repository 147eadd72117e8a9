package roster_test

import (
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/roster"
)

func TestTheRowsBetweenTwoMembersOfARunAreCounted(t *testing.T) {
	t.Parallel()
	made := uuid.Must(uuid.NewV7())
	rapid.Check(t, func(t *rapid.T) {
		first := rapid.IntRange(0, 1<<32-1).Draw(t, "first")
		last := rapid.IntRange(first, 1<<32-1).Draw(t, "last")
		rows, ok := roster.RowsBetween(roster.NewMemberID(made, first), roster.NewMemberID(made, last))
		if want := last - first + 1; !ok || rows != want {
			t.Fatalf("%d, %v; want %d", rows, ok, want)
		}
	})
}

func TestThereAreNoRowsBetweenMembersOfTwoRuns(t *testing.T) {
	t.Parallel()
	made := uuid.Must(uuid.NewV7())
	other := made
	other[0]++
	if _, ok := roster.RowsBetween(roster.NewMemberID(made, 1), roster.NewMemberID(other, 2)); ok {
		t.Error("there are")
	}
	if _, ok := roster.RowsBetween(uuid.Nil, uuid.Nil); ok {
		t.Error("there are between ids that no run made")
	}
}
