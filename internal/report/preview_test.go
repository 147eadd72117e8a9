package report_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/levelsim"
	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/plandiff"
	"github.com/rollcall/rollcall/internal/report"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// preview is the run of held as a preview with another field map, compared with an earlier preview.
func preview() report.Input {
	in := held()
	in.Run.Preview, in.Run.Result.Outcome, in.Tried = true, run.Previewed, []string{"fields"}
	var list []report.Change
	for c := range in.Changes {
		c.Seq, c.At = 0, time.Time{}
		if c.Part == "" {
			c.Part = plan.PartAdditions
		}
		list = append(list, c)
	}
	in.Changes = each(nil, list...)
	moved := func(to string) *report.Change {
		return &report.Change{
			Op: plan.Update.Op(), Member: id("c"), Email: "c@x.io", Why: string(plan.RowChanged),
			Part:   plan.PartAdditions,
			Fields: map[string][2]any{"city": {"Oslo", to}},
		}
	}
	left := func(part plan.Part) *report.Change {
		return &report.Change{
			Op: plan.Depart.Op(), Member: id("d"), Email: "d@x.io", Why: string(plan.Absent),
			Part: part,
		}
	}
	var differences []report.Difference
	for range 25 {
		differences = append(differences, report.Difference{Kind: plandiff.New, After: moved("Rome")})
	}
	differences = append(differences,
		report.Difference{Kind: plandiff.Gone, Before: left(plan.PartRemovals)},
		report.Difference{Kind: plandiff.Changed, Before: moved("Rome"), After: moved("Paris")},
		report.Difference{Kind: plandiff.Changed, Before: left(plan.PartRemovals), After: left(plan.PartDropped)})
	in.Compared = &report.Comparison{
		Run: run.Run{ID: id("e"), Preview: true, Started: start.Add(-time.Hour)}, Changes: each(nil, differences...),
		Issues: each(nil,
			plandiff.IssueDifference{
				Kind:  plandiff.New,
				Issue: issue(5, "a", roster.CodeNotYesOrNo, roster.PeopleManager),
			},
			plandiff.IssueDifference{
				Kind:  plandiff.Gone,
				Issue: whole(roster.CodeLevelUnmapped, roster.ManagementLevel, "map it"),
			}),
		Tally: &plandiff.Tally{
			Before: run.ChangeCounts{Departed: 2}, After: run.ChangeCounts{Updated: 26},
			New: 25, Gone: 1, Changed: 2,
		},
		IssueTally: &plandiff.IssueTally{Before: 17, After: 17, New: 1, Gone: 1},
	}
	return in
}

// simulated is a level simulation.
func simulated() report.Input {
	in := failed()
	in.Run.Preview, in.Run.Origin, in.Tried = true, run.Manual, []string{"levels"}
	in.Run.Result = &run.Result{Outcome: run.Previewed, Changes: run.ChangeCounts{Updated: 3}}
	shift := func(level, before, after string, was, is bool) levelsim.LevelShift {
		return levelsim.LevelShift{
			Level: level, Members: 2, Before: levelsim.Reading{Role: before, Mapped: was},
			After: levelsim.Reading{Role: after, Mapped: is},
		}
	}
	in.Simulated = &levelsim.Summary{
		Members: 40, Departed: 2, Unknown: 1, Changed: 3, More: 7,
		Roles: []levelsim.RoleShift{
			{Before: "Manager", After: "Sr. Manager", Members: 2},
			{Before: "P\x1b1", After: "Analyst", Members: 1},
		},
		Levels: []levelsim.LevelShift{
			shift("M4", "Manager", "Sr. Manager", true, true),
			shift("P1", "P1", "Analyst", false, true), shift("Chief", "Executive", "Chief", true, false),
		},
	}
	return in
}

