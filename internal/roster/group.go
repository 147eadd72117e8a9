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
		g.present[key] = true
		return SourceGroup{}, []Issue{groupIssue(CodeGroupNameEmpty, who)}, false
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
// without a key may be any group, so it keeps all of them.
func (g *GroupRules) Present(key string) bool { return g.present[key] || g.present[""] }

// Fault returns a *fault.Fault if there were groups and none had a name, else nil.
func (g *GroupRules) Fault() *fault.Fault {
	if g.rows > 0 && len(g.groups) == 0 {
		return fault.ColumnMissing("no group has a name (group_name)",
			"Nothing was changed. Give the groups names in the directory.")
	}
	return nil
}

// groupNames finds the groups that rows name.
type groupNames struct {
	byName map[string]string // key by name
	folded map[string]string // key by folded name; "" where several have it
}

func newGroupNames(groups []SourceGroup) *groupNames {
	n := &groupNames{byName: map[string]string{}, folded: map[string]string{}}
	for _, group := range groups {
		if other, taken := n.byName[group.Name]; !taken || group.Key < other {
			n.byName[group.Name] = group.Key
		}
		key := strings.ToLower(group.Name)
		if other, taken := n.folded[key]; taken && other != group.Key {
			n.folded[key] = ""
		} else {
			n.folded[key] = group.Key
		}
	}
	return n
}

// keys returns the sorted keys of the groups that values name, and the names without a group. A value is one name,
// or names separated by ";".
func (n *groupNames) keys(values []string) (keys, unknown []string) {
	for _, value := range values {
		value = NormalText(value)
		if key, ok := n.key(value); ok {
			keys = append(keys, key)
			continue
		}
		for name := range strings.SplitSeq(value, ";") {
			name = NormalText(name)
			if key, ok := n.key(name); ok {
				keys = append(keys, key)
			} else if name != "" && !slices.Contains(unknown, name) {
				unknown = append(unknown, name)
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys), unknown
}

func (n *groupNames) key(name string) (string, bool) {
	if key, ok := n.byName[name]; ok {
		return key, true
	}
	key := n.folded[strings.ToLower(name)]
	return key, key != ""
}
