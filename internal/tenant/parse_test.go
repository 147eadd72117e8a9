package tenant_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/guard"
	"github.com/rollcall/rollcall/internal/maintenance"
	"github.com/rollcall/rollcall/internal/roster"
	"github.com/rollcall/rollcall/internal/tenant"
)

// design is the example of the design document.
const design = `tenants:
  - id: acme                        # [a-z0-9-], 1 to 40
    name: Acme Corporation
    schedule: {cron: "*/30 * * * *", timezone: America/Toronto}
    workday:
      users:  https://wd5-services1.myworkday.com/ccx/service/customreport2/acme/ISU_10KC/Members?format=json
      groups: https://wd5-services1.myworkday.com/ccx/service/customreport2/acme/ISU_10KC/Groups?format=json
      username: ISU_10KC
      password: ${ACME_WORKDAY_PASSWORD}
    fields: {Preferred_Given: first_name, "Worker_s_Manager_group.Email": manager_email, Name: [first_name, last_name]}
    levels: {"M4": "Sr. Manager"}
    guard:  {removals: 10, percent: 5, hold: 72h}
    grace:  720h
  - id: globex
    schedule: {cron: "15 * * * *", timezone: Europe/Paris}
    workos: {directory: directory_01ECAZ4NV9QMV47GW873HDCX74, api_key: "${WORKOS_API_KEY}"}
`

// environment answers from a map.
func environment(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
}

var secrets = environment(map[string]string{"ACME_WORKDAY_PASSWORD": "p$${x}#1", "WORKOS_API_KEY": "sk_1", "EMPTY": ""})

func hours(n int) tenant.Duration { return tenant.Duration{Duration: time.Duration(n) * time.Hour} }

func minutes(n int) tenant.Duration {
	return tenant.Duration{Duration: time.Duration(n) * time.Minute}
}

func TestTheExampleIsParsedWithItsDefaults(t *testing.T) {
	t.Parallel()
	tenants, err := tenant.Parse(strings.NewReader(design), secrets)
	require.NoError(t, err)
	guard := usualGuard(10, 5)
	const reports = "https://wd5-services1.myworkday.com/ccx/service/customreport2/acme/ISU_10KC/"
	assert.Equal(t, []tenant.Tenant{
		{
			ID:   "acme",
			Name: "Acme Corporation",
			Schedule: tenant.Schedule{
				Cron: "*/30 * * * *", Timezone: "America/Toronto", Jitter: minutes(1), Catchup: minutes(10),
			},
			Workday: &tenant.Workday{Users: reports + "Members?format=json", Groups: reports + "Groups?format=json"},
			Fields: roster.FieldMap{
				"Preferred_Given":              {roster.FirstName},
				"Worker_s_Manager_group.Email": {roster.ManagerEmail},
				"Name":                         {roster.FirstName, roster.LastName},
			},
			Levels: map[string]string{"M4": "Sr. Manager"},
			Guard:  guard,
			Grace:  hours(720), Stall: minutes(30), Compare: hours(168), Retention: hours(720),
			Maintenance: []maintenance.Window{maintenance.Workday()},
			Credentials: tenant.Credentials{Username: "ISU_10KC", Password: "p$${x}#1"},
		},
		{
			ID:   "globex",
			Name: "globex",
			Schedule: tenant.Schedule{
				Cron: "15 * * * *", Timezone: "Europe/Paris", Jitter: minutes(1), Catchup: minutes(10),
			},
			WorkOS: &tenant.WorkOS{Directory: "directory_01ECAZ4NV9QMV47GW873HDCX74"},
			Guard:  guard,
			Grace:  hours(720), Stall: minutes(30), Compare: hours(168), Retention: hours(720),
			Credentials: tenant.Credentials{APIKey: "sk_1"},
		},
	}, tenants)
}

func TestSettingsSurviveEncodingAndHoldNoSecret(t *testing.T) {
	t.Parallel()
	tenants, err := tenant.Parse(strings.NewReader(design), secrets)
	require.NoError(t, err)
	for _, want := range tenants {
		settings, err := want.Settings()
		require.NoError(t, err)
		for _, secret := range []string{"ISU_10KC\"", "p$${x}#1", "sk_1"} {
			assert.NotContains(t, string(settings), secret)
		}
		again, err := want.Settings()
		require.NoError(t, err)
		assert.Equal(t, settings, again, "equal settings give equal bytes")
		got, err := tenant.FromSettings(settings)
		require.NoError(t, err)
		want.Credentials = tenant.Credentials{}
		assert.Equal(t, want, got)
	}
}

