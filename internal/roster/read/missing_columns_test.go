package read

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rollcall/rollcall/internal/roster"
)

func TestEveryFieldHasAPolicy(t *testing.T) {
	t.Parallel()
	for f := range roster.Fields() {
		assert.NotEmpty(t, f.Policy(), "%s", f)
	}
	assert.Empty(t, roster.NoField.Policy())
}

func TestALikelyRenamedColumnIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field  roster.Field
		unused []string
		want   string
	}{
		{roster.Email, []string{"Cost_Center", "Emial", "Hire_Date"}, "Emial"},
		{roster.Email, []string{"Work_Email_2", "Emergency_Phone"}, "Work_Email_2"},
		{roster.Email, []string{"Email_-_Home_and_Work_Email"}, "Email_-_Home_and_Work_Email"},
		{roster.FirstName, []string{"Frist_Name", "Nickname"}, "Frist_Name"},
		{roster.LastName, []string{"Lats_Name"}, "Lats_Name"},
		{roster.ManagementLevel, []string{"Managemnt_Level", "Compensation_Grade"}, "Managemnt_Level"},
		{roster.ManagementLevel, []string{"LRV_Management_Level_2026"}, "LRV_Management_Level_2026"},
		{roster.Email, []string{"Cost_Center", "FTE", "Hire_Date", "x", ""}, ""},
		{roster.FirstName, []string{"Cost_Center", "City"}, ""},
		{roster.Email, nil, ""},
		{roster.Email, []string{"Email_Addresses_group.Primary", "Email_Addresses_group.Usage_Type"}, ""},
		{
			roster.Email,
			[]string{"Email_Addresses_group.Primary", "Email_Addresses_group.Email_Address"},
			"Email_Addresses_group.Email_Address",
		},
		{roster.Email, []string{"Contact.Emial", "Emial_Group.Public"}, "Contact.Emial"},
		{roster.Email, []string{"Work_Email_2.value", "Work_Email_2.type"}, "Work_Email_2.value"},
		{roster.ManagementLevel, []string{"Management_Level_group.Active", "Job.Managemnt_Level"}, "Job.Managemnt_Level"},
	} {
		var unused []UnusedColumn
		for _, name := range c.unused {
			unused = append(unused, UnusedColumn{Name: name, Filled: 3})
		}
		hint := likelyHint(c.field, unused)
		if c.want == "" {
			assert.Empty(t, hint, "%v", c.unused)
			continue
		}
		assert.Contains(t, hint, `"`+c.want+`" looks like a renamed `+c.field.String())
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"email", "emial", 1}, {"email", "email", 0}, {"mail", "email", 1}, {"kitten", "sitting", 3}} {
		assert.Equal(t, c.want, distance([]rune(c.a), []rune(c.b)), "%s %s", c.a, c.b)
		assert.Equal(t, c.want, distance([]rune(c.b), []rune(c.a)), "%s %s", c.b, c.a)
	}
}
