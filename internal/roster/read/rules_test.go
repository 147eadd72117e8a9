package read

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/roster"
)

// tester is a *testing.T, B or F, or rapid's.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	FailNow()
}

// read is a whole report, judged: as a sync does it, without the rules about the roster.
type read struct {
	bindings roster.Bindings
	verdicts []roster.Verdict
	report   []roster.Issue
	reader   *Reader
	words    []roster.WordCount
}

// keptOf is what a verdict keeps, but for the dates: no row here has a column for them.
func keptOf(v roster.Verdict) roster.FieldSet {
	return v.User.Kept.Without(roster.StartDate).Without(roster.EndDate)
}

type setting struct {
	fields roster.FieldMap
	levels roster.Levels
	source roster.Source // the zero Source: fromWorkday
	groups []roster.SourceGroup

	statuses, locales roster.Words
	last              map[string]string // columns of the last sync
}

func (s setting) mappings() roster.Mappings {
	return roster.Mappings{Fields: s.fields, Levels: s.levels, Statuses: s.statuses, Locales: s.locales}
}

func (s setting) read(t tester, rows ...string) read {
	t.Helper()
	columns, filled := &Columns{Last: s.last}, make([]int, roster.MaxColumns)
	reader := NewReader(s.mappings(), columns)
	var decoded []roster.Row
	for i, raw := range rows {
		row, err := reader.Read(i+1, []byte(raw))
		require.NoError(t, err)
		for _, cell := range row.Cells {
			filled[cell.Column]++
		}
		decoded = append(decoded, row)
	}
	if s.source == (roster.Source{}) {
		s.source = fromWorkday
	}
	out := read{bindings: Bind(roster.Mappings{Fields: s.fields}, columns, filled), reader: reader}
	rules := roster.NewRules(
		roster.RulesSettings{Mappings: s.mappings(), Bindings: out.bindings, Source: s.source, Groups: s.groups},
	)
	for _, row := range decoded {
		out.verdicts = append(out.verdicts, rules.Judge(row))
	}
	out.report = rules.Report()
	out.words = columns.CountWords(out.bindings, filled, rules.UnknownWords())
	return out
}

// full is a row in which every column is filled; the columns given replace its own, null takes one out.
func full(t tester, columns string) string {
	t.Helper()
	row := map[string]any{
		"Employee_ID": "000123", "First_Name": "Jane", "Last_Name": "Doe", "Email": "jane@example.com", "Management_Level": "Director",
		"Job_Title": "Solutions Engineer", "Business_Unit": "Consulting", "Job_Function": "Engineering", "People_Manager": "Yes",
		"Manager_Email": "john@example.com", "City": "Atlanta", "Country": "Canada", "Office": "HQ", "Locale": "fr-CA",
		"Status": "active", "Groups": "Mentors; Mentees",
	}
	require.NoError(t, json.Unmarshal([]byte("{"+columns+"}"), &row))
	for name, value := range row {
		if value == nil {
			delete(row, name)
		}
	}
	raw, err := json.Marshal(row)
	require.NoError(t, err)
	return string(raw)
}

// beside is a good row of somebody else, so that no column is empty throughout.
func beside(t tester) string {
	t.Helper()
	return full(t, `"Employee_ID":"9","Email":"joe@example.com"`)
}

var mentoring = []roster.SourceGroup{{Key: "Mentees", Name: "Mentees"}, {Key: "Mentors", Name: "Mentors"}}

// judge judges one row beside a good one.
func judge(t tester, s setting, columns string) roster.Verdict {
	t.Helper()
	if s.groups == nil {
		s.groups = mentoring
	}
	return s.read(t, full(t, columns), beside(t)).verdicts[0]
}

// codesOf lists issues as "field code severity".
func codesOf(issues []roster.Issue) []string {
	list := []string{}
	for _, issue := range issues {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %s", issue.Field, issue.Code, issue.Severity)))
	}
	return list
}

// quote is text as JSON.
func quote(text string) string {
	raw, _ := json.Marshal(text) // a string can always be marshalled
	return string(raw)
}