func TestInvalidSettingsAreRefused(t *testing.T) {
	t.Parallel()
	_, err := tenant.FromSettings([]byte(`{"grace":"soon"}`))
	assert.Error(t, err)
}

func TestZeroMeansZeroWhereItIsAllowed(t *testing.T) {
	t.Parallel()
	tenants, err := tenant.Parse(
		strings.NewReader(one("grace: 0\ncompare: 0s\nguard: {removals: 0, percent: 0}")), secrets,
	)
	require.NoError(t, err)
	assert.Zero(t, tenants[0].Grace)
	assert.Zero(t, tenants[0].Compare)
	assert.Equal(t, usualGuard(0, 0), tenants[0].Guard)
}

func TestAnEmptyListOfTenantsMustBeExplicit(t *testing.T) {
	t.Parallel()
	tenants, err := tenant.Parse(strings.NewReader("tenants: []"), secrets)
	require.NoError(t, err)
	assert.Empty(t, tenants)
}

func TestAnAliasRepeatsASection(t *testing.T) {
	t.Parallel()
	tenants, err := tenant.Parse(strings.NewReader(`tenants:
  - {id: a, schedule: &hourly {cron: "@hourly"}, workos: {directory: d, api_key: k}}
  - {id: b, schedule: *hourly, workos: {directory: e, api_key: k}}
`), secrets)
	require.NoError(t, err)
	assert.Equal(t, tenants[0].Schedule, tenants[1].Schedule)
}

func TestColumnsOfTheGroupReportAreSeparate(t *testing.T) {
	t.Parallel()
	tenants, err := tenant.Parse(
		strings.NewReader(one("fields: {Team: group_name, Squad: group_name, Mail: email}")), secrets,
	)
	require.NoError(t, err)
	assert.Equal(t, []string{"Squad", "Team"}, tenants[0].GroupColumns)
	assert.Equal(t, roster.FieldMap{"Mail": {roster.Email}}, tenants[0].Fields)
}

// usualGuard has the default limits but for these.
func usualGuard(removals, percent int) tenant.Guard {
	return tenant.Guard{
		Removals: removals, Percent: percent, Hold: hours(72),
		Additions: &tenant.GuardLimit{Count: 100, Percent: 50}, Changes: &tenant.GuardLimit{Count: 50, Percent: 25},
	}
}

func TestTheGuardHasLimitsForAdditionsAndChanges(t *testing.T) {
	t.Parallel()
	tenants, err := tenant.Parse(strings.NewReader(one("paused: true\n"+
		"guard: {additions: 7, additions_percent: 3, changes: 5, changes_percent: 2, first: hold}")), secrets)
	require.NoError(t, err)
	assert.True(t, tenants[0].Paused)
	assert.Equal(t, guard.Limits{
		Removals: 10, Percent: 5, Additions: &guard.Limit{Count: 7, Percent: 3}, Changes: &guard.Limit{Count: 5, Percent: 2},
		HoldFirst: true,
	}, tenants[0].Guard.Limits())
	earlier, err := tenant.FromSettings([]byte(`{"guard":{"removals":3,"percent":1}}`))
	require.NoError(t, err)
	assert.Equal(t, guard.DefaultLimits.Changes, earlier.Guard.Limits().Changes, "settings of an earlier release")
}

