package check_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/check"
	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workday"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/fault"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/read"
)

// fake is a directory with these rows, in pages of two.
type fake struct {
	source      roster.Source
	rows        []string
	groups      []string
	state       directory.Description
	requests    []string
	users       error // instead of rows, or after them
	groupsError error
}

func (f *fake) Source() roster.Source { return f.source }

func (f *fake) Users(_ context.Context, _ directory.Cursor, first int,
	keep func(directory.Page) error,
) (directory.Sealed, error) {
	f.requests = append(f.requests, "users")
	for i := 0; i < len(f.rows); i += 2 {
		page := directory.Page{First: first + i}
		for _, row := range f.rows[i:min(i+2, len(f.rows))] {
			page.Rows = append(page.Rows, directory.Row(row))
		}
		if err := keep(page); err != nil {
			return directory.Sealed{}, fmt.Errorf("keep: %w", err)
		}
	}
	return directory.Seal(len(f.rows)), f.users
}

func (f *fake) Groups(_ context.Context, _ directory.Cursor, _ int, keep func(directory.Page) error) (directory.Sealed,
	error,
) {
	f.requests = append(f.requests, "groups")
	if f.groupsError != nil {
		return directory.Sealed{}, f.groupsError
	}
	for i, name := range f.groups {
		if err := keep(directory.Page{Groups: []directory.Group{{Row: i + 1, Name: name}}}); err != nil {
			return directory.Sealed{}, fmt.Errorf("keep: %w", err)
		}
	}
	return directory.Seal(len(f.groups)), nil
}

// described is a fake whose source returns a state.
type described struct{ fake }

func (d *described) Describe(context.Context) (directory.Description, error) {
	d.requests = append(d.requests, "state")
	if d.state.State != "linked" {
		return d.state, fault.DirectoryNotLinked(fault.At{Source: "WorkOS"}, d.state.State)
	}
	return d.state, nil
}

// person returns a complete row. Changes replace columns, and "" removes one.
func person(n int, changes map[string]string) string {
	row := map[string]string{
		"Employee_ID": fmt.Sprintf("E%d", n), "First_Name": "Canary", "Last_Name": "Byrd",
		"Email":            fmt.Sprintf("canary%d@example.com", n),
		"Management_Level": "Manager", "Job_Title": "Canary Keeper", "Business_Unit": "Aviary", "Job_Function": "Care",
		"People_Manager": "no",
		"Manager_Email":  "boss@example.com", "City": "Oslo", "Country": "Norway", "Office": "O1", "Locale": "en-US",
		"Status": "active",
		"Groups": "Tea",
	}
	for column, value := range changes {
		if row[column] = value; value == "" {
			delete(row, column)
		}
	}
	text, _ := json.Marshal(row)
	return string(text)
}

func people(changes ...map[string]string) []string {
	rows := make([]string, len(changes))
	for i, c := range changes {
		rows[i] = person(i+1, c)
	}
	return rows
}

func whole() map[string]string { return map[string]string{} }

func run(t *testing.T, d directory.Directory, s check.Options) check.Result {
	t.Helper()
	result, err := check.Run(t.Context(), d, s)
	require.NoError(t, err)
	return result
}

func codes(r check.Result) map[string]check.Severity {
	found := map[string]check.Severity{}
	for _, f := range r.Findings {
		found[f.Code] = f.Severity
	}
	return found
}

func finding(t *testing.T, r check.Result, code string) check.Finding {
	t.Helper()
	for _, f := range r.Findings {
		if f.Code == code {
			return f
		}
	}
	require.Fail(t, "no finding "+code, "%+v", r.Findings)
	return check.Finding{}
}

func TestADirectoryWithoutFindingsIsReady(t *testing.T) {
	t.Parallel()
	r := run(t, &fake{
		source: workday.Source(), groups: []string{"Tea"},
		rows: people(whole(), map[string]string{"Status": "inactive", "Cost_Center": "Canary"}),
	}, check.Options{})
	assert.Equal(t, check.Ready, r.Verdict)
	assert.Empty(t, r.Findings)
	assert.Equal(t, &check.Users{Rows: 2, Complete: true}, r.Users)
	assert.Equal(t, &check.Groups{Groups: 1, Complete: true}, r.Groups)
	assert.Nil(t, r.Directory)
	example := "C•••••"
	assert.Equal(t, check.Column{
		Column: "First_Name", Fields: []string{"first_name"}, Filled: 2, Rate: 1,
		Example: &example,
	}, r.Columns[0])
	last := r.Columns[len(r.Columns)-1]
	assert.Equal(t, check.Column{Column: "Cost_Center", Fields: []string{}, Filled: 1, Rate: 0.5}, last,
		"unused columns show no value")
}