func TestGoldenFilesOfPreviews(t *testing.T) {
	t.Parallel()
	same := simulated()
	same.Simulated = &levelsim.Summary{Members: 40}
	same.Run.Result.Changes = run.ChangeCounts{}
	same.Compared = &report.Comparison{
		Run: run.Run{ID: id("e"), Started: start.Add(-time.Hour)}, Changes: each[report.Difference](nil),
		Issues: each[plandiff.IssueDifference](nil),
		Tally:  &plandiff.Tally{}, IssueTally: &plandiff.IssueTally{},
	}
	broken := failed()
	broken.Run.Preview = true
	for name, in := range map[string]func() report.Input{
		"compared.txt": preview, "replayed.txt": simulated, "replayed.html": simulated,
		"same.txt":   func() report.Input { return same },
		"broken.txt": func() report.Input { return broken }, "broken.html": func() report.Input { return broken },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden, format := filepath.Join("testdata", name), report.Text
			if strings.HasSuffix(name, ".html") {
				format = report.HTML
			}
			got := write(t, format, in())
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)
		})
	}
}

func TestEveryPreviewSaysThatItIsOne(t *testing.T) {
	t.Parallel()
	broken := failed()
	broken.Run.Preview = true
	for _, format := range []report.Format{report.Text, report.HTML} {
		for name, in := range map[string]report.Input{"read": preview(), "replayed": simulated(), "failed": broken} {
			assert.Contains(t, write(t, format, in), "This preview ", "%s %s", format, name)
		}
		assert.NotContains(t, write(t, format, held()), "preview", format)
	}
}

func TestJSONHasAllDifferences(t *testing.T) {
	t.Parallel()
	var got struct {
		Preview  bool
		Tried    []string
		Compared struct {
			Run     string
			Changes []struct {
				Kind          string
				Before, After *struct {
					Run, Op, Part string
					Fields        map[string][2]any
				}
			}
			Issues []struct {
				Kind  string
				Issue struct{ Code string }
			}
			Totals struct {
				Changes struct {
					Before, After      run.ChangeCounts
					New, Gone, Changed int
				}
				Issues struct{ Before, After, New, Gone int }
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(write(t, report.JSON, preview())), &got))
	assert.True(t, got.Preview)
	assert.Equal(t, []string{"fields"}, got.Tried)
	c := got.Compared
	assert.Equal(t, id("e").String(), c.Run)
	require.Len(t, c.Changes, 28)
	assert.Equal(t, "new", c.Changes[0].Kind)
	assert.Nil(t, c.Changes[0].Before)
	assert.Nil(t, c.Changes[25].After)
	assert.Equal(t, "Rome", c.Changes[26].Before.Fields["city"][1])
	assert.Equal(t, "Paris", c.Changes[26].After.Fields["city"][1])
	assert.Equal(t, []string{id("e").String(), id("r").String()},
		[]string{c.Changes[26].Before.Run, c.Changes[26].After.Run})
	assert.Equal(t, "dropped", c.Changes[27].After.Part)
	require.Len(t, c.Issues, 2)
	assert.Equal(t, "gone", c.Issues[1].Kind)
	assert.Equal(t, "level_unmapped", c.Issues[1].Issue.Code)
	assert.Equal(t, 25, c.Totals.Changes.New)
	assert.Equal(t, 26, c.Totals.Changes.After.Updated)
	assert.Equal(t, 17, c.Totals.Issues.Before)

	var none map[string]any
	require.NoError(t, json.Unmarshal([]byte(write(t, report.JSON, failed())), &none))
	for _, name := range []string{"compared", "replayed", "tried"} {
		require.Contains(t, none, name)
		assert.Nil(t, none[name], name)
	}
	var of struct{ Replayed levelsim.Summary }
	require.NoError(t, json.Unmarshal([]byte(write(t, report.JSON, simulated())), &of))
	assert.Equal(t, *simulated().Simulated, of.Replayed)
}

func TestAnErrorOfAComparisonIsReturned(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, format := range []report.Format{report.Text, report.JSON} {
		in := preview()
		in.Compared.Changes = each[report.Difference](broken)
		assert.ErrorIs(t, report.Write(new(strings.Builder), format, in), broken)
		in = preview()
		in.Compared.Issues = each[plandiff.IssueDifference](broken)
		assert.ErrorIs(t, report.Write(new(strings.Builder), format, in), broken)
	}
}
