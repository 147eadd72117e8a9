package roster

import (
	"fmt"
	"strings"
)

// roleSpellings are the roles of the set-up article, each with its usual spellings, folded.
var roleSpellings = map[string][]string{
	"Student":   {"student", "students", "coop", "coopstudent", "studentworker", "workingstudent"},
	"Intern":    {"intern", "interns", "internship"},
	"Analyst":   {"analyst", "analysts"},
	"Associate": {"associate", "associates", "assoc"},
	"Individual Contributor": {
		"individualcontributor", "individualcontributors", "indivcontributor", "indcontributor", "ic", "ics",
	},
	"Manager":      {"manager", "managers", "mgr"},
	"Sr. Manager":  {"srmanager", "srmanagers", "srmgr", "managersr"},
	"Director":     {"director", "directors", "dir"},
	"Sr. Director": {"srdirector", "srdirectors", "srdir", "directorsr"},
	"VP":           {"vp", "vps", "vicepresident", "vicepresidents", "vpres", "vicepres"},
	"SVP": {
		"svp", "svps", "srvp", "srvicepresident", "srvicepresidents",
		"srvpres", "vicepresidentsr", "vpsr",
	},
	"Executive": {"executive", "executives", "exec", "execs", "clevel", "csuite"},
}

var builtInRoles = func() map[string]string {
	roles := map[string]string{}
	for role, spellings := range roleSpellings {
		for _, spelling := range spellings {
			roles[spelling] = role
		}
	}
	return roles
}()

// levelMap maps management levels to roles, first by the tenant's map, then by the built-in one.
type levelMap struct {
	exact  map[string]string
	folded map[string]string
}

func newLevelMap(levels Levels) levelMap {
	m := levelMap{exact: map[string]string{}, folded: map[string]string{}}
	for level, role := range levels {
		level, role = NormalText(level), NormalText(role)
		putFirst(m.exact, level, role)
		putFirst(m.folded, fold(level), role)
	}
	return m
}

// putFirst keeps the smallest of several values, so that the order of insertion doesn't matter.
func putFirst(m map[string]string, key, value string) {
	if other, taken := m[key]; value != "" && (!taken || value < other) {
		m[key] = value
	}
}

// role returns the role of a normalised level. mapped is false for an unknown level, which is its own role.
func (m levelMap) role(level string) (role string, mapped bool) {
	if role, mapped = m.exact[level]; mapped {
		return role, true
	}
	if role, mapped = m.folded[fold(level)]; mapped {
		return role, true
	}
	if role, mapped = builtInRole(level); mapped {
		return role, true
	}
	return level, false
}

// builtInRole maps a usual spelling, also with Workday's level number before it ("4 Director") and in pairs for the
// same role ("SVP / Senior Vice President", "Vice President (VP)").
func builtInRole(level string) (string, bool) {
	level = strings.TrimLeft(level, "0123456789")
	if role, ok := builtInRoles[seniority(fold(level))]; ok {
		return role, true
	}
	common := ""
	for part := range strings.FieldsFuncSeq(level, func(r rune) bool { return strings.ContainsRune("/|()", r) }) {
		if fold(part) == "" {
			continue
		}
		role, ok := builtInRoles[seniority(fold(part))]
		if !ok || common != "" && role != common {
			return "", false
		}
		common = role
	}
	return common, common != ""
}

// seniority replaces "senior" with "sr" at either end.
func seniority(folded string) string {
	for _, word := range []string{"senior", "snr"} {
		if rest, ok := strings.CutPrefix(folded, word); ok {
			return "sr" + rest
		}
		if rest, ok := strings.CutSuffix(folded, word); ok {
			return rest + "sr"
		}
	}
	return folded
}

// Mapper returns a function that maps a normalised management level to its role, as Rules with these levels do.
// mapped is false if the level is unknown and so its own role.
func (l Levels) Mapper() func(level string) (role string, mapped bool) { return newLevelMap(l).role }

// UnmappedLevelIssue returns the warning about a level without a known role.
func UnmappedLevelIssue(level string) Issue {
	issue := CodeLevelUnmapped.Issue(Identity{}, ManagementLevel)
	issue.Detail = fmt.Sprintf("the management level %q isn't known, so it is used unchanged as the role",
		shorten(level))
	return issue
}
