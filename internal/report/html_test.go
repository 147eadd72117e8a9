package report_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/report"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/run"
)

// history is a month of earlier runs with all outcomes, latest first.
func history(this run.Run, n int) []run.Run {
	runs := []run.Run{this}
	outcomes := []run.Outcome{
		run.Applied, run.Unchanged, run.Applied, run.Unchanged, run.Failed, run.Applied, run.Held,
		run.Expired, run.Applied, run.Rejected,
	}
	for i := 1; i < n; i++ {
		started := this.Started.Add(time.Duration(-i) * 6 * time.Hour)
		r := run.Run{
			ID: uuid.UUID{14: byte(i), 15: 1}, Started: started, Finished: started.Add(time.Minute),
			Result: &run.Result{Outcome: outcomes[i%len(outcomes)]},
		}
		if r.Result.Outcome != run.Failed {
			r.Result.Snapshot.Users = 4200 - 11*i
			r.Result.Rows = run.RowCounts{Accepted: 4100, Rejected: 3 + i/2, Warnings: 20 + i}
		}
		if r.Result.Outcome == run.Applied || r.Result.Outcome == run.Held {
			r.Result.Changes = run.ChangeCounts{Added: 4 + i%5, Updated: 11 + 3*(i%7), Departed: i % 4, Deactivated: 1}
		}
		if r.Result.Outcome == run.Held {
			r.Result.Held = &run.HeldPlan{Plan: "p", Removals: 30}
		}
		runs = append(runs, r)
	}
	return runs
}

// many is a run with long names, many issues and many changes.
func many() report.Input {
	in := held()
	in.Name = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft & Söhne " +
		"International Holdings"
	long := "maximiliana.theodora.wolfeschlegelsteinhausenbergerdorff@subsidiary.international-holdings.example.com"
	var issues []roster.Issue
	add := func(n int, code roster.Code, field roster.Field) {
		for i := range n {
			who := roster.Identity{
				Row: 1000 + i, ExternalID: fmt.Sprintf("E%07d", i),
				Email: fmt.Sprintf("person%d@example.com", i),
			}
			if i%5 == 0 {
				who.Email = long
			}
			issue := code.Issue(who, field)
			if code == roster.CodeUnknownGroup {
				issue.Detail = fmt.Sprintf("the row names 1 group(s) that the group report doesn't list: %q",
					fmt.Sprintf("Arbeitsgruppe %d", i))
			}
			issues = append(issues, issue)
		}
	}
	add(1300, roster.CodeRequiredEmpty, roster.ManagementLevel)
	add(2, roster.CodeDuplicateEmail, roster.Email)
	add(41, roster.CodeUnknownGroup, roster.Groups)
	add(700, roster.CodeManagerUnknown, roster.ManagerEmail)
	add(12, roster.CodeLocaleUnsupported, roster.Locale)
	absent := whole(roster.CodeColumnAbsent, roster.City, "If the field is wanted, add a column for it to the report.")
	issues = append(issues, absent)
	for _, level := range []string{"Fellow", "Kadermitglied"} {
		unmapped := whole(roster.CodeLevelUnmapped, roster.ManagementLevel, "map it")
		unmapped.Detail = fmt.Sprintf("the management level %q is none of the known ones", level)
		issues = append(issues, unmapped)
	}
	var changes []report.Change
	for i := range 900 {
		changes = append(changes, report.Change{
			Seq: int64(i + 1), At: start, Op: plan.Update.Op(), Member: id("m"), Why: string(plan.RowChanged),
			Email: long,
			Fields: map[string][2]any{"job_title": {"Senior Principal Distinguished Engineer, Infrastructure & " +
				"Reliability", "Chief Whatever Officer"}, "city": {nil, "Oslo"}, "office": {"O1", nil}},
		})
	}
	for range 30 {
		changes = append(changes, report.Change{
			Op: plan.Depart.Op(), Member: id("n"), Why: string(plan.Absent), Email: "leaver@example.com",
			Part:   plan.PartRemovals,
			Fields: map[string][2]any{"status": {"active", "departed"}},
		})
	}
	result := *in.Run.Result
	result.Snapshot, result.Rows = run.SnapshotCounts{Users: 104211, Groups: 312, Memberships: 420118},
		run.RowCounts{Accepted: 102869, Rejected: 1342, Warnings: 712}
	result.Changes, result.Held = run.ChangeCounts{Updated: 900},
		&run.HeldPlan{Plan: "0c5f7be2a4d14c9aa2b1e8f6d7c33e10", Removals: 30}
	in.Run.Result = &result
	in.Issues, in.Changes = each(nil, issues...), each(nil, changes...)
	in.History = history(in.Run, 30)
	return in
}

