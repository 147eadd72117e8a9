package roster

import (
	"fmt"
	"time"
)

// Dates are a tenant's rules for start and end dates. The zero value has none.
type Dates struct {
	Lead int    `json:"lead,omitempty"` // calendar days before its start date that a row makes somebody a member
	Zone string `json:"zone,omitempty"` // IANA name of the zone in which a day begins; "": UTC
	// Today is the day by which rows are judged, as 2006-01-02. It is "" until On sets it: then no date is due.
	Today string `json:"today,omitempty"`
}

// conflictAfter is how many days after an end date a row may still say active. Workday keeps the old dates of somebody
// who was rehired.
const conflictAfter = 7

// On returns the mappings for a sync that begins at a time. The day counts only if the tenant reads a date. The error
// says that the zone isn't a time zone.
func (m Mappings) On(began time.Time) (Mappings, error) {
	zone, err := time.LoadLocation(m.Dates.Zone)
	if err != nil {
		return m, fmt.Errorf("the time zone of dates: %w", err)
	}
	m.Dates.Today = ""
	if m.Fields.Names(StartDate) || m.Fields.Names(EndDate) {
		m.Dates.Today = began.In(zone).Format(time.DateOnly)
	}
	return m, nil
}

// normalDate returns the day of a date in ISO 8601. A time of day and a zone after it are ignored: Workday writes
// 2026-11-30-08:00 (XML Schema Part 2, section 3.2.9, date).
func normalDate(text string) (string, bool) {
	if len(text) < len(time.DateOnly) {
		return "", false
	}
	day, rest := text[:len(time.DateOnly)], text[len(time.DateOnly):]
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return "", false
	}
	for _, layout := range [...]string{
		"", "Z07:00", "T15:04Z07:00", "T15:04:05.999999999Z07:00", "T15:04:05.999999999", "T15:04", " 15:04:05.999999999",
		" 15:04",
	} {
		if _, err := time.Parse(layout, rest); err == nil {
			return day, true
		}
	}
	return "", false
}

// daysAfter returns the day that comes n days after another. Both are as 2006-01-02.
func daysAfter(day string, n int) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day // normalDate has made it
	}
	return at.AddDate(0, 0, n).Format(time.DateOnly)
}

// dates applies the start and the end date, if there are any.
func (j *judgement) dates() {
	of := &j.rules.dates
	start, end := j.user.Values[StartDate], j.user.Values[EndDate]
	if of.Today == "" || j.user.Values[Status] == Departed {
		return
	}
	ended := end != "" && end < of.Today && start <= end // a later start date is that of a return
	switch {
	case ended && j.saysActive && daysAfter(end, conflictAfter) < of.Today:
		j.note(CodeDateConflict, EndDate)
	case ended:
		j.user.Values[Status], j.user.Kept = Departed, j.user.Kept.Without(Status)
	case start != "" && of.Today < daysAfter(start, -of.Lead):
		j.notStarted = true
	}
}