// checkRejected: the row is rejected for that field and code, and nothing of it but the identity is left.
func checkRejected(t tester, v roster.Verdict, f roster.Field, code roster.Code) {
	t.Helper()
	require.True(t, v.Rejected)
	assert.Equal(t, []string{fmt.Sprintf("%s %s rejected", f, code)}, codesOf(v.Issues))
	checkIdentityOnly(t, v)
}

func checkIdentityOnly(t tester, v roster.Verdict) {
	t.Helper()
	assert.False(t, v.User.New)
	assert.Zero(t, v.User.Member)
	assert.Empty(t, v.User.Groups)
	assert.Zero(t, v.User.Known.Columns)
	assert.Zero(t, v.User.Known.Issues)
	for f, value := range v.User.Values {
		switch roster.Field(f) {
		case roster.FirstName, roster.LastName, roster.Email, roster.Status:
		default:
			assert.Empty(t, value, "%s of a rejected row", roster.Field(f))
		}
	}
}

// checkKept: the row is used, the field is left as the member has it, with one warning.
func checkKept(t tester, v roster.Verdict, f roster.Field, code roster.Code) {
	t.Helper()
	require.False(t, v.Rejected)
	assert.Equal(t, []string{fmt.Sprintf("%s %s warning", f, code)}, codesOf(v.Issues))
	assert.Equal(t, roster.FieldSet(0).With(f), keptOf(v))
	assert.True(t, v.User.Known.Issues.Has(code, f))
	assert.NotZero(t, v.User.Known.Row)
	if f != roster.ExternalID {
		assert.Equal(
			t,
			map[roster.Field]string{roster.Locale: "en-US", roster.Status: "active"}[f],
			v.User.Values[f],
			"what somebody new gets",
		)
	}
}

// checkValue: the row is used without an issue, and the field has this value.
func checkValue(t tester, v roster.Verdict, f roster.Field, want string) {
	t.Helper()
	require.False(t, v.Rejected, "%v", v.Issues)
	assert.Empty(t, v.Issues)
	assert.Zero(t, keptOf(v))
	assert.Equal(t, want, v.User.Values[f])
}

var reportColumn = map[roster.Field]string{
	roster.FirstName: "First_Name", roster.LastName: "Last_Name", roster.Email: "Email", roster.ManagementLevel: "Management_Level", roster.JobTitle: "Job_Title",
	roster.BusinessUnit: "Business_Unit", roster.JobFunction: "Job_Function", roster.PeopleManager: "People_Manager", roster.ManagerEmail: "Manager_Email",
	roster.City: "City", roster.Country: "Country", roster.Office: "Office", roster.Locale: "Locale", roster.Status: "Status", roster.ExternalID: "Employee_ID", roster.Groups: "Groups",
}

