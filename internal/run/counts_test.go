package run_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rollcall/rollcall/internal/run"
)

func TestCountsAddUpFieldByField(t *testing.T) {
	t.Parallel()
	var one, two run.ChangeCounts
	fields := reflect.ValueOf(&one).Elem()
	for i := range fields.NumField() {
		fields.Field(i).SetInt(int64(i + 1))
	}
	two = one.Plus(one)
	doubled := reflect.ValueOf(two)
	want := 0
	for i := range doubled.NumField() {
		require.EqualValues(t, 2*(i+1), doubled.Field(i).Int(), doubled.Type().Field(i).Name)
		if doubled.Type().Field(i).Name != "Drift" {
			want += 2 * (i + 1)
		}
	}
	require.Equal(t, want, two.Total())
}

func TestASummaryNamesWhatChanged(t *testing.T) {
	t.Parallel()
	require.Equal(t, "nothing", run.ChangeCounts{}.Summary())
	require.Equal(t, "1 added, 2 departed, 3 memberships removed", run.ChangeCounts{
		Added: 1, Departed: 2,
		MembershipsRemoved: 3,
	}.Summary())
}
