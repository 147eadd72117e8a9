package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// offending returns the offending values of a run's issues, by code.
func (o *harness) offending(result run.Result) map[roster.Code][]string {
	o.t.Helper()
	found := map[roster.Code][]string{}
	for _, issue := range o.issues(result) {
		for _, value := range issue.Values {
			found[issue.Code] = append(found[issue.Code], value.String())
		}
	}
	return found
}

func TestTheValuesThatARowCannotUseAreKeptWithItsIssues(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.groups = namedGroups("Sales")
	all := people(6)
	all = with(all, 0, "People_Manager", "Oui")
	all = with(all, 1, "People_Manager", "Non")
	all = with(all, 2, "Manager_Email", "Grace Hopper")
	all = with(all, 3, "Groups", "Sales; Marketing; Mentoring")
	all = with(all, 4, "Status", "Garden leave")
	all = with(all, 5, "Management_Level", "Fellow")
	o.source.users = all
	first := o.sync(run.Applied)
	want := map[roster.Code][]string{
		roster.CodeNotYesOrNo: {"Oui", "Non"}, roster.CodeEmailInvalid: {"Grace Hopper"},
		roster.CodeUnknownGroup: {"Marketing", "Mentoring"}, roster.CodeLevelUnmapped: {"Fellow"},
	}
	require.Equal(t, want, o.offending(first), "words are counted elsewhere")

	o.source.users = with(all, 0, "People_Manager", "Ja")
	next := o.sync(run.Unchanged)
	require.Len(t, o.issues(next), len(o.issues(first)))
	want[roster.CodeNotYesOrNo] = []string{"Ja"}
	delete(want, roster.CodeEmailInvalid)
	require.Equal(t, want, o.offending(next), "a known row isn't read again")
}