// Each row of docs/rules.md, section 1.
func TestFields(t *testing.T) {
	t.Parallel()
	with := func(f roster.Field, value string) string { return fmt.Sprintf("%q:%s", reportColumn[f], value) }

	t.Run("first_name, last_name", func(t *testing.T) {
		t.Parallel()
		for _, f := range []roster.Field{roster.FirstName, roster.LastName} {
			checkValue(t, judge(t, setting{}, with(f, quote("  Anna \u00a0 Mari\u0301a\u200b "))), f, "Anna María")
			for _, empty := range []string{`null`, `""`, `[]`, `" \t"`, `"\u200b\u00a0"`, `[""]`, `{}`} {
				checkRejected(t, judge(t, setting{}, with(f, empty)), f, roster.CodeRequiredEmpty)
			}
			checkRejected(t, judge(t, setting{}, with(f, `["Ann","Bea"]`)), f, roster.CodeSeveralValues)
			checkRejected(t, judge(t, setting{}, with(f, quote("Jos\ufffd"))), f, roster.CodeTextDamaged)
			checkValue(t, judge(t, setting{}, with(f, `["Ann","Ann "]`)), f, "Ann")
		}
		t.Run("one-word names only by the tenant's own map", func(t *testing.T) {
			t.Parallel()
			row := full(t, `"First_Name":null,"Last_Name":null,"Name":"Björk"`)
			assert.Equal(
				t,
				[]roster.Field{roster.FirstName, roster.LastName},
				setting{}.read(t, row).bindings.Missing(),
			)
			v := setting{fields: roster.FieldMap{"Name": {roster.FirstName, roster.LastName}}, groups: mentoring}.read(t, row).verdicts[0]
			checkValue(t, v, roster.FirstName, "Björk")
			checkValue(t, v, roster.LastName, "Björk")
		})
	})

	t.Run("email", func(t *testing.T) {
		t.Parallel()
		checkValue(
			t,
			judge(t, setting{}, with(roster.Email, `" Jane.DOE+hr@Example.com"`)),
			roster.Email,
			"jane.doe+hr@example.com",
		)
		checkRejected(t, judge(t, setting{}, with(roster.Email, `""`)), roster.Email, roster.CodeRequiredEmpty)
		for _, bad := range []string{"jane", "jane@localhost", "Jane <jane@example.com>", "jane@exa mple.com", "jane@-a.com", strings.Repeat("a", 250) + "@b.co"} {
			v := judge(t, setting{}, with(roster.Email, quote(bad)))
			checkRejected(t, v, roster.Email, roster.CodeEmailInvalid)
			assert.Equal(t, "000123", v.User.ExternalID)
			assert.Empty(t, v.User.Values[roster.Email], "no identity is made of it")
		}
		v := judge(t, setting{}, with(roster.Email, `"Jane at example.com"`))
		assert.Equal(t, "jane at example.com", v.Issues[0].Email, "the issue shows it")
		checkRejected(
			t,
			judge(t, setting{}, with(roster.Email, `["a@example.com","b@example.com"]`)),
			roster.Email,
			roster.CodeSeveralValues,
		)
	})

	t.Run("management_level", func(t *testing.T) {
		t.Parallel()
		checkRejected(
			t,
			judge(t, setting{}, with(roster.ManagementLevel, `null`)),
			roster.ManagementLevel,
			roster.CodeRequiredEmpty,
		)
		for level, role := range map[string]string{
			"Director": "Director", "senior manager": "Sr. Manager", "SVP / Senior Vice President": "SVP", "IC": "Individual Contributor",
			"M4": "Sr. Manager", "Distinguished  Engineer": "Distinguished Engineer",
		} {
			v := judge(
				t,
				setting{levels: roster.Levels{"M4": "Sr. Manager"}},
				with(roster.ManagementLevel, quote(level)),
			)
			checkValue(t, v, roster.Role, role)
			checkValue(t, v, roster.ManagementLevel, roster.NormalText(level))
		}
		unmapped := full(t, with(roster.ManagementLevel, `"Wizard"`))
		out := setting{groups: mentoring}.read(t, unmapped, unmapped, full(t, with(roster.ManagementLevel, `"VP"`)))
		assert.Equal(t, []string{"management_level level_unmapped warning"}, codesOf(out.report), "listed once")
		assert.Contains(t, out.report[0].Detail, `"Wizard"`)
	})

	t.Run("job_title, business_unit, job_function", func(t *testing.T) {
		t.Parallel()
		for _, f := range []roster.Field{roster.JobTitle, roster.BusinessUnit, roster.JobFunction} {
			checkFreeText(t, f, with)
		}
	})

	t.Run("people_manager", func(t *testing.T) {
		t.Parallel()
		for value, want := range map[string]string{
			`"yes"`: "yes", `"YES"`: "yes", `" Yes "`: "yes", `"1"`: "yes", `1`: "yes", `true`: "yes", `"True"`: "yes",
			`"no"`: "no", `"No"`: "no", `"0"`: "no", `0`: "no", `false`: "no", `"FALSE"`: "no", `null`: "", `""`: "",
		} {
			checkValue(t, judge(t, setting{}, with(roster.PeopleManager, value)), roster.PeopleManager, want)
		}
		for _, bad := range []string{`"y"`, `"maybe"`, `"2"`, `"yes please"`, `"N/A"`, `"oui"`} {
			checkKept(
				t,
				judge(t, setting{}, with(roster.PeopleManager, bad)),
				roster.PeopleManager,
				roster.CodeNotYesOrNo,
			)
		}
	})

	t.Run("manager_email", func(t *testing.T) {
		t.Parallel()
		checkValue(
			t,
			judge(t, setting{}, with(roster.ManagerEmail, `"John@Example.COM "`)),
			roster.ManagerEmail,
			"john@example.com",
		)
		checkValue(t, judge(t, setting{}, with(roster.ManagerEmail, `""`)), roster.ManagerEmail, "")
		checkValue(
			t,
			judge(t, setting{}, `"Manager_Email":null,"Worker_s_Manager_group":[{"Email":"boss@example.com"}]`),
			roster.ManagerEmail,
			"",
		)
		checkKept(
			t,
			judge(t, setting{}, with(roster.ManagerEmail, `"John Smith"`)),
			roster.ManagerEmail,
			roster.CodeEmailInvalid,
		)
		own := setting{fields: roster.FieldMap{"Worker_s_Manager_group.Email": {roster.ManagerEmail}}}
		checkValue(
			t,
			judge(t, own, `"Worker_s_Manager_group":[{"Email":"boss@example.com"}]`),
			roster.ManagerEmail,
			"boss@example.com",
		)
	})

	t.Run("city, country, office", func(t *testing.T) {
		t.Parallel()
		for _, f := range []roster.Field{roster.City, roster.Country, roster.Office} {
			checkFreeText(t, f, with)
		}
	})

	t.Run("locale", func(t *testing.T) {
		t.Parallel()
		for value, want := range map[string]string{
			"en-US": "en-US", "fr-CA": "fr-CA", "es-ES": "es-ES", "ko": "ko", "ja": "ja",
			"en_US": "en-US", "EN-us": "en-US", "fr_ca": "fr-CA", "ko-KR": "ko", "ko_KR": "ko", "ja-JP": "ja", "JA": "ja", "": "en-US",
		} {
			checkValue(t, judge(t, setting{}, with(roster.Locale, quote(value))), roster.Locale, want)
		}
		for _, bad := range []string{"en", "fr", "fr-FR", "en-GB", "es-MX", "de-DE", "zh", "English", "en-US-x", "ko-KP"} {
			checkKept(
				t,
				judge(t, setting{}, with(roster.Locale, quote(bad))),
				roster.Locale,
				roster.CodeLocaleUnsupported,
			)
		}
		checkValue(
			t,
			judge(t, setting{}, with(roster.Locale, `{"Descriptor":"Korean","ID":[{"type":"Locale","$":"ko_KR"}]}`)),
			roster.Locale,
			"ko",
		)
	})

	t.Run("status", func(t *testing.T) {
		t.Parallel()
		for value, want := range map[string]string{
			`"active"`: roster.Active, `true`: roster.Active, `false`: roster.Inactive, `" Active "`: roster.Active, `"1"`: roster.Active, `1`: roster.Active, `"INACTIVE"`: roster.Inactive, `"0"`: roster.Inactive, `0`: roster.Inactive,
		} {
			checkValue(t, judge(t, setting{}, with(roster.Status, value)), roster.Status, want)
		}
		v := judge(t, setting{}, with(roster.Status, `""`))
		assert.Equal(t, roster.Active, v.User.Values[roster.Status], "the default for a new member")
		assert.Equal(t, roster.FieldSet(0).With(roster.Status), keptOf(v), "an empty cell leaves it as it is")
		assert.Empty(t, v.Issues)
	})

	t.Run("start_date, end_date", func(t *testing.T) {
		t.Parallel()
		row := full(t, `"Start_Date":"2026-01-31","End_Date":"2027-01-31","Hired":"2026-02-28"`)
		v := setting{}.read(t, row).verdicts[0]
		assert.Empty(
			t,
			v.User.Values[roster.StartDate]+v.User.Values[roster.EndDate],
			"no column is one of theirs by its name alone",
		)
		assert.True(t, v.User.Kept.Has(roster.StartDate) && v.User.Kept.Has(roster.EndDate))
		for text, want := range map[string]string{
			"2026-11-30-08:00": "2026-11-30", "2026-11-30Z": "2026-11-30", "2026-11-30T23:59:59.123+09:00": "2026-11-30",
			"2026-11-30 08:00:00": "2026-11-30", "2028-02-29": "2028-02-29", "2026-02-29": "", "30.11.2026": "",
			"2026-11-30x": "", "2026-11-30-8": "", "20261130": "", "2026-11": "", "tomorrow": "",
		} {
			s := setting{fields: roster.FieldMap{"Hired": {roster.StartDate}}}
			v := s.read(t, full(t, `"Hired":"`+text+`"`)).verdicts[0]
			assert.Equal(t, want, v.User.Values[roster.StartDate], text)
			assert.Equal(t, want == "", v.MembersOnly, text)
		}
		s := setting{fields: roster.FieldMap{"Hired": {roster.StartDate}, "End_Date": {roster.EndDate}}}
		v = s.read(t, row).verdicts[0]
		assert.Equal(t, "2026-02-28", v.User.Values[roster.StartDate])
		assert.Equal(t, "2027-01-31", v.User.Values[roster.EndDate])
		assert.Empty(t, s.read(t, full(t, "")).report, "nobody is warned that they are not there")
	})

	t.Run("external_id", func(t *testing.T) {
		t.Parallel()
		v := judge(t, setting{}, with(roster.ExternalID, `" 000123 "`))
		assert.Equal(t, "000123", v.User.ExternalID)
		assert.Equal(t, "workday:Employee_ID", v.User.ExternalKind)
		v = judge(t, setting{}, with(roster.ExternalID, `21001`))
		assert.Equal(t, "21001", v.User.ExternalID)
		v = judge(t, setting{}, with(roster.ExternalID, `""`))
		assert.False(t, v.Rejected)
		assert.Empty(t, v.Issues)
		assert.Empty(t, v.User.ExternalID+v.User.ExternalKind)
		v = judge(
			t,
			setting{},
			with(
				roster.ExternalID,
				`{"Descriptor":"Jane Doe","ID":[{"type":"WID","$":"a3"},{"type":"Employee_ID","$":"007"}]}`,
			),
		)
		assert.Equal(t, "007", v.User.ExternalID, "an id, not a name")
		v = judge(t, setting{}, with(roster.ExternalID, `["1","2"]`))
		checkKept(t, v, roster.ExternalID, roster.CodeSeveralValues)
		assert.Empty(t, v.User.ExternalID+v.User.ExternalKind)
		for _, c := range []struct {
			column       string
			source       roster.Source
			fields, want string
		}{
			{"idp_id", fromWorkOS, "", "workos:idp_id"},
			{"worker id", fromWorkday, "", "workday:Worker_ID"},
			{"wd:WID", fromWorkday, "", "workday:WID"},
			{"Badge", fromWorkday, "Badge", "workday:Badge"},
		} {
			s := setting{source: c.source, groups: mentoring}
			if c.fields != "" {
				s.fields = roster.FieldMap{c.fields: {roster.ExternalID}}
			}
			v := s.read(t, full(t, fmt.Sprintf(`"Employee_ID":null,%q:"x7"`, c.column))).verdicts[0]
			assert.Equal(t, "x7", v.User.ExternalID)
			assert.Equal(t, c.want, v.User.ExternalKind)
		}
	})

	t.Run("groups", func(t *testing.T) {
		t.Parallel()
		for name, c := range map[string]struct {
			value string
			want  []string
		}{
			"an array of objects":              {`[{"Descriptor":"Mentors","ID":"1"},{"Descriptor":"Mentees","ID":"2"}]`, []string{"Mentees", "Mentors"}},
			"an array of strings":              {`["Mentors","Mentees","Mentors"]`, []string{"Mentees", "Mentors"}},
			"one string split on ;":            {`" Mentors ;mentees;; "`, []string{"Mentees", "Mentors"}},
			"one name":                         {`"Mentors"`, []string{"Mentors"}},
			"one object":                       {`{"Descriptor":"Mentors"}`, []string{"Mentors"}},
			"empty: in no group":               {`""`, nil},
			"an empty array: in no group":      {`[]`, nil},
			"only separators: likewise":        {`" ; "`, nil},
			"a name that has a ; of its own":   {`"Arts; Crafts"`, []string{"arts"}},
			"such names in an array":           {`["Arts; Crafts","Mentors; Mentees"]`, []string{"Mentees", "Mentors", "arts"}},
			"an array of objects with a field": {`[{"name":"Mentors"}]`, []string{"Mentors"}},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := setting{groups: append([]roster.SourceGroup{{Key: "arts", Name: "Arts; Crafts"}}, mentoring...)}
				columns := with(roster.Groups, c.value)
				if strings.Contains(c.value, `"name"`) {
					columns = `"Groups":null,"User_Groups_group":` + c.value
					v := s.read(t, full(t, columns)).verdicts[0]
					assert.Equal(t, c.want, v.User.Groups)
					return
				}
				v := judge(t, s, columns)
				require.Empty(t, v.Issues)
				assert.False(t, v.User.Kept.Has(roster.Groups))
				if c.want == nil {
					assert.Empty(t, v.User.Groups)
					return
				}
				assert.Equal(t, c.want, v.User.Groups)
			})
		}
		t.Run("an unknown group is a warning, and the row is judged again next time", func(t *testing.T) {
			t.Parallel()
			v := judge(t, setting{}, with(roster.Groups, `"Mentors; Chess; Go; Bridge; Whist"`))
			assert.False(t, v.Rejected)
			assert.Equal(t, []string{"groups unknown_group warning"}, codesOf(v.Issues))
			assert.Contains(t, v.Issues[0].Detail, `4 group(s)`)
			assert.Contains(t, v.Issues[0].Detail, `"Chess", "Go", "Bridge", …`)
			assert.Equal(t, []string{"Mentors"}, v.User.Groups)
			assert.Zero(t, keptOf(v))
			assert.Zero(t, v.User.Known.Row)
		})
		t.Run("from WorkOS they come with the groups", func(t *testing.T) {
			t.Parallel()
			v := judge(t, setting{source: fromWorkOS}, with(roster.Groups, `"Chess"`))
			assert.Empty(t, v.Issues)
			assert.Empty(t, v.User.Groups)
			assert.Equal(t, roster.FieldSet(0).With(roster.Groups), keptOf(v))
		})
	})

	t.Run("group_name", func(t *testing.T) { testGroupName(t) })
}

