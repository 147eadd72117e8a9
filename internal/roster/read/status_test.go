package read

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/roster"
)

// docs/rules.md, section 1, status and locale.
func TestStatusAndLocale(t *testing.T) {
	t.Parallel()
	t.Run("a word in the status column", func(t *testing.T) {
		t.Parallel()
		for meaning, words := range map[string][]string{
			roster.Active:   {"Active", "EMPLOYED", "hired", "Current", "On Probation", "1", "true", "Yes"},
			roster.Inactive: {"Inactive", "On leave", "Leave of Absence", "LEAVE", "LOA", "Suspended", "0", "false", "no"},
			roster.Departed: {"Terminated", "Retired", "resigned", "Deceased", "Separated", "former"},
		} {
			for _, word := range words {
				checkStatus(t, judge(t, setting{}, `"Status":`+quote(word)), meaning)
			}
		}
		own := setting{statuses: roster.Words{"Garden  leave": roster.Inactive, "active": roster.Departed}}
		checkStatus(t, judge(t, own, `"Status":"GARDEN LEAVE"`), roster.Inactive)
		checkStatus(t, judge(t, own, `"Status":"Active"`), roster.Departed)
		checkStatus(t, judge(t, own, `"Status":"Retired"`), roster.Departed)
		others := setting{statuses: roster.Words{"Permanent": roster.Active, roster.OtherWords: roster.Inactive}}
		checkStatus(t, judge(t, others, `"Status":"permanent"`), roster.Active)
		checkStatus(t, judge(t, others, `"Status":"Active"`), roster.Inactive)
		checkStatus(t, judge(t, others, `"Status":"whatever"`), roster.Inactive)

		// A boolean column, where there is no other.
		boolean := func(own setting, column, value string) roster.Verdict {
			own.groups = mentoring
			return own.read(t, full(t, `"Status":null,`+quote(column)+`:`+value)).verdicts[0]
		}
		for _, column := range []string{"Is_Active", "Active", "Active Status", "isActive"} {
			for value, meaning := range map[string]string{
				`true`: roster.Active, `"TRUE"`: roster.Active, `1`: roster.Active, `"Yes"`: roster.Active,
				`false`: roster.Inactive, `"False"`: roster.Inactive, `0`: roster.Inactive, `"NO"`: roster.Inactive,
			} {
				for _, from := range []roster.Source{fromWorkday, fromWorkOS} {
					checkStatus(t, boolean(setting{source: from}, column, value), meaning)
				}
			}
		}
		left := setting{statuses: roster.Words{"false": roster.Departed}}
		assert.True(t, boolean(left, "Is_Active", `false`).Departed, "by the tenant's own map")
		checkStatus(t, boolean(left, "Is_Active", `true`), roster.Active)
	})

	t.Run("which column is status", func(t *testing.T) {
		t.Parallel()
		rows := func(words ...string) (rows []string) {
			for _, word := range words {
				rows = append(rows, full(t, `"Status":null,"Worker_Status":`+quote(word)))
			}
			return rows
		}
		half := setting{}.read(t, rows("Active", "Terminated", "Permanent", "Fixed Term")...)
		assert.Equal(t, "Worker_Status", half.bindings.By[roster.Status].Name)
		fewer := setting{}.read(t, rows("Active", "Regular", "Permanent", "Fixed Term")...)
		assert.False(t, fewer.bindings.Fields.Has(roster.Status))
		assert.Equal(t, []string{"Worker_Status"}, fewer.bindings.Foreign)
		for _, own := range []setting{
			{statuses: roster.Words{"Regular": roster.Active}},
			{fields: roster.FieldMap{"Worker_Status": {roster.Status}}},
			{last: map[string]string{"status": "worker status"}},
		} {
			out := own.read(t, rows("Active", "Regular", "Permanent", "Fixed Term")...)
			assert.True(t, out.bindings.Fields.Has(roster.Status), "%+v", own)
		}
	})

	t.Run("a row that says departed", func(t *testing.T) {
		t.Parallel()
		v := judge(t, setting{}, `"Status":"Terminated","Email":"not an email","Management_Level":null,"Locale":"x"`)
		assert.True(t, v.Departed)
		assert.False(t, v.Rejected)
		assert.Empty(t, v.Issues, "nothing else in the row matters")
		assert.Equal(t, "000123", v.User.ExternalID)
		checkIdentityOnly(t, v)
	})

	t.Run("an unknown word in the status column", func(t *testing.T) {
		t.Parallel()
		for _, bad := range []string{`"Sabbatical"`, `"2"`, `"actve"`, `["Active","Terminated"]`} {
			v := judge(t, setting{}, `"Status":`+bad)
			require.False(t, v.Rejected)
			assert.True(t, v.MembersOnly)
			assert.True(t, v.User.Kept.Has(roster.Status), "a member's status stays")
			assert.Zero(t, v.User.Known.Row, "the row is judged every time")
			require.Len(t, v.Issues, 1)
			assert.Equal(t, roster.Warning, v.Issues[0].Severity)
			rejecting := roster.RejectUnclear(v.Issues)
			require.Len(t, rejecting, 1)
			assert.Equal(t, roster.Rejected, rejecting[0].Severity, "somebody new isn't added")
		}
		out := setting{}.read(t, full(t, `"Status":"Sabbatical"`), full(t, `"Status":"Sabbatical"`),
			full(t, `"Status":"Active"`), full(t, `"Status":"ACTIVE"`), full(t, `"Status":null,"Locale":"klingon"`))
		assert.Equal(t, []roster.WordCount{
			{Field: "status", Word: "Sabbatical", Rows: 2},
			{Field: "status", Word: "Active", Rows: 2, Meaning: roster.Active},
			{Field: "locale", Word: "klingon", Rows: 1},
			{Field: "locale", Word: "fr-CA", Rows: 4, Meaning: "fr-CA"},
		}, out.words)
	})

	t.Run("a word in the locale column", func(t *testing.T) {
		t.Parallel()
		for word, tag := range map[string]string{
			"English (United States)": "en-US", "French (Canada)": "fr-CA", "spanish (spain)": "es-ES", "Korean": "ko",
			"JAPANESE": "ja", "fr_CA": "fr-CA",
		} {
			checkValue(t, judge(t, setting{}, `"Locale":`+quote(word)), roster.Locale, tag)
		}
		for _, other := range []string{"French", "French (France)", "English (United Kingdom)", "Spanish (Mexico)", "en-GB"} {
			checkKept(t, judge(t, setting{}, `"Locale":`+quote(other)), roster.Locale, roster.CodeLocaleUnsupported)
		}
		own := setting{locales: roster.Words{"French (France)": "fr-CA", roster.OtherWords: "en-US"}}
		checkValue(t, judge(t, own, `"Locale":"FRENCH (FRANCE)"`), roster.Locale, "fr-CA")
		checkValue(t, judge(t, own, `"Locale":"Thai"`), roster.Locale, "en-US")
	})

	t.Run("a field would be read from another column than the one it was last taken from", func(t *testing.T) {
		t.Parallel()
		last := setting{last: map[string]string{
			"job_title": "Job_Title", "email": "Email", "office": "Alias", "external_id": "Employee_ID", "city": "work city",
		}}
		row := full(t, `"Job_Title":null,"Title":"Mr","Email":null,"Work_Email":"jane@example.com","Employee_ID":null,"WID":"7",
			"City":null,"Work_City":"Atlanta","Locale":"x"`)
		out := last.read(t, row, row)
		b := out.bindings
		assert.False(t, b.Fields.Has(roster.JobTitle), "it stays as it is")
		assert.False(t, b.Fields.Has(roster.Office))
		assert.Equal(t, "Work_City", b.By[roster.City].Name, "another spelling is the same column")
		assert.Equal(t, "Work_Email", b.By[roster.Email].Name, "a required field is read from it")
		assert.Equal(t, "WID", b.By[roster.ExternalID].Name, "another kind of id")
		assert.Equal(t, []string{
			"email column_changed warning", "job_title column_changed warning", "office column_changed warning",
		}, codesOf(out.report)[:3])
		assert.Contains(t, out.report[1].Detail, `"Job_Title"`)
		assert.Contains(t, out.report[1].Detail, `"Title"`)
		last.fields = roster.FieldMap{"Title": {roster.JobTitle}}
		assert.Equal(t, "Title", last.read(t, row).bindings.By[roster.JobTitle].Name, "until fields names it")

		both := full(t, `"Job_Title":"Cook","Position_Title":"Chef"`)
		stays := setting{last: map[string]string{"job_title": "Position_Title"}}.read(t, both)
		assert.Equal(t, "Position_Title", stays.bindings.By[roster.JobTitle].Name, "a better name replaces no column in use")
		assert.Empty(t, stays.report)
	})

	t.Run("a usual name that a later release adds replaces no column in use", func(t *testing.T) {
		t.Parallel()
		for f := range roster.Fields() {
			names := f.UsualColumns()
			for i, in := range names {
				for _, added := range slices.Delete(slices.Clone(names), i, i+1) {
					both := &Columns{Names: []string{in, added, "idp_id"}, Last: map[string]string{f.String(): in}}
					b := Bind(roster.Mappings{}, both, []int{1, 9, 9})
					require.Equal(t, in, b.By[f].Name, "%s beside %s, which more rows fill", in, added)
					require.Empty(t, b.Changes)
				}
			}
		}
	})

	t.Run("a column that decides who is in", func(t *testing.T) {
		t.Parallel()
		gone := full(t, `"Status":null`)
		last := setting{last: map[string]string{"status": "Status"}}
		out := last.read(t, gone)
		require.Equal(t, []roster.Field{roster.Status}, out.bindings.Missing())
		missing := MissingColumns(out.bindings, nil, out.reader.Unused(), fromWorkday)
		assert.Contains(t, missing.Detail, `status (last read from "Status"`)
		assert.Contains(t, missing.Hint, "`Status: []`")
		moved := last.read(t, full(t, `"Status":null,"Worker_Status":"Active"`))
		require.Equal(t, []roster.Field{roster.Status}, moved.bindings.Missing())
		assert.Contains(t, MissingColumns(moved.bindings, nil, moved.reader.Unused(), fromWorkday).Hint,
			"`Worker_Status: status`")
		for _, fields := range []roster.FieldMap{{"Status": {}}, {"Worker_Status": {roster.Status}}} {
			last.fields = fields
			assert.Empty(t, last.read(t, full(t, `"Status":null,"Worker_Status":"Active"`)).bindings.Missing(), "%v", fields)
		}
		last.fields = roster.FieldMap{"Wroker_Status": {roster.Status}}
		assert.NotEmpty(t, last.read(t, gone).bindings.Missing(), "the settings name a column that isn't there")
	})
}

// checkStatus checks that the row has no issue and this status.
func checkStatus(t *testing.T, v roster.Verdict, want string) {
	t.Helper()
	assert.Empty(t, v.Issues)
	assert.Equal(t, want == roster.Departed, v.Departed)
	assert.Equal(t, want, v.User.Values[roster.Status])
}
