// Package maintenance knows the hours in which a tenant's directory is expected to be away: weekly windows by the clock of a
// place. A window says from when to when, it may go over the end of a week, and it keeps to the clock on the wall also in
// the night in which that is changed: such a window is an hour shorter or longer.
package maintenance

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Window is a weekly one.
type Window struct {
	From     Moment `json:"from"`
	To       Moment `json:"to"`       // not in the window any more
	Timezone string `json:"timezone"` // IANA name
}

// Workday is Workday's own weekly maintenance: Friday 18:00 to Saturday 06:00, Pacific time.
func Workday() Window {
	return Window{From: Moment{time.Friday, 18 * 60}, To: Moment{time.Saturday, 6 * 60}, Timezone: "America/Los_Angeles"}
}

// Check says what is wrong with a window; nil: nothing.
func (w Window) Check() error {
	if _, err := time.LoadLocation(w.Timezone); err != nil || w.Timezone == "" || w.Timezone == "Local" {
		return fmt.Errorf("%q is not a time zone: write an IANA name, as America/Toronto or UTC", w.Timezone)
	}
	if w.From == w.To {
		return errors.New("from and to are the same moment: for a whole week take the tenant out of the schedule by `starter pause`")
	}
	return nil
}

// Overlap tells whether some of the time from..to, both included, lies in one of the windows.
func Overlap(windows []Window, from, to time.Time) bool {
	return slices.ContainsFunc(windows, func(w Window) bool { return w.overlaps(from, to) })
}

func (w Window) overlaps(from, to time.Time) bool {
	place, err := time.LoadLocation(w.Timezone)
	if err != nil {
		return false // checked when it was written
	}
	length := (w.To.minutes() - w.From.minutes() + week) % week
	first := from.In(place)
	// The window that from may lie in began at most a week before it.
	sunday := first.Day() - int(first.Weekday()) - 7
	for n := 0; ; n++ {
		begins := w.From.minutes() + n*week
		start := earliest(first.Year(), first.Month(), sunday, begins, place)
		if start.After(to) {
			return false
		}
		if latest(first.Year(), first.Month(), sunday, begins+length, place).After(from) {
			return true
		}
	}
}

// week is in minutes.
const week = 7 * 24 * 60

// at is so many minutes after the beginning of a day, by the clock on the wall.
func at(year int, month time.Month, day, minutes int, place *time.Location) time.Time {
	return time.Date(year, month, day+minutes/(24*60), 0, minutes%(24*60), 0, 0, place)
}

// earliest and latest are the same but where the clock shows a time twice.
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

// Moment is a time of a week.
type Moment struct {
	Weekday time.Weekday
	Minute  int // of the day
}

func (m Moment) minutes() int { return int(m.Weekday)*24*60 + m.Minute }

// String writes it as ParseMoment reads it.
func (m Moment) String() string {
	return fmt.Sprintf("%s %02d:%02d", m.Weekday.String()[:3], m.Minute/60, m.Minute%60)
}

// ParseMoment reads "Fri 18:00"; the day may be written out.
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

// MarshalText writes it as text.
func (m Moment) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (m *Moment) UnmarshalText(text []byte) (err error) {
	*m, err = ParseMoment(string(text))
	return err
}
