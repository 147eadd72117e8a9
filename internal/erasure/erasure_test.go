package erasure_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/directory"
	"github.com/rollcall/rollcall/internal/directory/workday"
	"github.com/rollcall/rollcall/internal/directory/workos"
	"github.com/rollcall/rollcall/internal/erasure"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/roster/read"
)

var (
	key = bytes.Repeat([]byte{7}, erasure.KeySize)
	one = uuid.MustParse("01a20928-0000-74e5-8a9c-4baad448e3cd")
	two = uuid.MustParse("01a20928-0000-74e5-8a9c-4baad448e3ce")
	kim = erasure.Subject{
		Externals: []erasure.External{{Kind: "workday:Employee_ID", ID: "E1"}},
		Emails:    []string{"kim@acme.io", "kim@old.io"},
	}
	list = func(subjects ...erasure.Subject) *erasure.List {
		var marks []erasure.Mark
		for i, s := range subjects {
			marks = append(marks, erasure.Marks(key, []uuid.UUID{one, two}[i], s)...)
		}
		return erasure.NewList(key, marks)
	}
)

func TestErasedPeopleAreRecognisedAsInMatching(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		of                    erasure.Subject
		kind, external, email string
		want                  bool
	}{
		"the same id":                            {kim, "workday:Employee_ID", "E1", "", true},
		"the same id and another email":          {kim, "workday:Employee_ID", "E1", "new@acme.io", true},
		"the id in another kind":                 {kim, "workday:WID", "E1", "", false},
		"the email without an id":                {kim, "", "", "kim@acme.io", true},
		"a former email":                         {kim, "", "", "kim@old.io", true},
		"the email with an id of another kind":   {kim, "workos:idp_id", "77", "kim@acme.io", true},
		"the email with another id of that kind": {kim, "workday:Employee_ID", "E2", "kim@acme.io", false},
		"neither":                                {kim, "workday:Employee_ID", "E2", "jo@acme.io", false},
		"nothing at all":                         {kim, "", "", "", false},
		"an id whose kind isn't known, any kind": {
			erasure.Subject{Externals: []erasure.External{{ID: "E1"}}},
			"workday:WID", "E1", "", true,
		},
		"who has no id, whatever the other has": {
			erasure.Subject{Emails: []string{"kim@acme.io"}},
			"workday:WID",
			"E1", "kim@acme.io", true,
		},
		"texts that run together are not the same": {erasure.Subject{Externals: []erasure.External{{
			Kind: "a",
			ID:   "bc",
		}}}, "ab", "c", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, list(c.of).Has(c.kind, c.external, c.email))
		})
	}
}

func TestErasedPeopleAreRecognisedUnderANewID(t *testing.T) {
	t.Parallel()
	t.Run("an erased person under a new id", recognisesNewIDs)
}

func recognisesNewIDs(t *testing.T) {
	t.Parallel()
	who := kim
	who.Names = []erasure.Name{{Email: "kim@acme.io", First: "Kim", Last: "Lee"}}
	row := `{"Employee_ID":%q,"Email":%q,"First_Name":%q,"Last_Name":%q}`
	for name, c := range map[string]struct {
		id, email, first, last string
		want                   bool
	}{
		"a prefix, the same email and both names":        {"N1", "kim@acme.io", "Kim", "Lee", true},
		"the names in other letter case":                 {"N1", "KIM@acme.io", "kim", "LEE", true},
		"the id in other letter case and the email":      {"e1", "kim@acme.io", "Kimberley", "Lee", true},
		"the id in other letter case and a former email": {"e1", "kim@old.io", "Kim", "Lee", true},
		"another name is somebody else":                  {"N1", "kim@acme.io", "Jo", "Lee", false},
		"another email is somebody else":                 {"N1", "lee@acme.io", "Kim", "Lee", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := readRows(t, list(who), nil, fmt.Sprintf(row, c.id, c.email, c.first, c.last))
			require.Equal(t, c.want, rows[0].Erased())
		})
	}
}

func TestErasuresAreFoundByAnyKey(t *testing.T) {
	t.Parallel()
	out := list(kim, erasure.Subject{Externals: []erasure.External{{ID: "9"}}, Emails: []string{"kim@old.io"}})
	require.Equal(t, []uuid.UUID{one}, out.FindPerson("E1", ""))
	require.Equal(t, []uuid.UUID{two}, out.FindPerson("9", ""))
	require.Equal(t, []uuid.UUID{one, two}, out.FindPerson("", "kim@old.io"))
	require.Empty(t, out.FindPerson("kim@old.io", "jo@acme.io"))
}

