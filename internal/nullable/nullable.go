// Package nullable returns pointers for JSON fields in which an empty value is null. So the JSON always has every key,
// and null is the only value that means "none".
package nullable

import "time"

// Of returns a pointer to v, or nil if v is the zero value.
func Of[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// Time returns a pointer to t in UTC, or nil if t is the zero time.
func Time(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return new(t.UTC())
}
