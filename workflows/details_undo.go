package workflows

import "fmt"

// undoDecisions describe which run is taken back, what of it is held, how to apply it, and what is left alone.
func undoDecisions(s Status) []string {
	said := []string{fmt.Sprintf("Undoes run `%s`.", s.Result.Undoes.Run)}
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	if s.Hold != nil {
		said = append(said, heldUndo(s, *s.Hold)...)
	} else if h := s.Result.Held; h != nil {
		say("**%d changes are not applied**, plan `%s`.", h.Changes, h.Plan)
	}
	if a := s.Result.Approved; a != nil {
		say("Plan `%s` is approved: %d of its changes still stand, and %d are left out, as they changed since.",
			a.Plan, a.Removals, a.LeftOut)
	}
	if left := s.Result.Undoes.Skipped; left > 0 {
		say("%d changes of that run are left alone: they have changed since, or can't be undone.", left)
	}
	return said
}

// heldUndo describes what an undo waits for, for how long, and how to decide.
func heldUndo(s Status, h Hold) []string {
	if h.Approved {
		return []string{fmt.Sprintf("**Approved: %d changes**, plan `%s`. Those that still stand are applied.",
			h.Changes, h.Plan)}
	}
	until := formatTime(h.Until)
	said := []string{fmt.Sprintf("**Held: %d changes**, plan `%s`, since %s. Nothing of it is applied until a person "+
		"decides.", h.Changes, h.Plan, formatTime(h.Since))}
	if h.Reminded {
		said[0] = "**Half of the time has passed and nobody has decided. The undo expires at " + until + ".** " +
			said[0]
	}
	tenant := s.Result.Tenant
	return append(said, fmt.Sprintf("| | |\n|---|---|\n"+
		"| What it changes, and what it leaves | `starter report %s %s` |\n"+
		"| Apply it | `starter approve %s %s --by WHO` |\n"+
		"| Drop it | `starter reject %s %s --by WHO` |\n"+
		"| Nobody decides | nothing is changed; the plan expires at %s |\n"+
		"| Afterwards | scheduled syncs stay paused: once the cause is fixed, `starter unpause %s` |\n",
		tenant, h.Run, tenant, h.Plan, tenant, h.Plan, until, tenant))
}