func TestMarksDependOnTheKey(t *testing.T) {
	t.Parallel()
	marks := erasure.Marks(key, one, kim)
	require.Len(t, marks, 5)
	require.NotContains(t, fmt.Sprint(marks), "kim")
	other := erasure.NewList(bytes.Repeat([]byte{8}, erasure.KeySize), marks)
	require.False(t, other.Has("workday:Employee_ID", "E1", "kim@acme.io"))
	require.Equal(t, marks, erasure.Marks(key, one, kim), "the same again")
}

func TestNobodyIsKeptOutByAnEmptyList(t *testing.T) {
	t.Parallel()
	none := erasure.NewList(key, nil)
	require.True(t, none.Empty())
	require.False(t, none.Has("k", "E1", "kim@acme.io"))
	require.False(t, none.HasEmail("kim@acme.io"))
	require.Empty(t, none.FindPerson("E1", "kim@acme.io"))
	row := roster.Row{Number: 1, Hash: roster.HashBytes(nil), Cells: []roster.Cell{{Values: []string{"kim@acme.io"}}}}
	require.Equal(t, row, none.Redact(nil, &read.Columns{}, workday.Source()).Row(row))
	listed := []directory.Membership{{Group: "g", User: "E1"}}
	require.Equal(t, listed, none.Memberships(workos.Source(), listed))
}

// readRows reads rows given as JSON, as a directory hands them over.
func readRows(t *testing.T, out *erasure.List, fields roster.FieldMap, raw ...string) []roster.Row {
	t.Helper()
	var columns read.Columns
	reader := read.NewReader(roster.Mappings{Fields: fields}, &columns)
	redact := out.Redact(fields, &columns, workday.Source())
	var rows []roster.Row
	for i, text := range raw {
		row, err := reader.Read(i+1, []byte(text))
		require.NoError(t, err)
		rows = append(rows, redact.Row(redact.Row(row)))
	}
	return rows
}

func TestRowsAreRedactedAsTheyAreRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fields  roster.FieldMap
		row     string
		erased  bool
		manager bool // the manager's email is
	}{
		"by id":                          {nil, `{"Employee_ID":"E1","First_Name":"K"}`, true, false},
		"by the id beside a name":        {nil, `{"Employee_ID":{"Descriptor":"Kim","ID":"E1"}}`, true, false},
		"by email, in any case":          {nil, `{"First_Name":"K","Email":" KIM@Acme.io "}`, true, false},
		"somebody else's row":            {nil, `{"Employee_ID":"E2","Email":"jo@acme.io"}`, false, false},
		"an email given to somebody new": {nil, `{"Employee_ID":"E2","Email":"kim@acme.io"}`, false, false},
		"a manager": {
			nil,
			`{"Employee_ID":"E2","Email":"jo@acme.io","Manager_Email":"Kim@old.io"}`, false, true,
		},
		"a manager and no id": {
			nil, `{"Email":"jo@acme.io","Manager_Email":"kim@old.io"}`, false,
			true,
		},
		"a manager within an object": {
			nil, `{"Email":"jo@acme.io","Manager":{"Email":"kim@old.io"}}`, false,
			true,
		},
		"a second email is not the one read": {
			nil, `{"Email":"jo@acme.io","Email_Address":"kim@acme.io"}`, false,
			false,
		},
		"a column of the tenant's own, an id": {
			roster.FieldMap{"Number": {roster.ExternalID}},
			`{"Number":"E1"}`,
			false, false,
		},
		"a column of the tenant's own, email": {
			roster.FieldMap{"Contact": {roster.Email}},
			`{"Contact":"kim@acme.io"}`, true, false,
		},
		"a column of the tenant's own, manager": {
			roster.FieldMap{"Boss": {roster.ManagerEmail}},
			`{"Email":"jo@acme.io","Boss":"kim@acme.io"}`, false, true,
		},
		"several emails, one of them": {nil, `{"Email":["","kim@acme.io"]}`, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row := readRows(t, list(kim), c.fields, c.row)[0]
			require.Equal(t, c.erased, row.Erased())
			if c.erased {
				require.Equal(t, roster.Row{Number: 1}, row, "nothing but its number")
			}
			manager := false
			for _, cell := range row.Cells {
				manager = manager || cell.Values[0] == roster.ErasedValue
			}
			require.Equal(t, c.manager, manager)
			if c.manager {
				require.NotContains(t, strings.ToLower(fmt.Sprint(row)), "kim")
			}
		})
	}
}

