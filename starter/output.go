package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rollcall/rollcall/internal/terminal"
)

// The formats of results.
const (
	textFormat = "text"
	jsonFormat = "json"
	csvFormat  = "csv"
	htmlFormat = "html"
)

// outputFlag adds the flag -o to a command. The first format is the default.
func outputFlag(command *cobra.Command, format *string, formats ...string) {
	*format = formats[0]
	command.Flags().VarP(&formatFlag{value: format, allowed: formats}, "output", "o",
		"format of the result: "+strings.Join(formats, ", "))
	// It fails only if the flag does not exist.
	_ = command.RegisterFlagCompletionFunc("output",
		cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
}

// formatFlag is a flag whose value is one of a few formats.
type formatFlag struct {
	value   *string
	allowed []string
}

// String returns the format.
func (f *formatFlag) String() string { return *f.value }

// Type returns the name that help shows for the value.
func (f *formatFlag) Type() string { return "format" }

// Set sets the format. It returns an error if the format isn't allowed.
func (f *formatFlag) Set(text string) error {
	if !slices.Contains(f.allowed, text) {
		return fmt.Errorf("must be one of %s", strings.Join(f.allowed, ", "))
	}
	*f.value = text
	return nil
}

// writeJSON writes value as JSON on one line.
func (a *app) writeJSON(value any) error {
	encoder := json.NewEncoder(a.out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// print writes formatted text to the standard output.
func (a *app) print(format string, args ...any) error {
	if _, err := fmt.Fprintf(a.out, format, args...); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// write writes value as JSON or as text, depending on the format.
func (a *app) write(value any, text func() string) error {
	if a.format == jsonFormat {
		return a.writeJSON(value)
	}
	return a.print("%s", text())
}

// table returns a table on the standard output with these column titles.
func (a *app) table(titles ...string) *terminal.Table { return terminal.NewTable(a.out, titles...) }
