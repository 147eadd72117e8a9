package roster

import (
	"html"
	"regexp"
	"slices"
	"strings"
)

// MaxGroups is how many groups a row may name. A row with more has something else in that column.
const MaxGroups = 1000

// groupNames finds the groups that rows name.
type groupNames struct {
	byName map[string]string // key by name
	folded map[string]string // key by decoded name in lower case; "" where several have it
}

func newGroupNames(groups []SourceGroup) *groupNames {
	n := &groupNames{byName: map[string]string{}, folded: map[string]string{}}
	for _, group := range groups {
		if other, taken := n.byName[group.Name]; !taken || group.Key < other {
			n.byName[group.Name] = group.Key
		}
		folded := foldGroup(group.Name)
		if other, taken := n.folded[folded]; taken && other != group.Key {
			n.folded[folded] = ""
		} else {
			n.folded[folded] = group.Key
		}
	}
	return n
}

// keys returns the sorted keys of the groups that values name, and the names without a group. A value is one name,
// or names separated by ";". The value as a whole comes first, because a name may hold a ";". An entity such as &amp;
// is one character, so it never separates names.
func (n *groupNames) keys(values []string) (keys, unknown []string) {
	listed := map[string]bool{} // in unknown
	for _, value := range values {
		value = NormalText(value)
		if key, ok := n.key(value); ok {
			keys = append(keys, key)
			continue
		}
		for name := range strings.SplitSeq(decodeEntities(value), ";") {
			name = NormalText(strings.ReplaceAll(name, decodedSemicolon, ";"))
			if key, ok := n.key(name); ok {
				keys = append(keys, key)
			} else if name != "" && !listed[name] {
				listed[name] = true
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
	key := n.folded[foldGroup(name)]
	return key, key != ""
}

// foldGroup returns the form in which names of groups are compared: in lower case, without entities.
func foldGroup(name string) string {
	if decoded := decodeEntities(name); decoded != name {
		name = NormalText(strings.ReplaceAll(decoded, decodedSemicolon, ";"))
	}
	return strings.ToLower(name)
}

// decodedSemicolon stands for a ";" that was an entity. Text in normal form doesn't have it.
const decodedSemicolon = "\x00"

var entity = regexp.MustCompile(`&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);`)

// decodeEntities decodes the HTML entities of text in normal form. Text that was encoded twice is decoded twice. Each
// pass leaves fewer ";", so it ends.
func decodeEntities(text string) string {
	for strings.Contains(text, "&") && strings.Contains(text, ";") {
		decoded := entity.ReplaceAllStringFunc(text, decodeEntity)
		if decoded == text {
			break
		}
		text = decoded
	}
	return text
}

// decodeEntity decodes one entity, or returns what only looks like one, such as the end of "R&D;".
func decodeEntity(text string) string {
	switch decoded := html.UnescapeString(text); {
	case decoded == ";":
		return decodedSemicolon
	case strings.HasSuffix(decoded, ";"):
		return text
	default:
		return decoded
	}
}
