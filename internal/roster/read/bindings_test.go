package read

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/roster"
)

// boundTo binds columns that are all filled and gives the column of each field.
func boundTo(fields roster.FieldMap, names ...string) map[roster.Field]string {
	filled, words := make([]int, 2*len(names)), map[int]Word{}
	for i := range names {
		filled[i], filled[len(names)+i] = 1, 1
		words[len(names)+i] = Word{Column: i, Text: "Active", Meaning: roster.Active}
	}
	b := Bind(roster.Mappings{Fields: fields}, &Columns{Names: names, Words: words}, filled)
	bound := map[roster.Field]string{}
	for f := range roster.Field(roster.FieldCount) {
		if b.Fields.Has(f) && f != roster.Role {
			bound[f] = b.By[f].Name
		}
	}
	return bound
}

func TestUsualColumnNames(t *testing.T) {
	t.Parallel()
	for f, names := range map[roster.Field][]string{
		roster.FirstName:       {"first_name", "First Name", "firstName", "Preferred_First_Name", "Legal_First_Name", "name.givenName", "Worker_group.First_Name", "Given_Name", "Preferred_Name_-_First_Name"},
		roster.LastName:        {"last_name", "LASTNAME", "Legal_Last_Name", "name.familyName", "Surname", "Preferred_Name_-_Last_Name"},
		roster.Email:           {"email", "E-Mail", "Email_-_Work", "primaryWorkEmail", "Work_Email", "Email_Address", "emails", "emails.value", "Email - Primary Work", "Worker.Email", "Employee_s_Email"},
		roster.ManagementLevel: {"management_level", "CF_Management_Level", "Management Level", "CF Management-Level", "Job_Level"},
		roster.JobTitle:        {"businessTitle", "Job_Title", "job_title", "Primary_Position_group.Business_Title", "Position Title", "title"},
		roster.BusinessUnit:    {"business_unit", "Business_Unit_group.Name", "division_name", "Division"},
		roster.JobFunction:     {"job_function", "Job_Family_Group", "department_name", "Function"},
		roster.PeopleManager:   {"people_manager", "Is_People_Manager", "isManager", "People Manager Status"},
		roster.ManagerEmail:    {"manager_email", "Worker_s_Manager_group.Email", "Manager_s_Email", "manager.email", "Manager_group.Email_-_Work", "managerWorkEmail", "Supervisor Email", "Worker_s_Manager_s_Email_Address", "reportingManagerEmail"},
		roster.City:            {"city", "Location_group.City", "Work_Address_-_City", "addresses.locality"},
		roster.Country:         {"country", "location.country", "addresses.country", "Location_Address_-_Country", "LocationCountryFull", "Country_of_position_location_on_worker_profile"},
		roster.Office:          {"office", "Location", "Work_Location", "Office Location", "Primary Location", "LocationDescription", "Business_Site"},
		roster.Locale:          {"locale", "Preferred_Locale", "preferredLanguage"},
		roster.Status:          {"status", "Worker_Status", "Employee Status", "Active_Status", "isActive", "Employment_Status"},
		roster.ExternalID:      {"idp_id", "Employee_ID", "Worker_ID", "WID", "employeeID", "wd:Employee_ID", "Emp_ID", "Workday_ID"},
		roster.Groups:          {"groups", "Group", "Groups_group.Group_Name", "groups.name", "User_Groups"},
	} {
		for _, name := range names {
			assert.Equal(t, map[roster.Field]string{f: name}, boundTo(nil, name), "%s", f)
		}
	}
	for _, name := range []string{
		"Name", "username", "User_Name", "Email_-_Home", "Personal Email", "Manager", "Manager_group.First_Name", "Manager_group.Location",
		"Cost_Center", "state", "employee_type", "Manager_group.Employee_ID", "Emergency_Contact.Email", "raw_attributes.email", "",
		"Email_-_Primary_Home", "Email_-_Primary_Work_or_Primary_Home", "Management_Level_1", "Work_Country_Code", "Mgr_ID",
	} {
		assert.Empty(t, boundTo(nil, name), "%q might mean anything", name)
	}
}

