package roster

import (
	"slices"
	"strings"

	"github.com/rollcall/rollcall/internal/fault"
)

// GroupRules validate the groups of a directory one by one. They are for one goroutine.
type GroupRules struct {
	groups  map[string]SourceGroup
	present map[string]bool
	rows    int
	unnamed int // rows without a name
}

// NewGroupRules returns rules for one group report.
func NewGroupRules() *GroupRules {
	return &GroupRules{groups: map[string]SourceGroup{}, present: map[string]bool{}}
}

// Judge validates a group as the directory describes it. It returns false and the issues if the group is rejected.
// key is "" if the source knows groups by name: then the name is the key.
func (g *GroupRules) Judge(row int, key, name string) (SourceGroup, []Issue, bool) {
	g.rows++
	key, name = NormalText(key), NormalText(name)
	who := Identity{Row: row, ExternalID: key}
	switch {
	case name == "":
		g.unnamed++
		g.present[key] = true
		return SourceGroup{}, []Issue{groupIssue(CodeGroupNameEmpty, who)}, false
	case damaged(name):
		g.present[""] = true
		issue := groupIssue(CodeTextDamaged, who)
		issue.Values = offending(name)
		return SourceGroup{}, []Issue{issue}, false
	case key == "":
		key = name
	}
	if _, twice := g.groups[key]; twice {
		return SourceGroup{}, []Issue{groupIssue(CodeGroupDuplicate, who)}, false
	}
	unit := SourceGroup{Key: key, Name: name}
	g.groups[key] = unit
	return unit, nil, true
}

// GroupRenamedIssue returns the warning about a new group that counts as a renamed one.
func GroupRenamedIssue(key string) Issue {
	return groupIssue(CodeGroupRenamed, Identity{ExternalID: key})
}

func groupIssue(code Code, who Identity) Issue {
	issue := code.Issue(who, NoField)
	issue.Field = "group_name"
	if code == CodeTextDamaged {
		issue.Severity = Rejected // a group needs its name
		issue.Hint = "Type the name again. Until then no group is removed."
	}
	return issue
}

// Groups returns the accepted groups, sorted by key.
func (g *GroupRules) Groups() []SourceGroup {
	units := make([]SourceGroup, 0, len(g.groups))
	for _, unit := range g.groups {
		units = append(units, unit)
	}
	slices.SortFunc(units, func(a, b SourceGroup) int { return strings.Compare(a.Key, b.Key) })
	return units
}

// Present reports whether a group of the tenant counts as present though no accepted row names it. A rejected row
// without a key may be any group, and so may one with a damaged name, so each of them keeps all groups.
func (g *GroupRules) Present(key string) bool {
	_, accepted := g.groups[key]
	return !accepted && (g.present[key] || g.present[""])
}

// Fault returns a *fault.Fault if there were groups and none had a name, else nil. A damaged name is a name.
func (g *GroupRules) Fault() *fault.Fault {
	if g.unnamed > 0 && g.unnamed == g.rows {
		return fault.ColumnMissing("no group has a name (group_name)",
			"Nothing was changed. Give the groups names in the directory.")
	}
	return nil
}
