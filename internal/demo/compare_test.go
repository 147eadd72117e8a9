package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryDifferenceBetweenMembersAndPeopleIsFound(t *testing.T) {
	t.Parallel()
	truth := func() person {
		return person{
			"external_id": "1", "email": "a@x.org", "city": "", "people_manager": "yes", "groups": []any{"g"},
			"status": "active",
		}
	}
	kept := func(change func(person)) map[string]person {
		member := person{
			"external_id": "1", "email": "a@x.org", "city": nil, "people_manager": true, "groups": []any{"g"},
			"status": "active",
		}
		change(member)
		return map[string]person{"1": member}
	}
	cases := []struct {
		name    string
		members map[string]person
		want    []string
	}{
		{"none", kept(func(person) {}), nil},
		{"a value", kept(func(p person) { p["email"] = "b@x.org" }), []string{"email of 1"}},
		{"an empty value", kept(func(p person) { p["city"] = "Oslo" }), []string{"city of 1"}},
		{"yes and no", kept(func(p person) { p["people_manager"] = false }), []string{"people_manager of 1"}},
		{"a membership", kept(func(p person) { p["groups"] = []any{} }), []string{"groups of 1"}},
		{
			"departed though present", kept(func(p person) { p["status"] = "departed" }),
			[]string{"1 departed but is in the directory"},
		},
		{"missing", map[string]person{}, []string{"1 is missing"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, got := differences(map[string]person{"1": truth()}, c.members)
			require.Equal(t, c.want, got)
		})
	}
	_, got := differences(map[string]person{}, kept(func(person) {}))
	require.Equal(t, []string{"1 is not in the directory"}, got)
	departed, got := differences(map[string]person{}, kept(func(p person) { p["status"] = "departed" }))
	require.Empty(t, got)
	require.Equal(t, 1, departed)
}