func checkFreeText(t *testing.T, f roster.Field, with func(roster.Field, string) string) {
	t.Helper()
	for value, want := range map[string]string{
		quote("\ufeff R&D  \u00a0Ops\x00 "): "R&D Ops", `7`: "7", `true`: "true", `null`: "", `""`: "", `[]`: "", `"\u200b"`: "",
		`{"Descriptor":"Solutions","ID":[{"type":"WID","$":"1"}]}`: "Solutions", `[{"Descriptor":"Solutions","ID":"1"}]`: "Solutions",
		`["Solutions"]`: "Solutions",
	} {
		checkValue(t, judge(t, setting{}, with(f, value)), f, want)
	}
	checkKept(t, judge(t, setting{}, with(f, `["Sales","Support"]`)), f, roster.CodeSeveralValues)
	checkKept(t, judge(t, setting{}, with(f, quote("Caf\ufffd"))), f, roster.CodeTextDamaged)
}

// The two rules above all others, as far as a single row goes.
func TestBadDataNeverDestroysGoodData(t *testing.T) {
	t.Parallel()
	t.Run("every bad field of a row is listed", func(t *testing.T) {
		t.Parallel()
		v := judge(t, setting{}, `"People_Manager":"x","Manager_Email":"x","Locale":"x","City":["a","b"]`)
		assert.False(t, v.Rejected)
		assert.Equal(t, []string{
			"people_manager not_yes_or_no warning", "manager_email email_invalid warning", "city several_values warning",
			"locale locale_unsupported warning",
		}, codesOf(v.Issues))
		assert.Equal(
			t,
			roster.FieldSet(0).
				With(roster.City).
				With(roster.PeopleManager).
				With(roster.ManagerEmail).
				With(roster.Locale),
			keptOf(v),
		)
		assert.ElementsMatch(
			t,
			withoutValues(v.Issues),
			roster.IssuesOf(v.User.Known.Issues, v.User.Identity()),
			"the index gives the same list later",
		)
		for _, issue := range v.Issues {
			assert.Equal(t, 1, issue.Row)
			assert.Equal(t, "000123", issue.ExternalID)
			assert.Equal(t, "jane@example.com", issue.Email)
			assert.NotEmpty(t, issue.Detail)
			assert.NotEmpty(t, issue.Hint)
		}
	})
	t.Run(
		"every bad required field of a row is listed, and what could be read of the identity is left",
		func(t *testing.T) {
			t.Parallel()
			v := judge(
				t,
				setting{},
				`"First_Name":"","Email":"x@","Management_Level":null,"Locale":"x","Status":"Inactive"`,
			)
			assert.True(t, v.Rejected)
			assert.Equal(t, []string{
				"email email_invalid rejected", "first_name required_empty rejected", "management_level required_empty rejected",
			}, codesOf(v.Issues))
			checkIdentityOnly(t, v)
			assert.Equal(t, "000123", v.User.ExternalID)
			assert.Equal(t, "Doe", v.User.Values[roster.LastName])
			assert.Equal(t, roster.Inactive, v.User.Values[roster.Status])
			assert.NotZero(t, v.User.Known.Row)
		},
	)
	t.Run("only the values of an issue hold values of a cell, and its identity", func(t *testing.T) {
		t.Parallel()
		v := judge(
			t,
			setting{},
			`"People_Manager":"Canary1","Manager_Email":"Canary2","Locale":"Canary3","Status":"Canary4","City":["Canary5","b"]`,
		)
		require.Len(t, v.Issues, 5)
		assert.NotContains(t, fmt.Sprint(withoutValues(v.Issues)), "Canary")
		v = judge(
			t,
			setting{},
			`"First_Name":["Canary1","x"],"Last_Name":"Canary2\ufffd","Management_Level":["Canary3","Canary4"]`,
		)
		require.Len(t, v.Issues, 3)
		assert.NotContains(t, fmt.Sprint(withoutValues(v.Issues)), "Canary")
	})
}

