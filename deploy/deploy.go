// Package deploy holds files for deploying Rollcall.
package deploy

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
)

//go:embed temporal.yaml
var temporal []byte

// TemporalFlags returns the settings of temporal.yaml as flags of `temporal server start-dev`.
func TemporalFlags() ([]string, error) {
	var settings map[string][]struct {
		Value any `yaml:"value"`
	}
	if err := yaml.Unmarshal(temporal, &settings); err != nil {
		return nil, fmt.Errorf("read temporal.yaml: %w", err)
	}
	var flags []string
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		for _, setting := range settings[name] {
			flags = append(flags, "--dynamic-config-value", fmt.Sprintf("%s=%v", name, setting.Value))
		}
	}
	return flags, nil
}
