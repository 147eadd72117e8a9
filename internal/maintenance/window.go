// Package maintenance represents the weekly windows in which a tenant's directory may be unavailable.
//
// A window is in the local time of a time zone. It may cross the end of the week. When daylight saving time begins or
// ends, the window follows local time, so it is an hour shorter or longer.
package maintenance

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Window is a weekly maintenance window.
type Window struct {
	From     Moment `json:"from"`
	To       Moment `json:"to"`       // exclusive
	Timezone string `json:"timezone"` // IANA name
}

// Workday returns Workday's weekly maintenance window: Friday 18:00 to Saturday 06:00, Pacific time.
func Workday() Window {
	return Window{
		From: Moment{time.Friday, 18 * 60}, To: Moment{time.Saturday, 6 * 60}, Timezone: "America/Los_Angeles",
	}
}

// Validate returns an error if the time zone is unknown or the window is empty.
func (w Window) Validate() error {
	if _, err := time.LoadLocation(w.Timezone); err != nil || w.Timezone == "" || w.Timezone == "Local" {
		return fmt.Errorf("%q is not a time zone: write an IANA name, as America/Toronto or UTC", w.Timezone)
	}
	if w.From == w.To {
		return errors.New("from and to are the same moment: for a whole week take the tenant out of the schedule by " +
			"`starter pause`")
	}
	return nil
}

// Overlap reports whether the time from from to to, both included, overlaps one of the windows.
func Overlap(windows []Window, from, to time.Time) bool {
	return slices.ContainsFunc(windows, func(w Window) bool { return w.overlaps(from, to) })
}

func (w Window) overlaps(from, to time.Time) bool {
	location, err := time.LoadLocation(w.Timezone)
	if err != nil {
		return false // Validate checked it
	}
	length := (w.To.minutes() - w.From.minutes() + week) % week
	first := from.In(location)
	// A window that contains from began at most a week before it.
	sunday := first.Day() - int(first.Weekday()) - 7
	for n := 0; ; n++ {
		begins := w.From.minutes() + n*week
		start := earliest(first.Year(), first.Month(), sunday, begins, location)
		if start.After(to) {
			return false
		}
		if latest(first.Year(), first.Month(), sunday, begins+length, location).After(from) {
			return true
		}
	}
}

// week is a week in minutes.
const week = 7 * 24 * 60

// at returns the local time that is a number of minutes after the start of a day.
func at(year int, month time.Month, day, minutes int, place *time.Location) time.Time {
	return time.Date(year, month, day+minutes/(24*60), 0, minutes%(24*60), 0, 0, place)
}

// earliest and latest differ only for a local time that occurs twice.
func earliest(year int, month time.Month, day, minutes int, place *time.Location) time.Time {
	t := at(year, month, day, minutes, place)
	if before := t.Add(-time.Hour); shows(before, t) {
		return before
	}
	return t
}

func latest(year int, month time.Month, day, minutes int, place *time.Location) time.Time {
	t := at(year, month, day, minutes, place)
	if after := t.Add(time.Hour); shows(after, t) {
		return after
	}
	return t
}

func shows(a, b time.Time) bool { return a.Hour() == b.Hour() && a.Minute() == b.Minute() }

// Moment is a time of the week.
type Moment struct {
	Weekday time.Weekday
	Minute  int // of the day
}

func (m Moment) minutes() int { return int(m.Weekday)*24*60 + m.Minute }

// String formats the moment as ParseMoment parses it, such as "Fri 18:00".
func (m Moment) String() string {
	return fmt.Sprintf("%s %02d:%02d", m.Weekday.String()[:3], m.Minute/60, m.Minute%60)
}

// ParseMoment parses a time of the week, such as "Fri 18:00" or "Friday 18:00".
func ParseMoment(text string) (Moment, error) {
	day, clock, _ := strings.Cut(strings.TrimSpace(text), " ")
	at, err := time.Parse("15:04", strings.TrimSpace(clock))
	if err == nil {
		for weekday := range time.Weekday(7) {
			name := weekday.String()
			if strings.EqualFold(day, name) || strings.EqualFold(day, name[:3]) {
				return Moment{weekday, at.Hour()*60 + at.Minute()}, nil
			}
		}
	}
	return Moment{}, errors.New("write a day and a time of the day, as \"Fri 18:00\"")
}

// MarshalText implements encoding.TextMarshaler.
func (m Moment) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *Moment) UnmarshalText(text []byte) (err error) {
	*m, err = ParseMoment(string(text))
	return err
}
