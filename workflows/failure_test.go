package workflows

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
)

func TestErrorsOfStepsAreExplained(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		kind string
		hint string
	}{
		"a fault":           {temporal.NewApplicationError("detail", "not_found", "hint"), "not_found", "hint"},
		"a cancellation":    {temporal.NewCanceledError(), "canceled", "-"},
		"a termination":     {&temporal.TerminatedError{}, "canceled", "-"},
		"no answer in time": {temporal.NewTimeoutError(enumspb.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE, nil), "timed_out", "-"},
		"anything else":     {errors.New("secret text"), "internal", "-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			said := explain(test.err)
			require.Equal(t, test.kind, said.Kind)
			require.NotContains(t, said.Detail+said.Hint, "secret")
			if test.hint != "-" {
				require.Equal(t, test.hint, said.Hint)
			}
		})
	}
}