func TestBind(t *testing.T) {
	t.Parallel()
	t.Run("the better usual name wins, whatever the order", func(t *testing.T) {
		t.Parallel()
		names := []string{"Work_Email", "Email", "Legal_First_Name", "Preferred_First_Name", "WID", "Employee_ID"}
		for range 20 {
			rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
			assert.Equal(
				t,
				map[roster.Field]string{
					roster.Email:      "Email",
					roster.FirstName:  "Preferred_First_Name",
					roster.ExternalID: "Employee_ID",
				},
				boundTo(nil, names...),
			)
		}
	})
	t.Run("two spellings of one name go by the alphabet", func(t *testing.T) {
		t.Parallel()
		assert.Equal(t, map[roster.Field]string{roster.Email: "Email"}, boundTo(nil, "email", "Email"))
	})
	t.Run("the tenant's own column comes first", func(t *testing.T) {
		t.Parallel()
		fields := roster.FieldMap{
			"preferred given":              {roster.FirstName},
			"Name":                         {roster.FirstName, roster.LastName},
			"Worker_s_Manager_group.Email": {roster.ManagerEmail},
		}
		assert.Equal(
			t,
			map[roster.Field]string{
				roster.FirstName:    "Preferred_Given",
				roster.LastName:     "Name",
				roster.ManagerEmail: "Worker_s_Manager_group.Email",
			},
			boundTo(
				fields,
				"First_Name",
				"Preferred_Given",
				"Last_Name",
				"Name",
				"Manager_Email",
				"Worker_s_Manager_group.Email",
			),
		)
	})
	t.Run("a mapped column serves nothing else", func(t *testing.T) {
		t.Parallel()
		assert.Equal(t, map[roster.Field]string{roster.ManagerEmail: "Email", roster.Email: "Work_Email"},
			boundTo(roster.FieldMap{"Email": {roster.ManagerEmail}}, "Email", "Work_Email"))
		assert.Empty(t, boundTo(roster.FieldMap{"Email": {}, "Level": {roster.Role}}, "Email", "Level"))
	})
	t.Run("a mapped column that nobody fills gives way to no other", func(t *testing.T) {
		t.Parallel()
		b := Bind(roster.Mappings{Fields: roster.FieldMap{"Mail": {roster.Email}}}, &Columns{Names: []string{"Mail", "Email"}}, []int{0, 3})
		assert.False(t, b.Fields.Has(roster.Email))
		assert.Contains(t, b.Missing(), roster.Email)
	})
	t.Run("a usual column that few rows fill doesn't take the place of one that most do", func(t *testing.T) {
		t.Parallel()
		columns := &Columns{Names: []string{"Office", "Site"}}
		assert.Equal(t, "Site", Bind(roster.Mappings{}, columns, []int{1, 6}).By[roster.Office].Name)
		assert.Equal(t, "Site", Bind(roster.Mappings{}, columns, []int{2, 5}).By[roster.Office].Name)
		assert.Equal(t, "Office", Bind(roster.Mappings{}, columns, []int{3, 6}).By[roster.Office].Name)
		assert.Equal(
			t,
			"Office",
			Bind(roster.Mappings{Fields: roster.FieldMap{"Office": {roster.Office}}}, columns, []int{1, 6}).By[roster.Office].Name,
			"the tenant's word counts",
		)
	})
	t.Run("state is WorkOS's status, and a province elsewhere", func(t *testing.T) {
		t.Parallel()
		assert.Equal(
			t,
			map[roster.Field]string{roster.ExternalID: "idp_id", roster.Status: "state"},
			boundTo(nil, "status", "state", "idp_id"),
		)
		assert.Equal(
			t,
			map[roster.Field]string{roster.ExternalID: "Employee_ID", roster.Status: "Status"},
			boundTo(nil, "Status", "state", "Employee_ID"),
		)
		assert.Equal(
			t,
			map[roster.Field]string{roster.Status: "State"},
			boundTo(roster.FieldMap{"State": {roster.Status}}, "State"),
		)
	})
	t.Run("an unfilled column is never bound", func(t *testing.T) {
		t.Parallel()
		b := Bind(roster.Mappings{}, &Columns{Names: []string{"Email", "City", "Office"}}, []int{0, 1})
		assert.Equal(t, roster.FieldSet(0).With(roster.City), b.Fields)
		assert.Equal(
			t,
			[]roster.Field{roster.FirstName, roster.LastName, roster.Email, roster.ManagementLevel},
			b.Missing(),
		)
		assert.Empty(t, b.Kind(fromWorkday))
	})
	t.Run("the digest depends on names and not on numbers", func(t *testing.T) {
		t.Parallel()
		names := []string{"Email", "City", "Office"}
		one := Bind(roster.Mappings{}, &Columns{Names: names}, []int{1, 1, 1})
		slices.Reverse(names)
		other := Bind(roster.Mappings{}, &Columns{Names: names}, []int{1, 1, 1})
		assert.NotEqual(t, one, other)
		assert.Equal(t, one.Digest(), other.Digest())
		assert.NotEqual(t, one.Digest(), Bind(roster.Mappings{}, &Columns{Names: names}, []int{1, 1, 0}).Digest())
		assert.NotEqual(t, one.Digest(), roster.Bindings{}.Digest())
	})
}

