package store

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/rollcall/rollcall/internal/plan"
	"github.com/rollcall/rollcall/internal/roster"
)

// auditOrder are the fields that a member's audit may name, by name.
var auditOrder = func() (fields []roster.Field) {
	for f := range roster.Groups {
		fields = append(fields, f)
	}
	slices.SortFunc(fields, func(a, b roster.Field) int { return strings.Compare(a.String(), b.String()) })
	return fields
}()

// auditFields are the fields that c changes: what Change.Fields says, as it is kept. It is written without the map, as
// every change of every sync passes here: to to, which it may have grown. A text that can't be kept is errBadText.
func auditFields(to []byte, c *plan.Change, told toldNames) (names string, values []byte, err error) {
	switch c.Verb {
	case plan.AddGroup, plan.UpdateGroup, plan.RemoveGroup:
		var before, after string
		if c.BeforeGroup != nil {
			before = c.BeforeGroup.Name
		}
		if c.AfterGroup != nil {
			after = c.AfterGroup.Name
		}
		if before == after {
			return "", to, nil
		}
		values, err = appendPair(append(to, '['), roster.NoField, before, after)
		return plan.GroupName, append(values, ']'), err
	case plan.AddMembership, plan.RemoveMembership:
		return "", to, nil
	}
	return profileFields(to, c, told)
}

// nobody is who a member was before being added, and is once deleted.
var nobody roster.Member

func profileFields(to []byte, c *plan.Change, told toldNames) (names string, values []byte, err error) {
	before, after := c.Before, c.After
	if before == nil {
		before = &nobody
	}
	if after == nil {
		after = &nobody
	}
	var differ roster.FieldSet
	values = to
	values = append(values, '[')
	for _, field := range auditOrder {
		b, a := before.ExternalID, after.ExternalID
		same := b == a && before.ExternalKind == after.ExternalKind
		if field != roster.ExternalID {
			b, a = before.Values[field], after.Values[field]
			same = b == a
		}
		if same {
			continue
		}
		if differ != 0 {
			values = append(values, ',')
		}
		differ |= 1 << field
		if c.Before == nil {
			values, err = appendShown(values, field, a)
		} else {
			values, err = appendPair(values, field, b, a)
		}
		if err != nil {
			return "", to, err
		}
	}
	return told.of(differ), append(values, ']'), nil
}

// everyName stands for the names of all fields, and withoutName before that of one which isn't among them: a new member
// has nearly all of them.
const (
	everyName   = "*"
	withoutName = "-"
)

// toldNames are names as they were told: nearly all changes of a batch are of the same few sets of fields.
type toldNames map[roster.FieldSet]string

func (t toldNames) of(set roster.FieldSet) string {
	text, told := t[set]
	if !told {
		text = namesOf(set)
		t[set] = text
	}
	return text
}

// namesOf are the names of fields, as short as they can be told. Should there be another field one day, everyName goes on
// standing for these.
func namesOf(set roster.FieldSet) string {
	var names, missing []string
	for _, field := range auditOrder {
		if set.Has(field) {
			names = append(names, field.String())
		} else {
			missing = append(missing, withoutName+field.String())
		}
	}
	switch {
	case len(missing) == 0:
		return everyName
	case len(missing) < len(names):
		return everyName + " " + strings.Join(missing, " ")
	}
	return strings.Join(names, " ")
}

// fieldNames are the names that stand in a row of the audit, in the order of its values.
func fieldNames(text string) []string {
	names := strings.Fields(text)
	if len(names) == 0 || names[0] != everyName {
		return names
	}
	missing := names[1:]
	names = make([]string, 0, len(auditOrder))
	for _, field := range auditOrder {
		if !slices.Contains(missing, withoutName+field.String()) {
			names = append(names, field.String())
		}
	}
	return names
}

// fieldPairs are the values that stand in a row of the audit, as pairs: what stands there alone is what was added.
func fieldPairs(text []byte) ([][2]any, error) {
	var values []any
	if err := json.Unmarshal(text, &values); err != nil {
		return nil, err
	}
	pairs := make([][2]any, len(values))
	for i, value := range values {
		switch pair, ok := value.([]any); {
		case !ok:
			pairs[i][1] = value
		case len(pair) == len(pairs[i]):
			copy(pairs[i][:], pair)
		default:
			return nil, errors.New("an audit row has values that aren't pairs")
		}
	}
	return pairs, nil
}

// appendPair appends [before, after], as plan.Shown shows them.
func appendPair(to []byte, field roster.Field, before, after string) ([]byte, error) {
	to, err := appendShown(append(to, '['), field, before)
	if err != nil {
		return nil, err
	}
	to, err = appendShown(append(to, ','), field, after)
	return append(to, ']'), err
}

func appendShown(to []byte, field roster.Field, value string) ([]byte, error) {
	switch {
	case value == "":
		return append(to, "null"...), nil
	case field == roster.PeopleManager && value == "yes":
		return append(to, "true"...), nil
	case field == roster.PeopleManager:
		return append(to, "false"...), nil
	case plain(value):
		return append(append(append(to, '"'), value...), '"'), nil
	case !keepableText(value):
		return to, errBadText
	}
	return jsontext.AppendQuote(to, value)
}

// plain tells whether a text needs nothing but quotes to be JSON.
func plain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
