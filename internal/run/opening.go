package run

import (
	"encoding/json"
	"fmt"
)

// Opening is stored with a run: the round and the settings that apply to all of it, even if the tenant's settings
// change in the meantime.
type Opening struct {
	Settings Settings `json:"settings"`
	Round    Round    `json:"round"`
}

// DecodeOpening decodes a stored Opening.
func DecodeOpening(kept []byte) (opened Opening, err error) {
	if err := json.Unmarshal(kept, &opened); err != nil {
		return opened, fmt.Errorf("decode opening: %w", err)
	}
	return opened, nil
}
