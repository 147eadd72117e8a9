package activities_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/report"
	"github.com/rollcall/rollcall/internal/report/gather"
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

func TestValuesThatCannotBeUsed(t *testing.T) {
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
	t.Run("a value that can't be used", func(t *testing.T) { //nolint:paralleltest // the next one follows it
		require.Equal(t, want, o.offending(first), "words are counted elsewhere")
	})

	o.source.users = with(all, 0, "People_Manager", "Ja")
	next := o.sync(run.Unchanged)
	t.Run("the values of a row that has not changed", func(t *testing.T) { //nolint:paralleltest // as above
		require.Len(t, o.issues(next), len(o.issues(first)))
		want[roster.CodeNotYesOrNo] = []string{"Ja"}
		delete(want, roster.CodeEmailInvalid)
		require.Equal(t, want, o.offending(next), "a known row isn't read again")
		kept, err := o.kept.Run(t.Context(), acme, mustID(t, next.Run))
		require.NoError(t, err)
		in, err := gather.New(o.kept, kept, report.Text).Input(t.Context(), nil)
		require.NoError(t, err)
		var text strings.Builder
		require.NoError(t, report.Write(&text, report.Text, in))
		for _, values := range []string{
			`"Ja" 1, "Non" 1`, `"Grace Hopper" 1`, `"Marketing" 1, "Mentoring" 1`, `"Fellow" 1`,
		} {
			require.Contains(t, text.String(), "Values: "+values+"\n", "a report has those of earlier runs")
		}
	})
}