func pages() map[string]report.Input {
	small := held()
	small.History = history(small.Run, 8)
	broken := failed()
	broken.Run.Result.Error.Kind, broken.Run.Result.Error.Hint = "credentials_refused",
		"Check the integration system user's name and password: is it right, expired, locked or replaced?"
	broken.History = history(broken.Run, 30)
	quiet := failed()
	quiet.Name = "Acme Corporation"
	quiet.Run.Result = &run.Result{
		Outcome: run.Unchanged, Snapshot: run.SnapshotCounts{Users: 4200, Groups: 31},
		Rows: run.RowCounts{Accepted: 4200},
	}
	quiet.History = history(quiet.Run, 2)
	preview := small
	preview.Run.Preview, preview.History = true, nil
	preview.Run.Result = &run.Result{Outcome: run.Previewed, Snapshot: run.SnapshotCounts{Users: 12}}
	open := report.Input{Tenant: "acme", Run: run.Run{ID: id("r"), Origin: run.Scheduled, Started: start}}
	return map[string]report.Input{
		"held": small, "failed": broken, "unchanged": quiet, "preview": preview,
		"open": open,
	}
}

func TestGoldenFilesOfPages(t *testing.T) {
	t.Parallel()
	for name, in := range pages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden := filepath.Join("testdata", name+".html")
			got := write(t, report.HTML, in)
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)
		})
	}
}

// ROLLCALL_PAGES names a folder. The test writes the pages there, to view them in a browser.
func TestAPageIsWellFormedAndLoadsNothing(t *testing.T) {
	t.Parallel()
	all := pages()
	all["many"], all["replayed"], all["compared"] = many(), simulated(), preview()
	outside := regexp.MustCompile(`(?i)(https?:)?//[a-z]|\b(src|href|srcset|action)\s*=|url\(|@import|<script|<link|<iframe`)
	for name, in := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := write(t, report.HTML, in)
			if folder := os.Getenv("ROLLCALL_PAGES"); folder != "" {
				require.NoError(t, os.WriteFile(filepath.Join(folder, name+".html"), []byte(page), 0o600))
			}
			assert.Empty(t, outside.FindAllString(page, -1))
			assert.Contains(t, page, `content="default-src 'none'; style-src 'unsafe-inline'"`)
			assert.NotContains(t, page, "ZgotmplZ", "a value in a place where none may be")
			decoder := xml.NewDecoder(strings.NewReader(page))
			decoder.Strict, decoder.AutoClose, decoder.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
			depth := 0
			for {
				token, err := decoder.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				require.NoError(t, err)
				switch token.(type) {
				case xml.StartElement:
					depth++
				case xml.EndElement:
					depth--
				}
			}
			assert.Zero(t, depth, "elements that aren't closed")
		})
	}
}

func TestTheSizeOfAPageIsBounded(t *testing.T) {
	t.Parallel()
	page := write(t, report.HTML, many())
	assert.Less(t, len(page), 500_000)
	assert.Contains(t, page, "And 1\u202f100 more in the CSV report.")
	assert.Contains(t, page, "190 more</summary>")
	assert.Contains(t, page, "And 700 more in the CSV report.")
	assert.Less(t, strings.Index(page, "management_level: a required field is empty"),
		strings.Index(page, "manager_email: nobody"), "worst first")
	assert.Contains(t, page, "104\u202f211")
	assert.Contains(t, page, "<li>the management level &#34;Fellow&#34; is none of the known ones</li>")
}

func TestValuesAreEscaped(t *testing.T) {
	t.Parallel()
	const attack = `"><script>alert(1)</script><img src=x onerror=y>`
	in := held()
	in.Name, in.By, in.Reason, in.Tenant = attack, attack, attack, attack
	in.Run.Result.Error = &run.ResultError{Kind: attack, Detail: attack, Hint: attack}
	in.Run.Result.Held = &run.HeldPlan{Plan: attack, Removals: 3}
	in.Issues = each(nil, roster.Issue{
		Row: 1, Email: attack, ExternalID: attack, Field: attack, Code: attack,
		Severity: attack, Detail: attack, Hint: attack,
	})
	in.Changes = each(nil, report.Change{
		Op: attack, Member: id("a"), Email: attack, GroupName: attack, Group: id("b"),
		Why: attack, Fields: map[string][2]any{attack: {attack, attack}},
	})
	page := write(t, report.HTML, in)
	assert.NotContains(t, page, "<script")
	assert.NotContains(t, page, "<img")
}

func TestAPageOfOneRunHasNoCharts(t *testing.T) {
	t.Parallel()
	in := held()
	in.History = history(in.Run, 1)
	assert.NotContains(t, write(t, report.HTML, in), "<svg")
	in.History = history(in.Run, 45)
	page := write(t, report.HTML, in)
	assert.Contains(t, page, "The last 30 runs")
	assert.Equal(t, 4, strings.Count(page, "<svg"))
}
