// Package environ builds the environment of the processes that tests, the bench and the demo start.
//
// The environment keeps such a process from reaching services that weren't started for it. It has no variables of
// Rollcall, Temporal, PostgreSQL or OpenTelemetry, and the home is not the user's, so no configuration file is read.
package environ

import "os"

// inherited returns the names of the variables that a process inherits.
func inherited() []string {
	return []string{"PATH", "TMPDIR", "LANG", "LC_ALL", "TERM", "TZ", "USER", "GOCOVERDIR"}
}

// Bare returns the environment of a process with the given home folder and variables, each as "NAME=value". The last of
// several variables with the same name wins.
func Bare(home string, variables ...string) []string {
	environment := []string{"HOME=" + home}
	for _, name := range inherited() {
		if value, ok := os.LookupEnv(name); ok {
			environment = append(environment, name+"="+value)
		}
	}
	return append(environment, variables...)
}