func TestNoValueOfAPersonIsShown(t *testing.T) {
	t.Parallel()
	rows := people(whole(), map[string]string{
		"Email": "canary@@", "People_Manager": "canary", "Locale": "klingon",
		"Groups": "Canary", "Nickname": "Canary",
	})
	r := run(t, &fake{source: workday.Source(), groups: []string{"Tea"}, rows: rows}, check.Options{})
	text, err := json.Marshal(r)
	require.NoError(t, err)
	assert.NotContains(t, strings.ToLower(string(text)), "canary")
}

func TestAMissingRequiredColumnIsAProblemWithTheLikelyColumnAndThePolicy(t *testing.T) {
	t.Parallel()
	rows := people(map[string]string{"Email": "", "Work_Emial": "a@example.com"}, map[string]string{"Email": ""})
	r := run(t, &fake{source: workday.Source(), groups: []string{"Tea"}, rows: rows}, check.Options{})
	assert.Equal(t, check.NotReady, r.Verdict)
	require.Len(t, r.Missing, 1)
	assert.Equal(t, "email", r.Missing[0].Field)
	assert.Equal(t, roster.Required, r.Missing[0].Demand)
	assert.Equal(t, "Work_Emial", *r.Missing[0].Likely)
	assert.Equal(t, "Person Data: Work Contact Information", *r.Missing[0].Policy)
	f := finding(t, r, "column_absent")
	assert.Equal(t, check.Problem, f.Severity)
	assert.Contains(t, f.Hint, `The column "Work_Emial" looks like a renamed email`)
	assert.Contains(t, f.Hint, `"Person Data: Work Contact Information"`)
}

func TestAnyOtherMissingColumnIsAWarning(t *testing.T) {
	t.Parallel()
	empty := map[string]string{"Employee_ID": "", "Job_Title": "", "City": "", "Groups": ""}
	r := run(t, &fake{source: workday.Source(), groups: []string{"Tea"}, rows: people(empty, empty)},
		check.Options{Mappings: roster.Mappings{Fields: roster.FieldMap{"Ort": {roster.City}}}})
	assert.Equal(t, check.ReadyWithWarnings, r.Verdict)
	var missing []string
	for _, m := range r.Missing {
		missing = append(missing, m.Field+" "+string(m.Demand))
	}
	assert.Equal(t, []string{"job_title recommended", "city optional", "external_id additional", "groups additional"},
		missing)
	assert.Equal(t, check.Warning, finding(t, r, "mapped_column_absent").Severity)
	assert.Contains(t, finding(t, r, "mapped_column_absent").Detail, `"Ort"`)
	assert.Equal(t, check.Note, finding(t, r, "no_inactive_people").Severity)
	assert.Contains(t, finding(t, r, "no_inactive_people").Hint, read.LeaversPolicy)
}

func TestRowsAreCheckedLikeInASync(t *testing.T) {
	t.Parallel()
	rows := people(map[string]string{"Last_Name": ""}, map[string]string{"People_Manager": "maybe"},
		map[string]string{"Management_Level": "Wizard"}, map[string]string{"Groups": "Coffee"})
	r := run(t, &fake{source: workday.Source(), groups: []string{"Tea", ""}, rows: rows}, check.Options{})
	assert.Equal(t, &check.Users{Rows: 4, Complete: true, Rejected: 1, Warnings: 2}, r.Users)
	assert.Equal(t, map[string]check.Severity{
		"required_empty": check.Warning, "not_yes_or_no": check.Warning, "level_unmapped": check.Warning,
		"unknown_group": check.Warning, "groups_unreadable": check.Warning,
		"group_name_empty": check.Warning, "no_inactive_people": check.Note,
	}, codes(r))
	assert.Equal(t, 1, finding(t, r, "required_empty").Rows)
	assert.Equal(t, "a required field is empty (such a row is rejected)", finding(t, r, "required_empty").Detail)
	r = run(t, &fake{
		source: workday.Source(),
		rows:   people(map[string]string{"Last_Name": ""}, map[string]string{"First_Name": ""}),
	}, check.Options{})
	assert.Equal(t, check.Problem, finding(t, r, "all_rejected").Severity)
	assert.Equal(t, check.Note, finding(t, r, "no_groups").Severity)
}

