package main

import (
	"encoding/json"
	"fmt"

	round "github.com/rollcall/rollcall/internal/run"
)

// writeJSON writes one value in one line.
func (a *app) writeJSON(value any) error {
	encoder := json.NewEncoder(a.out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// print writes text.
func (a *app) print(format string, args ...any) error {
	if _, err := fmt.Fprintf(a.out, format, args...); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// outcome is how a run ended, in a word.
func outcome(r round.Run) string {
	if r.Result == nil {
		return "open"
	}
	return string(r.Result.Outcome)
}
