package tenant

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a time.Duration that is encoded as text, such as "720h".
type Duration struct{ time.Duration }

// MarshalText implements encoding.TextMarshaler. It writes no days, so that earlier releases can read it.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. See ParseDuration.
func (d *Duration) UnmarshalText(text []byte) (err error) {
	d.Duration, err = ParseDuration(string(text))
	return err
}

// maxDays is the largest number of days in a time.Duration, less one for what follows the days.
const maxDays = 106_750

// ParseDuration parses a duration as time.ParseDuration does. It may begin with a whole number of days of 24 hours, as in
// 7d or 1d12h.
func ParseDuration(text string) (time.Duration, error) {
	days, rest, found := strings.Cut(text, "d")
	if !found {
		return time.ParseDuration(text)
	}
	n, err := strconv.ParseUint(days, 10, 32)
	if err != nil || n > maxDays {
		return 0, fmt.Errorf("%q doesn't begin with a number of days from 0 to %d", text, maxDays)
	}
	d := time.Duration(n) * 24 * time.Hour //nolint:gosec // at most maxDays
	if rest == "" {
		return d, nil
	}
	more, err := time.ParseDuration(rest)
	if err != nil || more < 0 || more >= 24*time.Hour || strings.HasPrefix(rest, "+") {
		return 0, fmt.Errorf("%q: write less than a day after the days, as in 1d12h", text)
	}
	return d + more, nil
}