func TestAManagerWhoIsErasedClearsTheFieldWithAWarning(t *testing.T) {
	t.Parallel()
	var columns read.Columns
	reader := read.NewReader(roster.Mappings{}, &columns)
	row, err := reader.Read(1, []byte(`{"First_Name":"J","Last_Name":"O","Email":"jo@acme.io","Management_Level":"VP","Manager_Email":"kim@acme.io"}`))
	require.NoError(t, err)
	row = list(kim).Redact(nil, &columns, workday.Source()).Row(row)
	bindings := read.Bind(roster.Mappings{}, &columns, []int{1, 1, 1, 1, 1})
	verdict := roster.NewRules(roster.RulesSettings{Bindings: bindings, Source: workday.Source()}).Judge(row)
	require.False(t, verdict.Rejected)
	require.Len(t, verdict.Issues, 1)
	require.Equal(t, roster.CodeManagerErased, verdict.Issues[0].Code)
	require.Empty(t, verdict.User.Values[roster.ManagerEmail])
	require.False(t, verdict.User.Kept.Has(roster.ManagerEmail), "the member's own is cleared, too")
	require.True(t, verdict.User.Known.Issues.Has(roster.CodeManagerErased, roster.ManagerEmail),
		"the warning is remembered")
}

func TestListedMembershipsOfErasedPeopleAreRedacted(t *testing.T) {
	t.Parallel()
	out := list(erasure.Subject{
		Externals: []erasure.External{{Kind: "workos:idp_id", ID: "u1"}},
		Emails:    []string{"kim@acme.io"},
	})
	listed := out.Memberships(workos.Source(), []directory.Membership{
		{Group: "g", User: "u1"},
		{Group: "g", User: "u2", Email: "kim@acme.io"},
		{Group: "g", Email: "Kim@acme.io"},
		{Group: "g", Email: "jo@acme.io"},
	})
	require.Equal(t, []directory.Membership{
		{Group: "g"}, {Group: "g", User: "u2", Email: "kim@acme.io"}, {Group: "g"}, {Group: "g", Email: "jo@acme.io"},
	}, listed)
	require.True(t, erasure.Redacted(listed[0]))
	require.False(t, erasure.Redacted(listed[3]))
}

func TestNewKeysOfErasedPeopleBecomeMarks(t *testing.T) {
	t.Parallel()
	out := list(kim)
	var columns read.Columns
	reader := read.NewReader(roster.Mappings{}, &columns)
	redact := out.Redact(nil, &columns, workday.Source())
	for i, text := range []string{
		`{"WID":"w1","Email":"kim@acme.io"}`,          // the report gives another kind of id now
		`{"WID":"w1","Email":"kim@new.io"}`,           // and then another email
		`{"WID":"w1","Email":"not an address"}`,       // which is none
		`{"Employee_ID":"E2","Email":"kim@acme.io"}`,  // somebody else
		`{"Employee_ID":"E1","Email":"kim@third.io"}`, // known by the old id
	} {
		row, err := reader.Read(i+1, []byte(text))
		require.NoError(t, err)
		redact.Row(row)
	}
	require.True(t, out.Has("workday:WID", "w1", ""))
	require.True(t, out.HasEmail("kim@new.io"))
	require.False(t, out.HasEmail("not an address"))
	require.False(t, out.Has("workday:Employee_ID", "E2", ""))
	require.False(t, out.Has("workday:WID", "w2", "kim@new.io"), "a person with another id of that kind is somebody else")
	marks := redact.NewMarks()
	require.Len(t, marks, 3)
	again := erasure.NewList(key, append(erasure.Marks(key, one, kim), marks...))
	require.True(t, again.Has("workday:WID", "w1", ""))
	require.Equal(t, []uuid.UUID{one}, again.Find("", "", "kim@third.io"))
}

// BenchmarkRedact is what a new or changed row costs while somebody is kept out.
func BenchmarkRedact(b *testing.B) {
	var columns read.Columns
	reader := read.NewReader(roster.Mappings{}, &columns)
	row, err := reader.Read(1, []byte(`{"Employee_ID":"E9","First_Name":"J","Last_Name":"O","Email":"jo@acme.io","Management_Level":"VP","Manager_Email":"ann@acme.io","City":"Oslo"}`))
	if err != nil {
		b.Fatal(err)
	}
	redact := list(kim).Redact(nil, &columns, workday.Source())
	for b.Loop() {
		redact.Row(row)
	}
}
