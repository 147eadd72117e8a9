package report

import (
	"fmt"
	"strings"

	"github.com/rollcall/rollcall/internal/levelsim"
	"github.com/rollcall/rollcall/internal/run"
	"github.com/rollcall/rollcall/internal/terminal"
)

// previewText says that the run is a preview, and which settings it tried. It returns "" for a sync.
func previewText(in Input) string {
	if !in.Run.Preview {
		return ""
	}
	text := "This preview shows what a sync would do. Nothing was applied."
	if of := in.Run.Result; of != nil && of.Outcome == run.Failed {
		text = "This preview failed. Nothing was applied."
	}
	switch {
	case in.Simulated != nil:
		text += " The directory was not read: the preview applied another levels map to the stored levels of the " +
			"members."
	case len(in.Tried) > 0:
		text += " It used other " + strings.Join(in.Tried, " and ") + " than the tenant's settings."
	}
	return text
}

// simulation writes the roles and levels that change under the trial map.
func (p textWriter) simulation(s levelsim.Summary) {
	if len(s.Roles) > 0 {
		p.line("\nRoles that would change")
	}
	for i, shift := range s.Roles {
		if i == shownCount {
			p.line("  ... and %d more pairs (-o json has all)", len(s.Roles)-i)
			break
		}
		p.line("  %s → %s  (%s)", printable(shift.Before), printable(shift.After),
			terminal.Count(shift.Members, "member", "members"))
	}
	p.line("\nLevels that would map differently")
	if len(s.Levels) == 0 {
		p.line("  none")
	}
	for i, shift := range s.Levels {
		if i == shownCount {
			p.line("  ... and %d more levels (-o json has all)", len(s.Levels)-i)
			break
		}
		p.line("  %s  %s: %s → %s  (%s)", printable(shift.Level), shift.Effect(), printable(shift.Before.Role),
			printable(shift.After.Role),
			terminal.Count(shift.Members, "member", "members"))
	}
	if s.More > 0 {
		p.line("  The list omits the levels of %s, since there are too many levels.",
			terminal.Count(s.More, "member", "members"))
	}
}

// simulatedText summarises a level simulation.
func simulatedText(s levelsim.Summary) string {
	text := fmt.Sprintf("%s, %d with another role", terminal.Count(s.Members, "member", "members"), s.Changed)
	if s.Departed > 0 {
		text += fmt.Sprintf("; skipped %d departed", s.Departed)
	}
	if s.Unknown > 0 {
		text += fmt.Sprintf("; skipped %d without a level", s.Unknown)
	}
	return text
}

// levelView is one changed role or level.
type levelView struct{ What, Became, Before, After, Members string }

// levelsView is the part of a page about a level simulation.
type levelsView struct {
	Roles, Levels foldedList[levelView]
}

func levelsOf(s levelsim.Summary) *levelsView {
	var roles, levels []levelView
	for _, shift := range s.Roles {
		roles = append(roles, levelView{
			"", "", printable(shift.Before), printable(shift.After),
			groupedCount(shift.Members, "member", "members"),
		})
	}
	for _, shift := range s.Levels {
		levels = append(levels, levelView{
			printable(shift.Level), shift.Effect(), printable(shift.Before.Role), printable(shift.After.Role),
			groupedCount(shift.Members, "member", "members"),
		})
	}
	cut := func(list []levelView) foldedList[levelView] { return fold(list[:min(len(list), pageLimit)], len(list)) }
	return &levelsView{cut(roles), cut(levels)}
}

// simulationTiles returns the numbers of a level simulation.
func simulationTiles(s levelsim.Summary) []tile {
	return []tile{
		{"Members simulated", grouped(s.Members), grouped(s.Departed) + " departed skipped", ""},
		{"Levels mapped differently", grouped(len(s.Levels)), "", ""},
		{"Roles that would change", grouped(s.Changed), "", ""},
	}
}
