package tenant_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/tenant"
)

// named has both lists, in every form.
const named = `protected:
  - {email: " Jane.Doe@ACME.example ", reason: on the board, until: 2027-01-31}
  - {external_id: 00123, reason: "founder: stays"}
sentinels:
  - jane.doe@acme.example
  - 1001
  - {email: CEO@acme.example}
  - {external_id: A-7}`

func TestPeopleAreNormalised(t *testing.T) {
	t.Parallel()
	tenants, err := tenant.Parse(strings.NewReader(one(named)), secrets)
	require.NoError(t, err)
	assert.Equal(t, []tenant.Protected{
		{Person: tenant.Person{Email: "jane.doe@acme.example"}, Reason: "on the board", Until: "2027-01-31"},
		{Person: tenant.Person{ExternalID: "00123"}, Reason: "founder: stays"},
	}, tenants[0].Protected)
	assert.Equal(t, []tenant.Person{
		{Email: "jane.doe@acme.example"}, {ExternalID: "1001"}, {Email: "ceo@acme.example"}, {ExternalID: "A-7"},
	}, tenants[0].Sentinels)

	settings, err := tenants[0].Settings()
	require.NoError(t, err)
	again, err := tenant.FromSettings(settings)
	require.NoError(t, err)
	assert.Equal(t, tenants[0].Protected, again.Protected)
	assert.Equal(t, tenants[0].Sentinels, again.Sentinels)
}

func TestARunGetsHashesOfPeopleAndNoNames(t *testing.T) {
	t.Parallel()
	tenants, err := tenant.Parse(strings.NewReader(one(named)), secrets)
	require.NoError(t, err)
	jane := roster.PersonRef{Email: roster.Key("jane.doe@acme.example")}
	assert.Equal(t, []roster.Protected{
		{PersonRef: jane, Until: "2027-01-31"}, {PersonRef: roster.PersonRef{External: roster.Key("00123")}},
	}, tenants[0].ProtectedPeople())
	assert.Equal(t, []roster.PersonRef{
		jane, {External: roster.Key("1001")}, {Email: roster.Key("ceo@acme.example")}, {External: roster.Key("A-7")},
	}, tenants[0].SentinelPeople())
}

func TestAProtectionExpiresAfterItsLastDayInTheTenantsTimeZone(t *testing.T) {
	t.Parallel()
	tenants, err := tenant.Parse(strings.NewReader(one(named)), secrets)
	require.NoError(t, err)
	acme := tenants[0]
	for zone, ends := range map[string]time.Time{
		"UTC":             time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC),
		"America/Toronto": time.Date(2027, 2, 1, 5, 0, 0, 0, time.UTC),
		"Asia/Tokyo":      time.Date(2027, 1, 31, 15, 0, 0, 0, time.UTC),
	} {
		acme.Schedule.Timezone = zone
		lapsed, err := acme.ExpiredProtections(ends.Add(-time.Second))
		require.NoError(t, err)
		assert.Empty(t, lapsed, zone)
		lapsed, err = acme.ExpiredProtections(ends)
		require.NoError(t, err)
		assert.Equal(t, []string{"protected[0]"}, lapsed, zone)
	}
}

