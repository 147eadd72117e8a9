package read

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/roster"
)

var update = flag.Bool("update", false, "update the golden files")

// verdictsGolden is what the rows of testdata/rows.jsonl are judged to be, line by line, behind a line with the version.
const verdictsGolden = "testdata/verdicts.golden"

// A changed verdict must raise verdictsVersion, or rows that are known would keep the verdict of an earlier release.
func TestAChangedVerdictRaisesTheVersionOfTheRules(t *testing.T) {
	t.Parallel()
	have := judgedRows(t)
	version := fmt.Appendf(nil, "version %d\n", roster.VerdictsVersion)
	golden, err := os.ReadFile(verdictsGolden)
	if err != nil && !*update {
		t.Fatal(err)
	}
	first, want, _ := bytes.Cut(golden, []byte("\n"))
	sameVersion, sameVerdicts := bytes.Equal(append(first, '\n'), version), bytes.Equal(want, have)
	switch {
	case sameVersion && sameVerdicts:
	case sameVersion && len(golden) > 0:
		t.Errorf("raise verdictsVersion, then run this test with -update: %s", firstDifference(want, have))
	case *update:
		require.NoError(t, os.WriteFile(verdictsGolden, append(version, have...), 0o600))
	default:
		t.Errorf("the golden is of %q and the code of %q: run this test with -update", first, version)
	}
}

func judgedRows(t *testing.T) []byte {
	t.Helper()
	file, err := os.Open("testdata/rows.jsonl")
	require.NoError(t, err)
	defer file.Close()
	fields := roster.FieldMap{"Alias": {roster.Office}, "Hire_Date": {roster.StartDate}, "Last_Day": {roster.EndDate}}
	columns, filled := &Columns{}, make([]int, roster.MaxColumns)
	reader := NewReader(roster.Mappings{Fields: fields}, columns)
	var rows []roster.Row
	for lines := bufio.NewScanner(file); lines.Scan(); {
		row, err := reader.Read(len(rows)+1, lines.Bytes())
		require.NoError(t, err)
		for _, cell := range row.Cells {
			filled[cell.Column]++
		}
		rows = append(rows, row)
	}
	require.Len(t, rows, 500)
	rules := roster.NewRules(roster.RulesSettings{
		Mappings: roster.Mappings{Levels: roster.Levels{"M4": "Manager"}}, Bindings: Bind(roster.Mappings{Fields: fields}, columns, filled), Source: fromWorkday, Groups: mentoring,
	})
	var out bytes.Buffer
	for _, row := range rows {
		line, err := json.Marshal(judgedLine(rules.Judge(row)))
		require.NoError(t, err)
		out.Write(append(line, '\n'))
	}
	return out.Bytes()
}

// judgedLine is a verdict by names, so that the golden doesn't depend on the order of fields or bits.
func judgedLine(v roster.Verdict) map[string]any {
	line := map[string]any{
		"rejected":      v.Rejected,
		"external_id":   v.User.ExternalID,
		"external_kind": v.User.ExternalKind,
	}
	values, kept, issues := map[string]string{}, []roster.Field{}, []string{}
	for f := range roster.ValueFields() {
		if v.User.Values[f] != "" {
			values[f.String()] = v.User.Values[f]
		}
	}
	for f := range v.User.Kept.All() {
		kept = append(kept, f)
	}
	for _, issue := range v.Issues {
		issues = append(issues, fmt.Sprintf("%s %s %s", issue.Field, issue.Code, issue.Severity))
	}
	line["values"], line["kept"], line["issues"], line["groups"] = values, kept, issues, v.User.Groups
	if v.Departed {
		line["departed"] = true
	}
	if v.MembersOnly {
		line["members_only"] = true
	}
	line["known"] = v.User.Known.Row != roster.Hash{}
	return line
}

func firstDifference(want, have []byte) string {
	wants, haves := bytes.Split(want, []byte("\n")), bytes.Split(have, []byte("\n"))
	for i := range haves {
		if i >= len(wants) || !bytes.Equal(wants[i], haves[i]) {
			return fmt.Sprintf("row %d\n%s", i+1, haves[i])
		}
	}
	return "fewer rows"
}
