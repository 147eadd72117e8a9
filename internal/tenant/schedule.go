package tenant

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

func (r *reader) schedule(s *section) Schedule {
	child, _ := s.child("schedule")
	defer child.done()
	schedule := Schedule{
		Cron:     child.required("cron", "when to sync, as \"*/30 * * * *\" (minute hour day month weekday)"),
		Timezone: child.text("timezone", "UTC"),
		Jitter:   child.duration("jitter", jitterSpan),
		Catchup:  child.duration("catchup", catchupSpan),
	}
	child.checkZone(schedule.Timezone)
	if schedule.Cron != "" {
		if _, err := ParseCron(schedule.Cron); err != nil {
			child.reject("cron", "%v", err)
		}
	}
	return schedule
}

// checkZone rejects a timezone that isn't one. "Local" would mean another zone on another machine.
func (s *section) checkZone(name string) {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		s.reject("timezone", "%q is not a time zone: write an IANA name, as America/Toronto or UTC", name)
	}
}

// ParseCron parses a cron expression: five fields, or one of @hourly, @daily, @weekly, @monthly, @yearly. It refuses
// what other programs and Temporal interpret differently: a time zone, @every, and a day of the month together with a
// day of the week.
func ParseCron(expression string) (*cron.SpecSchedule, error) {
	const want = "write five fields, as \"*/30 * * * *\" (minute hour day month weekday)"
	if strings.Contains(expression, "TZ=") {
		return nil, errors.New("take the time zone out of cron and write it under timezone")
	}
	if strings.HasPrefix(expression, "@every") {
		return nil, fmt.Errorf("@every drifts against the clock: %s", want)
	}
	if strings.ContainsAny(expression, "#?") {
		return nil, errors.New(want)
	}
	schedule, err := cron.ParseStandard(expression)
	if err != nil {
		return nil, fmt.Errorf("%w: %s; Sunday is 0", err, want)
	}
	spec, ok := schedule.(*cron.SpecSchedule)
	if !ok {
		return nil, errors.New(want)
	}
	if star := uint64(1) << 63; spec.Dom&star == 0 && spec.Dow&star == 0 {
		return nil, errors.New("give a day of the month or a day of the week, not both, and * for the other")
	}
	if spec.Next(time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return nil, errors.New("this day never comes")
	}
	return spec, nil
}

// Next returns the schedule's first tick after a time, in UTC and without jitter. It returns the zero time if there is
// none.
func (s Schedule) Next(after time.Time) time.Time {
	spec, err := ParseCron(s.Cron)
	place, unknown := time.LoadLocation(s.Timezone)
	if err != nil || unknown != nil {
		return time.Time{} // Parse checked both
	}
	return spec.Next(after.In(place)).UTC()
}

// Tolerance returns how late after a tick a sync may start before it counts as missed: jitter, catch-up, and a minute
// for the worker.
func (s Schedule) Tolerance() time.Duration {
	return 2*s.Jitter.Duration + s.Catchup.Duration + time.Minute
}