func TestWordsHaveMeanings(t *testing.T) {
	t.Parallel()
	tenants, err := tenant.Parse(strings.NewReader(one("statuses: {Terminated: departed, true: active, \"*\": inactive}\n"+
		"locales: {\"French (France)\": fr-CA}\ndates: {lead: 14d, timezone: Asia/Seoul}\n"+
		"scope: {Country: [Canada, France], Worker Type: {not: [Contingent Worker]}}\nfields: {Primary_Job: primary}")), secrets)
	require.NoError(t, err)
	settings, err := tenants[0].Settings()
	require.NoError(t, err)
	again, err := tenant.FromSettings(settings)
	require.NoError(t, err)
	assert.Equal(t, roster.Mappings{
		Fields:   roster.FieldMap{"Primary_Job": {}},
		Primary:  "Primary_Job",
		Statuses: roster.Words{"Terminated": roster.Departed, "true": roster.Active, "*": roster.Inactive},
		Locales:  roster.Words{"French (France)": "fr-CA"},
		Dates:    roster.Dates{Lead: 14, Zone: "Asia/Seoul"},
		Scope: roster.Scope{
			"Country": {Only: []string{"Canada", "France"}}, "Worker Type": {Not: []string{"Contingent Worker"}},
		},
	}, again.Mappings())
}

func TestAnEmptyListLeavesAColumnUnused(t *testing.T) {
	t.Parallel()
	tenants, err := tenant.Parse(strings.NewReader(one("fields: {Email: []}")), secrets)
	require.NoError(t, err)
	assert.Equal(t, roster.FieldMap{"Email": {}}, tenants[0].Fields)
	settings, err := json.Marshal(tenants[0])
	require.NoError(t, err)
	assert.Contains(t, string(settings), `"fields":{"Email":[]}`)
}

// one is a file of one good tenant and these further keys, the first of them in line 5.
func one(more string) string {
	return "tenants:\n  - id: acme\n    schedule: {cron: \"0 * * * *\"}\n    workos: {directory: d, api_key: k}\n    " +
		strings.ReplaceAll(more, "\n", "\n    ") + "\n"
}

// without is the same tenant without its schedule or its directory.
func workday(more string) string {
	return "tenants:\n  - id: acme\n    schedule: {cron: \"0 * * * *\"}\n    workday:\n      " +
		strings.ReplaceAll(more, "\n", "\n      ") + "\n"
}

func scheduled(schedule string) string {
	return "tenants:\n  - id: acme\n    workos: {directory: d, api_key: k}\n    schedule: " + schedule + "\n"
}

const reports = "users: https://h/u\ngroups: https://h/g\nusername: u\n"

