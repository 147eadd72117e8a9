// Package environ makes the environment of the processes that tests, the bench and the demo start.
//
// Such a process gets what it needs of the machine, and nothing by which it would reach what wasn't started for it: no
// variable of Rollcall, Temporal, PostgreSQL or OpenTelemetry, and no configuration file in the user's home.
package environ

import "os"

// kept are the variables that a process needs of the machine.
func kept() []string {
	return []string{"PATH", "TMPDIR", "LANG", "LC_ALL", "TERM", "TZ", "USER", "GOCOVERDIR"}
}

// Bare is the environment of a process whose home is that folder, with these variables, each as "NAME=value". Of
// several with one name the last counts.
func Bare(home string, variables ...string) []string {
	bare := []string{"HOME=" + home}
	for _, name := range kept() {
		if value, ok := os.LookupEnv(name); ok {
			bare = append(bare, name+"="+value)
		}
	}
	return append(bare, variables...)
}
