package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/internal/terminal"
)

// parseFile parses a file, or the standard input for "-". Errors name the file; problems also say what was not done.
func (a *app) parseFile(path, notDone string, parse func(io.Reader) error) error {
	from := a.env.stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // only read
		from = file
	}
	err := parse(from)
	var problems tenant.Problems
	switch {
	case errors.As(err, &problems):
		return fmt.Errorf("%s: %s, %s:\n%w", path, terminal.Count(len(problems), "problem", "problems"), notDone, problems)
	case err != nil:
		return fmt.Errorf("%s: %w", path, err)
	default:
		return nil
	}
}