func TestEachProblemNamesLineAndKeyAndWhatToDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file string
		want string
	}{
		"an empty file": {"", "line 1: the file is empty; it begins with `tenants:`"},
		"not YAML":      {"tenants: [", "line 1: not YAML: did not find expected node content"},
		"a list at the top": {
			"- id: acme",
			"line 1: expected keys with values, as in `key: value`\nline 1: tenants: write a list of tenants, each " +
				"beginning with `- id:`; `tenants: []` means none",
		},
		"no tenants": {
			"tenants:\n",
			"line 1: tenants: write a list of tenants, each beginning with `- id:`; `tenants: []` means none",
		},
		"a second document": {
			"tenants: []\n---\ntenants: []",
			"line 2: a second document begins here; put all tenants under one `tenants:`",
		},
		"an unknown key at the top": {
			"tenants: []\ntenant: x", "line 2: tenant: is not a key here: did you mean tenants?",
		},
		"an unknown key": {
			one("gracce: 1h"), "line 5: tenants[acme].gracce: is not a key here: did you mean grace?",
		},
		"a key of nowhere near": {
			one("owner: Jo"),
			"line 5: tenants[acme].owner: is not a key here: remove it; known are id, name, paused, schedule, workday, " +
				"workos, fields, levels, statuses, locales, scope, dates, guard, grace, stall, compare, retention, protected, sentinels, " +
				"maintenance, alerts",
		},
		"an unknown key of a section": {
			one("guard: {removal: 1}"),
			"line 5: tenants[acme].guard.removal: is not a key here: did you mean removals?",
		},
		"a key twice": {
			one("grace: 1h\ngrace: 2h"), "line 6: tenants[acme].grace: is there twice, first in line 5; remove one",
		},
		"a level twice": {
			one("levels: {M4: a, M4: b}"),
			"line 5: tenants[acme].levels.M4: is there twice, first in line 5; remove one",
		},
		"no id": {
			"tenants:\n  - schedule: {cron: \"0 * * * *\"}\n    workos: {directory: d, api_key: k}",
			"line 2: tenants[0].id: is missing: a short name of the tenant, of the letters a-z, digits and -, at " +
				"most 40",
		},
		"an id of other letters": {
			strings.Replace(one(""), "acme", "Acme_1", 1),
			"line 2: tenants[0].id: write 1 to 40 of the letters a-z, digits and -",
		},
		"an id too long": {
			strings.Replace(one(""), "acme", strings.Repeat("a", 41), 1),
			"line 2: tenants[0].id: write 1 to 40 of the letters a-z, digits and -",
		},
		"an id twice": {
			one("") + strings.TrimPrefix(one(""), "tenants:\n"),
			"line 6: tenants[1].id: tenant acme is there twice, first in line 2; give this one another id",
		},
		"no schedule": {
			"tenants:\n  - id: acme\n    workos: {directory: d, api_key: k}",
			"line 2: tenants[acme].schedule.cron: is missing: when to sync, as \"*/30 * * * *\" (minute hour day " +
				"month weekday)",
		},
		"a schedule that is no mapping": {
			scheduled("hourly"),
			"line 4: tenants[acme].schedule: expected keys with values, as in `key: value`\nline 4: " +
				"tenants[acme].schedule.cron: is missing: when to sync, as \"*/30 * * * *\" (minute hour day month " +
				"weekday)",
		},
		"a cron expression of four fields": {
			scheduled(`{cron: "* * * *"}`),
			"line 4: tenants[acme].schedule.cron: expected exactly 5 fields, found 4: [* * * *]: write five fields, " +
				"as \"*/30 * * * *\" (minute hour day month weekday); Sunday is 0",
		},
		"an hour that there is not": {
			scheduled(`{cron: "0 25 * * *"}`),
			"line 4: tenants[acme].schedule.cron: end of range (25) above maximum (23): 25: write five fields, as " +
				"\"*/30 * * * *\" (minute hour day month weekday); Sunday is 0",
		},
		"a time zone within cron": {
			scheduled(`{cron: "TZ=UTC 0 1 * * *"}`),
			"line 4: tenants[acme].schedule.cron: take the time zone out of cron and write it under timezone",
		},
		"@every": {
			scheduled(`{cron: "@every 5m"}`),
			"line 4: tenants[acme].schedule.cron: @every drifts against the clock: write five fields, as \"*/30 * * " +
				"* *\" (minute hour day month weekday)",
		},
		"day of month and day of week": {
			scheduled(`{cron: "0 1 13 * 5"}`),
			"line 4: tenants[acme].schedule.cron: give a day of the month or a day of the week, not both, and * for " +
				"the other",
		},
		"a day that never comes": {
			scheduled(`{cron: "0 1 31 2 *"}`), "line 4: tenants[acme].schedule.cron: this day never comes",
		},
		"a time zone that there is not": {
			scheduled(`{cron: "@daily", timezone: America/Torronto}`),
			"line 4: tenants[acme].schedule.timezone: \"America/Torronto\" is not a time zone: write an IANA name, " +
				"as America/Toronto or UTC",
		},
		"the machine's own time zone": {
			scheduled(`{cron: "@daily", timezone: Local}`),
			"line 4: tenants[acme].schedule.timezone: \"Local\" is not a time zone: write an IANA name, as " +
				"America/Toronto or UTC",
		},
		"an empty time zone": {
			scheduled(`{cron: "@daily", timezone: ""}`),
			"line 4: tenants[acme].schedule.timezone: \"\" is not a time zone: write an IANA name, as " +
				"America/Toronto or UTC",
		},
		"too much jitter": {
			scheduled(`{cron: "@daily", jitter: 2h}`),
			"line 4: tenants[acme].schedule.jitter: write a length of time from 0s to 1h, as 30m, 72h or 3d; a day " +
				"is 24h (default 1m)",
		},
		"a catch-up window that is too short": {
			scheduled(`{cron: "@daily", catchup: 1s}`),
			"line 4: tenants[acme].schedule.catchup: write a length of time from 10s to 168h, as 30m, 72h or 3d; a " +
				"day is 24h (default 10m)",
		},
		"more days than there may be": {
			one("grace: 731d"),
			"line 5: tenants[acme].grace: write a length of time from 0s to 17520h, as 30m, 72h or 3d; a day is " +
				"24h (default 720h)",
		},
		"a full compare too often": {
			one("compare: 5m"),
			"line 5: tenants[acme].compare: write 0, or a length of time from 1h to 720h, as 30m, 72h or 3d; a day " +
				"is 24h (default 168h)",
		},
		"a stall that is too short": {
			one("stall: 5s"),
			"line 5: tenants[acme].stall: write a length of time from 1m to 24h, as 30m, 72h or 3d; a day is 24h " +
				"(default 30m)",
		},
		"a retention that is too short": {
			one("retention: 1h"),
			"line 5: tenants[acme].retention: write a length of time from 24h to 17520h, as 30m, 72h or 3d; a day " +
				"is 24h (default 720h)",
		},
		"a percentage above 100": {
			one("guard: {percent: 101}"),
			"line 5: tenants[acme].guard.percent: write a whole number from 0 to 100 (default 5)",
		},
		"a number that is none": {
			one("guard: {removals: ten}"),
			"line 5: tenants[acme].guard.removals: write a whole number from 0 to 1000000 (default 10)",
		},
		"a hold without end": {
			one("guard: {hold: 8760h}"),
			"line 5: tenants[acme].guard.hold: write a length of time from 1m to 720h, as 30m, 72h or 3d; a day is " +
				"24h (default 72h)",
		},
		"a name of several values": {one("name: [a, b]"), "line 5: tenants[acme].name: expected one value"},
		"a field that there is not": {
			one("fields: {Given: firstname}"),
			"line 5: tenants[acme].fields.Given: there is no field \"firstname\": did you mean first_name?",
		},
		"a field of nowhere near": {
			one("fields: {Given: salary}"),
			"line 5: tenants[acme].fields.Given: there is no field \"salary\"; the fields are " + everyField(),
		},
		"a custom field twice": {
			one("fields:\n      Cost: custom.cost_center\n      Unit: custom.cost_center"),
			"line 7: tenants[acme].fields.Unit: custom.cost_center is there twice, first for the column \"Cost\" in line 6; give " +
				"this one another name",
		},
		"a custom field with a wrong name": {
			one("fields: {Cost: custom.Cost-Center}"),
			"line 5: tenants[acme].fields.Cost: \"custom.Cost-Center\" is no name of a custom field: write custom. and 1 to 40 of " +
				"the letters a-z, digits and _, the first a letter, as custom.cost_center",
		},
		"custom without a name": {
			one("fields: {Cost: custom}"),
			"line 5: tenants[acme].fields.Cost: name the custom field, as custom.cost_center",
		},
		"more than fifty custom fields": {
			one("fields: {" + manyCustom(51) + "}"),
			"line 5: tenants[acme].fields.C50: a tenant has at most 50 custom fields: remove one",
		},
		"the role, which is derived": {
			one("fields: {Level: role}"),
			"line 5: tenants[acme].fields.Level: role follows from management_level: map the column to that, and " +
				"levels to the role",
		},
		"a field that is a mapping": {
			one("fields: {Given: [{a: b}]}"),
			"line 5: tenants[acme].fields.Given: write the name of a field, as first_name",
		},
		"a column without a name": {
			one("fields: {\"\": email}"),
			"line 5: tenants[acme].fields.: write `report column: field`, or `report column: [field, field]`",
		},
		"a level without a role": {
			one("levels: {M4: }"),
			"line 5: tenants[acme].levels.M4: is missing: write the role that this level becomes, as \"Sr. Manager\"",
		},
		"a status without a meaning": {
			one("statuses: {Terminated: }"),
			"line 5: tenants[acme].statuses.Terminated: is missing: write what this word means: active, inactive or departed",
		},
		"a status of another kind": {
			one("statuses: {Terminated: gone}"),
			"line 5: tenants[acme].statuses.Terminated: there is no meaning \"gone\": write active, inactive or departed",
		},
		"a status twice, without case": {
			one("statuses: {\"On Leave\": inactive, \" ON  leave\": active}"),
			"line 5: tenants[acme].statuses.On Leave: is the same word as \" ON  leave\", without case: remove one",
		},
		"a status without a word": {
			one("statuses: {\" \": active}"),
			"line 5: tenants[acme].statuses. : is no word: an empty cell has its own rule",
		},
		"a locale that isn't supported": {
			one("locales: {German: de-DE}"),
			"line 5: tenants[acme].locales.German: there is no meaning \"de-DE\": write en-US, fr-CA, es-ES, ko or ja",
		},
		"a second column for primary": {
			one("fields: {Primary_Job: primary, Main_Job: primary}"),
			`line 5: tenants[acme].fields.Primary_Job: "Main_Job" is mapped to primary already: map one column to it`,
		},
		"a column for primary that is a field's too": {
			one("fields: {Primary_Job: [primary, job_title]}"),
			"line 5: tenants[acme].fields.Primary_Job: primary says which of several rows of a worker counts: map a column to it alone",
		},
		"a scope that is a word": {
			one("scope: {Country: Canada}"),
			"line 5: tenants[acme].scope.Country: write the values that count, as [Canada, France], or those that don't, as {not: [Contingent Worker]}",
		},
		"a scope without a column": {
			one(`scope: {"": [Canada]}`),
			"line 5: tenants[acme].scope.: name the column that decides who is in",
		},
		"an empty name": {
			one(`name: ""`),
			"line 5: tenants[acme].name: write a name of visible characters, or leave it out: then it is the id",
		},
		"a name that turns the text around it": {
			one(`name: "Acme\u202e"`),
			"line 5: tenants[acme].name: write a name of visible characters, or leave it out: then it is the id",
		},
		"a scope without values": {
			one("scope: {Country: []}"),
			"line 5: tenants[acme].scope.Country: write the values that count, as [Canada, France], or those that don't, as {not: [Contingent Worker]}",
		},
		"a scope with a misspelt key": {
			one("scope: {Country: {note: [Canada]}}"),
			"line 5: tenants[acme].scope.Country: write the values that count, as [Canada, France], or those that don't, as {not: [Contingent Worker]}",
		},
		"a scope with an empty value": {
			one("scope: {Country: {not: [\" \"]}}"),
			"line 5: tenants[acme].scope.Country.not: write the values that count, as [Canada, France], or those that don't, as {not: [Contingent Worker]}",
		},
		"a scope that names a column twice": {
			one("scope: {Worker_Type: [Employee], worker type: [Employee]}"),
			"line 5: tenants[acme].scope.worker type: is the same column as \"Worker_Type\": remove one",
		},
		"a value of the scope twice, without case": {
			one("scope: {Country: [Canada, \" canada\"]}"),
			`line 5: tenants[acme].scope.Country: " canada" is the same value as "Canada", without case: remove one`,
		},
		"a column of a field twice, in another spelling": {
			one("fields: {Given_Name: first_name, given name: last_name}"),
			`line 5: tenants[acme].fields.given name: is the same column as "Given_Name": remove one`,
		},
		"a locale twice, without case": {
			one("locales: {French: fr-CA, FRENCH: fr-CA}"),
			`line 5: tenants[acme].locales.French: is the same word as "FRENCH", without case: remove one`,
		},
		"a lead that is part of a day": {
			one("dates: {lead: 1d12h}"),
			`line 5: tenants[acme].dates.lead: write a number of days from 0d to 366d, as 14d (default 0d): people become ` +
				`members so long before they start`,
		},
		"a lead before the present": {
			one("dates: {lead: -1d}"),
			`line 5: tenants[acme].dates.lead: write a number of days from 0d to 366d, as 14d (default 0d): people become ` +
				`members so long before they start`,
		},
		"a lead that is not in days": {
			one("dates: {lead: 14h}"),
			`line 5: tenants[acme].dates.lead: write a number of days from 0d to 366d, as 14d (default 0d): people become ` +
				`members so long before they start`,
		},
		"a lead that is too long": {
			one("dates: {lead: 367d}"),
			`line 5: tenants[acme].dates.lead: write a number of days from 0d to 366d, as 14d (default 0d): people become ` +
				`members so long before they start`,
		},
		"a zone of dates that is none": {
			one("dates: {timezone: Local}"),
			`line 5: tenants[acme].dates.timezone: "Local" is not a time zone: write an IANA name, as America/Toronto or UTC`,
		},
		"a share of more than all": {
			one("guard: {additions_percent: 101}"),
			"line 5: tenants[acme].guard.additions_percent: write a whole number from 0 to 100 (default 50)",
		},
		"a negative share": {
			one("guard: {changes_percent: -1}"),
			"line 5: tenants[acme].guard.changes_percent: write a whole number from 0 to 100 (default 25)",
		},
		"a first load that does something else": {
			one("guard: {first: wait}"),
			"line 5: tenants[acme].guard.first: write apply or hold: whether a first load waits for an approval",
		},
		"paused neither true nor false": {
			one("paused: maybe"), "line 5: tenants[acme].paused: write true or false",
		},
		"OAuth beside a password": {
			strings.Replace(workdayWith("oauth: {token_url: https://a.workday.com/t, client_id: c, client_secret: s, refresh_token: r}"),
				"oauth:", "password: p, oauth:", 1),
			"line 4: tenants[acme].workday.password: remove it, or remove oauth: reports are read with one of the two",
		},
		"OAuth without a grant": {
			workdayWith("oauth: {token_url: https://a.workday.com/t, client_id: c}"),
			"line 4: tenants[acme].workday.oauth.client_secret: is missing: as ${NAME} of an environment variable\n" +
				"line 4: tenants[acme].workday.oauth.refresh_token: is missing: as ${NAME} of an environment variable, or use " +
				"private_key and subject",
		},
		"OAuth with two grants": {
			workdayWith("oauth: {token_url: https://a.workday.com/t, client_id: c, subject: i, private_key: x, refresh_token: r}"),
			"line 4: tenants[acme].workday.oauth.private_key: write an RSA key as PEM, beginning with " +
				"-----BEGIN PRIVATE KEY-----, without a passphrase\n" +
				"line 4: tenants[acme].workday.oauth.refresh_token: remove it, or remove private_key and subject: an API client " +
				"has one kind of grant",
		},
		"a token endpoint without TLS": {
			workdayWith("oauth: {token_url: http://a.workday.com/t, client_id: c, client_secret: s, refresh_token: r}"),
			"line 4: tenants[acme].workday.oauth.token_url: must begin with https://: a secret is sent there",
		},
		"no directory": {
			"tenants:\n  - id: acme\n    schedule: {cron: \"0 * * * *\"}",
			"line 2: tenants[acme]: has no directory: add workday (users, groups, username and password, or oauth) " +
				"or workos (directory, api_key)",
		},
		"two directories": {
			one("workday: {}"), "line 4: tenants[acme].workos: a tenant has one directory: remove workday or workos",
		},
		"no password": {
			workday(reports),
			"line 4: tenants[acme].workday.password: is missing: as ${NAME} of an environment variable",
		},
		"a variable that is not set": {
			workday(reports + "password: ${NOWHERE}"),
			"line 8: tenants[acme].workday.password: environment variable NOWHERE is not set; set it for `starter " +
				"apply`",
		},
		"a variable that is empty": {
			workday(reports + "password: ${EMPTY}"),
			"line 8: tenants[acme].workday.password: environment variable EMPTY is empty; set it for `starter apply`",
		},
		"a variable without end": {
			workday(reports + "password: \"a${NOWHERE\""),
			"line 8: tenants[acme].workday.password: has an unfinished ${NAME}: write the name of an environment " +
				"variable between ${ and }",
		},
		"a report that is no URL": {
			workday("password: p\nusername: u\nusers: acme/Members\ngroups: https://h/g"),
			"line 7: tenants[acme].workday.users: write the URL of the user report, beginning with https://",
		},
		"a report over plain http": {
			workday("password: p\nusername: u\nusers: http://h/u\ngroups: http://127.0.0.1:80/g"),
			"line 7: tenants[acme].workday.users: must begin with https://: a password is sent there",
		},
		"a password in a URL": {
			workday("password: p\nusername: u\nusers: https://u:hunter2@h/u\ngroups: https://h/g"),
			"line 7: tenants[acme].workday.users: take user name and password out of the URL: they go under " +
				"username and password",
		},
		"an address for a directory": {
			strings.Replace(one(""), "directory: d", "directory: https://x/y", 1),
			"line 4: tenants[acme].workos.directory: write the directory's id, as directory_01EC…, not an address",
		},
		"several at once": {
			one("grace: never\nguard: {percent: -1, holds: 1h}\nname: x"),
			"line 5: tenants[acme].grace: write a length of time from 0s to 17520h, as 30m, 72h or 3d; a day is " +
				"24h (default 720h)\nline 6: tenants[acme].guard.holds: is not a key here: did you mean hold?\nline " +
				"6: tenants[acme].guard.percent: write a whole number from 0 to 100 (default 5)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tenants, err := tenant.Parse(strings.NewReader(c.file), secrets)
			assert.Nil(t, tenants)
			var problems tenant.Problems
			require.ErrorAs(t, err, &problems)
			assert.Equal(t, c.want, err.Error())
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(design)
	f.Add(one("guard: {removals: 1}"))
	f.Add(one(named))
	f.Add("tenants: [{id: &a [*a]}]")
	f.Add("tenants: [{fields: {a: [b, *c]}}]")
	f.Fuzz(func(t *testing.T, file string) {
		tenants, err := tenant.Parse(strings.NewReader(file), secrets)
		if err != nil {
			return
		}
		for _, want := range tenants {
			settings, err := want.Settings()
			if err != nil {
				t.Fatal(err)
			}
			got, err := tenant.FromSettings(settings)
			if err != nil {
				t.Fatalf("settings that don't come back: %v", err)
			}
			if again, _ := got.Settings(); string(again) != string(settings) {
				t.Errorf("settings came back as %s, not %s", again, settings)
			}
		}
	})
}

// everyField is the names of all fields that a column may fill, as a message lists them: but for the role, which rules
// give.
func everyField() string {
	var names []string
	for f := range roster.Fields() {
		if f != roster.Role && f != roster.Custom {
			names = append(names, f.String())
		}
	}
	return strings.Join(append(names, "group_name", "primary", "custom.NAME"), ", ")
}

// manyCustom returns n columns of custom fields.
func manyCustom(n int) string {
	fields := make([]string, n)
	for i := range fields {
		fields[i] = fmt.Sprintf("C%02d: custom.c%d", i, i)
	}
	return strings.Join(fields, ", ")
}

func TestCustomFieldsHaveTheirColumns(t *testing.T) {
	t.Parallel()
	tenants, err := tenant.Parse(strings.NewReader(one(
		"fields: {Cost: [business_unit, custom.cost_center], Team: custom.team_2}")), secrets)
	require.NoError(t, err)
	assert.Equal(t, roster.CustomFields{"cost_center": "Cost", "team_2": "Team"}, tenants[0].Custom)
	assert.Equal(t, roster.FieldMap{"Cost": {roster.BusinessUnit, roster.Custom}, "Team": {roster.Custom}}, tenants[0].Fields)
	settings, err := tenants[0].Settings()
	require.NoError(t, err)
	stored, err := tenant.FromSettings(settings)
	require.NoError(t, err)
	assert.Equal(t, tenants[0].Mappings(), stored.Mappings())
}

// workdayWith returns a file with one Workday tenant that is read with these keys.
func workdayWith(access string) string {
	return "tenants:\n  - id: acme\n    schedule: {cron: \"0 * * * *\"}\n" +
		"    workday: {users: https://a.workday.com/u, groups: https://a.workday.com/g, " + access + "}\n"
}

func TestAnAPIClientIsReadFromTheFile(t *testing.T) {
	t.Parallel()
	tenants, err := tenant.Parse(strings.NewReader(workdayWith(
		"oauth: {token_url: https://a.workday.com/t, client_id: c, client_secret: s, refresh_token: r}")), secrets)
	require.NoError(t, err)
	assert.Equal(t, &tenant.OAuth{TokenURL: "https://a.workday.com/t", ClientID: "c"}, tenants[0].Workday.OAuth)
	assert.Equal(t, []string{"s", "r", ""}, []string{
		tenants[0].Credentials.ClientSecret, tenants[0].Credentials.RefreshToken, tenants[0].Credentials.Password,
	})
	settings, err := tenants[0].Settings()
	require.NoError(t, err)
	assert.NotContains(t, string(settings), "refresh_token")
}
