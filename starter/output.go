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

// outputFlag gives a command its -o. The first format is the default.
func outputFlag(command *cobra.Command, format *string, formats ...string) {
	*format = formats[0]
	command.Flags().VarP(&formatFlag{value: format, among: formats}, "output", "o",
		"format of the result: "+strings.Join(formats, ", "))
	// The only error is that there is no such flag.
	_ = command.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp))
}

// choice is a flag with a few possible values.
type formatFlag struct {
	value *string
	among []string
}

func (c *formatFlag) String() string { return *c.value }
func (c *formatFlag) Type() string   { return "format" }

func (c *formatFlag) Set(text string) error {
	if !slices.Contains(c.among, text) {
		return fmt.Errorf("write one of %s", strings.Join(c.among, ", "))
	}
	*c.value = text
	return nil
}

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

// write writes value as JSON, or its text.
func (a *app) write(value any, text func() string) error {
	if a.format == jsonFormat {
		return a.writeJSON(value)
	}
	return a.print("%s", text())
}

// table starts a table of results.
func (a *app) table(titles ...string) *terminal.Table { return terminal.NewTable(a.out, titles...) }
