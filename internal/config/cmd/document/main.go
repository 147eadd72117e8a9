// Command document writes docs/configuration.md to the given path.
package main

import (
	"fmt"
	"os"

	"github.com/rollcall/rollcall/internal/config"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: document PATH")
		os.Exit(2)
	}
	if err := os.WriteFile(os.Args[1], []byte(config.Document()), 0o644); err != nil { //nolint:gosec // a page of documentation, for everybody
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
