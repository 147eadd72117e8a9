package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/internal/terminal"
)

// parseFile parses a file, or the standard input if path is "-". Errors name the file. If parse returns
// tenant.Problems, the error also contains notDone, which says what did not happen.
func (a *app) parseFile(path, notDone string, parse func(io.Reader) error) error {
	input := a.env.stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // only read
		input = file
	}
	err := parse(input)
	var problems tenant.Problems
	switch {
	case errors.As(err, &problems):
		return fmt.Errorf("%s: %s, %s:\n%w", path, terminal.Count(len(problems), "problem", "problems"), notDone,
			problems)
	case err != nil:
		return fmt.Errorf("%s: %w", path, err)
	default:
		return nil
	}
}