func TestRulesDigest(t *testing.T) {
	t.Parallel()
	own := func() roster.Mappings {
		return roster.Mappings{
			Fields:   roster.FieldMap{"A": {roster.City}, "B": {roster.Office, roster.City}},
			Levels:   roster.Levels{"M4": "Manager"},
			Statuses: roster.Words{"Gone": roster.Departed}, Locales: roster.Words{"Coréen": "ko"},
		}
	}
	digest := own().Digest()
	same := own()
	same.Fields = roster.FieldMap{"a": {roster.City}, "B ": {roster.City, roster.Office}}
	assert.Equal(t, digest, same.Digest())
	for name, edit := range map[string]func(*roster.Mappings){
		"nothing":        func(m *roster.Mappings) { *m = roster.Mappings{} },
		"another field":  func(m *roster.Mappings) { m.Fields["A"] = []roster.Field{roster.Office} },
		"another role":   func(m *roster.Mappings) { m.Levels["M4"] = "Director" },
		"a column more":  func(m *roster.Mappings) { m.Fields["C"] = nil },
		"another status": func(m *roster.Mappings) { m.Statuses["Gone"] = roster.Inactive },
		"a status more":  func(m *roster.Mappings) { m.Statuses[roster.OtherWords] = roster.Inactive },
		"no locales":     func(m *roster.Mappings) { m.Locales = nil },
		"a status as level": func(m *roster.Mappings) {
			m.Statuses, m.Levels = nil, roster.Levels{"M4": "Manager", "Gone": roster.Departed}
		},
	} {
		other := own()
		edit(&other)
		assert.NotEqual(t, digest, other.Digest(), name)
	}
}

func TestSettingsAndBindingsSurviveJSON(t *testing.T) {
	t.Parallel()
	fields := roster.FieldMap{"Name": {roster.FirstName, roster.LastName}, "Email": {}}
	bindings := Bind(roster.Mappings{Fields: fields}, &Columns{Names: []string{"City", "Name"}}, []int{1, 1})
	row := roster.Row{
		Number: 7,
		Hash:   roster.HashBytes(nil),
		Cells:  []roster.Cell{{Column: 3, Values: []string{"A", "é"}, IDs: []string{"1", ""}}},
	}
	for name, codec := range map[string]struct {
		marshal   func(any) ([]byte, error)
		unmarshal func([]byte, any) error
	}{
		"encoding/json":      {json.Marshal, json.Unmarshal},
		"go-json-experiment": {func(v any) ([]byte, error) { return jsonv2.Marshal(v) }, func(data []byte, v any) error { return jsonv2.Unmarshal(data, v) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := codec.marshal(fields)
			require.NoError(t, err)
			assert.JSONEq(t, `{"Name":["first_name","last_name"],"Email":[]}`, string(raw))
			var back roster.FieldMap
			require.NoError(t, codec.unmarshal(raw, &back))
			assert.Equal(t, fields, back)
			require.NoError(t, codec.unmarshal([]byte(`{"Name":["shoe_size","email"],"Size":["shoe_size"]}`), &back))
			assert.Equal(t, roster.FieldMap{"Name": {roster.Email}, "Size": {}}, back, "a newer release has the field")

			raw, err = codec.marshal(bindings)
			require.NoError(t, err)
			var bound roster.Bindings
			require.NoError(t, codec.unmarshal(raw, &bound))
			assert.Equal(t, bindings, bound)

			raw, err = codec.marshal(row)
			require.NoError(t, err)
			var again roster.Row
			require.NoError(t, codec.unmarshal(raw, &again))
			assert.Equal(t, row, again)
		})
	}
}