func TestTheNumberOfRowsIsLimited(t *testing.T) {
	t.Parallel()
	rows := people(whole(), whole(), whole(), whole(), map[string]string{"Last_Name": ""})
	r := run(t, &fake{source: workday.Source(), groups: []string{"a", "b", "c", "d"}, rows: rows},
		check.Options{Rows: 3})
	assert.Equal(t, &check.Users{Rows: 3}, r.Users)
	assert.Equal(t, &check.Groups{Groups: 3}, r.Groups)
	assert.NotContains(t, codes(r), "unknown_group", "not all groups are known")
	r = run(t, &fake{source: workday.Source(), groups: []string{"Tea"}, rows: rows}, check.Options{Rows: 5})
	assert.True(t, r.Users.Complete)
}

func TestNoRequestFollowsARefusal(t *testing.T) {
	t.Parallel()
	refused := &fake{
		source:      workday.Source(),
		groupsError: fmt.Errorf("read: %w", fault.CredentialsRefused(fault.At{Source: "Workday"})),
	}
	r := run(t, refused, check.Options{})
	assert.Equal(t, []string{"groups"}, refused.requests)
	assert.Equal(t, check.NotReady, r.Verdict)
	assert.Nil(t, r.Users)
	assert.Nil(t, r.Groups)
	assert.Equal(t, check.Problem, codes(r)["credentials_refused"])

	other := &fake{
		source: workday.Source(), rows: people(whole()),
		groupsError: fault.NotFound(fault.At{Source: "Workday", Part: "the group report"}, 404),
	}
	r = run(t, other, check.Options{})
	assert.Equal(t, []string{"groups", "users"}, other.requests)
	assert.Equal(t, check.NotReady, r.Verdict)
	assert.NotEmpty(t, r.Columns)
}

func TestADirectoryAtWorkOS(t *testing.T) {
	t.Parallel()
	d := &described{fake{
		source: workos.Source(), groups: []string{"Tea"},
		rows: people(map[string]string{"Groups": ""}), state: directory.Description{Type: "workday", State: "linked"},
	}}
	r := run(t, d, check.Options{})
	assert.Equal(t, &check.Directory{Type: "workday", State: "linked"}, r.Directory)
	assert.Equal(t, check.Warning, finding(t, r, "inactive_people_vanish").Severity)
	assert.Equal(t, check.ReadyWithWarnings, r.Verdict)

	d.rows = people(map[string]string{"Groups": "", "Status": "inactive"})
	r = run(t, d, check.Options{})
	assert.Equal(t, check.Ready, r.Verdict, "inactive people are kept there: %+v", r.Findings)

	d.state.State, d.requests = "unlinked", nil
	r = run(t, d, check.Options{})
	assert.Equal(t, []string{"state"}, d.requests)
	assert.Equal(t, &check.Directory{Type: "workday", State: "unlinked"}, r.Directory)
	assert.Equal(t, check.Problem, codes(r)["directory_not_linked"])
}

func TestAnErrorThatIsNoFaultIsReturned(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	_, err := check.Run(t.Context(), &fake{source: workday.Source(), users: broken}, check.Options{})
	require.ErrorIs(t, err, broken)
	_, ok := check.FromFault(broken)
	assert.False(t, ok)
	r, ok := check.FromFault(fault.CredentialsUnreadable(broken))
	assert.True(t, ok)
	assert.Equal(t, check.NotReady, r.Verdict)
	assert.Equal(t, []check.Column{}, r.Columns)
}

