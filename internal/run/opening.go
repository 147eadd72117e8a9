package run

import (
	"encoding/json"
	"fmt"
)

// Opening is kept with a run: what a round keeps to, however settings change meanwhile.
type Opening struct {
	Settings Settings `json:"settings"`
	Round    Round    `json:"round"`
}

func DecodeOpening(kept []byte) (opened Opening, err error) {
	if err := json.Unmarshal(kept, &opened); err != nil {
		return opened, fmt.Errorf("decode what the round keeps to: %w", err)
	}
	return opened, nil
}
