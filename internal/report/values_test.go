package report_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/report"
	"github.com/rollcall/rollcall/internal/roster"
)

// unreadable is a report on rows that were neither yes nor no, and on a row of an earlier sync.
func unreadable(rows map[string]int) report.Input {
	in, row := held(), 0
	var issues []roster.Issue
	for value, times := range rows {
		for range times {
			row++
			found := issue(row, "a", roster.CodeNotYesOrNo, roster.PeopleManager)
			found.Values = []roster.OffendingValue{{Text: value}}
			issues = append(issues, found)
		}
	}
	in.Issues = each(nil, append(issues, issue(row+1, "b", roster.CodeNotYesOrNo, roster.PeopleManager))...)
	return in
}

func TestOffendingValuesAreCountedByCauseWorstFirst(t *testing.T) {
	t.Parallel()
	rows := map[string]int{"Oui": 412, "Non": 310, "Ja": 310}
	assert.Contains(t, write(t, report.Text, unreadable(rows)), "    Values: \"Oui\" 412, \"Ja\" 310, \"Non\" 310, "+
		"1 row whose values aren't kept any more\n")

	page := write(t, report.HTML, unreadable(rows))
	assert.Contains(t, page, `<li><code>Oui</code> <span class="small soft">in 412 rows</span></li><li><code>Ja</code>`)
	assert.Contains(t, page, "And 1 row whose values aren&#39;t kept any more.")

	var got struct{ Causes []map[string]any }
	require.NoError(t, json.Unmarshal([]byte(write(t, report.JSON, unreadable(rows))), &got))
	assert.Equal(t, []any{
		map[string]any{"value": "Oui", "rows": 412.0},
		map[string]any{"value": "Ja", "rows": 310.0},
		map[string]any{"value": "Non", "rows": 310.0},
	}, got.Causes[0]["values"])
	assert.InDelta(t, 1, got.Causes[0]["unkept_rows"], 0)

	lines, err := csv.NewReader(strings.NewReader(write(t, report.CSV, unreadable(rows)))).ReadAll()
	require.NoError(t, err)
	var values [][]string
	for _, cells := range lines {
		if cells[0] == "value" {
			values = append(values, append(cells[1:3:3], cells[6], cells[19], cells[20]))
		}
	}
	assert.Equal(t, [][]string{
		{"warning", "not_yes_or_no", "people_manager", "Oui", "412"},
		{"warning", "not_yes_or_no", "people_manager", "Ja", "310"},
		{"warning", "not_yes_or_no", "people_manager", "Non", "310"},
	}, values)
}

func TestTheValuesOfARowThatHasNotChangedAreThoseOfTheLatestSyncThatReadIt(t *testing.T) {
	t.Parallel()
	value := func(who, text string) roster.Issue {
		found := issue(1, who, roster.CodeNotYesOrNo, roster.PeopleManager)
		found.Values = []roster.OffendingValue{{Text: text}}
		return found
	}
	other := value("b", "1815-12-10")
	other.Code = roster.CodeDateInvalid
	for _, format := range []report.Format{report.Text, report.JSON, report.CSV, report.HTML} {
		in := unreadable(map[string]int{"Oui": 2})
		in.Earlier = each(nil, other, value("x", "Ja"), value("b", "Non"), value("b", "Si"))
		out := write(t, format, in)
		assert.Contains(t, out, "Non", format)
		for _, no := range []string{"Ja", "Si", "1815", "kept any more"} {
			assert.NotContains(t, out, no, format)
		}
	}
	in := unreadable(nil)
	in.Earlier = each[roster.Issue](errors.New("gone"))
	assert.Error(t, report.Write(io.Discard, report.Text, in))
}

func TestAReportShowsTheWorstValuesAndCountsTheOtherRows(t *testing.T) {
	t.Parallel()
	rows := map[string]int{"Oui": 3}
	for i := range 5000 {
		rows[fmt.Sprintf("V%04d", i)] = 1
	}
	var got struct{ Causes []map[string]any }
	require.NoError(t, json.Unmarshal([]byte(write(t, report.JSON, unreadable(rows))), &got))
	values := got.Causes[0]["values"].([]any) //nolint:errcheck,forcetypeassert // a wrong type panics
	listed := 0.0
	for _, v := range values {
		listed += v.(map[string]any)["rows"].(float64) //nolint:errcheck,forcetypeassert // as above
	}
	assert.Len(t, values, 20)
	assert.InDelta(t, 5003, listed+got.Causes[0]["other_rows"].(float64), 0) //nolint:errcheck,forcetypeassert // as above
	assert.Contains(t, write(t, report.Text, unreadable(rows)), "rows with other values, and 1 row whose values")
}

func TestNoValueControlsATerminalOrAPage(t *testing.T) {
	t.Parallel()
	rows := map[string]int{"<script>alert(1)</script>\u202eabc\x1b[31m": 1}
	assert.Contains(t, write(t, report.Text, unreadable(rows)), `"<script>alert(1)</script>\u202eabc\x1b[31m" 1`)
	page := write(t, report.HTML, unreadable(rows))
	assert.Contains(t, page, "<code>&lt;script&gt;alert(1)&lt;/script&gt;\ufffdabc\ufffd[31m</code>")
	assert.NotContains(t, page, "<script>alert")
}

func TestLevelsWithoutARoleAreListedOnceWithTheirRows(t *testing.T) {
	t.Parallel()
	in := held()
	var issues []roster.Issue
	for level, rows := range map[string]int{"Fellow": 3, "Kader": 12} {
		unmapped := roster.UnmappedLevelIssue(level)
		unmapped.Values, unmapped.Rows = []roster.OffendingValue{{Text: level}}, rows
		issues = append(issues, unmapped)
	}
	in.Issues = each(nil, issues...)
	text := write(t, report.Text, in)
	assert.Contains(t, text, `Values: "Kader" 12, "Fellow" 3`)
	assert.Equal(t, 1, strings.Count(text, "Fellow"))
}
