// Package terminal formats text for people at a terminal: tables, a progress line, times, durations and counts.
//
// Text may come from a customer's directory. Tables therefore pass every cell through Printable, so that no name can
// control the terminal or break a table. Other output must do the same.
package terminal

import (
	"fmt"
	"strings"
	"time"
)

// Printable returns text with each control character replaced by a space.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, text)
}

// Count formats a number of things, such as "1 row" or "2 rows".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Join joins all parts that are not empty, separated by ", ".
func Join(parts ...string) string {
	var filled []string
	for _, part := range parts {
		if part != "" {
			filled = append(filled, part)
		}
	}
	return strings.Join(filled, ", ")
}

// Time formats a time in the time zone of the machine, with seconds. The zero time is "".
func Time(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Local().Format("2006-01-02 15:04:05")
}

// Elapsed formats the duration between two times, rounded to a second, or finer if it is below ten seconds. It returns
// "" if one of the times is zero.
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

// Value formats the value of a field. Nil is "-".
func Value(value any) string {
	if value == nil {
		return "-"
	}
	return fmt.Sprint(value)
}
