package deploy_test

import (
	"slices"
	"testing"

	"github.com/rollcall/rollcall/deploy"
)

func TestTheDevServerTakesTheSettingsOfADeployment(t *testing.T) {
	t.Parallel()
	have, err := deploy.TemporalFlags()
	want := []string{
		"--dynamic-config-value", "history.transferProcessorMaxPollRPS=1000", "--dynamic-config-value",
		"matching.enableFairness=true",
	}
	if err != nil || !slices.Equal(have, want) {
		t.Errorf("have %q, %v", have, err)
	}
}
