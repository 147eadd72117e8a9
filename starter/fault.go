package main

import (
	"fmt"

	"github.com/rollcall/rollcall/internal/fault"
)

// explained adds to a fault what to do about it.
func explained(err error) error {
	if f, ok := fault.Of(err); ok && f.Hint != "" {
		return fmt.Errorf("%w. %s", err, f.Hint)
	}
	return err
}
