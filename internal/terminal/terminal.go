// Package terminal writes for people at a terminal: tables, a progress line, times, durations and counts.
//
// What it prints may come from a customer's directory. So everything passes through Printable, and no name can steer
// the terminal or break a table.
package terminal

import (
	"fmt"
	"strings"
	"time"
)

// Printable returns text with a space in place of each control character.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, text)
}

// Count writes a number of things, as "1 row" or "2 rows".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Join joins the parts that aren't empty with commas.
func Join(parts ...string) string {
	var filled []string
	for _, part := range parts {
		if part != "" {
			filled = append(filled, part)
		}
	}
	return strings.Join(filled, ", ")
}

// Time writes a time to the second, in the time zone of the machine. The zero time is "".
func Time(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Local().Format("2006-01-02 15:04:05")
}

// Elapsed writes the time between two moments: to the second, or finer below ten seconds. It is "" if one of them is zero.
func Elapsed(from, to time.Time) string {
	if from.IsZero() || to.IsZero() {
		return ""
	}
	switch d := to.Sub(from); {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	default:
		return d.Round(time.Second).String()
	}
}

// Value writes the value of a field; nil is a dash.
func Value(value any) string {
	if value == nil {
		return "-"
	}
	return fmt.Sprint(value)
}
