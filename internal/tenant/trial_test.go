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

func TestATrialIsParsedWithAndWithoutItsKey(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"with the key":            "levels:\n  M4: Sr. Manager\n  5: VP\n",
		"without it":              "M4: Sr. Manager\n5: VP\n",
		"in one line":             `{"M4": "Sr. Manager", "5": VP}`,
		"beside the other part":   "fields: {Mail: email}\nlevels: {M4: Sr. Manager, 5: VP}\n",
		"with an alias":           "levels: {M4: &one Sr. Manager, 5: VP}\nfields:\n",
		"with a document's start": "---\nM4: Sr. Manager\n5: VP\n",
	} {
		t.Run("levels "+name, func(t *testing.T) {
			t.Parallel()
			var trial tenant.Trial
			require.NoError(t, trial.ParseLevels(strings.NewReader(text)))
			assert.Equal(t, map[string]string{"M4": "Sr. Manager", "5": "VP"}, trial.Levels)
			assert.Equal(t, []string{"levels"}, trial.Keys())
		})
	}
	for name, text := range map[string]string{
		"with the key": "fields:\n  Mail: email\n  Name: [first_name, last_name]\n  Unused: []\n  Team: group_name\n",
		"without it":   "Mail: email\nName: [first_name, last_name]\nUnused: []\nTeam: group_name\n",
	} {
		t.Run("fields "+name, func(t *testing.T) {
			t.Parallel()
			var trial tenant.Trial
			require.NoError(t, trial.ParseFields(strings.NewReader(text)))
			assert.Equal(t, roster.FieldMap{
				"Mail": {roster.Email}, "Name": {roster.FirstName, roster.LastName}, "Unused": {},
			}, trial.Fields)
			assert.Equal(t, []string{"Team"}, trial.GroupColumns)
			assert.Equal(t, []string{"fields"}, trial.Keys())
		})
	}
	t.Run("a level and a column may be called as the keys are", func(t *testing.T) {
		t.Parallel()
		var trial tenant.Trial
		require.NoError(t, trial.ParseLevels(strings.NewReader("levels: Manager\nfields: VP\n")))
		require.NoError(t, trial.ParseFields(strings.NewReader("levels: management_level\n")))
		assert.Equal(t, map[string]string{"levels": "Manager", "fields": "VP"}, trial.Levels)
		assert.Equal(t, []string{"fields", "levels"}, trial.Keys())
	})
	t.Run("none at all can be tried", func(t *testing.T) {
		t.Parallel()
		var trial tenant.Trial
		require.NoError(t, trial.ParseLevels(strings.NewReader("levels: {}\n")))
		require.NoError(t, trial.ParseFields(strings.NewReader("{}")))
		assert.Equal(t, []string{"fields", "levels"}, trial.Keys())
	})
}

func TestProblemsOfATrialsFileNameTheLine(t *testing.T) {
	t.Parallel()
	parse := map[string]func(*tenant.Trial, string) error{
		"levels": func(trial *tenant.Trial, text string) error { return trial.ParseLevels(strings.NewReader(text)) },
		"fields": func(trial *tenant.Trial, text string) error { return trial.ParseFields(strings.NewReader(text)) },
	}
	for text, want := range map[string]string{
		"levels|": "line 1: the file is empty; write `levels:` and under it lines as " +
			"`\"M4\": \"Sr. Manager\"`, or these lines alone",
		"levels|# nothing\n":  "line 1: the file is empty",
		"levels|~":            "line 1: the file is empty",
		"levels|levels: [M4]": "line 1: levels.levels: expected one value",
		"levels|- M4":         "line 1: expected keys with values, as in `key: value`",
		"levels|M4:\nM5: VP": "line 1: levels.M4: is missing: write the role that this level " +
			"becomes",
		"levels|M4: [VP]":                   "line 1: levels.M4: expected one value",
		"levels|M4: VP\nM4: SVP":            "line 2: levels.M4: is there twice, first in line 1; remove one",
		"levels|fields: {A: email}":         "line 1: the file has no `levels:`; it has `fields:`",
		"levels|levels: {A: VP}\ngrace: 1h": "line 2: grace: is not a key here",
		"levels|tenants: [x]":               "line 1: levels.tenants: expected one value",
		"levels|A: VP\n---\nB: VP":          "a second document begins here; put all under one `levels:`",
		"levels|{A: ":                       "not YAML",
		"fields|Mail: emial": "line 1: fields.Mail: there is no field \"emial\": did you mean " +
			"email?",
		"fields|A: email\nB: role":              "line 2: fields.B: role follows from management_level",
		"fields|A: {b: c}":                      "line 1: fields.A: write the name of a field, as first_name",
		"fields|levels: {A: VP}\nfield: {A: b}": "line 2: field: is not a key here: did you mean fields?",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			part, file, _ := strings.Cut(text, "|")
			err := parse[part](new(tenant.Trial), file)
			var problems tenant.Problems
			require.ErrorAs(t, err, &problems)
			assert.Contains(t, err.Error(), want)
		})
	}
}

func TestATrialReplacesOnlyTheSettingsThatItHas(t *testing.T) {
	t.Parallel()
	own := tenant.Tenant{
		ID: "acme", Fields: roster.FieldMap{"Mail": {roster.Email}}, GroupColumns: []string{"Team"},
		Levels: map[string]string{"M4": "Manager"},
	}
	trials := map[string]tenant.Trial{
		"nothing": {},
		"levels":  {Levels: map[string]string{}},
		"fields":  {Fields: roster.FieldMap{}, GroupColumns: []string{}},
		"both": {
			Fields: roster.FieldMap{"A": {roster.City}}, GroupColumns: []string{"B"},
			Levels: map[string]string{"x": "y"},
		},
	}
	for name, trial := range trials {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			payload, err := trial.Payload()
			require.NoError(t, err)
			kept, err := tenant.DecodeTrial(payload)
			require.NoError(t, err)
			require.Equal(t, trial, kept, "the store keeps it as it is")
			under := own.With(kept)
			want := own
			if trial.Fields != nil {
				want.Fields, want.GroupColumns = trial.Fields, trial.GroupColumns
			}
			if trial.Levels != nil {
				want.Levels = trial.Levels
			}
			assert.Equal(t, want, under)
		})
	}
	payload, err := tenant.Trial{}.Payload()
	require.NoError(t, err)
	assert.Nil(t, payload)
	_, err = tenant.DecodeTrial([]byte("{"))
	assert.Error(t, err)
}

func TestRetentionDefaultsWithoutSettings(t *testing.T) {
	t.Parallel()
	for settings, want := range map[string]time.Duration{
		"": 720 * time.Hour, "{}": 720 * time.Hour, `{"retention":"24h"}`: 24 * time.Hour,
	} {
		kept, err := tenant.RetentionOf([]byte(settings))
		require.NoError(t, err)
		assert.Equal(t, want, kept, settings)
	}
	_, err := tenant.RetentionOf([]byte("{"))
	assert.Error(t, err)
}
