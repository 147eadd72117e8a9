package report

import (
	"fmt"
	"strings"

	"github.com/rollcall/rollcall/internal/relevel"
	"github.com/rollcall/rollcall/internal/run"
)

// previewed says that a report is about a preview, and what it tried; "" for a sync.
func previewed(in Input) string {
	if !in.Run.Preview {
		return ""
	}
	says := "This is a preview: what a sync would do. Nothing was applied."
	if of := in.Run.Result; of != nil && of.Outcome == run.Failed {
		says = "This is a preview, and it failed. Nothing was applied."
	}
	switch {
	case in.Replayed != nil:
		says += " Nothing was read either: the members' own levels, as they are kept, went through another levels map than the tenant's."
	case len(in.Tried) > 0:
		says += " It was made with other " + strings.Join(in.Tried, " and ") + " than the tenant's own."
	}
	return says
}

// replay lists what came of members' own levels.
func (p page) replay(s relevel.Summary) {
	if len(s.Roles) > 0 {
		p.line("\nRoles that would be others")
	}
	for i, shift := range s.Roles {
		if i == shownCount {
			p.line("  ... and %d more pairs (-o json has all)", len(s.Roles)-i)
			break
		}
		p.line("  %s → %s  (%s)", plain(shift.Before), plain(shift.After), count(shift.Members, "member", "members"))
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
		p.line("  %s  %s: %s → %s  (%s)", plain(shift.Level), shift.Became(), plain(shift.Before.Role), plain(shift.After.Role),
			count(shift.Members, "member", "members"))
	}
	if s.More > 0 {
		p.line("  Levels of %s are not listed: the column has too many of them.", count(s.More, "member", "members"))
	}
}

// replayed counts a replay in words.
func replayed(s relevel.Summary) string {
	text := fmt.Sprintf("%s, %d with another role", count(s.Members, "member", "members"), s.Changed)
	if s.Departed > 0 {
		text += fmt.Sprintf("; %d departed, passed over", s.Departed)
	}
	if s.Unknown > 0 {
		text += fmt.Sprintf("; %d without a level, passed over", s.Unknown)
	}
	return text
}

// levelView is a shift of roles or of one level on the page.
type levelView struct{ What, Became, Before, After, Members string }

// replayView is what the page shows of a replay.
type replayView struct {
	Roles, Levels foldedList[levelView]
}

func replayOf(s relevel.Summary) *replayView {
	var roles, levels []levelView
	for _, shift := range s.Roles {
		roles = append(roles, levelView{"", "", plain(shift.Before), plain(shift.After), groupedCount(shift.Members, "member", "members")})
	}
	for _, shift := range s.Levels {
		levels = append(levels, levelView{
			plain(shift.Level), shift.Became(), plain(shift.Before.Role), plain(shift.After.Role), groupedCount(shift.Members, "member", "members"),
		})
	}
	cut := func(list []levelView) foldedList[levelView] { return fold(list[:min(len(list), pageMost)], len(list)) }
	return &replayView{cut(roles), cut(levels)}
}

// replayTiles are a replay's numbers.
func replayTiles(s relevel.Summary) []tile {
	return []tile{
		{"Members replayed", grouped(s.Members), grouped(s.Departed) + " departed passed over", ""},
		{"Levels read otherwise", grouped(len(s.Levels)), "", ""},
		{"Roles that would change", grouped(s.Changed), "", ""},
	}
}