func TestProblemsWithPeopleNameLineAndKeyButNoPerson(t *testing.T) {
	t.Parallel()
	const acme = "tenants[acme]."
	for name, c := range map[string]struct{ lists, want string }{
		"no list": {
			"protected: jane@x.org",
			"line 5: " + acme + "protected: write a list of people, each beginning with `- email:` or `- external_id:`",
		},
		"no reason": {
			"protected:\n- email: jane@x.org",
			"line 6: " + acme + "protected[0].reason: is missing: why no sync may remove this person, for later " +
				"readers of the list",
		},
		"an empty reason": {
			"protected:\n- email: jane@x.org\n  reason: ",
			"line 7: " + acme + "protected[0].reason: is missing: why no sync may remove this person, for later " +
				"readers of the list",
		},
		"a reason without an end": {
			"protected:\n- email: jane@x.org\n  reason: " + strings.Repeat("é", 1001),
			"line 7: " + acme + "protected[0].reason: write at most 1000 characters",
		},
		"a bare protected person": {
			"protected:\n- jane@x.org",
			"line 6: " + acme + "protected[0]: expected keys with values, as in `key: value`",
		},
		"nobody": {
			"protected:\n- reason: x", "line 6: " + acme + "protected[0]: names nobody: write email or external_id",
		},
		"an email and an id": {
			"protected:\n- reason: x\n  email: jane@x.org\n  external_id: 1",
			"line 8: " + acme + "protected[0].external_id: name a person by one of the two: remove email or " +
				"external_id (which survives a change of address)",
		},
		"an address that is none": {
			"protected:\n- reason: x\n  email: Jane <jane@x.org>",
			"line 7: " + acme + "protected[0].email: is no email address: write one plain address with a dotted " +
				"domain, as name@example.com",
		},
		"an id that is none": {
			"protected:\n- reason: x\n  external_id: \" \"",
			"line 7: " + acme + "protected[0].external_id: is empty: write the person's id in the directory",
		},
		"a day that there is not": {
			"protected:\n- reason: x\n  email: jane@x.org\n  until: 2027-02-30",
			"line 8: " + acme + "protected[0].until: write the last day as 2027-01-31 (year-month-day)",
		},
		"a day of another form": {
			"protected:\n- {reason: x, email: jane@x.org, until: 31.1.2027}",
			"line 6: " + acme + "protected[0].until: write the last day as 2027-01-31 (year-month-day)",
		},
		"an unknown key": {
			"protected:\n- {reason: x, email: jane@x.org, untl: 2027-01-31}",
			"line 6: " + acme + "protected[0].untl: is not a key here: did you mean until?",
		},
		"a key twice": {
			"protected:\n- {reason: x, email: jane@x.org, reason: y}",
			"line 6: " + acme + "protected[0].reason: is there twice, first in line 6; remove one",
		},
		"the same person twice": {
			"protected:\n- {reason: x, email: jane@x.org}\n- {reason: x, email: JANE@x.org}",
			"line 7: " + acme + "protected[1]: names the same person as " + acme + "protected[0]; remove one",
		},
		"no list of sentinels": {
			"sentinels: {email: jane@x.org}",
			"line 5: " + acme + "sentinels: write a list of people, each beginning with `- email:` or `- external_id:`",
		},
		"an empty sentinel": {
			"sentinels:\n- \"\"", "line 6: " + acme + "sentinels[0]: is empty: write an email or an external id",
		},
		"a sentinel of nothing": {
			"sentinels:\n-", "line 6: " + acme + "sentinels[0]: names nobody: write email or external_id",
		},
		"a sentinel without @": {
			"sentinels:\n- {email: jane}",
			"line 6: " + acme + "sentinels[0].email: is no email address: write one plain address with a dotted " +
				"domain, as name@example.com",
		},
		"a sentinel without a dot": {
			"sentinels:\n- jane@x",
			"line 6: " + acme + "sentinels[0]: is no email address: write one plain address with a dotted domain, " +
				"as name@example.com",
		},
		"a sentinel with a reason": {
			"sentinels:\n- {external_id: 1, reason: x}",
			"line 6: " + acme + "sentinels[0].reason: is not a key here: remove it; known are email, external_id",
		},
		"a sentinel twice": {
			"sentinels:\n- jane@x.org\n- 7\n- {email: jane@x.org}",
			"line 8: " + acme + "sentinels[2]: names the same person as " + acme + "sentinels[0]; remove one",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenants, err := tenant.Parse(strings.NewReader(one(c.lists)), secrets)
			assert.Nil(t, tenants)
			var problems tenant.Problems
			require.ErrorAs(t, err, &problems)
			assert.Equal(t, c.want, err.Error())
			assert.NotContains(t, strings.ToLower(err.Error()), "jane", "no personal data in errors")
		})
	}
}

func TestMentionsFindsTheEntriesThatNameAPerson(t *testing.T) {
	t.Parallel()
	tenants, err := tenant.Parse(strings.NewReader(one(named)), secrets)
	require.NoError(t, err)
	set := func(keys ...string) map[string]bool {
		found := map[string]bool{}
		for _, key := range keys {
			found[key] = true
		}
		return found
	}
	assert.Equal(t, []tenant.Mention{
		{Key: "protected[0]", Reason: "on the board", Until: "2027-01-31"}, {Key: "sentinels[0]"},
	}, tenants[0].Mentions(set("old@acme.example", "jane.doe@acme.example", ""), set("")))
	assert.Equal(t, []tenant.Mention{{Key: "protected[1]", Reason: "founder: stays"}, {Key: "sentinels[3]"}},
		tenants[0].Mentions(nil, set("00123", "A-7")))
	assert.Empty(t, tenants[0].Mentions(set("nobody@acme.example"), set("jane.doe@acme.example")))
}