// withoutValues returns the issues without their offending values.
func withoutValues(issues []roster.Issue) []roster.Issue {
	plain := slices.Clone(issues)
	for i := range plain {
		plain[i].Values = nil
	}
	return plain
}

// Each row of docs/rules.md, section 2.
func TestColumns(t *testing.T) {
	t.Parallel()
	t.Run("values too long", func(t *testing.T) {
		t.Parallel()
		with := func(f roster.Field, value string) string { return fmt.Sprintf("%q:%s", reportColumn[f], value) }
		long := func(n int) string { return quote(strings.Repeat("é", n)) }
		assert.False(t, judge(t, setting{}, with(roster.FirstName, long(200))).Rejected)
		v := judge(t, setting{}, with(roster.FirstName, long(201)))
		assert.True(t, v.Rejected)
		assert.Equal(t, []string{"first_name too_long rejected"}, codesOf(v.Issues))
		checkValue(t, judge(t, setting{}, with(roster.City, long(1000))), roster.City, strings.Repeat("é", 1000))
		for _, f := range []roster.Field{roster.JobTitle, roster.BusinessUnit, roster.JobFunction, roster.City, roster.Country, roster.Office} {
			checkKept(t, judge(t, setting{}, with(f, long(1001))), f, roster.CodeTooLong)
		}
		checkKept(t, judge(t, setting{}, with(roster.ExternalID, long(201))), roster.ExternalID, roster.CodeTooLong)
	})

	t.Run("a required column appears in no row", func(t *testing.T) {
		t.Parallel()
		for f, policy := range map[roster.Field]string{
			roster.FirstName: "Person Data: Name", roster.LastName: "Person Data: Name", roster.Email: "Person Data: Work Contact Information",
			roster.ManagementLevel: "Worker Data: Current Management Level Information",
		} {
			for _, gone := range []string{`null`, `""`, `[]`, `" "`} {
				row := full(t, fmt.Sprintf("%q:%s", reportColumn[f], gone))
				out := setting{}.read(t, row, row)
				require.Equal(t, []roster.Field{f}, out.bindings.Missing())
				fault := MissingColumns(out.bindings, nil, out.reader.Unused(), fromWorkday)
				assert.Contains(t, fault.Detail, f.String())
				assert.Contains(t, fault.Hint, policy)
				assert.False(t, fault.Retry)
				if gone != `null` {
					assert.Contains(t, fault.Hint, fmt.Sprintf("%q is there, but empty", reportColumn[f]))
				}
			}
		}
		row := full(t, `"Email":null,"Email_Addr_Work":"jane@example.com","Cost_Center":"7"`)
		out := setting{}.read(t, row)
		fault := MissingColumns(
			out.bindings,
			roster.FieldMap{"Mail": {roster.Email}},
			out.reader.Unused(),
			fromWorkday,
		)
		assert.Contains(t, fault.Detail, `"Mail"`)
		assert.Contains(t, fault.Hint, `"Email_Addr_Work" looks like a renamed email`)
		assert.NotContains(t, fault.Hint, "Cost_Center")
		assert.NotContains(t, fault.Detail+fault.Hint, "jane")
	})

	t.Run("a recommended/optional column appears in no row", func(t *testing.T) {
		t.Parallel()
		for _, f := range []roster.Field{roster.JobTitle, roster.BusinessUnit, roster.JobFunction, roster.PeopleManager, roster.ManagerEmail, roster.City, roster.Country, roster.Office, roster.Locale, roster.Status, roster.Groups} {
			for _, gone := range []string{`null`, `""`, `[]`} {
				row := full(t, fmt.Sprintf("%q:%s", reportColumn[f], gone))
				out := setting{groups: mentoring}.read(t, row, row, row)
				require.Empty(t, out.bindings.Missing())
				for _, v := range out.verdicts {
					require.False(t, v.Rejected)
					assert.Empty(t, v.Issues)
					assert.Equal(t, roster.FieldSet(0).With(f), keptOf(v), "%s is left untouched", f)
				}
				require.Equal(t, []string{f.String() + " column_absent warning"}, codesOf(out.report), "one warning")
				assert.Zero(t, out.report[0].Row)
				assert.Contains(t, out.report[0].Hint, f.Policy())
			}
		}
	})

	t.Run("the column exists, this row's cell is empty", func(t *testing.T) {
		t.Parallel()
		for _, f := range []roster.Field{roster.JobTitle, roster.BusinessUnit, roster.JobFunction, roster.PeopleManager, roster.ManagerEmail, roster.City, roster.Country, roster.Office, roster.Locale, roster.Status} {
			v := judge(t, setting{}, fmt.Sprintf("%q:null", reportColumn[f]))
			require.Empty(t, v.Issues)
			switch f {
			case roster.Status:
				assert.True(t, v.User.Kept.Has(roster.Status), "unchanged")
			case roster.Locale:
				checkValue(t, v, roster.Locale, "en-US")
			default:
				checkValue(t, v, f, "")
			}
		}
	})

	t.Run("no warning where no group is to be named", func(t *testing.T) {
		t.Parallel()
		row := full(t, `"Groups":null`)
		assert.Empty(t, setting{}.read(t, row).report)
		assert.Empty(t, setting{source: fromWorkOS, groups: mentoring}.read(t, row).report)
	})
}
