package workos

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdk "github.com/workos/workos-go/v9"
)

// rowOf returns the row of a user in WorkOS's format.
func rowOf(t *testing.T, user object) string {
	t.Helper()
	raw, err := json.Marshal(user)
	require.NoError(t, err)
	var decoded sdk.DirectoryUserWithGroups
	require.NoError(t, json.Unmarshal(raw, &decoded))
	made, err := row(&decoded)
	require.NoError(t, err)
	return string(made)
}

func TestARowIsFlatAndItsKeysAreSorted(t *testing.T) {
	t.Parallel()
	got := rowOf(t, object{
		"id": "directory_user_1", "idp_id": "2836", "email": "m@example.com", "first_name": "Marcelina",
		"last_name": "Davis", "name": "Marcelina Davis",
		"state": "active", "username": "mdavis", "job_title": "Engineer", "role": object{"slug": "admin"},
		"custom_attributes": object{
			"manager_email": "b@example.com", "Business Unit": "Sales", "n": 12345678, "half": 0.5, "yes": false,
			"none": nil, "blank": "", "nolist": []any{}, "noobject": object{},
			"addresses": []any{object{"type": "work", "locality": "Brooklyn"}},
		},
		"raw_attributes": object{"salary": 1}, "groups": []any{object{"id": "g"}}, "created_at": "x", "updated_at": "y",
	})
	assert.Equal(t,
		`{"Business Unit":"Sales","addresses":[{"locality":"Brooklyn","type":"work"}],"email":"m@example.com","first_name":"Marcelina",`+
			`"half":0.5,"idp_id":"2836","job_title":"Engineer","last_name":"Davis","manager_email":"b@example.com","n":12345678,"name":"Marcelina Davis",`+
			`"state":"active","username":"mdavis","yes":false}`, got)
}

func TestARowChangesOnlyWithThePerson(t *testing.T) {
	t.Parallel()
	before := rowOf(t, person(1))
	same := object{
		"id": "directory_user_other", "organization_id": "org_2", "updated_at": "2027-01-01T00:00:00.000Z",
		"created_at":     "2027-01-01T00:00:00.000Z",
		"raw_attributes": object{"x": "y"}, "groups": []any{
			object{"id": "g", "name": "G"},
		}, "role": object{"slug": "admin"}, "roles": []any{object{"slug": "admin"}},
		"name": nil, "job_title": nil, "username": "", "emails": []any{},
	}
	for name, value := range same {
		user := maps.Clone(person(1))
		user[name] = value
		assert.Equal(t, before, rowOf(t, user), name)
	}
	other := object{
		"idp_id": "E2", "email": "new@example.com", "first_name": "New", "last_name": nil, "state": "inactive",
		"custom_attributes": object{"job_title": "Boss", "level": 7},
	}
	for name, value := range other {
		user := maps.Clone(person(1))
		user[name] = value
		assert.NotEqual(t, before, rowOf(t, user), name)
	}
}

func TestACustomAttributeMayHaveTheNameOfAStandardOne(t *testing.T) {
	t.Parallel()
	got := rowOf(t, object{
		"idp_id": "1", "email": "work@example.com", "state": "active", "job_title": "old", "username": "old",
		"custom_attributes": object{
			"email": "work@example.com", "state": "Ontario", "idp_id": object{"x": 1}, "job_title": "new",
			"username": "new", "first_name": "Custom",
		},
	})
	assert.JSONEq(
		t,
		`{"idp_id":"1","custom_idp_id":{"x":1},"email":"work@example.com","state":"active","custom_state":"Ontario","job_title":"new","username":"new","first_name":"Custom"}`,
		got,
	)
}

func TestTheEmailIsThePrimaryOne(t *testing.T) {
	t.Parallel()
	work := object{"type": "work", "value": "work@example.com", "primary": true}
	home := object{"type": "home", "value": "home@example.com", "primary": false}
	for name, c := range map[string]struct {
		user object
		want string
	}{
		"given": {
			object{"email": "own@example.com", "emails": []any{work}}, "own@example.com",
		},
		"from the list":          {object{"email": nil, "emails": []any{home, work}}, "work@example.com"},
		"the only one":           {object{"emails": []any{home}}, "home@example.com"},
		"none of two is primary": {object{"emails": []any{home, home}}, ""},
		"from the custom attributes": {
			object{"custom_attributes": object{"emails": []any{home, work}}}, "work@example.com",
		},
		"the only one there": {
			object{"custom_attributes": object{"emails": []any{home}}}, "home@example.com",
		},
		"a list of something else there": {object{"custom_attributes": object{"emails": []any{"x", 7, nil}}}, ""},
		"none":                           {object{}, ""},
	} {
		raw, err := json.Marshal(c.user)
		require.NoError(t, err)
		var user sdk.DirectoryUserWithGroups
		require.NoError(t, json.Unmarshal(raw, &user))
		assert.Equal(t, c.want, primaryEmail(&user), name)
	}
}

func TestSuspendedIsInactive(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `{"state":"inactive"}`, rowOf(t, object{"state": "suspended"}))
	assert.Equal(t, `{"state":"inactive"}`, rowOf(t, object{"state": "inactive"}))
}

func BenchmarkRow(b *testing.B) {
	raw, err := json.Marshal(person(1))
	require.NoError(b, err)
	var user sdk.DirectoryUserWithGroups
	require.NoError(b, json.Unmarshal(raw, &user))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := row(&user); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
