package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/rollcall/rollcall/internal/store"
	"github.com/rollcall/rollcall/internal/tenant"
	"github.com/rollcall/rollcall/internal/terminal"
)

// trial reads the files with what a preview is to try; "" is none.
func (a *app) trial(levels, fields string) (t tenant.Trial, err error) {
	if levels == "-" && fields == "-" {
		return tenant.Trial{}, usagef("the standard input can be read once: give one of --levels and --fields a file")
	}
	for _, part := range []struct {
		path  string
		parse func(io.Reader) error
	}{{levels, t.ParseLevels}, {fields, t.ParseFields}} {
		if part.path == "" {
			continue
		}
		if err := a.parseFile(part.path, part.parse); err != nil {
			return tenant.Trial{}, err
		}
	}
	return t, nil
}

// parseFile reads a file, or with - the standard input; its problems are named with it.
func (a *app) parseFile(path string, parse func(io.Reader) error) error {
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
		return fmt.Errorf("%s: %s, nothing was previewed:\n%w", path, terminal.Count(len(problems), "problem", "problems"), problems)
	case err != nil:
		return fmt.Errorf("%s: %w", path, err)
	default:
		return nil
	}
}

// tried names what a request tried in place of the tenant's own settings.
func tried(request store.Request) ([]string, error) {
	trial, err := tenant.ReadTrial(request.Payload)
	if err != nil {
		return nil, fmt.Errorf("request %s: %w", request.ID, err)
	}
	return trial.Tries(), nil
}
