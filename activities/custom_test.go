package activities_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/ledger"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// custom sets the tenant's custom fields: their columns by name.
func (o *harness) custom(fields roster.CustomFields) {
	o.rules.Custom, o.rules.Fields = fields, roster.FieldMap{}
	for _, column := range fields {
		o.rules.Fields[column] = []roster.Field{roster.Custom}
	}
}

// customised returns a harness with n people of a tenant with two custom fields.
func customised(t *testing.T, n int) *harness {
	t.Helper()
	o := open(t)
	o.custom(roster.CustomFields{"cost_center": "Cost_Center", "team": "Team"})
	o.source.users = people(n)
	for _, row := range o.source.users {
		row["Cost_Center"], row["Team"] = "CC 7", "Red"
	}
	return o
}

func (o *harness) customOf(i int) string { return o.members()[email(i)].Values[roster.Custom] }

// docs/rules.md, section 1: custom fields.
func TestCustomFields(t *testing.T) {
	t.Parallel()
	t.Run("custom fields", func(t *testing.T) {
		t.Parallel()
		o := customised(t, 6)
		o.source.users[1]["Cost_Center"] = "  R&D \"Nord\" \u00a0 x "
		o.source.users[2]["Team"] = ""
		o.sync(run.Applied)
		require.Equal(t, `{"cost_center":"CC 7","team":"Red"}`, o.customOf(0))
		require.Equal(t, `R&D "Nord" x`, roster.CustomText(o.customOf(1), "cost_center"))
		require.Equal(t, `{"cost_center":"CC 7"}`, o.customOf(2))
		require.Equal(t, [2]any{nil, "Red"}, o.lastChange().Fields["custom.team"])
		o.sync(run.Unchanged)

		o.source.users[5]["Team"], o.source.users[4]["Team"] = "Blue", ""
		require.Equal(t, run.ChangeCounts{Updated: 2}, o.sync(run.Applied).Changes)
		require.Equal(t, `{"cost_center":"CC 7","team":"Blue"}`, o.customOf(5))
		require.Equal(t, `{"cost_center":"CC 7"}`, o.customOf(4), "an empty cell clears it")
		for _, c := range o.audit()[len(o.audit())-2:] {
			require.Equal(t, []string{"custom.team"}, slices.Sorted(maps.Keys(c.Fields)))
		}
	})
	t.Run("a custom field whose column appears in no row stays as it is", func(t *testing.T) {
		t.Parallel()
		o := customised(t, 6)
		for _, row := range o.source.users[1:] {
			delete(row, "Team")
		}
		o.sync(run.Applied)
		o.source.users[2]["City"] = "Oslo" // the only row with a team is known
		require.Equal(t, run.ChangeCounts{Updated: 1}, o.sync(run.Applied).Changes)
		require.Equal(t, `{"cost_center":"CC 7","team":"Red"}`, o.customOf(0))

		delete(o.source.users[0], "Team")
		result := o.sync(run.Unchanged)
		require.Equal(t, `{"cost_center":"CC 7","team":"Red"}`, o.customOf(0))
		require.True(t, slices.ContainsFunc(o.issues(result), func(i roster.Issue) bool {
			return i.Code == roster.CodeColumnAbsent && i.Field == "custom.team"
		}))
	})
	t.Run("a value of a custom field that can't be used", func(t *testing.T) {
		t.Parallel()
		o := customised(t, 6)
		o.sync(run.Applied)
		o.source.users[0]["Team"] = strings.Repeat("é", 1001)
		o.source.users[1]["Team"] = []string{"Red", "Blue"}
		o.source.users[2]["Team"] = strings.Repeat("é", 1000)
		o.source.users[0]["Cost_Center"] = "CC 8"
		for _, outcome := range []run.Outcome{run.Applied, run.Unchanged} {
			result := o.sync(outcome)
			require.Equal(t, `{"cost_center":"CC 8","team":"Red"}`, o.customOf(0))
			require.Equal(t, `{"cost_center":"CC 7","team":"Red"}`, o.customOf(1))
			require.Len(t, roster.CustomText(o.customOf(2), "team"), 2000)
			codes := map[roster.Code]string{}
			for _, issue := range o.issues(result) {
				if issue.Row > 0 {
					codes[issue.Code] = issue.Field
				}
			}
			require.Equal(t, map[roster.Code]string{
				roster.CodeTooLong: "custom.team", roster.CodeSeveralValues: "custom.team",
			}, codes)
		}
	})
	t.Run("a custom field that `fields` no longer names", func(t *testing.T) {
		t.Parallel()
		o := customised(t, 6)
		o.sync(run.Applied)
		o.custom(roster.CustomFields{"cost_center": "Cost_Center"})
		o.source.users[0]["Cost_Center"] = "CC 8"
		require.Equal(t, run.ChangeCounts{Updated: 1}, o.sync(run.Applied).Changes)
		require.Equal(t, `{"cost_center":"CC 8","team":"Red"}`, o.customOf(0))
		require.Equal(t, `{"cost_center":"CC 8"}`, o.rules.Custom.Select(o.customOf(0)))

		before := len(o.audit())
		id := uuid.UUID{7}
		done, err := o.kept.DropCustom(t.Context(), acme, o.rules.Custom, id, time.Now())
		require.NoError(t, err)
		require.Equal(t, ledger.CustomDropped{Fields: []string{"team"}, Members: 6}, done)
		require.Equal(t, `{"cost_center":"CC 8"}`, o.customOf(0))
		rows := o.audit()[before:]
		require.Len(t, rows, 6)
		require.Equal(t, []any{id, "updated", string(plan.CustomDropped), map[string][2]any{"custom.team": {"Red", nil}}},
			[]any{rows[0].Run, rows[0].Op, rows[0].Why, rows[0].Fields})
		done, err = o.kept.DropCustom(t.Context(), acme, o.rules.Custom, id, time.Now())
		require.NoError(t, err)
		require.Zero(t, done.Members, "exactly once")
		require.Len(t, o.audit(), before+6)
		o.sync(run.Unchanged)

		o.custom(roster.CustomFields{"cost_center": "Cost_Center", "team": "Team"})
		o.rules.Levels = nil
		require.Equal(t, run.ChangeCounts{Updated: 6}, o.sync(run.Applied).Changes, "named again, it is filled again")
	})
	t.Run("many who lose a custom value are held", func(t *testing.T) {
		t.Parallel()
		o := customised(t, 60)
		o.sync(run.Applied)
		for i, row := range o.source.users {
			if row["Cost_Center"] = "CC 9"; i < 51 {
				row["Team"] = ""
			}
		}
		require.Equal(t, 51, o.sync(run.Held).Held.Changes)
	})
	t.Run("an undo restores each custom field that is as the run left it", func(t *testing.T) {
		t.Parallel()
		o := customised(t, 6)
		o.sync(run.Applied)
		o.source.users[0]["Team"], o.source.users[0]["Cost_Center"] = "Blue", ""
		first := o.sync(run.Applied)
		o.source.users[0]["Team"] = "Green"
		o.sync(run.Applied)
		_, undone := o.undo(first)
		require.Equal(t, `{"cost_center":"CC 7","team":"Green"}`, o.customOf(0))
		require.Equal(t, []string{"update changed_since [custom.team]"}, o.left(undone))
	})
	t.Run("custom attributes of WorkOS", func(t *testing.T) {
		t.Parallel()
		o := customised(t, 6)
		o.source.from = workos.Source()
		o.custom(roster.CustomFields{"cost_center": "custom_attributes.cost_center"})
		for i, row := range o.source.users {
			row["custom_attributes"] = map[string]any{"cost_center": 100 + i}
		}
		o.sync(run.Applied)
		require.Equal(t, `{"cost_center":"103"}`, o.customOf(3))
	})
	t.Run("fifty custom fields beside all others", func(t *testing.T) {
		t.Parallel()
		o := customised(t, 3)
		fields := roster.CustomFields{}
		for n := range roster.MaxCustom {
			name := "f" + strings.Repeat("x", n%9) + string(rune('a'+n%26)) + string(rune('a'+n/26))
			fields[name] = "Column " + name
			for _, row := range o.source.users {
				row[fields[name]] = name
			}
		}
		o.custom(fields)
		for _, row := range o.source.users {
			for _, column := range []string{
				"Job_Title", "Business_Unit", "Job_Function", "People_Manager", "Manager_Email", "City", "Country", "Office",
				"Locale", "Status", "Groups",
			} {
				if row[column] == nil {
					row[column] = "x"
				}
			}
		}
		o.sync(run.Applied)
		require.Len(t, slices.Collect(roster.Customs(o.customOf(1))), roster.MaxCustom)
		o.sync(run.Unchanged)
	})
}