func TestTheWordsOfTheStatusAndLocaleColumnsAreListed(t *testing.T) {
	t.Parallel()
	rows := people(whole(), map[string]string{"Status": "Terminated", "Email": ""}, map[string]string{"Status": "Sabbatical"},
		map[string]string{"Status": "ann@example.com", "Locale": "French (Canada)"})
	r := run(t, &fake{source: workday.Source(), groups: []string{"Tea"}, rows: rows}, check.Options{})
	require.Len(t, r.Words, 6)
	assert.Equal(t, "status", r.Words[0].Field, "unknown words come first")
	assert.Contains(t, r.Words, roster.WordCount{Field: "status", Word: "Sabbatical", Rows: 1})
	assert.Equal(t, []roster.WordCount{
		{Field: "status", Word: "Terminated", Rows: 1, Meaning: roster.Departed},
		{Field: "status", Word: "active", Rows: 1, Meaning: roster.Active},
		{Field: "locale", Word: "en-US", Rows: 3, Meaning: "en-US"},
		{Field: "locale", Word: "French (Canada)", Rows: 1, Meaning: "fr-CA"},
	}, r.Words[2:])
	assert.Equal(t, &check.Users{Rows: 4, Complete: true, Warnings: 2, Departed: 1}, r.Users)
	text, err := json.Marshal(r)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "ann@example.com", "emails stay masked")
	for _, column := range r.Columns {
		assert.NotContains(t, column.Column, "=", "words aren't columns")
	}
}

func TestAColumnThatIsOnlyNamedLikeAStatusIsIgnored(t *testing.T) {
	t.Parallel()
	odd := map[string]string{"Status": "Permanent"}
	r := run(t, &fake{source: workday.Source(), groups: []string{"Tea"}, rows: people(odd, odd, whole())}, check.Options{})
	assert.Equal(t, check.Warning, finding(t, r, "status_ignored").Severity)
	assert.Contains(t, finding(t, r, "status_ignored").Hint, "`Status: []`")
	own := check.Options{Mappings: roster.Mappings{Statuses: roster.Words{"permanent": roster.Active}}}
	r = run(t, &fake{source: workday.Source(), groups: []string{"Tea"}, rows: people(odd, odd, whole())}, own)
	assert.NotContains(t, codes(r), "status_ignored")
}

func TestADirectoryInWhichEverybodyHasLeftIsNotReady(t *testing.T) {
	t.Parallel()
	left := map[string]string{"Status": "Terminated"}
	r := run(t, &fake{source: workday.Source(), groups: []string{"Tea"}, rows: people(left, left)}, check.Options{})
	assert.Equal(t, check.NotReady, r.Verdict)
	assert.Equal(t, check.Problem, finding(t, r, "all_departed").Severity)
}

func TestACheckCountsTheValuesThatCannotBeUsedAndMasksThoseOfOnePerson(t *testing.T) {
	t.Parallel()
	d := &fake{source: roster.Source{IDs: "workday"}, groups: []string{"Tea"}, rows: people(
		map[string]string{"People_Manager": "Oui", "City": strings.Repeat("Oslo ", 300)}, map[string]string{"People_Manager": "Oui"},
		map[string]string{"People_Manager": "Grace Hopper", "Manager_Email": "Grace Hopper"},
		map[string]string{"Email": "grace at example.com"}, map[string]string{"Email": "grace at example.com"},
		map[string]string{"People_Manager": "Non"}, map[string]string{"People_Manager": "Non"},
		map[string]string{"People_Manager": "Oui"},
	)}
	result := run(t, d, check.Options{})
	values := map[string][]roster.OffendingCount{}
	for _, f := range result.Findings {
		if len(f.Values) > 0 {
			values[f.Code+" "+*f.Field] = f.Values
		}
	}
	assert.Equal(t, map[string][]roster.OffendingCount{
		"not_yes_or_no people_manager": {{Value: "Oui", Rows: 3}, {Value: "Non", Rows: 2}, {Value: "G•••• H•••••", Rows: 1}},
		"email_invalid manager_email":  {{Value: "G•••• H•••••", Rows: 1}},
		"email_invalid email":          {{Value: "g•••• •• e••••••.c••", Rows: 2}},
		"too_long city":                {{Value: "O••• O••• O••• O••• O••• O••• O••• O•••… (1499 characters)", Rows: 1}},
	}, values)
	var text strings.Builder
	require.NoError(t, check.Report{Tenant: "acme", Result: result}.WriteText(&text))
	assert.Contains(t, text.String(), `  Values: "Oui" 3, "Non" 2, "G•••• H•••••" 1.`)
	assert.NotContains(t, text.String(), "Grace")
}
