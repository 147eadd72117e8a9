package people_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall/rollcall/bench/people"
)

type entry map[string]string

func written(t *testing.T, r people.Report) (entries []entry, size int) {
	t.Helper()
	var body bytes.Buffer
	if err := r.Write(&body); err != nil {
		t.Fatal(err)
	}
	var report struct {
		Entries []entry `json:"Report_Entry"`
	}
	if err := json.Unmarshal(body.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	return report.Entries, body.Len()
}

func TestRowsAreAsLongAsRealOnesAndEachPersonIsThereOnce(t *testing.T) {
	t.Parallel()
	entries, size := written(t, people.Report{People: 10_000})
	if mean := size / len(entries); mean < 434 || mean > 454 {
		t.Errorf("a row has %d bytes", mean)
	}
	emails := map[string]bool{}
	for _, e := range entries {
		emails[e["Email_-_Work"]] = true
	}
	if len(entries) != 10_000 || len(emails) != 10_000 {
		t.Errorf("%d rows, %d emails", len(entries), len(emails))
	}
	for _, e := range entries[1:] {
		if manager := e["Manager_Email"]; !emails[manager] || manager == e["Email_-_Work"] {
			t.Fatalf("%q manages %q", manager, e["Email_-_Work"])
		}
	}
}

func TestAShuffledReportHasTheSameRows(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 7, 1000} {
		plain, _ := written(t, people.Report{People: n})
		shuffled, _ := written(t, people.Report{People: n, Shuffled: true})
		if n > 2 && fmt.Sprint(plain) == fmt.Sprint(shuffled) {
			t.Error("the order is the same")
		}
		slices.SortFunc(shuffled, func(a, b entry) int { return strings.Compare(a["Employee_ID"], b["Employee_ID"]) })
		if fmt.Sprint(plain) != fmt.Sprint(shuffled) {
			t.Errorf("%d people: the rows differ", n)
		}
	}
}

func TestAChurnedReportDiffersByWhatItSays(t *testing.T) {
	t.Parallel()
	churned := people.Report{People: 10_000, Churned: true}
	before, _ := written(t, people.Report{People: 10_000})
	after, _ := written(t, churned)
	rows := map[string]string{}
	for _, e := range before {
		rows[e["Employee_ID"]] = fmt.Sprint(e)
	}
	var found people.Change
	emails := map[string]bool{}
	for _, e := range after {
		emails[e["Email_-_Work"]] = true
		row, there := rows[e["Employee_ID"]]
		switch {
		case !there:
			found.Joined++
		case row != fmt.Sprint(e):
			found.Updated++
		}
		delete(rows, e["Employee_ID"])
	}
	found.Left = len(rows)
	if found != churned.Changes() || found.Joined != 40 || found.Updated != 40 || found.Left != 20 {
		t.Errorf("found %+v, Changes says %+v", found, churned.Changes())
	}
	if len(after) != churned.Present() {
		t.Errorf("%d present, Present says %d", len(after), churned.Present())
	}
	for _, e := range after[1:] {
		if !emails[e["Manager_Email"]] {
			t.Fatalf("the manager of %s has left", e["Employee_ID"])
		}
	}
}

func TestRetitlingChangesEveryRow(t *testing.T) {
	t.Parallel()
	before, _ := written(t, people.Report{People: 100})
	after, _ := written(t, people.Report{People: 100, Retitled: 1})
	for i := range before {
		if before[i]["businessTitle"] == after[i]["businessTitle"] {
			t.Fatalf("row %d has the same title", i)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	for b.Loop() {
		var body bytes.Buffer
		if err := (people.Report{People: 100_000}).Write(&body); err != nil {
			b.Fatal(err)
		}
	}
}

func TestGroupsAreListedOnlyWherePeopleAreInThem(t *testing.T) {
	t.Parallel()
	for _, of := range []struct {
		report people.Report
		want   int
	}{{people.Report{People: 3000}, 0}, {people.Report{People: 3000, Grouped: true}, 60}} {
		var body bytes.Buffer
		if err := of.report.WriteGroups(&body); err != nil {
			t.Fatal(err)
		}
		var report struct {
			Entries []entry `json:"Report_Entry"`
		}
		if err := json.Unmarshal(body.Bytes(), &report); err != nil || len(report.Entries) != of.want {
			t.Errorf("%+v: %d groups, %v", of.report, len(report.Entries), err)
		}
	}
}
