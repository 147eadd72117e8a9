package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/report"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

var update = flag.Bool("update", false, "update the golden files")

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func id(name string) uuid.UUID { return uuid.UUID{15: name[0]} }

// each iterates over list, and then yields err unless it is nil.
func each[T any](err error, list ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}

func issue(row int, name string, code roster.Code, field roster.Field) roster.Issue {
	i := code.Issue(roster.Identity{Row: row, ExternalID: name, Email: name + "@x.io"}, field)
	i.Detail, i.Hint = "what is wrong with "+i.Field, "what to do about it"
	return i
}

// whole is an issue about the whole report.
func whole(code roster.Code, field roster.Field, hint string) roster.Issue {
	i := code.Issue(roster.Identity{}, field)
	i.Detail, i.Hint = "no row has it", hint
	return i
}

// held is a run with every kind of content.
func held() report.Input {
	unmapped := whole(roster.CodeLevelUnmapped, roster.ManagementLevel, "map it")
	absent := whole(roster.CodeColumnAbsent, roster.City, "")
	named := issue(9, "=c", roster.CodeDuplicateEmail, roster.Email)
	named.Detail = "the same email as in row 8"
	unread := issue(5, "a", roster.CodeNotYesOrNo, roster.PeopleManager)
	unread.Values = []roster.OffendingValue{{Text: "=Oui\x1b[31m"}}
	issues := []roster.Issue{
		unread, unmapped, absent,
		issue(8, "b", roster.CodeDuplicateEmail, roster.Email), named,
	}
	for row := range 12 {
		issues = append(issues, issue(20+row, "e", roster.CodeRequiredEmpty, roster.LastName))
	}
	changes := []report.Change{
		{
			Seq: 7, At: start, Op: plan.Add.Op(), Member: id("a"), Why: string(plan.Appeared),
			Fields: map[string][2]any{"first_name": {nil, "A\x1b[31m"}, "people_manager": {nil, true}},
		},
		{
			Seq: 8, At: start, Op: plan.AddMembership.Op(), Member: id("a"), Group: id("g"), Why: string(plan.Listed),
			Email: "a@x.io", GroupName: "G",
		},
		{
			Op: plan.Depart.Op(), Member: id("b"), Why: string(plan.Absent), Part: plan.PartRemovals,
			Fields: map[string][2]any{"status": {"active", "departed"}},
		},
		{
			Op: plan.RemoveMembership.Op(), Member: id("b"), Group: id("h"), Why: string(plan.Unlisted),
			Part: plan.PartWithheld,
		},
		{
			Seq: 9, At: start, Op: plan.Delete.Op(), Member: id("d"), Why: string(plan.GraceOver),
			Fields: map[string][2]any{"email": {nil, nil}},
		},
	}
	for n := range 21 {
		changes = append(changes, report.Change{
			Seq: int64(10 + n), At: start, Op: plan.Update.Op(), Member: id("c"), Why: string(plan.RowChanged),
			Fields: map[string][2]any{"city": {"Oslo", "Rome"}, "people_manager": {true, false}},
		})
	}
	return report.Input{
		Tenant: "acme", Name: "Acme Corporation", By: "ann", Reason: "after the fix",
		Run: run.Run{
			ID: id("r"), Tenant: "acme", Origin: run.Manual, Started: start,
			Finished: start.Add(12500 * time.Millisecond),
			Result: &run.Result{
				Tenant: "acme", Run: id("r").String(), Outcome: run.Held,
				Snapshot: run.SnapshotCounts{Users: 1, Groups: 2, Memberships: 3},
				Rows:     run.RowCounts{Accepted: 1, Rejected: 14, Warnings: 1, Departed: 3},
				Changes:  run.ChangeCounts{Added: 1, Updated: 21, MembershipsAdded: 1, Deleted: 1, Drift: 2},
				Failed:   1, Held: &run.HeldPlan{Plan: "abc", Removals: 1}, Started: start, Finished: start,
			},
		},
		Issues: each(nil, issues...), Changes: each(nil, changes...),
		Words: []roster.WordCount{
			{Field: "status", Word: "Garden\x1bleave", Rows: 2},
			{Field: "status", Word: "Terminated", Rows: 3, Meaning: roster.Departed},
			{Field: "locale", Rows: 4},
			{Field: "locale", Word: roster.OtherWords, Rows: 1, Meaning: "en-US"},
		},
	}
}

func failed() report.Input {
	return report.Input{
		Tenant: "acme",
		Run: run.Run{
			ID: id("r"), Origin: run.Scheduled, Started: start, Finished: start.Add(time.Second),
			Result: &run.Result{
				Outcome: run.Failed,
				Error:   &run.ResultError{Kind: "not_found", Detail: "the report is not there", Hint: "Check its URL."},
			},
		},
	}
}

func write(t *testing.T, format report.Format, in report.Input) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.Write(&out, format, in))
	return out.String()
}

func TestGoldenFilesOfText(t *testing.T) {
	t.Parallel()
	unchanged := failed()
	unchanged.Run.Result = &run.Result{Outcome: run.Unchanged}
	open := report.Input{Tenant: "acme", Run: run.Run{ID: id("r"), Origin: run.Scheduled, Started: start}}
	for name, in := range map[string]report.Input{
		"held": held(), "failed": failed(), "open": open,
		"unchanged": unchanged,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden := filepath.Join("testdata", name+".txt")
			got := write(t, report.Text, in)
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)
		})
	}
}

