package maintenance_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/maintenance"
)

func window(t *testing.T, from, to, zone string) []maintenance.Window {
	t.Helper()
	begin, err := maintenance.ParseMoment(from)
	require.NoError(t, err)
	end, err := maintenance.ParseMoment(to)
	require.NoError(t, err)
	w := maintenance.Window{From: begin, To: end, Timezone: zone}
	require.NoError(t, w.Validate())
	return []maintenance.Window{w}
}

func moment(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return at
}

func TestOverlapOfTimesAndWindows(t *testing.T) {
	t.Parallel()
	workday := []maintenance.Window{maintenance.Workday()}
	const la = "America/Los_Angeles"
	for _, c := range []struct {
		name     string
		windows  []maintenance.Window
		from, to string // to "" means from
		want     bool
	}{
		{"before Workday's begins", workday, "2026-11-20T17:59:59-08:00", "", false},
		{"as it begins", workday, "2026-11-20T18:00:00-08:00", "", true},
		{"in the night", workday, "2026-11-21T00:30:00-08:00", "", true},
		{"just before it ends", workday, "2026-11-21T05:59:59-08:00", "", true},
		{"as it ends", workday, "2026-11-21T06:00:00-08:00", "", false},
		{"the same hour in summer time", workday, "2026-07-17T18:00:00-07:00", "", true},
		{"an hour before that", workday, "2026-07-17T17:00:00-07:00", "", false},
		{"seen from elsewhere", workday, "2026-11-21T02:00:00Z", "", true},
		{"another day", workday, "2026-11-18T20:00:00-08:00", "", false},
		{
			"a sync that began before and ended inside", workday, "2026-11-20T17:50:00-08:00",
			"2026-11-20T18:20:00-08:00", true,
		},
		{
			"a sync that began inside and ended after", workday, "2026-11-21T05:50:00-08:00",
			"2026-11-21T06:20:00-08:00", true,
		},
		{"a sync all around it", workday, "2026-11-19T00:00:00-08:00", "2026-11-23T00:00:00-08:00", true},
		{"a sync of days between two", workday, "2026-11-21T06:00:00-08:00", "2026-11-27T17:59:00-08:00", false},
		{
			"over the end of the week, Saturday", window(t, "Sat 22:00", "Sun 06:00", "UTC"), "2026-11-21T23:00:00Z",
			"", true,
		},
		{
			"over the end of the week, Sunday", window(t, "Sat 22:00", "Sun 06:00", "UTC"), "2026-11-22T05:00:00Z", "",
			true,
		},
		{
			"over the end of the week, afterwards", window(t, "Sat 22:00", "Sun 06:00", "UTC"), "2026-11-22T06:00:00Z",
			"", false,
		},
		{"nearly the whole week, inside", window(t, "Mon 09:00", "Mon 08:00", "UTC"), "2026-11-22T12:00:00Z", "", true},
		{
			"nearly the whole week, the hour left out", window(t, "Mon 09:00", "Mon 08:00", "UTC"),
			"2026-11-23T08:30:00Z", "", false,
		},
		{"over the end of a year", window(t, "Thu 23:00", "Fri 01:00", "UTC"), "2027-01-01T00:30:00Z", "", true},
		// Spring: at 2:00 it is 3:00, March 8 2026.
		{"the short night, its end", window(t, "Sat 22:00", "Sun 06:00", la), "2026-03-08T05:59:00-07:00", "", true},
		{
			"the short night, after its end", window(t, "Sat 22:00", "Sun 06:00", la), "2026-03-08T06:00:00-07:00", "",
			false,
		},
		{
			"a window that begins in the hour that isn't, before", window(t, "Sun 02:30", "Sun 05:00", la),
			"2026-03-08T01:20:00-08:00", "", false,
		},
		{
			"a window that begins in the hour that isn't, inside", window(t, "Sun 02:30", "Sun 05:00", la),
			"2026-03-08T03:40:00-07:00", "", true,
		},
		// Autumn: at 2:00 it is 1:00 again, November 1 2026.
		{"the long night, its end", window(t, "Sat 22:00", "Sun 06:00", la), "2026-11-01T05:59:00-08:00", "", true},
		{
			"the long night, after its end", window(t, "Sat 22:00", "Sun 06:00", la), "2026-11-01T06:00:00-08:00", "",
			false,
		},
		{
			"a window of the hour that is twice, the first time", window(t, "Sun 01:15", "Sun 01:45", la),
			"2026-11-01T01:20:00-07:00", "", true,
		},
		{
			"a window of the hour that is twice, the second time", window(t, "Sun 01:15", "Sun 01:45", la),
			"2026-11-01T01:40:00-08:00", "", true,
		},
		{
			"a window of the hour that is twice, after it", window(t, "Sun 01:15", "Sun 01:45", la),
			"2026-11-01T01:45:00-08:00", "", false,
		},
		{"no window at all", nil, "2026-11-21T00:30:00-08:00", "", false},
		{
			"the second of two", append(window(t, "Mon 01:00", "Mon 02:00", "UTC"), workday...),
			"2026-11-20T18:00:00-08:00", "", true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.to == "" {
				c.to = c.from
			}
			require.Equal(t, c.want, maintenance.Overlap(c.windows, moment(t, c.from), moment(t, c.to)))
		})
	}
}

func TestAWindowSurvivesEncoding(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(maintenance.Workday())
	require.NoError(t, err)
	require.JSONEq(t, `{"from":"Fri 18:00","to":"Sat 06:00","timezone":"America/Los_Angeles"}`, string(text))
	var read maintenance.Window
	require.NoError(t, json.Unmarshal(text, &read))
	require.Equal(t, maintenance.Workday(), read)
	long, err := maintenance.ParseMoment(" friday  18:00 ")
	require.NoError(t, err)
	require.Equal(t, read.From, long)
}

func TestInvalidWindowsAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "Fri", "18:00", "Fri 25:00", "Fri 6pm", "Fr 18:00", "Friyay 18:00"} {
		_, err := maintenance.ParseMoment(text)
		require.ErrorContains(t, err, "Fri 18:00", text)
	}
	require.ErrorContains(
		t, maintenance.Window{To: maintenance.Moment{Minute: 1}, Timezone: "Mars/Olympus"}.Validate(),
		"not a time zone",
	)
	require.ErrorContains(
		t, maintenance.Window{To: maintenance.Moment{Minute: 1}, Timezone: "Local"}.Validate(), "not a time zone",
	)
	require.ErrorContains(t, maintenance.Window{Timezone: "UTC"}.Validate(), "same moment")
}
