package activities_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/workflows"
)

// previewSettings plays a preview of other settings, which must store nothing but its own record.
func (o *harness) previewSettings() run.Result {
	o.t.Helper()
	before := o.content()
	result, err := o.round(workflows.PreviewName)
	require.NoError(o.t, err)
	require.Equal(o.t, run.Previewed, result.Outcome)
	o.requireUntouched(before)
	require.Equal(o.t, before["states"], o.content()["states"])
	return result
}

func TestAPreviewOfOtherSettingsUsesThemAndStoresNothing(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(5)
	o.sync(run.Applied)

	tried := o.rules
	tried.Levels = roster.Levels{"Manager": "Lead"}
	o.tried = &tried
	require.Equal(t, run.ChangeCounts{Updated: 5}, o.previewSettings().Changes)

	tried.Levels = nil
	tried.Fields, tried.GroupColumns = roster.FieldMap{"City": {roster.Office}}, []string{"Team"}
	o.opened = nil
	require.Equal(t, run.ChangeCounts{Updated: 5}, o.previewSettings().Changes)
	require.True(t, slices.ContainsFunc(o.opened, func(columns []string) bool {
		return slices.Equal(columns,
			tried.GroupColumns)
	}))

	o.tried = &o.rules
	require.Zero(t, o.previewSettings().Changes.Total(), "what was tried isn't remembered")
	o.tried = nil
	o.sync(run.Unchanged)
}

func TestASyncIgnoresSettingsOfAPreview(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.source.users = people(3)
	o.sync(run.Applied)
	tried := o.rules
	tried.Levels = roster.Levels{"Manager": "Lead"}
	o.tried = &tried
	o.sync(run.Unchanged)
}
