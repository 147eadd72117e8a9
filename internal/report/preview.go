package report

import (
	"fmt"
	"strings"

	"github.com/rollcall/rollcall/internal/levelsim"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/terminal"
)

// previewed says that the run is a preview, and what it tried. It returns "" for a sync.
func previewed(in Input) string {
	if !in.Run.Preview {
		return ""
	}
	says := "This is a preview: what a sync would do. Nothing was applied."
	if of := in.Run.Result; of != nil && of.Outcome == run.Failed {
		says = "This is a preview, and it failed. Nothing was applied."
	}
	switch {
	case in.Simulated != nil:
		says += " Nothing was read either: the members' own levels, as they are kept, went through another levels map than the tenant's."
	case len(in.Tried) > 0:
		says += " It was made with other " + strings.Join(in.Tried, " and ") + " than the tenant's own."
	}
	return says
}

// simulation lists the roles and levels that change under the map on trial.
func (p page) simulation(s levelsim.Summary) {
	if len(s.Roles) > 0 {
		p.line("\nRoles that would be others")
	}
	for i, shift := range s.Roles {
		if i == shownCount {
			p.line("  ... and %d more pairs (-o json has all)", len(s.Roles)-i)
			break
		}
		p.line("  %s → %s  (%s)", plain(shift.Before), plain(shift.After), terminal.Count(shift.Members, "member", "members"))
	}
	p.line("\nLevels that would be read otherwise")
	if len(s.Levels) == 0 {
		p.line("  none of those that members have")
	}
	for i, shift := range s.Levels {
		if i == shownCount {
			p.line("  ... and %d more levels (-o json has all)", len(s.Levels)-i)
			break
		}
		p.line("  %s  %s: %s → %s  (%s)", plain(shift.Level), shift.Effect(), plain(shift.Before.Role), plain(shift.After.Role),
			terminal.Count(shift.Members, "member", "members"))
	}
	if s.More > 0 {
		p.line("  Levels of %s are not listed: the column has too many of them.", terminal.Count(s.More, "member", "members"))
	}
}

// simulated summarises a level simulation in words.
func simulated(s levelsim.Summary) string {
	text := fmt.Sprintf("%s, %d with another role", terminal.Count(s.Members, "member", "members"), s.Changed)
	if s.Departed > 0 {
		text += fmt.Sprintf("; %d departed, passed over", s.Departed)
	}
	if s.Unknown > 0 {
		text += fmt.Sprintf("; %d without a level, passed over", s.Unknown)
	}
	return text
}

// levelView is one changed role or level on the page.
type levelView struct{ What, Became, Before, After, Members string }

// levelsView is what the page shows of a level simulation.
type levelsView struct {
	Roles, Levels foldedList[levelView]
}

func levelsOf(s levelsim.Summary) *levelsView {
	var roles, levels []levelView
	for _, shift := range s.Roles {
		roles = append(roles, levelView{"", "", plain(shift.Before), plain(shift.After), groupedCount(shift.Members, "member", "members")})
	}
	for _, shift := range s.Levels {
		levels = append(levels, levelView{
			plain(shift.Level), shift.Effect(), plain(shift.Before.Role), plain(shift.After.Role), groupedCount(shift.Members, "member", "members"),
		})
	}
	cut := func(list []levelView) foldedList[levelView] { return fold(list[:min(len(list), pageMost)], len(list)) }
	return &levelsView{cut(roles), cut(levels)}
}

// simulationTiles are the numbers of a level simulation.
func simulationTiles(s levelsim.Summary) []tile {
	return []tile{
		{"Members replayed", grouped(s.Members), grouped(s.Departed) + " departed passed over", ""},
		{"Levels read otherwise", grouped(len(s.Levels)), "", ""},
		{"Roles that would change", grouped(s.Changed), "", ""},
	}
}