func TestJSONIsOneObjectWithEveryIssueAndChange(t *testing.T) {
	t.Parallel()
	var got struct {
		Tenant, Name, Run, By string
		Result                run.Result
		Issues, Causes        []map[string]any
		Changes               []map[string]any
	}
	text := write(t, report.JSON, held())
	require.NoError(t, json.Unmarshal([]byte(text), &got))
	assert.Equal(t, "acme", got.Tenant)
	assert.Equal(t, id("r").String(), got.Run)
	assert.Equal(t, run.Held, got.Result.Outcome)
	assert.Len(t, got.Issues, 17)
	assert.Len(t, got.Changes, 26)
	assert.Equal(t, map[string]any{
		"row": 5.0, "external_id": "a", "email": "a@x.io", "field": "people_manager", "code": "not_yes_or_no",
		"severity": "warning", "detail": got.Issues[0]["detail"], "hint": got.Issues[0]["hint"],
		"values": []any{"=Oui\x1b[31m"},
	}, got.Issues[0])
	assert.Nil(t, got.Issues[1]["row"], "empty values are null")
	assert.Contains(t, got.Issues[1], "row")
	assert.Equal(t, map[string]any{
		"seq": 7.0, "run": id("r").String(), "at": "2026-11-23T12:00:00Z", "op": "added", "member": id("a").String(),
		"group": nil, "fields": map[string]any{
			"first_name":     []any{nil, "A\x1b[31m"},
			"people_manager": []any{nil, true},
		},
		"why": "appeared", "part": nil,
	}, got.Changes[0])
	assert.Equal(t, "removals", got.Changes[2]["part"])
	assert.Nil(t, got.Changes[2]["seq"])
	assert.Equal(t, "required_empty", got.Causes[0]["code"], "worst first")
	assert.InDelta(t, 12, got.Causes[0]["issues"], 0)
}

func TestJSONOfAnEmptyRunHasEmptyLists(t *testing.T) {
	t.Parallel()
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(write(t, report.JSON, failed())), &got))
	assert.Equal(t, []any{}, got["issues"])
	assert.Equal(t, []any{}, got["changes"])
	assert.Nil(t, got["name"])
}

func TestCSVHasALineForEachIssueAndEachChangedField(t *testing.T) {
	t.Parallel()
	text := strings.TrimPrefix(write(t, report.CSV, held()), "\ufeff")
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	counts := map[string]int{}
	for _, cells := range lines {
		counts[cells[0]]++
	}
	assert.Equal(t, map[string]int{"kind": 1, "issue": 17, "value": 1, "change": 2 + 1 + 1 + 1 + 1 + 42}, counts)
	assert.Equal(t, "'=c", lines[5][4])
	assert.Equal(t, []string{
		"change", "", "", "", "", "", "first_name", "", "", "7", "2026-11-23T12:00:00Z", "added", id("a").String(), "",
		"", "",
		"A\x1b[31m", "appeared", "", "", "",
	}, lines[19])
	assert.Equal(t, []string{"'=Oui\x1b[31m", "1"}, lines[18][19:])
}

func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[ \x{a0}]{0,2}[=+\-@\t\r\n＝＋－＠]?[a-z"',;=]{0,5}`).Draw(t, "text")
		var out bytes.Buffer
		err := report.Write(&out, report.CSV, report.Input{
			Issues:  each(nil, roster.Issue{Email: text, Detail: text, Values: []roster.OffendingValue{{Text: text}}}),
			Changes: each(nil, report.Change{Op: "updated", Fields: map[string][2]any{"city": {text, text}}}),
		})
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(&out).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, cells := range lines[1:] {
			for _, cell := range cells {
				cell = strings.TrimLeft(cell, " \u00a0")
				if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
					t.Fatalf("cell %q", cell)
				}
			}
		}
	})
}

func TestAnErrorOfAnIteratorIsReturnedInEveryFormat(t *testing.T) {
	t.Parallel()
	broken := errors.New("the database is gone")
	for _, format := range []report.Format{report.Text, report.JSON, report.CSV, report.HTML} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			in := held()
			in.Issues = each(broken, issue(1, "a", roster.CodeNotYesOrNo, roster.PeopleManager))
			assert.ErrorIs(t, report.Write(io.Discard, format, in), broken)
			in = held()
			in.Changes = each(broken, report.Change{Op: "added"})
			assert.ErrorIs(t, report.Write(io.Discard, format, in), broken)
		})
	}
}

type full struct{ err error }

func (f full) Write([]byte) (int, error) { return 0, f.err }

func TestAnErrorOfTheWriterIsReturned(t *testing.T) {
	t.Parallel()
	for _, format := range []report.Format{report.Text, report.JSON, report.CSV, report.HTML} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			broken := errors.New("disk full")
			assert.ErrorIs(t, report.Write(full{broken}, format, held()), broken)
			assert.ErrorIs(t, report.Write(full{broken}, format, failed()), broken)
		})
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"text", "json", "csv", "html"} {
		format, err := report.ParseFormat(name)
		require.NoError(t, err)
		assert.Equal(t, name, string(format))
	}
	_, err := report.ParseFormat("pdf")
	require.ErrorContains(t, err, `"pdf"`)
	assert.Error(t, report.Write(io.Discard, "pdf", held()))
}

func TestPlannedChange(t *testing.T) {
	t.Parallel()
	before := roster.Member{ID: id("a")}
	after := before
	after.Values[roster.City] = "Oslo"
	got, ok := report.PlannedChange(plan.PartAdditions, plan.Change{
		Verb: plan.Update, Member: id("a"), Before: &before, After: &after, Why: plan.RowChanged,
	})
	assert.True(t, ok)
	assert.Equal(t, report.Change{
		Op: "updated", Member: id("a"), Why: "row_changed", Part: plan.PartAdditions,
		Fields: map[string][2]any{"city": {nil, "Oslo"}},
	}, got)
	_, ok = report.PlannedChange(plan.PartAdditions, plan.Change{Verb: plan.Remember, Before: &before, After: &after})
	assert.False(t, ok)
}
